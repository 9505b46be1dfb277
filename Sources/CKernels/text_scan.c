#include "text_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

hiveql_text_structure hiveql_list_structure_plain(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals, size_t structural_limit,
    uint32_t *lines, size_t line_limit) {
    hiveql_text_structure result = {from, 0, 0, false, false};
    while (result.position < to && result.line_count < line_limit && result.structural_count < structural_limit) {
        size_t stop = to - result.position > 64 ? result.position + 64 : to;
        for (size_t at = result.position; at < stop; at++) {
            uint8_t byte = base[at];
            if (byte == '\n') lines[result.line_count++] = (uint32_t)at;
            if (byte == '\n' || byte == delimiter) structurals[result.structural_count++] = (uint32_t)at;
            if (byte == '\r') result.saw_carriage_return = true;
        }
        result.position = stop;
    }
    return result;
}

// Writes the positions of a block's set bits. Eight at a time without a branch: what is too much is overwritten.
#define HIVEQL_LIST_BITS(bits, at, target, count, first_lowest)                                                      \
    do {                                                                                                             \
        uint64_t remaining = (bits);                                                                                 \
        unsigned total = (unsigned)__builtin_popcountll(remaining);                                                  \
        uint32_t *out = (target) + (count);                                                                          \
        for (unsigned done = 0; done < total; done += 8) {                                                           \
            for (int i = 0; i < 8; i++) {                                                                            \
                out[done + i] = (uint32_t)(at) + (uint32_t)first_lowest(remaining);                                  \
                remaining &= remaining - 1;                                                                          \
            }                                                                                                        \
        }                                                                                                            \
        (count) += total;                                                                                            \
    } while (0)

static inline unsigned lowest_bit(uint64_t bits) { return (unsigned)__builtin_ctzll(bits | (1ull << 63)); }

// One loop for every width: `MASKS` sets `field`, `line` and `carriage` for the 64 bytes at `text`.
#define HIVEQL_LIST_STRUCTURE(MASKS, LOWEST)                                                                         \
    size_t position = from, structural_count = 0, line_count = 0;                                                    \
    uint64_t carriages = 0;                                                                                          \
    while (position < to && line_count < line_limit && structural_count < structural_limit) {                        \
        const uint8_t *text = base + position;                                                                       \
        uint64_t field, line, carriage;                                                                              \
        MASKS                                                                                                        \
        if (to - position < 64) {                                                                                    \
            uint64_t inside = ((uint64_t)1 << (to - position)) - 1;                                                  \
            field &= inside;                                                                                         \
            line &= inside;                                                                                          \
            carriage &= inside;                                                                                      \
        }                                                                                                            \
        carriages |= carriage;                                                                                       \
        HIVEQL_LIST_BITS(field | line, position, structurals, structural_count, LOWEST);                             \
        if (line) {                                                                                                  \
            uint64_t remaining = line;                                                                               \
            do {                                                                                                     \
                lines[line_count++] = (uint32_t)position + (uint32_t)__builtin_ctzll(remaining);                     \
                remaining &= remaining - 1;                                                                          \
            } while (remaining);                                                                                     \
        }                                                                                                            \
        position += 64;                                                                                              \
    }                                                                                                                \
    hiveql_text_structure result = {position < to ? position : to, structural_count, line_count, carriages != 0, false}; \
    return result;

#if defined(__x86_64__)

#define HIVEQL_MASK_16(v, at) ((uint64_t)(uint32_t)_mm_movemask_epi8(v) << (at))

