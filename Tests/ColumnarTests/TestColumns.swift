import Columnar

/// A primitive type from its Hive spelling.
func primitiveType(_ text: String) -> SQLType? {
    let parts = text.split(whereSeparator: { "(,) ".contains($0) }).map(String.init)
    let numbers = parts.dropFirst().compactMap { Int($0) }
    switch parts.first ?? "" {
    case "void": return .void
    case "boolean": return .boolean
    case "tinyint": return .tinyint
    case "smallint": return .smallint
    case "int": return .int
    case "bigint": return .bigint
    case "float": return .float
    case "double": return .double
    case "decimal": return .decimal(precision: numbers.first ?? 10, scale: numbers.count > 1 ? numbers[1] : 0)
    case "string": return .string
    case "varchar": return .varchar(length: numbers.first ?? 1)
    case "char": return .char(length: numbers.first ?? 1)
    case "binary": return .binary
    case "date": return .date
    case "timestamp": return .timestamp
    case "interval_year_month": return .intervalYearMonth
    case "interval_day_time": return .intervalDayTime
    default: return nil
    }
}

/// Strings, with NULLs where an element is nil.
func stringColumn(_ values: [String?]) -> Column {
    let builder = ColumnBuilder(.string)
    for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
    return builder.finish()
}

func column<T: ColumnElement>(_ type: SQLType, _ values: [T?]) -> Column {
    let result = Column(flat: type, count: values.count)
    for (row, value) in values.enumerated() {
        result.values(as: T.self)[row] = value ?? T.placeholder
        if value == nil { result.setNull(row) }
    }
    return result
}

func elements<T: ColumnElement>(_ column: Column, _: T.Type) -> [T?] {
    let plain = column.decoded(.all(column.count))
    return (0..<column.count).map { plain.isNull($0) ? nil : plain.values(as: T.self)[plain.element(of: $0)] }
}

func texts(_ column: Column, _ purpose: TextFormatter.Purpose = .output) -> [String] {
    let formatter = TextFormatter(purpose)
    return (0..<column.count).map { row in
        let buffer = ByteBuffer()
        formatter.append(column, row: row, to: buffer)
        return buffer.string
    }
}

/// A column of one type from texts, by casts.
func column(_ type: SQLType, texts: [String?]) throws -> Column {
    try Cast.apply(stringColumn(texts), to: type, rows: .all(texts.count), count: texts.count)
}

func selection(_ rows: [Int]) -> RowSelection {
    let vector = SelectionVector(capacity: rows.count)
    for (ordinal, row) in rows.enumerated() { vector.indices[ordinal] = Int32(row) }
    vector.setCount(rows.count)
    return RowSelection(vector)
}

func positions(_ rows: RowSelection) -> [Int] { (0..<rows.count).map { rows[$0] } }

/// Random numbers that are the same in every run of a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
