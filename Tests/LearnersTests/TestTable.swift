import Columnar
import FeatureTables
import Foundation

/// Small tables from Swift values.
enum TestTable {
    enum Values {
        case doubles([Double?])
        case ints([Int?])
        case texts([String?])
    }

    static func make(_ columns: [(name: String, values: Values)]) throws -> ImportData {
        var schema: [SchemaColumn] = [], built: [Column] = [], count = 0
        for (name, values) in columns {
            switch values {
            case .doubles(let values):
                schema.append(SchemaColumn(name: name, type: .double))
                built.append(column(.double, values) { $0.append($1) })
                count = values.count
            case .ints(let values):
                schema.append(SchemaColumn(name: name, type: .int))
                built.append(column(.int, values) { $0.append(Int32($1)) })
                count = values.count
            case .texts(let values):
                schema.append(SchemaColumn(name: name, type: .string))
                built.append(column(.string, values) { $0.append($1) })
                count = values.count
            }
        }
        return try ImportData(schema: schema, batches: [Batch(columns: built, capacity: count)])
    }

    private static func column<Value>(_ type: SQLType, _ values: [Value?], _ append: (ColumnBuilder, Value) -> Void) -> Column {
        let builder = ColumnBuilder(type)
        for value in values { if let value { append(builder, value) } else { builder.appendNull() } }
        return builder.finish()
    }

    /// Four hundred payments: a tenth is fraud, which large sums make likely; `w` weighs both classes the same.
    static func payments(rows: Int = 400) throws -> ImportData {
        let sums = (0..<rows).map { uniform(50 * $0 + 7) * 100 }
        let frauds = (0..<rows).map { uniform(70 * $0 + 3) < (sums[$0] > 70 ? 0.3 : 0.03) }
        return try make([
            ("sum", .doubles(sums)), ("noise", .doubles((0..<rows).map { uniform(90 * $0 + 5) })),
            ("verdict", .texts(frauds.map { $0 ? "fraud" : "legit" })),
            ("w", .doubles(frauds.map { $0 ? 9.0 : 1.0 })),
        ])
    }

    static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/learners-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