static hiveql_text_structure list_structure_16(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals, size_t structural_limit,
    uint32_t *lines, size_t line_limit) {
    const __m128i delimiters = _mm_set1_epi8((char)delimiter), feeds = _mm_set1_epi8('\n'), returns = _mm_set1_epi8('\r');
    HIVEQL_LIST_STRUCTURE(
        field = 0; line = 0; carriage = 0;
        for (int lane = 0; lane < 64; lane += 16) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(text + lane));
            field |= HIVEQL_MASK_16(_mm_cmpeq_epi8(bytes, delimiters), lane);
            line |= HIVEQL_MASK_16(_mm_cmpeq_epi8(bytes, feeds), lane);
            carriage |= HIVEQL_MASK_16(_mm_cmpeq_epi8(bytes, returns), lane);
        }, lowest_bit)
}

#define HIVEQL_MASK_32(low, high) ((uint64_t)(uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32)

__attribute__((target("avx2,bmi,popcnt"))) static hiveql_text_structure list_structure_32(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals, size_t structural_limit,
    uint32_t *lines, size_t line_limit) {
    const __m256i delimiters = _mm256_set1_epi8((char)delimiter), feeds = _mm256_set1_epi8('\n'),
                  returns = _mm256_set1_epi8('\r');
    HIVEQL_LIST_STRUCTURE(
        __m256i low = _mm256_loadu_si256((const __m256i *)text);
        __m256i high = _mm256_loadu_si256((const __m256i *)(text + 32));
        field = HIVEQL_MASK_32(_mm256_cmpeq_epi8(low, delimiters), _mm256_cmpeq_epi8(high, delimiters));
        line = HIVEQL_MASK_32(_mm256_cmpeq_epi8(low, feeds), _mm256_cmpeq_epi8(high, feeds));
        carriage = HIVEQL_MASK_32(_mm256_cmpeq_epi8(low, returns), _mm256_cmpeq_epi8(high, returns));, _tzcnt_u64)
}

// With byte compression in the vector unit the positions need no loop over bits.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,popcnt"))) static hiveql_text_structure list_structure_64(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals, size_t structural_limit,
    uint32_t *lines, size_t line_limit) {
    const __m512i delimiters = _mm512_set1_epi8((char)delimiter), feeds = _mm512_set1_epi8('\n'),
                  returns = _mm512_set1_epi8('\r');
    uint8_t ascending[64];
    for (int i = 0; i < 64; i++) ascending[i] = (uint8_t)i;
    const __m512i numbers = _mm512_loadu_si512(ascending);
    size_t position = from, structural_count = 0, line_count = 0;
    uint64_t carriages = 0;
    while (position < to && line_count < line_limit && structural_count < structural_limit) {
        __m512i bytes = _mm512_loadu_si512(base + position);
        uint64_t field = _mm512_cmpeq_epi8_mask(bytes, delimiters);
        uint64_t line = _mm512_cmpeq_epi8_mask(bytes, feeds);
        uint64_t carriage = _mm512_cmpeq_epi8_mask(bytes, returns);
        if (to - position < 64) {
            uint64_t inside = ((uint64_t)1 << (to - position)) - 1;
            field &= inside;
            line &= inside;
            carriage &= inside;
        }
        carriages |= carriage;
        uint64_t both = field | line;
        unsigned total = (unsigned)__builtin_popcountll(both);
        __m512i packed = _mm512_maskz_compress_epi8(both, numbers);
        __m512i origin = _mm512_set1_epi32((int)(uint32_t)position);
        uint32_t *out = structurals + structural_count;
        _mm512_storeu_si512(out, _mm512_add_epi32(origin, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
        if (total > 16) {
            _mm512_storeu_si512(
                out + 16, _mm512_add_epi32(origin, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 1))));
            _mm512_storeu_si512(
                out + 32, _mm512_add_epi32(origin, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 2))));
            _mm512_storeu_si512(
                out + 48, _mm512_add_epi32(origin, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 3))));
        }
        structural_count += total;
        unsigned feed_count = (unsigned)__builtin_popcountll(line);
        if (feed_count <= 2) {
            lines[line_count] = (uint32_t)position + (uint32_t)_tzcnt_u64(line);
            lines[line_count + 1] = (uint32_t)position + (uint32_t)_tzcnt_u64(line & (line - 1));
            line_count += feed_count;
        } else {
            do {
                lines[line_count++] = (uint32_t)position + (uint32_t)_tzcnt_u64(line);
                line &= line - 1;
            } while (line);
        }
        position += 64;
    }
    hiveql_text_structure result = {position < to ? position : to, structural_count, line_count, carriages != 0, false};
    return result;
}

