// Finding structure in delimited text, and numbers in its fields.
#ifndef HIVEQL_TEXT_SCAN_H
#define HIVEQL_TEXT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Bytes that must be readable behind the end of the text given to the functions below.
#define HIVEQL_TEXT_PADDING 64

/// What a pass over text found. Positions are offsets from the text's base.
typedef struct {
    /// Where the pass stopped: a multiple of 64 bytes behind `from`, or `to`.
    size_t position;
    /// Delimiters and line ends listed, ascending.
    size_t structural_count;
    /// Line ends listed, ascending; each is among the structurals too.
    size_t line_count;
    /// A carriage return was seen: it ends a line as well, and the caller has to list this text byte by byte.
    bool saw_carriage_return;
    /// Of quoted text: a quote within quotes was seen, which is written twice.
    bool saw_doubled_quote;
} hiveql_text_structure;

/// Lists every `delimiter` and line feed of base[from..<to] in `structurals`, every line feed in `lines`, until at
/// least `line_limit` lines or `structural_limit` structurals are listed. Up to 64 more of either may be: both arrays
/// need room for their limit and 128 more. Uses the widest vectors that the CPU has.
hiveql_text_structure hiveql_list_structure(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals, size_t structural_limit,
    uint32_t *lines, size_t line_limit);

/// The same by one byte at a time: the twin that tests compare with, and what runs on CPUs without vectors.
hiveql_text_structure hiveql_list_structure_plain(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals, size_t structural_limit,
    uint32_t *lines, size_t line_limit);

/// The same with vectors of 16, 32 or 64 bytes, for tests and measurements; a width the CPU lacks falls back to a
/// smaller one.
hiveql_text_structure hiveql_list_structure_width(
    int width, const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit);

/// The same for text in which delimiters between two quotes have no special meaning, in lines that end at every line feed.
/// `saw_carriage_return` is also set when an `escape` was seen, a line ends between quotes, or a quote neither begins nor
/// ends a field and is not doubled: the caller has to read such text byte by byte.
hiveql_text_structure hiveql_list_quoted_structure(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint8_t quote, uint8_t escape, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit);

/// The same by one byte at a time: the twin that tests compare with.
hiveql_text_structure hiveql_list_quoted_structure_plain(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint8_t quote, uint8_t escape, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit);

#if defined(__x86_64__)
/// 64, 32 or 16: bytes a vector that this CPU and system handle.
int hiveql_vector_width(void);
#endif

/// Line feeds in base[from..<to]; sets `saw_carriage_return` when there is a carriage return.
size_t hiveql_count_line_feeds(const uint8_t *base, size_t from, size_t to, bool *saw_carriage_return);

// Numbers. A field is at most 16 bytes without its sign and ends at `end`; the 16 bytes before `end` are readable.

static inline uint64_t hiveql_load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
    return value;
}

static inline uint32_t hiveql_load32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, 4);
    return value;
}

/// Whether all eight bytes are ASCII digits.
static inline bool hiveql_all_digits(uint64_t v) {
    return ((v & 0xF0F0F0F0F0F0F0F0ull) | (((v + 0x0606060606060606ull) & 0xF0F0F0F0F0F0F0F0ull) >> 4)) ==
           0x3333333333333333ull;
}

/// The number that eight ASCII digits spell; the first digit is the lowest byte.
static inline uint64_t hiveql_eight_digits(uint64_t v) {
    v = ((v & 0x0F0F0F0F0F0F0F0Full) * 2561) >> 8;
    v = ((v & 0x00FF00FF00FF00FFull) * 6553601) >> 16;
    return ((v & 0x0000FFFF0000FFFFull) * 42949672960001ull) >> 32;
}

/// The highest `count` (1…8) bytes of `v`, the others replaced by '0'.
static inline uint64_t hiveql_keep_last(uint64_t v, size_t count) {
    uint64_t mask = ~0ull << (8 * (8 - count));
    return (v & mask) | (0x3030303030303030ull & ~mask);
}

/// Marks (0x80) the lowest byte of `v` that is a point; bytes above it may be marked wrongly.
static inline uint64_t hiveql_points(uint64_t v) {
    uint64_t x = v ^ 0x2E2E2E2E2E2E2E2Eull;
    return (x - 0x0101010101010101ull) & ~x & 0x8080808080808080ull;
}

/// A decimal number's digits without its point, and how many of them stand behind the point.
typedef struct {
    uint64_t mantissa;
    uint32_t fraction;
    bool is_valid;
} hiveql_decimal_text;

/// Reads the last `count` (1…16) of the sixteen characters that `low` and then `high` hold: digits with at most one point
/// among them. Anything else is not valid, a lone point included.
static inline hiveql_decimal_text hiveql_parse_decimal_words(uint64_t low, uint64_t high, size_t count) {
    hiveql_decimal_text result = {0, 0, false};
    if (count <= 8) {
        high = hiveql_keep_last(high, count);
        uint64_t points = hiveql_points(high);
        if (points) {
            if (count == 1) return result;
            unsigned at = (unsigned)__builtin_ctzll(points) & ~7u;
            uint64_t below = ((uint64_t)1 << at) - 1;
            uint64_t above = ~(below | ((uint64_t)0xFF << at));
            high = (high & above) | ((high & below) << 8) | 0x30;
            result.fraction = 7 - (at >> 3);
        }
        result.mantissa = hiveql_eight_digits(high);
        result.is_valid = hiveql_all_digits(high);
        return result;
    }
    low = hiveql_keep_last(low, count - 8);
    // The first point counts; a second one then fails as a digit.
    uint64_t points = hiveql_points(low);
    if (points) {
        unsigned at = (unsigned)__builtin_ctzll(points) & ~7u;
        uint64_t below = ((uint64_t)1 << at) - 1;
        uint64_t above = ~(below | ((uint64_t)0xFF << at));
        low = (low & above) | ((low & below) << 8) | 0x30;
        result.fraction = 15 - (at >> 3);
    } else if ((points = hiveql_points(high))) {
        unsigned at = (unsigned)__builtin_ctzll(points) & ~7u;
        uint64_t below = ((uint64_t)1 << at) - 1;
        uint64_t above = ~(below | ((uint64_t)0xFF << at));
        high = (high & above) | ((high & below) << 8) | (low >> 56);
        low = (low << 8) | 0x30;
        result.fraction = 7 - (at >> 3);
    }
    result.mantissa = hiveql_eight_digits(low) * 100000000ull + hiveql_eight_digits(high);
    result.is_valid = hiveql_all_digits(low) && hiveql_all_digits(high);
    return result;
}

