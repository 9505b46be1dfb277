import CKernels
import Testing

import TableFormats

/// The kernels that unpack eight numbers at a time, against numbers taken bit by bit.
@Suite struct BitPackingTests {
    private let widths: ClosedRange<Int> = 1...25

    /// Random bytes for numbers of any width, with `spare` readable ones behind them.
    private func bytes(_ count: Int, width: Int, spare: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: UInt64(count * 64 + width))
        return (0..<((count * width + 7) / 8 + spare)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private func number(_ bytes: [UInt8], at index: Int, width: Int, isHighFirst: Bool) -> Int64 {
        var value: Int64 = 0
        for bit in 0..<width {
            let place = index * width + bit
            let byte = Int64(bytes[place / 8])
            if isHighFirst {
                value = value << 1 | byte >> Int64(7 - place % 8) & 1
            } else {
                value |= (byte >> Int64(place % 8) & 1) << Int64(bit)
            }
        }
        return value
    }

    @Test(arguments: [0, 7, 8, 64, 509]) func lowestBitsFirst(count: Int) {
        expectNumbers(count, isHighFirst: false, as: Int32.self) { hiveql_unpack_low_first($0, $0.count, UInt32($1), count, $2) }
    }

    @Test(arguments: [0, 7, 8, 64, 509]) func highestBitsFirst(count: Int) {
        expectNumbers(count, isHighFirst: true, as: Int64.self) { hiveql_unpack_high_first($0, $0.count, UInt32($1), count, $2) }
    }

    private func expectNumbers<T: FixedWidthInteger & SignedInteger>(
        _ count: Int, isHighFirst: Bool, as _: T.Type, _ unpack: ([UInt8], _ width: Int, UnsafeMutablePointer<T>) -> Int
    ) {
        for width in widths {
            let packed = bytes(count, width: width, spare: 8)
            var unpacked = [T](repeating: -1, count: count + 1)
            let done = unpack(packed, width, &unpacked)
            #expect(done % 8 == 0 && done <= count)
            for index in 0..<done {
                #expect(Int64(unpacked[index]) == number(packed, at: index, width: width, isHighFirst: isHighFirst))
            }
            #expect(unpacked[done...].allSatisfy { $0 == -1 })
        }
    }

    /// A batch may begin within a byte, and within a run.
    @Test func piecesOfARunAreTheRun() throws {
        for width in 1...32 {
            let count = 504
            var packed = bytes(count, width: width, spare: 0)
            // A run of so many groups of eight.
            let head = (count / 8) << 1 | 1
            packed = [UInt8(head & 0x7F | 0x80), UInt8(head >> 7)] + packed
            let end = packed.count
            packed += [UInt8](repeating: 0, count: 8)
            let numbers = Array(packed[2...])
            try packed.withUnsafeBufferPointer { buffer in
                var decoder = try HybridDecoder(UnsafeBufferPointer(rebasing: buffer[..<end]), bitWidth: width)
                var decoded = [Int32](repeating: 0, count: count)
                var done = 0
                for piece in [1, 13, 100, 7, 64, 319] {
                    try decoded.withUnsafeMutableBufferPointer { target in
                        guard let start = target.baseAddress else { return }
                        try decoder.decode(into: start + done, count: piece)
                    }
                    done += piece
                }
                #expect(done == count)
                for index in 0..<count {
                    let expected = number(numbers, at: index, width: width, isHighFirst: false)
                    #expect(decoded[index] == Int32(truncatingIfNeeded: expected))
                }
            }
        }
    }

    /// A run has whole bytes for its value, which may be too large for its bits.
    @Test(arguments: 1...31) func runsOfLargerValuesAreRefused(width: Int) throws {
        let largest = (UInt32(1) << UInt32(width)) - 1
        let byteCount = (width + 7) / 8
        func run(_ value: UInt32) throws -> [Int32] {
            var bytes: [UInt8] = [8 << 1]
            for byte in 0..<byteCount { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))) }
            let end = bytes.count
            bytes += [UInt8](repeating: 0, count: 8)
            return try bytes.withUnsafeBufferPointer { buffer in
                var decoder = try HybridDecoder(UnsafeBufferPointer(rebasing: buffer[..<end]), bitWidth: width)
                return try [Int32](unsafeUninitializedCapacity: 8) { target, used in
                    if let start = target.baseAddress { try decoder.decode(into: start, count: 8) }
                    used = 8
                }
            }
        }
        #expect(try run(largest) == [Int32](repeating: Int32(bitPattern: largest), count: 8))
        if width % 8 != 0 { #expect(throws: (any Error).self) { try run(largest + 1) } }
    }
}
