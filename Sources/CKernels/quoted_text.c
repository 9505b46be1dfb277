#include "text_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

hiveql_text_structure hiveql_list_quoted_structure_plain(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint8_t quote, uint8_t escape, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit) {
    hiveql_text_structure result = {from, 0, 0, false, false};
    bool inside = false, begins = true, closed = false;
    while (result.position < to && result.line_count < line_limit && result.structural_count < structural_limit) {
        size_t stop = to - result.position > 64 ? result.position + 64 : to;
        for (size_t at = result.position; at < stop; at++) {
            uint8_t byte = base[at];
            bool is_feed = byte == '\n', is_quote = byte == quote, is_delimiter = byte == delimiter;
            bool opens = is_quote && !inside;
            if (closed && !is_feed && !is_quote && !is_delimiter) result.saw_carriage_return = true;
            if (opens && !begins) result.saw_carriage_return = true;
            if (opens && closed) result.saw_doubled_quote = true;
            closed = is_quote && inside;
            if (is_quote) inside = !inside;
            if (byte == '\r' || byte == escape || (is_feed && inside)) result.saw_carriage_return = true;
            if (is_feed) lines[result.line_count++] = (uint32_t)at;
            if (is_feed || (is_delimiter && !inside)) structurals[result.structural_count++] = (uint32_t)at;
            begins = is_feed || is_quote || is_delimiter;
        }
        result.position = stop;
    }
    return result;
}

// What the loops over blocks of 64 bytes share: `MASKS` sets `field`, `line`, `quoted` and `odd` (carriage returns and
// escapes) for the 64 bytes at `text`. `inside` has a bit for every byte behind which a quote is open.
#define HIVEQL_LIST_QUOTED(MASKS, LOWEST, PREFIX_PARITY)                                                             \
    size_t position = from, structural_count = 0, line_count = 0;                                                    \
    uint64_t irregular = 0, doubled = 0, open = 0, begins_before = 1, closed_before = 0;                             \
    while (position < to && line_count < line_limit && structural_count < structural_limit) {                        \
        const uint8_t *text = base + position;                                                                       \
        uint64_t field, line, quoted, odd;                                                                           \
        MASKS                                                                                                        \
        uint64_t within = ~(uint64_t)0;                                                                              \
        if (to - position < 64) {                                                                                    \
            within = ((uint64_t)1 << (to - position)) - 1;                                                           \
            field &= within;                                                                                         \
            line &= within;                                                                                          \
            quoted &= within;                                                                                        \
            odd &= within;                                                                                           \
        }                                                                                                            \
        uint64_t inside = PREFIX_PARITY(quoted);                                                                     \
        inside ^= open;                                                                                              \
        open = (uint64_t)((int64_t)inside >> 63);                                                                    \
        uint64_t edges = field | line | quoted;                                                                      \
        uint64_t closing = quoted & ~inside;                                                                         \
        irregular |= odd | (line & inside);                                                                          \
        irregular |= (quoted & inside) & ~((edges << 1) | begins_before);                                            \
        uint64_t behind = (closing << 1) | closed_before;                                                            \
        irregular |= behind & ~edges & within;                                                                       \
        doubled |= behind & quoted;                                                                                  \
        begins_before = edges >> 63;                                                                                 \
        closed_before = closing >> 63;                                                                               \
        uint64_t both = (field & ~inside) | line;                                                                    \
        uint32_t *out = structurals + structural_count;                                                              \
        unsigned total = (unsigned)__builtin_popcountll(both);                                                       \
        for (unsigned done = 0; done < total; done += 8) {                                                           \
            for (int i = 0; i < 8; i++) {                                                                            \
                out[done + i] = (uint32_t)position + (uint32_t)LOWEST(both);                                         \
                both &= both - 1;                                                                                    \
            }                                                                                                        \
        }                                                                                                            \
        structural_count += total;                                                                                   \
        while (line) {                                                                                               \
            lines[line_count++] = (uint32_t)position + (uint32_t)__builtin_ctzll(line);                              \
            line &= line - 1;                                                                                        \
        }                                                                                                            \
        position += 64;                                                                                              \
    }                                                                                                                \
    hiveql_text_structure result = {                                                                                 \
        position < to ? position : to, structural_count, line_count, irregular != 0, doubled != 0};                  \
    return result;

/// Bit i tells whether an odd number of the bits 0…i are set.
static inline uint64_t prefix_parity(uint64_t bits) {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    return bits ^ bits << 32;
}

static inline unsigned lowest_bit(uint64_t bits) { return (unsigned)__builtin_ctzll(bits | (1ull << 63)); }

#if defined(__x86_64__)

