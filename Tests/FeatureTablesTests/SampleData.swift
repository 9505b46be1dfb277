import Columnar
import FeatureTables

/// A value of a test's table.
enum Cell: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral,
    ExpressibleByBooleanLiteral
{
    case null
    case integer(Int)
    case number(Double)
    case text(String)
    case flag(Bool)

    init(integerLiteral value: Int) { self = .integer(value) }
    init(floatLiteral value: Double) { self = .number(value) }
    init(stringLiteral value: String) { self = .text(value) }
    init(nilLiteral: ()) { self = .null }
    init(booleanLiteral value: Bool) { self = .flag(value) }
}

func column(_ type: SQLType, _ cells: [Cell]) -> Column {
    let builder = ColumnBuilder(type)
    for cell in cells {
        switch (cell, type.physical) {
        case (.integer(let value), .int8): builder.append(Int8(value))
        case (.integer(let value), .int16): builder.append(Int16(value))
        case (.integer(let value), .int32): builder.append(Int32(value))
        case (.integer(let value), .int64): builder.append(Int64(value))
        case (.integer(let value), .double): builder.append(Double(value))
        case (.integer(let value), .int128): builder.append(Int128(value))
        case (.integer(let value), .timestamp): builder.append(Timestamp(seconds: Int64(value), nanoseconds: 500_000_000))
        case (.number(let value), .double): builder.append(value)
        case (.number(let value), .float): builder.append(Float(value))
        case (.text(let value), .string): builder.append(value)
        case (.flag(let value), .boolean): builder.append(value)
        default: builder.appendNull()
        }
    }
    return builder.finish()
}

/// A table of named, typed columns, handed over in batches of `batchSize` rows.
func data(_ columns: [(String, SQLType, [Cell])], batchSize: Int = 1000) throws -> ImportData {
    let rows = columns.first?.2.count ?? 0
    var batches: [Batch] = []
    var start = 0
    while start < rows {
        let end = min(start + batchSize, rows)
        batches.append(
            Batch(columns: columns.map { column($0.1, Array($0.2[start..<end])) }, capacity: end - start))
        start = end
    }
    return try ImportData(schema: columns.map { SchemaColumn(name: $0.0, type: $0.1) }, batches: batches)
}

func error(_ body: () throws -> Void) -> FeatureError? {
    do { try body() } catch { return error as? FeatureError }
    return nil
}
