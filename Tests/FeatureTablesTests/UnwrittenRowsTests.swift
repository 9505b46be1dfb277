import Columnar
import FeatureTables
import Testing

/// Rows that are written when somebody reads them are those that are written at once.
@Suite struct UnwrittenRowsTests {
    private static let schema = [
        SchemaColumn(name: "k", type: .string), SchemaColumn(name: "x", type: .double), SchemaColumn(name: "n", type: .int),
        SchemaColumn(name: "day", type: .date), SchemaColumn(name: "y", type: .int),
    ]
    private static let rows = 5000

    private func data(memory: ImportMemory = ImportMemory()) throws -> ImportData {
        let places = 0..<Self.rows
        let columns = [
            column(.string, places.map { $0 % 17 == 3 ? nil : .text("level \($0 * $0 % 23)") }),
            column(.double, places.map { $0 % 13 == 5 ? nil : .number(Double($0 % 7) / 4) }),
            column(.int, places.map { .integer($0 % 5) }), column(.date, places.map { $0 % 11 == 1 ? nil : .integer($0) }),
            column(.int, places.map { .integer($0 % 2) }),
        ]
        return try ImportData(
            schema: Self.schema, batches: [Batch(columns: columns, capacity: Self.rows)], threads: 2, memory: memory)
    }

    private func bits(_ matrix: FeatureMatrix) -> [UInt64] {
        UnsafeBufferPointer(start: matrix.dense, count: matrix.rowCount * matrix.columnCount).map(\.bitPattern)
    }

    /// The elements block by block, and how many blocks there were.
    private func blocks(_ blocks: DenseBlocks, width: Int) -> (bits: [UInt64], count: Int) {
        var found: [UInt64] = []
        var count = 0
        while let block = blocks.nextBlock() {
            #expect(block.rows.lowerBound * width == found.count)
            found += UnsafeBufferPointer(start: block.elements, count: block.rows.count * width).map(\.bitPattern)
            count += 1
        }
        return (found, count)
    }

    private static let options = [
        ImportOptions(),
        ImportOptions(missing: .keep),
        ImportOptions(missing: .dropRow),
        ImportOptions(categoricalForm: .index, missing: .keep),
        ImportOptions(categoricalForm: .target),
        ImportOptions(missingByColumn: ["x": .indicator], levelLimit: 6, overLevelLimit: .groupRare),
    ]

    @Test(arguments: options.indices) func blocksAreTheMatrix(_ place: Int) throws {
        var options = Self.options[place]
        options.dateParts = [.month, .weekday]
        let data = try data()
        let rows = (0..<Int32(Self.rows)).filter { $0 % 3 != 1 }
        let others = (0..<Int32(Self.rows)).filter { $0 % 3 == 1 }
        let fitted = try data.fitEncoding(roles: ColumnRoles(label: "y", categorical: ["n"]), options: options, rows: rows)
        for (waiting, written) in [
            (try data.trainingTable(fitted, rows: rows, canWait: true), try data.trainingTable(fitted, rows: rows)),
            (
                try data.featureTable(encoding: fitted.encoding, rows: others, needsLabel: true, canWait: true),
                try data.featureTable(encoding: fitted.encoding, rows: others)
            ),
        ] {
            let width = written.matrix.columnCount
            let expected = bits(written.matrix)
            #expect(!waiting.matrix.isWritten && written.matrix.isWritten)
            #expect(waiting.matrix.layout == .dense && waiting.featureNames == written.featureNames)
            #expect(waiting.summary == written.summary && waiting.sourceRows == written.sourceRows)
            for matrix in [waiting.matrix, written.matrix] {
                let some = try DenseBlocks(matrix, bytesTogether: 0)
                for _ in 0..<2 {
                    let found = blocks(some, width: width)
                    #expect(found.bits == expected && found.count > 50 && found.count <= 64)
                    some.restart()
                }
                #expect(blocks(try DenseBlocks(matrix), width: width).count == 1)
            }
            let few: [Int32] = [7, 3, 3, 900]
            let selected = try waiting.selecting(few)
            #expect(!selected.matrix.isWritten && !waiting.matrix.isWritten)
            #expect(bits(selected.matrix) == bits(try written.selecting(few).matrix))
            // Whoever reads them as any matrix finds them written.
            #expect(bits(waiting.matrix) == expected && waiting.matrix.isWritten)
            #expect(waiting.matrix.columnsWithMissingValues() == written.matrix.columnsWithMissingValues())
        }
    }