static size_t count_feeds_16(const uint8_t *base, size_t from, size_t to, bool *saw) {
    const __m128i feeds = _mm_set1_epi8('\n'), returns = _mm_set1_epi8('\r'), zero = _mm_setzero_si128();
    __m128i total = zero, carriages = zero;
    size_t at = from;
    while (to - at >= 16) {
        // A byte counts to 255 before it is added up.
        size_t steps = (to - at) / 16;
        if (steps > 255) steps = 255;
        __m128i sums = zero;
        for (size_t i = 0; i < steps; i++, at += 16) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(base + at));
            sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(bytes, feeds));
            carriages = _mm_or_si128(carriages, _mm_cmpeq_epi8(bytes, returns));
        }
        total = _mm_add_epi64(total, _mm_sad_epu8(sums, zero));
    }
    size_t count = (size_t)_mm_cvtsi128_si64(total) + (size_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(total, total));
    if (_mm_movemask_epi8(carriages)) *saw = true;
    for (; at < to; at++) {
        count += base[at] == '\n';
        if (base[at] == '\r') *saw = true;
    }
    return count;
}

__attribute__((target("avx2"))) static size_t count_feeds_32(const uint8_t *base, size_t from, size_t to, bool *saw) {
    const __m256i feeds = _mm256_set1_epi8('\n'), returns = _mm256_set1_epi8('\r'), zero = _mm256_setzero_si256();
    __m256i total = zero, carriages = zero;
    size_t at = from;
    while (to - at >= 64) {
        size_t steps = (to - at) / 64;
        if (steps > 127) steps = 127;
        __m256i sums = zero, others = zero;
        for (size_t i = 0; i < steps; i++, at += 64) {
            __m256i low = _mm256_loadu_si256((const __m256i *)(base + at));
            __m256i high = _mm256_loadu_si256((const __m256i *)(base + at + 32));
            sums = _mm256_sub_epi8(sums, _mm256_cmpeq_epi8(low, feeds));
            others = _mm256_sub_epi8(others, _mm256_cmpeq_epi8(high, feeds));
            carriages = _mm256_or_si256(
                carriages, _mm256_or_si256(_mm256_cmpeq_epi8(low, returns), _mm256_cmpeq_epi8(high, returns)));
        }
        total = _mm256_add_epi64(total, _mm256_add_epi64(_mm256_sad_epu8(sums, zero), _mm256_sad_epu8(others, zero)));
    }
    uint64_t parts[4];
    _mm256_storeu_si256((__m256i *)parts, total);
    size_t count = (size_t)(parts[0] + parts[1] + parts[2] + parts[3]);
    if (_mm256_movemask_epi8(carriages)) *saw = true;
    for (; at < to; at++) {
        count += base[at] == '\n';
        if (base[at] == '\r') *saw = true;
    }
    return count;
}

/// 64, 32 or 16: bytes a vector that this CPU and system handle.
int hiveql_vector_width(void) {
    static int width = 0;
    int known = __atomic_load_n(&width, __ATOMIC_RELAXED);
    if (known) return known;
    __builtin_cpu_init();
    known = 16;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") &&
        __builtin_cpu_supports("pclmul"))
        known = 32;
    if (known == 32 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vbmi2"))
        known = 64;
    __atomic_store_n(&width, known, __ATOMIC_RELAXED);
    return known;
}