/// The same of the characters that end at `end`: for CPUs without the vectors below, and the twin that tests compare.
static inline hiveql_decimal_text hiveql_parse_decimal_plain(const uint8_t *end, size_t count) {
    return hiveql_parse_decimal_words(hiveql_load64(end - 16), hiveql_load64(end - 8), count);
}

#if defined(__SSE2__)

/// The same without a branch on the field's length or on where its point stands.
static inline __attribute__((always_inline)) hiveql_decimal_text hiveql_parse_decimal_vector(__m128i text, size_t count) {
    // Sixteen bytes from `ones + n`: the last n are 0xFF, the others 0.
    static const uint8_t ones[32] = {0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
                                     0,    0,    0,    0,    0,    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                     0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    const __m128i field = _mm_loadu_si128((const __m128i *)(ones + count));
    __m128i digits = _mm_and_si128(_mm_sub_epi8(text, _mm_set1_epi8('0')), field);
    const __m128i points = _mm_cmpeq_epi8(digits, _mm_set1_epi8('.' - '0'));
    const int at = __builtin_ctz((unsigned)_mm_movemask_epi8(points) | 0x10000u);
    const bool has_point = at < 16;
    // Digits before the point move one place up, over it.
    const __m128i behind = _mm_loadu_si128((const __m128i *)(ones + (has_point ? 15 - at : 16)));
    digits = _mm_or_si128(_mm_and_si128(behind, digits), _mm_andnot_si128(behind, _mm_slli_si128(digits, 1)));
    const __m128i small = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
    hiveql_decimal_text result;
    result.is_valid = (_mm_movemask_epi8(small) == 0xFFFF) & (count > (size_t)has_point);
    result.fraction = has_point ? (uint32_t)(15 - at) : 0;
    // Pairs of digits, then fours, then eights.
    const __m128i first = _mm_and_si128(digits, _mm_set1_epi16(0xFF));
    const __m128i pairs = _mm_add_epi16(_mm_mullo_epi16(first, _mm_set1_epi16(10)), _mm_srli_epi16(digits, 8));
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(100 | 1 << 16));
    const __m128i eights = _mm_madd_epi16(_mm_packs_epi32(fours, fours), _mm_set1_epi32(10000 | 1 << 16));
    const uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    result.mantissa = (both & 0xFFFFFFFFull) * 100000000ull + (both >> 32);
    return result;
}

static inline __attribute__((always_inline)) hiveql_decimal_text hiveql_parse_decimal(
    const uint8_t *end, size_t count) {
    return hiveql_parse_decimal_vector(_mm_loadu_si128((const __m128i *)(end - 16)), count);
}

#else

static inline hiveql_decimal_text hiveql_parse_decimal(const uint8_t *end, size_t count) {
    return hiveql_parse_decimal_plain(end, count);
}

#endif

/// The same of text that nothing readable need precede: only its own 1…16 characters are read.
static inline __attribute__((always_inline)) hiveql_decimal_text hiveql_parse_lone_decimal(
    const uint8_t *text, size_t count) {
    uint64_t low = 0, high;
    if (count > 8) {
        low = hiveql_load64(text) << (8 * (16 - count));
        high = hiveql_load64(text + count - 8);
    } else if (count >= 4) {
        // Both loads hold the characters that they share.
        high = (uint64_t)hiveql_load32(text + count - 4) << 32 | (uint64_t)hiveql_load32(text) << (8 * (8 - count));
    } else {
        const size_t first = 8 - count, middle = count >> 1;
        high = (uint64_t)text[0] << (8 * first) | (uint64_t)text[middle] << (8 * (first + middle)) |
               (uint64_t)text[count - 1] << 56;
    }
#if defined(__SSE2__)
    return hiveql_parse_decimal_vector(_mm_set_epi64x((int64_t)high, (int64_t)low), count);
#else
    return hiveql_parse_decimal_words(low, high, count);
#endif
}

/// Digits read by `hiveql_parse_digits`.
typedef struct {
    uint64_t value;
    bool is_valid;
} hiveql_digit_text;

/// Reads 1…16 digits that end at `end`.
static inline __attribute__((always_inline)) hiveql_digit_text hiveql_parse_digits(const uint8_t *end, size_t count) {
    uint64_t high = hiveql_load64(end - 8);
    hiveql_digit_text result;
    if (count <= 8) {
        high = hiveql_keep_last(high, count);
        result.value = hiveql_eight_digits(high);
        result.is_valid = hiveql_all_digits(high);
        return result;
    }
    uint64_t low = hiveql_keep_last(hiveql_load64(end - 16), count - 8);
    result.value = hiveql_eight_digits(low) * 100000000ull + hiveql_eight_digits(high);
    result.is_valid = hiveql_all_digits(low) && hiveql_all_digits(high);
    return result;
}

#endif
