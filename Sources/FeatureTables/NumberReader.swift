import Columnar

/// A flat column as numbers, converted where they are read, so that there is no copy of the column.
///
/// A NULL, NaN or an infinity is NaN. Booleans are 0 and 1; dates days and timestamps seconds since 1970-01-01; intervals
/// months or seconds. Text is parsed when the reader is made.
struct NumberReader: Sendable {
    private enum Source: Sendable {
        case column(Column)
        case parsed([Double])
    }

    private let source: Source
    /// Units a number of the storage has in one of the result.
    private let divisor: Double

    /// - Parameter name: of the column, for messages.
    /// - Throws: `FeatureError.notNumeric` for text that is no number, `.unsupportedType` for nested types and BINARY.
    init(_ column: Column, _ name: String) throws {
        var divisor = 1.0
        if case .decimal(_, let scale) = column.type { for _ in 0..<scale { divisor *= 10 } }
        self.divisor = divisor
        switch column.type.physical {
        case .list, .structure, .union:
            throw FeatureError.unsupportedType(column: name, type: "\(column.type)", use: "read as numbers")
        case .string where column.type == .binary:
            throw FeatureError.unsupportedType(column: name, type: "\(column.type)", use: "read as numbers")
        case .string: source = .parsed(try Self.parsed(column, name))
        default: source = .column(column)
        }
    }

    private static func parsed(_ column: Column, _ name: String) throws -> [Double] {
        var result = [Double](repeating: .nan, count: column.count)
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
        withExtendedLifetime(column) {}
        return result
    }

    /// The numbers of `rows`, each `stride` places behind the one before.
    func read(_ rows: UnsafeBufferPointer<Int32>, into target: UnsafeMutablePointer<Double>, stride: Int = 1) {
        switch source {
        case .parsed(let values):
            values.withUnsafeBufferPointer { values in
                for place in 0..<rows.count { target[place &* stride] = values[Int(rows[place])] }
            }
        case .column(let column):
            switch column.type.physical {
            case .boolean: read(column, UInt8.self, rows, target, stride) { Double($0) }
            case .int8: read(column, Int8.self, rows, target, stride) { Double($0) }
            case .int16: read(column, Int16.self, rows, target, stride) { Double($0) }
            case .int32: read(column, Int32.self, rows, target, stride) { Double($0) }
            case .int64: read(column, Int64.self, rows, target, stride) { Double($0) }
            case .float: read(column, Float.self, rows, target, stride) { Double($0) }
            case .double: read(column, Double.self, rows, target, stride) { $0 }
            case .int128:
                let divisor = divisor
                read(column, Int128.self, rows, target, stride) { Double($0) / divisor }
            case .timestamp:
                read(column, Timestamp.self, rows, target, stride) { Double($0.seconds) + Double($0.nanoseconds) / 1e9 }
            case .string, .list, .structure, .union: break
            }
        }
    }

    @inline(__always)
    private func read<T: ColumnElement>(
        _ column: Column, _: T.Type, _ rows: UnsafeBufferPointer<Int32>, _ target: UnsafeMutablePointer<Double>,
        _ stride: Int, _ convert: (T) -> Double
    ) {
        let source = column.values(as: T.self)
        if let validity = column.validity {
            for place in 0..<rows.count {
                let row = Int(rows[place])
                let value = validity[row] ? convert(source[row]) : .nan
                target[place &* stride] = value.isFinite ? value : .nan
            }
        } else {
            for place in 0..<rows.count {
                let value = convert(source[Int(rows[place])])
                target[place &* stride] = value.isFinite ? value : .nan
            }
        }
        withExtendedLifetime(column) {}
    }

    func value(_ row: Int) -> Double {
        var result = Double.nan
        var position = Int32(row)
        withUnsafePointer(to: &position) { read(UnsafeBufferPointer(start: $0, count: 1), into: &result) }
        return result
    }

    /// Whether no row lacks a number, as far as that can be told without reading them.
    var hasAllValues: Bool {
        guard case .column(let column) = source, column.validity == nil else { return false }
        switch column.type.physical {
        case .float, .double: return false
        default: return true
        }
    }

    /// Whether the numbers were made of texts, and are held.
    var isParsed: Bool {
        if case .parsed = source { true } else { false }
    }

    private static let chunk = 2048

    /// Calls `body` with the numbers of `rows`, some at a time, in order.
    func forEachChunk(_ rows: UnsafeBufferPointer<Int32>, _ body: (UnsafeBufferPointer<Double>) -> Void) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.chunk) { buffer in
            guard let numbers = buffer.baseAddress else { return }
            var start = 0
            while start < rows.count {
                let count = min(Self.chunk, rows.count - start)
                read(UnsafeBufferPointer(rebasing: rows[start..<start + count]), into: numbers)
                body(UnsafeBufferPointer(start: numbers, count: count))
                start += count
            }
        }
    }
}

extension ImportData {
    /// Whether a column can be read as numbers without parsing text.
    package static func isQuantity(_ type: SQLType) -> Bool {
        switch type {
        case .boolean, .date, .timestamp, .timestampLocalTimeZone, .intervalYearMonth, .intervalDayTime, .void: true
        default: type.isNumeric
        }
    }

    /// A copy of a column as one `Double` a row, as `NumberReader` reads it.
    /// - Throws: `FeatureError.notNumeric` for text that is not a number, `.unsupportedType` for nested types and BINARY.
    public func numbers(_ position: Int) throws -> [Double] {
        try numbers(columns[position], schema[position].name)
    }

    func numbers(_ column: Column, _ name: String) throws -> [Double] {
        let reader = try NumberReader(column, name)
        return [Double](unsafeUninitializedCapacity: column.count) { target, used in
            if let target = target.baseAddress {
                let rows = (0..<Int32(column.count)).map { $0 }
                rows.withUnsafeBufferPointer { reader.read($0, into: target) }
            }
            used = column.count
        }
    }

    /// The rows in which a column has a value, ascending.
    public func rowsWithValue(_ name: String) throws -> [Int32] {
        let position = try columnIndex(name)
        let column = columns[position]
        let all = (0..<Int32(rowCount)).map { $0 }
        if column.type.physical == .double || column.type.physical == .float {
            let values = try numbers(position)
            return all.filter { !values[Int($0)].isNaN }
        }
        guard let validity = column.validity else { return all }
        return all.filter { validity[Int($0)] }
    }
}