static hiveql_text_structure list_quoted_16(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint8_t quote, uint8_t escape, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit) {
    const __m128i delimiters = _mm_set1_epi8((char)delimiter), feeds = _mm_set1_epi8('\n'), returns = _mm_set1_epi8('\r'),
                  quotes = _mm_set1_epi8((char)quote), escapes = _mm_set1_epi8((char)escape);
    HIVEQL_LIST_QUOTED(
        field = 0; line = 0; quoted = 0; odd = 0;
        for (int lane = 0; lane < 64; lane += 16) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(text + lane));
            __m128i others = _mm_or_si128(_mm_cmpeq_epi8(bytes, returns), _mm_cmpeq_epi8(bytes, escapes));
            field |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, delimiters)) << lane;
            line |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, feeds)) << lane;
            quoted |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, quotes)) << lane;
            odd |= (uint64_t)(uint32_t)_mm_movemask_epi8(others) << lane;
        }, lowest_bit, prefix_parity)
}

#define HIVEQL_BOTH(low, high) ((uint64_t)(uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32)

/// A product without carries by a number of ones adds up, without carries, what stands below each bit.
__attribute__((target("avx2,pclmul"), always_inline)) static inline uint64_t prefix_parity_by_product(uint64_t bits) {
    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), _mm_set1_epi8((char)0xFF), 0));
}

__attribute__((target("avx2,bmi,popcnt,pclmul"))) static hiveql_text_structure list_quoted_32(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint8_t quote, uint8_t escape, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit) {
    const __m256i delimiters = _mm256_set1_epi8((char)delimiter), feeds = _mm256_set1_epi8('\n'),
                  returns = _mm256_set1_epi8('\r'), quotes = _mm256_set1_epi8((char)quote),
                  escapes = _mm256_set1_epi8((char)escape);
    HIVEQL_LIST_QUOTED(
        __m256i low = _mm256_loadu_si256((const __m256i *)text);
        __m256i high = _mm256_loadu_si256((const __m256i *)(text + 32));
        field = HIVEQL_BOTH(_mm256_cmpeq_epi8(low, delimiters), _mm256_cmpeq_epi8(high, delimiters));
        line = HIVEQL_BOTH(_mm256_cmpeq_epi8(low, feeds), _mm256_cmpeq_epi8(high, feeds));
        quoted = HIVEQL_BOTH(_mm256_cmpeq_epi8(low, quotes), _mm256_cmpeq_epi8(high, quotes));
        odd = HIVEQL_BOTH(
            _mm256_or_si256(_mm256_cmpeq_epi8(low, returns), _mm256_cmpeq_epi8(low, escapes)),
            _mm256_or_si256(_mm256_cmpeq_epi8(high, returns), _mm256_cmpeq_epi8(high, escapes)));, _tzcnt_u64, prefix_parity_by_product)
}

hiveql_text_structure hiveql_list_quoted_structure(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint8_t quote, uint8_t escape, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit) {
    if (hiveql_vector_width() >= 32)
        return list_quoted_32(base, from, to, delimiter, quote, escape, structurals, structural_limit, lines, line_limit);
    return list_quoted_16(base, from, to, delimiter, quote, escape, structurals, structural_limit, lines, line_limit);
}

#elif defined(__aarch64__)

static inline uint64_t equal_mask(const uint8_t *text, uint8x16_t byte) {
    const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t low = vpaddq_u8(
        vandq_u8(vceqq_u8(vld1q_u8(text), byte), weights), vandq_u8(vceqq_u8(vld1q_u8(text + 16), byte), weights));
    uint8x16_t high = vpaddq_u8(
        vandq_u8(vceqq_u8(vld1q_u8(text + 32), byte), weights), vandq_u8(vceqq_u8(vld1q_u8(text + 48), byte), weights));
    uint8x16_t pairs = vpaddq_u8(low, high);
    pairs = vpaddq_u8(pairs, pairs);
    return vgetq_lane_u64(vreinterpretq_u64_u8(pairs), 0);
}

hiveql_text_structure hiveql_list_quoted_structure(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint8_t quote, uint8_t escape, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit) {
    const uint8x16_t delimiters = vdupq_n_u8(delimiter), feeds = vdupq_n_u8('\n'), returns = vdupq_n_u8('\r'),
                     quotes = vdupq_n_u8(quote), escapes = vdupq_n_u8(escape);
    HIVEQL_LIST_QUOTED(
        field = equal_mask(text, delimiters);
        line = equal_mask(text, feeds);
        quoted = equal_mask(text, quotes);
        odd = equal_mask(text, returns) | equal_mask(text, escapes);, lowest_bit, prefix_parity)
}

#else

hiveql_text_structure hiveql_list_quoted_structure(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint8_t quote, uint8_t escape, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit) {
    return hiveql_list_quoted_structure_plain(
        base, from, to, delimiter, quote, escape, structurals, structural_limit, lines, line_limit);
}

#endif
