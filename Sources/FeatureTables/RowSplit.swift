import Columnar

/// How rows are divided into a first part (to train on) and a second part (to evaluate on).
public struct SplitOptions: Codable, Sendable, Equatable {
    /// The first part's share, 0…1.
    public var fraction: Double
    public var seed: UInt64
    public var key: Key
    /// A column of which each level is divided by `fraction` on its own.
    public var stratifiedBy: String?

    /// What a row's place is decided by.
    public enum Key: Codable, Sendable, Equatable {
        /// The row's values: the order of the rows does not matter. Equal rows are told apart by counting them.
        case content
        /// The row's number in the table.
        case position
        /// A column's value: rows with equal values stay together. The parts' sizes are then approximate.
        case column(String)
    }

    public init(fraction: Double = 0.75, seed: UInt64 = 0, key: Key = .content, stratifiedBy: String? = nil) {
        self.fraction = fraction
        self.seed = seed
        self.key = key
        self.stratifiedBy = stratifiedBy
    }
}

/// Row numbers of the two parts, each ascending.
public struct RowSplit: Sendable, Equatable {
    public var first: [Int32]
    public var second: [Int32]

    public init(first: [Int32], second: [Int32]) {
        self.first = first
        self.second = second
    }
}

extension ImportData {
    /// Divides the rows. The same rows, options and seed give the same parts in every run, with any number of threads.
    ///
    /// The first part has `fraction` of the rows (of each stratum) rounded to the nearest, except that with a key
    /// column it is the rows whose hash falls below `fraction`.
    /// - Throws: `FeatureError` for a fraction outside 0…1 or an unknown column.
    /// - Complexity: O(rows × columns + rows log rows).
    public func split(_ options: SplitOptions, rows: [Int32]? = nil) throws -> RowSplit {
        guard options.fraction >= 0, options.fraction <= 1 else {
            throw FeatureError.invalidOption("a split fraction must be between 0 and 1, not \(options.fraction)")
        }
        let rows = rows ?? (0..<Int32(rowCount)).map { $0 }
        var isFirst = [Bool](repeating: false, count: rowCount)
        if case .column(let name) = options.key {
            guard options.stratifiedBy == nil else {
                throw FeatureError.invalidOption("a split by a key column cannot be stratified as well")
            }
            var hashes = RowHashes(rowCount: rowCount, seed: options.seed)
            let position = try columnIndex(name)
            hashes.combine(columns[position])
            for row in rows {
                isFirst[Int(row)] = Double(hashes.values[Int(row)] >> 11) * 0x1p-53 < options.fraction
            }
        } else {
            let keys = splitKeys(options)
            let strata = try options.stratifiedBy.map { try levels(try columnIndex($0)).codes }
            let order = rows.sorted { left, right in
                let a = keys[Int(left)], b = keys[Int(right)]
                return a != b ? a < b : left < right
            }
            if let strata {
                var groups: [Int32: [Int32]] = [:]
                for row in order { groups[strata[Int(row)], default: []].append(row) }
                for (_, members) in groups { mark(members, options.fraction, &isFirst) }
            } else {
                mark(order, options.fraction, &isFirst)
            }
        }
        return RowSplit(first: rows.filter { isFirst[Int($0)] }, second: rows.filter { !isFirst[Int($0)] })
    }

    private func mark(_ ordered: [Int32], _ fraction: Double, _ isFirst: inout [Bool]) {
        let count = Int((Double(ordered.count) * fraction).rounded())
        for row in ordered.prefix(count) { isFirst[Int(row)] = true }
    }

    private func splitKeys(_ options: SplitOptions) -> [UInt64] {
        if options.key == .position {
            return (0..<rowCount).map { mixed(mixed(options.seed) ^ UInt64($0)) }
        }
        var hashes = RowHashes(rowCount: rowCount, seed: options.seed)
        for column in columns { hashes.combine(column) }
        var keys = hashes.values
        // Equal rows: the k-th of them gets a key of its own, so that they are spread over both parts.
        let order = keys.indices.sorted { keys[$0] != keys[$1] ? keys[$0] < keys[$1] : $0 < $1 }
        var start = 0
        let plain = keys
        for position in order.indices {
            if plain[order[position]] != plain[order[start]] { start = position }
            let occurrence = position - start
            if occurrence > 0 { keys[order[position]] = mixed(plain[order[position]] &+ UInt64(occurrence)) }
        }
        return keys
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
@inline(__always)
package func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}

/// Hashes of rows' values that are the same in every process and on every machine.
struct RowHashes {
    private(set) var values: [UInt64]

    init(rowCount: Int, seed: UInt64) { values = [UInt64](repeating: mixed(seed), count: rowCount) }

    /// Mixes a flat column into the rows' hashes. Nested columns leave them as they are.
    mutating func combine(_ column: Column) {
        switch column.type.physical {
        case .boolean: combine(column, UInt8.self) { UInt64($0) }
        case .int8: combine(column, Int8.self) { UInt64(bitPattern: Int64($0)) }
        case .int16: combine(column, Int16.self) { UInt64(bitPattern: Int64($0)) }
        case .int32: combine(column, Int32.self) { UInt64(bitPattern: Int64($0)) }
        case .int64: combine(column, Int64.self) { UInt64(bitPattern: $0) }
        case .float: combine(column, Float.self) { ($0 == 0 ? 0 : Double($0)).bitPattern }
        case .double: combine(column, Double.self) { ($0 == 0 ? 0 : $0).bitPattern }
        case .int128: combine(column, Int128.self) { mixed(UInt64(truncatingIfNeeded: $0)) &+ UInt64(truncatingIfNeeded: $0 >> 64) }
        case .timestamp:
            combine(column, Timestamp.self) { mixed(UInt64(bitPattern: $0.seconds)) &+ UInt64(UInt32(bitPattern: $0.nanoseconds)) }
        case .string: combine(column, StringView.self, hashBytes)
        case .list, .structure, .union: break
        }
    }

    private mutating func combine<T: ColumnElement>(_ column: Column, _: T.Type, _ word: (T) -> UInt64) {
        let source = column.values(as: T.self)
        let validity = column.validity
        values.withUnsafeMutableBufferPointer { values in
            for row in 0..<values.count {
                let isNull = validity.map { !$0[row] } ?? false
                values[row] = mixed(values[row] ^ (isNull ? 0xA5A5_A5A5_0F0F_0F0F : word(source[row])))
            }
        }
        withExtendedLifetime(column) {}
    }

    private func hashBytes(_ view: StringView) -> UInt64 {
        var hash = UInt64(view.length) &+ 0x5851_F42D_4C95_7F2D
        let bytes = UnsafeRawPointer(view.pointer)
        var offset = 0
        while offset + 8 <= view.count {
            hash = mixed(hash ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var last: UInt64 = 0
        var shift: UInt64 = 0
        while offset < view.count {
            last |= UInt64(view.pointer[offset]) << shift
            shift += 8
            offset += 1
        }
        return mixed(hash ^ last)
    }
}
