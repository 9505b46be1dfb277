import Columnar
import Expressions

/// All rows of a query, in memory.
public struct QueryResult: Sendable {
    /// Names and types of the columns, as the result's header shows them.
    public let schema: [SchemaColumn]
    /// The rows in the result's order. The batches own their strings.
    public let batches: [Batch]
    /// `SET` and a few others print lines that are no table.
    public let hasHeader: Bool

    public init(schema: [SchemaColumn], batches: [Batch], hasHeader: Bool = true) {
        self.schema = schema
        self.batches = batches
        self.hasHeader = hasHeader
    }

    public var rowCount: Int { batches.reduce(0) { $0 + $1.rowCount } }

    /// The position of a column: the name as in the header, or its last part (`a` finds `t.a`); case does not matter.
    public func index(ofColumn name: String) -> Int? {
        let wanted = name.lowercased()
        if let exact = schema.firstIndex(where: { $0.name.lowercased() == wanted }) { return exact }
        return schema.firstIndex { $0.name.lowercased().hasSuffix(".\(wanted)") }
    }

    /// The values of a column, nil for NULL, converted as CAST does when the column's type is another.
    ///
    ///     let fares = try result.column(named: "fare_amount", as: Double.self)
    ///
    /// - Throws: `HiveError` when there is no such column or its type cannot be converted.
    /// - Complexity: O(rows).
    public func column<Value: SQLValue>(named name: String, as type: Value.Type = Value.self) throws -> [Value?] {
        guard let index = index(ofColumn: name) else {
            throw HiveError(message: "The result has no column '\(name)'")
        }
        return try column(at: index, as: type)
    }

    /// The values of the column at a position; see `column(named:as:)`.
    public func column<Value: SQLValue>(at index: Int, as type: Value.Type = Value.self) throws -> [Value?] {
        guard schema.indices.contains(index) else { throw HiveError(message: "The result has no column \(index)") }
        var values: [Value?] = []
        values.reserveCapacity(rowCount)
        for batch in batches { try batch.append(column: index, to: &values) }
        return values
    }
}

extension Batch {
    /// The selected rows' values of a column, nil for NULL, converted as CAST does when the column's type is another.
    /// - Throws: when the type cannot be converted.
    public func values<Value: SQLValue>(ofColumn index: Int, as type: Value.Type = Value.self) throws -> [Value?] {
        var values: [Value?] = []
        values.reserveCapacity(rowCount)
        try append(column: index, to: &values)
        return values
    }

    fileprivate func append<Value: SQLValue>(column index: Int, to values: inout [Value?]) throws {
        guard columns.indices.contains(index) else { throw HiveError(message: "The batch has no column \(index)") }
        var column = columns[index]
        if column.type.physical != Value.Stored.physical || column.type.isNumeric && column.type != Value.sqlType {
            column = try Cast.apply(column, to: Value.sqlType, rows: rows, count: capacity)
        }
        let plain = column.decoded(rows)
        let elements = plain.values(as: Value.Stored.self)
        let bits = plain.validity
        let scale = plain.isConstant ? 0 : 1
        rows.forEach { row in
            if let bits, !bits[row * scale] {
                values.append(nil)
            } else {
                values.append(Value(stored: elements[row * scale]))
            }
        }
        withExtendedLifetime(plain) {}
    }
}

extension QueryResult {
    /// A result of text columns, for statements that describe things.
    init(header: [String], rows: [[String]], hasHeader: Bool = true) {
        let schema = header.map { SchemaColumn(name: $0, type: .string, comment: nil) }
        let builders = header.map { _ in ColumnBuilder(.string) }
        for row in rows {
            for (index, builder) in builders.enumerated() {
                (index < row.count ? row[index] : "").append(to: builder)
            }
        }
        let batch = Batch(columns: builders.map { $0.finish() }, capacity: rows.count)
        self.init(schema: schema, batches: rows.isEmpty ? [] : [batch], hasHeader: hasHeader)
    }

    /// Lines that are no table.
    init(lines: [String]) {
        self.init(header: [""], rows: lines.map { [$0] }, hasHeader: false)
    }
}