    @Test func unseenLevelsAreCountedAndRefused() throws {
        let data = try data()
        var options = ImportOptions(unseenLevels: .error)
        options.missing = .keep
        let known = (0..<Int32(Self.rows)).filter { Int($0) * Int($0) % 23 != 4 }
        let encoding = try data.fitEncoding(roles: ColumnRoles(label: "y"), options: options, rows: known).encoding
        let all = (0..<Int32(Self.rows)).map { $0 }
        let expected = error { _ = try data.featureTable(encoding: encoding, rows: all) }
        guard case .unseenLevel = expected else {
            Issue.record("\(String(describing: expected))")
            return
        }
        let found = error { _ = try data.featureTable(encoding: encoding, rows: all, needsLabel: true, canWait: true) }
        #expect(found?.description == expected?.description)
    }

    @Test func memoryIsChargedWhenRowsAreWritten() throws {
        let memory = ImportMemory()
        let data = try data(memory: memory)
        let fitted = try data.fitEncoding(roles: ColumnRoles(label: "y"))
        let before = memory.bytesUsed
        let table = try data.trainingTable(fitted, rows: nil, canWait: true)
        #expect(memory.bytesUsed == before)
        let bytes = table.rowCount * table.matrix.columnCount * 8
        do {
            let blocks = try DenseBlocks(table.matrix, bytesTogether: bytes / 10)
            #expect(memory.bytesUsed > before && memory.bytesUsed <= before + bytes / 10)
            _ = blocks.nextBlock()
        }
        #expect(memory.bytesUsed == before)
        try table.matrix.write()
        try table.matrix.write()
        #expect(memory.bytesUsed == before + bytes)
        withExtendedLifetime(table) {}
    }

    @Test func tooManyRowsToWriteAreAnError() throws {
        let needed = ImportMemory()
        let fitted = try data(memory: needed).fitEncoding(roles: ColumnRoles(label: "y"))
        let small = try data(memory: needed)
        for position in Self.schema.indices where position != 1 && position != 3 { _ = try small.distinct(position) }
        // A quarter of the matrix fits beside the columns.
        let bytes = Self.rows * fitted.encoding.featureNames.count * 8
        let table = try data(memory: ImportMemory(limit: needed.bytesUsed + bytes / 4)).trainingTable(fitted, rows: nil, canWait: true)
        guard case .outOfMemory(_, let requested, _, _, _) = error({ try table.matrix.write() }) else {
            Issue.record("a matrix was written that has no room")
            return
        }
        #expect(requested == bytes && !table.matrix.isWritten)
        #expect(blocks(try DenseBlocks(table.matrix, bytesTogether: bytes / 8), width: table.matrix.columnCount).bits.count * 8 == bytes)
        withExtendedLifetime(small) {}
    }

    /// Numbers that were made of a column's values are not kept instead of the matrix.
    @Test func whatIsHeldAnywayIsWrittenAtOnce() throws {
        let rows = 300
        let texts = column(.string, (0..<rows).map { .text("\($0 % 5)") })
        let numbers = column(.int, (0..<rows).map { .integer($0 % 2) })
        let data = try ImportData(
            schema: [SchemaColumn(name: "text", type: .string), SchemaColumn(name: "y", type: .int)],
            batches: [Batch(columns: [texts, numbers], capacity: rows)])
        let fitted = try data.fitEncoding(roles: ColumnRoles(label: "y", numeric: ["text"]))
        #expect(try data.trainingTable(fitted, rows: nil, canWait: true).matrix.isWritten)
    }
}
