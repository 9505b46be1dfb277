import Columnar
import FeatureTables
import Testing

/// What a prepared encoding makes of a batch is what the encoding makes of a table.
@Suite struct PreparedEncodingTests {
    private static let schema = [
        SchemaColumn(name: "k", type: .string), SchemaColumn(name: "x", type: .double), SchemaColumn(name: "n", type: .int),
        SchemaColumn(name: "y", type: .int),
    ]

    /// - Parameter levels: texts of `k`; those above 20 are not in training rows of 20.
    private func columns(rows: Int, levels: Int) -> [Column] {
        let texts: [Cell] = (0..<rows).map { $0 % 17 == 3 ? nil : .text("a level of some length \($0 % levels)") }
        let numbers: [Cell] = (0..<rows).map { $0 % 13 == 5 ? nil : .number(Double($0 % 7) / 4) }
        return [
            column(.string, texts), column(.double, numbers), column(.int, (0..<rows).map { .integer($0 % 5) }),
            column(.int, (0..<rows).map { .integer($0 % 2) }),
        ]
    }

    @Test(arguments: [
        ImportOptions(),
        ImportOptions(missing: .dropRow),
        ImportOptions(missing: .keep),
        ImportOptions(missingByColumn: ["x": .indicator], levelLimit: 6, overLevelLimit: .groupRare),
    ])
    func aBatchBecomesWhatItsTableBecomes(_ options: ImportOptions) throws {
        let training = try ImportData(
            schema: Self.schema, batches: [Batch(columns: columns(rows: 700, levels: 20), capacity: 700)])
        let encoding = try training.fitEncoding(
            roles: ColumnRoles(label: "y", categorical: ["n"]), options: options).encoding
        let prepared = PreparedEncoding(encoding)
        for (rows, levels) in [(700, 20), (900, 31), (1, 1)] {
            let columns = columns(rows: rows, levels: levels)
            let table = try ImportData(schema: Self.schema, batches: [Batch(columns: columns, capacity: rows)])
                .featureTable(encoding: encoding, needsLabel: false)
            let (matrix, kept) = try ImportData(reading: Batch(columns: columns, capacity: rows), schema: Self.schema)
                .matrix(prepared)
            #expect(kept == table.sourceRows)
            #expect(matrix.columnNames == table.featureNames && matrix.rowCount == table.rowCount)
            for position in 0..<matrix.columnCount {
                let expected = table.matrix.column(position).map(\.bitPattern)
                #expect(matrix.column(position).map(\.bitPattern) == expected, "\(matrix.columnNames[position])")
            }
            #expect(matrix.columnsWithMissingValues() == table.matrix.columnsWithMissingValues())
        }
    }

    /// Where some rows of a batch are selected, they are the table.
    @Test func selectedRowsAreTheTable() throws {
        let columns = columns(rows: 300, levels: 20)
        let whole = Batch(columns: columns, capacity: 300)
        let encoding = try ImportData(schema: Self.schema, batches: [whole]).fitEncoding(roles: ColumnRoles(label: "y")).encoding
        let rows = RowSelection.all(300).filtered(capacity: 300) { $0 % 3 == 1 }
        let some = Batch(columns: columns, capacity: 300, rows: rows)
        let expected = try ImportData(schema: Self.schema, batches: [some]).featureTable(encoding: encoding, needsLabel: false)
        let (matrix, kept) = try ImportData(reading: some, schema: Self.schema).matrix(PreparedEncoding(encoding))
        #expect(kept.count == 100 && kept == expected.sourceRows)
        for position in 0..<matrix.columnCount { #expect(matrix.column(position) == expected.matrix.column(position)) }
    }

    @Test func anUnseenLevelIsTold() throws {
        let training = try data([("k", .string, ["a", "b", "a"]), ("y", .int, [0, 1, 1])])
        let options = ImportOptions(unseenLevels: .error)
        let encoding = try training.fitEncoding(roles: ColumnRoles(label: "y"), options: options).encoding
        let schema = [SchemaColumn(name: "k", type: .string)]
        let rows = Batch(columns: [column(.string, ["b", "new", "a"])], capacity: 3)
        let found = error { _ = try ImportData(reading: rows, schema: schema).matrix(PreparedEncoding(encoding)) }
        guard case .unseenLevel(let name, let level, let count) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(name == "k" && level == "new" && count == 1)
    }
}
