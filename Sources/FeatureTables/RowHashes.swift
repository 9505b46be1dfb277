import Columnar
import Platform

/// Hashes of rows' values that are the same in every process and on every machine.
struct RowHashes {
    private(set) var values: [UInt64]

    private let threads: Int

    init(rowCount: Int, seed: UInt64, threads: Int = 1) {
        values = [UInt64](repeating: SplitMix.mix(seed), count: rowCount)
        self.threads = threads
    }

    /// Mixes a flat column into the rows' hashes. Nested columns leave them as they are.
    mutating func combine(_ column: Column) {
        // What was left aside has no values.
        guard column.encoding == .flat else { return }
        switch column.type.physical {
        case .boolean: combine(column, UInt8.self) { UInt64($0) }
        case .int8: combine(column, Int8.self) { UInt64(bitPattern: Int64($0)) }
        case .int16: combine(column, Int16.self) { UInt64(bitPattern: Int64($0)) }
        case .int32: combine(column, Int32.self) { UInt64(bitPattern: Int64($0)) }
        case .int64: combine(column, Int64.self) { UInt64(bitPattern: $0) }
        case .float: combine(column, Float.self) { ($0 == 0 ? 0 : Double($0)).bitPattern }
        case .double: combine(column, Double.self) { ($0 == 0 ? 0 : $0).bitPattern }
        case .int128:
            combine(column, Int128.self) {
                SplitMix.mix(UInt64(truncatingIfNeeded: $0)) &+ UInt64(truncatingIfNeeded: $0 >> 64)
            }
        case .timestamp:
            combine(column, Timestamp.self) {
                SplitMix.mix(UInt64(bitPattern: $0.seconds)) &+ UInt64(UInt32(bitPattern: $0.nanoseconds))
            }
        case .string: combine(column, StringView.self, Self.hash)
        case .list, .structure, .union: break
        }
    }

    private mutating func combine<T: ColumnElement>(_ column: Column, _: T.Type, _ word: (T) -> UInt64) {
        let source = column.values(as: T.self)
        let validity = column.validity
        let blocks = RowBlocks(rowCount: values.count)
        values.withUnsafeMutableBufferPointer { values in
            guard let target = values.baseAddress else { return }
            blocks.forEach(threads: threads) { _, rows in
                for row in rows {
                    let isNull = validity.map { !$0[row] } ?? false
                    target[row] = SplitMix.mix(target[row] ^ (isNull ? 0xA5A5_A5A5_0F0F_0F0F : word(source[row])))
                }
            }
        }
        withExtendedLifetime(column) {}
    }

    @inline(__always)
    static func hash(_ view: StringView) -> UInt64 {
        var hash = UInt64(view.length) &+ 0x5851_F42D_4C95_7F2D
        let bytes = UnsafeRawPointer(view.pointer)
        var offset = 0
        while offset + 8 <= view.count {
            hash = SplitMix.mix(hash ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var last: UInt64 = 0
        var shift: UInt64 = 0
        while offset < view.count {
            last |= UInt64(view.pointer[offset]) << shift
            shift += 8
            offset += 1
        }
        return SplitMix.mix(hash ^ last)
    }
}
