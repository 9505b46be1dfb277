#include "bit_packing.h"

#include "text_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Eight numbers take `width` bytes. Each of the two lanes gets the bytes of four of them; a shuffle gives every number the
// four bytes it lies in, a shift by its own count moves it to its place.

/// Where the fifth number begins, from the first one.
#define HIVEQL_SECOND_LANE(width) ((width) * 4 / 8)

__attribute__((target("avx2"))) static inline __m256i load_eight(const uint8_t *source, unsigned width) {
    __m128i low = _mm_loadu_si128((const __m128i *)source);
    __m128i high = _mm_loadu_si128((const __m128i *)(source + HIVEQL_SECOND_LANE(width)));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/// The shuffle that collects each number's bytes, and the bit of them at which it begins.
static void plan_eight(unsigned width, int is_high_first, uint8_t bytes[32], uint32_t bits[8]) {
    for (unsigned i = 0; i < 8; i++) {
        unsigned bit = i * width, byte = bit / 8 - (i < 4 ? 0 : HIVEQL_SECOND_LANE(width));
        for (unsigned k = 0; k < 4; k++) bytes[i * 4 + k] = (uint8_t)(byte + (is_high_first ? 3 - k : k));
        bits[i] = bit % 8;
    }
}

/// Groups of eight whose loads end within `readable`.
static size_t whole_groups(size_t readable, unsigned width, size_t count) {
    size_t last = HIVEQL_SECOND_LANE(width) + 16;
    if (readable < last) return 0;
    size_t groups = (readable - last) / width + 1;
    return groups < count / 8 ? groups : count / 8;
}

__attribute__((target("avx2"))) static size_t unpack_low_first(
    const uint8_t *source, size_t readable, unsigned width, size_t count, int32_t *target) {
    uint8_t bytes[32];
    uint32_t bits[8];
    plan_eight(width, 0, bytes, bits);
    const __m256i order = _mm256_loadu_si256((const __m256i *)bytes), shifts = _mm256_loadu_si256((const __m256i *)bits);
    const __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
    size_t groups = whole_groups(readable, width, count);
    for (size_t i = 0; i < groups; i++, source += width, target += 8) {
        __m256i words = _mm256_shuffle_epi8(load_eight(source, width), order);
        _mm256_storeu_si256((__m256i *)target, _mm256_and_si256(_mm256_srlv_epi32(words, shifts), mask));
    }
    return groups * 8;
}

__attribute__((target("avx2"))) static size_t unpack_high_first(
    const uint8_t *source, size_t readable, unsigned width, size_t count, int64_t *target) {
    uint8_t bytes[32];
    uint32_t bits[8];
    plan_eight(width, 1, bytes, bits);
    const __m256i order = _mm256_loadu_si256((const __m256i *)bytes), shifts = _mm256_loadu_si256((const __m256i *)bits);
    const __m128i rest = _mm_cvtsi32_si128((int)(32 - width));
    size_t groups = whole_groups(readable, width, count);
    for (size_t i = 0; i < groups; i++, source += width, target += 8) {
        __m256i words = _mm256_shuffle_epi8(load_eight(source, width), order);
        __m256i values = _mm256_srl_epi32(_mm256_sllv_epi32(words, shifts), rest);
        _mm256_storeu_si256((__m256i *)target, _mm256_cvtepu32_epi64(_mm256_castsi256_si128(values)));
        _mm256_storeu_si256((__m256i *)(target + 4), _mm256_cvtepu32_epi64(_mm256_extracti128_si256(values, 1)));
    }
    return groups * 8;
}

size_t hiveql_unpack_low_first(const uint8_t *source, size_t readable, unsigned width, size_t count, int32_t *target) {
    if (width < 1 || width > 25 || count < 8 || hiveql_vector_width() < 32) return 0;
    return unpack_low_first(source, readable, width, count, target);
}

size_t hiveql_unpack_high_first(const uint8_t *source, size_t readable, unsigned width, size_t count, int64_t *target) {
    if (width < 1 || width > 25 || count < 8 || hiveql_vector_width() < 32) return 0;
    return unpack_high_first(source, readable, width, count, target);
}

#else

size_t hiveql_unpack_low_first(const uint8_t *source, size_t readable, unsigned width, size_t count, int32_t *target) {
    (void)source, (void)readable, (void)width, (void)count, (void)target;
    return 0;
}

size_t hiveql_unpack_high_first(const uint8_t *source, size_t readable, unsigned width, size_t count, int64_t *target) {
    (void)source, (void)readable, (void)width, (void)count, (void)target;
    return 0;
}

#endif
