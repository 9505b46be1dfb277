import Columnar

/// A column's distinct values as text, and which of them each row holds.
package struct LevelCodes: Sendable {
    /// One a row: a position in `levels`, or −1 where the value is missing.
    package var codes: [Int32]
    /// In order of first occurrence.
    package var levels: [String]
}

extension ImportData {
    /// Whether a column can be read as numbers without parsing text.
    package static func isQuantity(_ type: SQLType) -> Bool {
        switch type {
        case .boolean, .date, .timestamp, .timestampLocalTimeZone, .intervalYearMonth, .intervalDayTime, .void: true
        default: type.isNumeric
        }
    }

    /// A column as one `Double` a row; NaN where it is NULL, NaN or infinite.
    ///
    /// Booleans are 0 and 1; dates days and timestamps seconds since 1970-01-01; intervals months or seconds.
    /// Text is parsed.
    /// - Throws: `FeatureError.notNumeric` for text that is not a number, `.unsupportedType` for nested types and BINARY.
    public func numbers(_ position: Int) throws -> [Double] {
        try numbers(columns[position], schema[position].name)
    }

    /// A flat column as numbers; `name` is for messages.
    func numbers(_ column: Column, _ name: String) throws -> [Double] {
        var result = [Double](repeating: .nan, count: column.count)
        switch column.type.physical {
        case .boolean: fill(&result, column, UInt8.self) { Double($0) }
        case .int8: fill(&result, column, Int8.self) { Double($0) }
        case .int16: fill(&result, column, Int16.self) { Double($0) }
        case .int32: fill(&result, column, Int32.self) { Double($0) }
        case .int64: fill(&result, column, Int64.self) { Double($0) }
        case .float: fill(&result, column, Float.self) { Double($0) }
        case .double: fill(&result, column, Double.self) { $0 }
        case .int128:
            var divisor = 1.0
            if case .decimal(_, let scale) = column.type { for _ in 0..<scale { divisor *= 10 } }
            let unit = divisor
            fill(&result, column, Int128.self) { Double($0) / unit }
        case .timestamp:
            fill(&result, column, Timestamp.self) { Double($0.seconds) + Double($0.nanoseconds) / 1e9 }
        case .string where column.type != .binary: try parseNumbers(&result, column, name)
        default:
            throw FeatureError.unsupportedType(column: name, type: "\(column.type)", use: "read as numbers")
        }
        return result
    }

    private func fill<T: ColumnElement>(
        _ result: inout [Double], _ column: Column, _: T.Type, _ convert: (T) -> Double
    ) {
        let source = column.values(as: T.self)
        let validity = column.validity
        result.withUnsafeMutableBufferPointer { target in
            if let validity {
                for row in 0..<target.count where validity[row] {
                    let value = convert(source[row])
                    if value.isFinite { target[row] = value }
                }
            } else {
                for row in 0..<target.count {
                    let value = convert(source[row])
                    target[row] = value.isFinite ? value : .nan
                }
            }
        }
        withExtendedLifetime(column) {}
    }

    private func parseNumbers(_ result: inout [Double], _ column: Column, _ name: String) throws {
        let source = column.values(as: StringView.self)
        let validity = column.validity
        for row in 0..<column.count {
            if let validity, !validity[row] { continue }
            let text = source[row].string
            let bytes = text.utf8.drop { $0 == 32 }
            guard !bytes.isEmpty else { continue }
            let end = bytes.lastIndex { $0 != 32 }.map { bytes.index(after: $0) } ?? bytes.endIndex
            guard let value = Double(Substring(bytes[..<end])) else {
                throw FeatureError.notNumeric(column: name, value: text)
            }
            if value.isFinite { result[row] = value }
        }
    }

    /// A column as levels: text as it is, integers in decimal, booleans `false` and `true`, other numbers as Swift
    /// prints them.
    /// - Throws: `FeatureError.unsupportedType` for nested types and BINARY.
    package func levels(_ position: Int) throws -> LevelCodes {
        let column = columns[position]
        switch column.type.physical {
        case .boolean: return code(column, UInt8.self) { $0 == 0 ? "false" : "true" }
        case .int8: return code(column, Int8.self) { "\($0)" }
        case .int16: return code(column, Int16.self) { "\($0)" }
        case .int32: return code(column, Int32.self) { "\($0)" }
        case .int64: return code(column, Int64.self) { "\($0)" }
        case .string where column.type != .binary: return code(column, StringView.self) { $0.string }
        case .float, .double, .int128:
            return codeNumbers(try numbers(position))
        default:
            throw FeatureError.unsupportedType(
                column: schema[position].name, type: "\(column.type)", use: "read as levels")
        }
    }

    private func code<T: ColumnElement & Hashable>(
        _ column: Column, _: T.Type, _ name: (T) -> String
    ) -> LevelCodes {
        let source = column.values(as: T.self)
        let validity = column.validity
        var known: [T: Int32] = [:]
        var levels: [String] = []
        var codes = [Int32](repeating: -1, count: rowCount)
        for row in 0..<rowCount {
            if let validity, !validity[row] { continue }
            let value = source[row]
            if let code = known[value] {
                codes[row] = code
            } else {
                let code = Int32(levels.count)
                known[value] = code
                levels.append(name(value))
                codes[row] = code
            }
        }
        withExtendedLifetime(column) {}
        return LevelCodes(codes: codes, levels: levels)
    }

    private func codeNumbers(_ values: [Double]) -> LevelCodes {
        var known: [Double: Int32] = [:]
        var levels: [String] = []
        var codes = [Int32](repeating: -1, count: rowCount)
        for (row, value) in values.enumerated() where !value.isNaN {
            if let code = known[value] {
                codes[row] = code
            } else {
                codes[row] = Int32(levels.count)
                known[value] = codes[row]
                let whole = value == value.rounded() && abs(value) < 1e15
                levels.append(whole ? "\(Int64(value))" : "\(value)")
            }
        }
        return LevelCodes(codes: codes, levels: levels)
    }
}

extension ImportData {
    /// The rows in which a column has a value, ascending.
    public func rowsWithValue(_ name: String) throws -> [Int32] {
        let column = columns[try columnIndex(name)]
        if column.type.physical == .double || column.type.physical == .float {
            let values = try numbers(try columnIndex(name))
            return (0..<Int32(rowCount)).filter { !values[Int($0)].isNaN }
        }
        guard let validity = column.validity else { return (0..<Int32(rowCount)).map { $0 } }
        return (0..<Int32(rowCount)).filter { validity[Int($0)] }
    }
}