hiveql_text_structure hiveql_list_structure_width(
    int width, const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit) {
    int most = hiveql_vector_width();
    switch (width < most ? width : most) {
        case 64: return list_structure_64(base, from, to, delimiter, structurals, structural_limit, lines, line_limit);
        case 32: return list_structure_32(base, from, to, delimiter, structurals, structural_limit, lines, line_limit);
        default: return list_structure_16(base, from, to, delimiter, structurals, structural_limit, lines, line_limit);
    }
}

size_t hiveql_count_line_feeds(const uint8_t *base, size_t from, size_t to, bool *saw_carriage_return) {
    if (hiveql_vector_width() >= 32) return count_feeds_32(base, from, to, saw_carriage_return);
    return count_feeds_16(base, from, to, saw_carriage_return);
}

#elif defined(__aarch64__)

static inline uint64_t neon_mask(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
    const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t low = vpaddq_u8(vandq_u8(a, weights), vandq_u8(b, weights));
    uint8x16_t high = vpaddq_u8(vandq_u8(c, weights), vandq_u8(d, weights));
    uint8x16_t pairs = vpaddq_u8(low, high);
    pairs = vpaddq_u8(pairs, pairs);
    return vgetq_lane_u64(vreinterpretq_u64_u8(pairs), 0);
}

static hiveql_text_structure list_structure_16(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals, size_t structural_limit,
    uint32_t *lines, size_t line_limit) {
    const uint8x16_t delimiters = vdupq_n_u8(delimiter), feeds = vdupq_n_u8('\n'), returns = vdupq_n_u8('\r');
    HIVEQL_LIST_STRUCTURE(
        uint8x16_t a = vld1q_u8(text);
        uint8x16_t b = vld1q_u8(text + 16);
        uint8x16_t c = vld1q_u8(text + 32);
        uint8x16_t d = vld1q_u8(text + 48);
        field = neon_mask(vceqq_u8(a, delimiters), vceqq_u8(b, delimiters), vceqq_u8(c, delimiters), vceqq_u8(d, delimiters));
        line = neon_mask(vceqq_u8(a, feeds), vceqq_u8(b, feeds), vceqq_u8(c, feeds), vceqq_u8(d, feeds));
        carriage = neon_mask(vceqq_u8(a, returns), vceqq_u8(b, returns), vceqq_u8(c, returns), vceqq_u8(d, returns));,
        lowest_bit)
}

hiveql_text_structure hiveql_list_structure_width(
    int width, const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit) {
    (void)width;
    return list_structure_16(base, from, to, delimiter, structurals, structural_limit, lines, line_limit);
}

size_t hiveql_count_line_feeds(const uint8_t *base, size_t from, size_t to, bool *saw_carriage_return) {
    size_t count = 0;
    bool saw = false;
    // The compiler makes vectors of this loop.
    for (size_t at = from; at < to; at++) {
        count += base[at] == '\n';
        saw |= base[at] == '\r';
    }
    if (saw) *saw_carriage_return = true;
    return count;
}

#else

hiveql_text_structure hiveql_list_structure_width(
    int width, const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals,
    size_t structural_limit, uint32_t *lines, size_t line_limit) {
    (void)width;
    return hiveql_list_structure_plain(base, from, to, delimiter, structurals, structural_limit, lines, line_limit);
}

size_t hiveql_count_line_feeds(const uint8_t *base, size_t from, size_t to, bool *saw_carriage_return) {
    size_t count = 0;
    for (size_t at = from; at < to; at++) {
        count += base[at] == '\n';
        if (base[at] == '\r') *saw_carriage_return = true;
    }
    return count;
}

#endif

hiveql_text_structure hiveql_list_structure(
    const uint8_t *base, size_t from, size_t to, uint8_t delimiter, uint32_t *structurals, size_t structural_limit,
    uint32_t *lines, size_t line_limit) {
    return hiveql_list_structure_width(
        64, base, from, to, delimiter, structurals, structural_limit, lines, line_limit);
}
