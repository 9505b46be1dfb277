import Columnar

extension ImportData {
    // MARK: Time

    /// The latest rows are the second part.
    func split(byTime name: String, _ fraction: Double, _ rows: [Int32]) throws -> RowSplit {
        let position = try columnIndex(name)
        let times = try places(position)
        let column = columns[position]
        let known = rows.filter { !column.isNull(Int($0)) }
        let ordered = known.sorted { left, right in
            let a = times[Int(left)], b = times[Int(right)]
            return a != b ? a < b : left < right
        }
        let wanted = Int((Double(ordered.count) * fraction).rounded())
        let count = boundary(near: wanted, ordered) { times[Int($0)] == times[Int($1)] }
        var split = RowSplit(first: ordered.prefix(count).sorted(), second: ordered.dropFirst(count).sorted())
        if count < ordered.count {
            split.notes.append("evaluated on rows from \(schema[position].name) = \(text(position, Int(ordered[count]))) on")
        }
        if column.type.isCharacter { split.notes.append("texts of \(schema[position].name) are ordered by their bytes") }
        if rows.count > known.count {
            split.notes.append("\(rows.count - known.count) row(s) without \(schema[position].name) are in no part")
        }
        return split
    }

    /// Numbers that are ordered as a column's values are; those of NULLs say nothing.
    private func places(_ position: Int) throws -> [Int128] {
        let column = columns[position]
        var result = [Int128](repeating: 0, count: rowCount)
        func fill<T: ColumnElement>(_: T.Type, _ place: (T) -> Int128) {
            let source = column.values(as: T.self)
            let validity = column.validity
            for row in 0..<rowCount where validity.map({ $0[row] }) ?? true { result[row] = place(source[row]) }
        }
        switch column.type.physical {
        case .boolean: fill(UInt8.self) { Int128($0) }
        case .int8: fill(Int8.self) { Int128($0) }
        case .int16: fill(Int16.self) { Int128($0) }
        case .int32: fill(Int32.self) { Int128($0) }
        case .int64: fill(Int64.self) { Int128($0) }
        case .int128: fill(Int128.self) { $0 }
        case .float: fill(Float.self) { Self.place(Double($0)) }
        case .double: fill(Double.self) { Self.place($0) }
        case .timestamp: fill(Timestamp.self) { Int128($0.seconds) * 1_000_000_000 + Int128($0.nanoseconds) }
        case .string where column.type != .binary:
            let coded = try levels(position)
            let order = coded.levels.indices.sorted { coded.levels[$0].utf8.lexicographicallyPrecedes(coded.levels[$1].utf8) }
            var ranks = [Int128](repeating: 0, count: order.count)
            for (rank, level) in order.enumerated() { ranks[level] = Int128(rank) }
            for row in 0..<rowCount where coded.codes[row] >= 0 { result[row] = ranks[Int(coded.codes[row])] }
        default:
            throw FeatureError.unsupportedType(
                column: schema[position].name, type: "\(column.type)", use: "the time that rows are divided by")
        }
        withExtendedLifetime(column) {}
        return result
    }

    /// The bits of a number, in the order of the numbers.
    private static func place(_ value: Double) -> Int128 {
        let bits = Int64(bitPattern: (value == 0 ? 0 : value).bitPattern)
        return Int128(bits < 0 ? bits ^ Int64.max : bits)
    }

    private func text(_ position: Int, _ row: Int) -> String {
        let buffer = ByteBuffer()
        TextFormatter(.output).append(columns[position], row: row, to: buffer)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    // MARK: Parts

    /// Rows whose part the column does not say are in none.
    func split(byPartsIn name: String, _ rows: [Int32]) throws -> RowSplit {
        let position = try columnIndex(name)
        let type = schema[position].type
        guard type == .boolean || type.isCharacter else {
            throw FeatureError.unsupportedType(column: schema[position].name, type: "\(type)", use: "what says the rows' parts")
        }
        let coded = try levels(position)
        let parts = try coded.levels.map { level -> WritableKeyPath<RowSplit, [Int32]> in
            switch level.lowercased() {
            case "train", "training": return \.first
            case "eval", "evaluation", "test", "testing": return \.second
            case "validation", "valid", "val": return \.validation
            case "false" where type == .boolean: return \.first
            case "true" where type == .boolean: return \.second
            default:
                throw FeatureError.invalidOption(
                    "column '\(schema[position].name)' says '\(level)' where a row's part is expected: "
                        + "train, eval (or test) or validation")
            }
        }
        var split = RowSplit(first: [], second: [])
        var unknown = 0
        for row in rows {
            let code = Int(coded.codes[Int(row)])
            if code < 0 { unknown += 1 } else { split[keyPath: parts[code]].append(row) }
        }
        split.notes.append("parts as column \(schema[position].name) says")
        if unknown > 0 { split.notes.append("\(unknown) row(s) without \(schema[position].name) are in no part") }
        return split
    }
}
