// Numbers packed without gaps, as column files have them.
#ifndef HIVEQL_BIT_PACKING_H
#define HIVEQL_BIT_PACKING_H

#include <stddef.h>
#include <stdint.h>

/// Unpacks numbers of `width` bits, 1…25, the lowest bit of a byte first (Parquet), eight at a time, while `count` and the bytes
/// last. `source` is where the first number begins, at a whole byte; `readable` bytes may be read from there.
/// - Returns: how many were unpacked, a multiple of eight; the caller does the rest. 0 on CPUs without the vectors.
size_t hiveql_unpack_low_first(const uint8_t *source, size_t readable, unsigned width, size_t count, int32_t *target);

/// The same for the highest bit of a byte first (ORC), into wider numbers.
size_t hiveql_unpack_high_first(const uint8_t *source, size_t readable, unsigned width, size_t count, int64_t *target);

#endif
