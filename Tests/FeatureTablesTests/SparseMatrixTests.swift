import Columnar
import Platform
import FeatureTables
import Testing

@Suite struct SparseMatrixTests {
    /// A hundred levels, some rare ones, missing values, a number and an array.
    private func sample(rows: Int = 3000, threads: Int = 1, memory: ImportMemory = ImportMemory()) throws -> ImportData {
        let texts: [Cell] = (0..<rows).map { $0 % 41 == 0 ? nil : .text("level \(SplitMix.mix(UInt64($0)) % 140)") }
        let numbers: [Cell] = (0..<rows).map { $0 % 29 == 0 ? nil : .number(Double($0 % 7)) }
        let schema = [
            SchemaColumn(name: "k", type: .string), SchemaColumn(name: "x", type: .double), SchemaColumn(name: "n", type: .int),
            SchemaColumn(name: "y", type: .int),
        ]
        let columns = [
            column(.string, texts), column(.double, numbers), column(.int, (0..<rows).map { .integer($0 * 37 % 1000) }),
            column(.int, (0..<rows).map { .integer($0 % 2) }),
        ]
        return try ImportData(
            schema: schema, batches: [Batch(columns: columns, capacity: rows)], threads: threads, memory: memory)
    }

    private let options = ImportOptions(missingByColumn: ["x": .indicator], levelLimit: 100, overLevelLimit: .groupRare)

    @Test func wideEncodingsAreSparseAndMeanTheSame() throws {
        let source = try sample()
        let table = try source.featureTable(roles: ColumnRoles(label: "y"), options: options)
        #expect(table.encoding.layout == .sparse && table.matrix.layout == .sparse)
        var dense = table.encoding
        dense.layout = nil
        let plain = try source.featureTable(encoding: dense)
        #expect(plain.matrix.layout == .dense && plain.summary.columns == table.summary.columns.filter { $0.notes == nil })
        for position in 0..<table.matrix.columnCount {
            #expect(table.matrix.column(position) == plain.matrix.column(position), "\(table.featureNames[position])")
        }
        guard case .sparse(let rows) = table.matrix.storage else { throw FeatureError.noFeatures }
        for row in 0..<table.rowCount {
            let columns = rows.range(row).map { rows.columns[$0] }
            #expect(zip(columns, columns.dropFirst()).allSatisfy { $0 < $1 })
        }
        let some: [Int32] = [5, 0, 2999]
        let chosen = try table.selecting(some)
        #expect(chosen.matrix.layout == .sparse)
        for position in 0..<chosen.matrix.columnCount {
            #expect(chosen.matrix.column(position) == some.map { plain.matrix[Int($0), position] })
        }
        #expect(try table.matrix.columnsWithMissingValues() == [])
    }

    /// Narrow encodings stay dense, also on data that happens to be empty.
    @Test func theLayoutIsTheEncodings() throws {
        let narrow = try data([("k", .string, ["a", "b", "c"]), ("y", .int, [0, 1, 1])]).featureTable(roles: ColumnRoles(label: "y"))
        #expect(narrow.matrix.layout == .dense)
        let encoding = try sample().fitEncoding(roles: ColumnRoles(label: "y"), options: options).encoding
        #expect(try roundTrip(encoding) == encoding)
        let few = try sample(rows: 3).featureTable(encoding: encoding)
        #expect(few.matrix.layout == .sparse)
    }

    @Test func threadsChangeNothing() throws {
        let one = try sample(rows: 9000), four = try sample(rows: 9000, threads: 4)
        let roles = ColumnRoles(label: "y", categorical: ["n"])
        for options in [options, ImportOptions(categoricalForm: .index, missing: .median, levelLimit: 2000)] {
            let first = try one.featureTable(roles: roles, options: options)
            let second = try four.featureTable(roles: roles, options: options)
            #expect(first.encoding == second.encoding && first.summary == second.summary)
            for position in 0..<first.matrix.columnCount {
                #expect(first.matrix.column(position).map(\.bitPattern) == second.matrix.column(position).map(\.bitPattern))
            }
        }
        for key in [SplitOptions.Key.content, .columns(["k"]), .group(["n"])] {
            #expect(try one.split(SplitOptions(key: key)) == four.split(SplitOptions(key: key)))
        }
    }

    @Test func memoryIsAskedForBeforeItIsTaken() throws {
        let memory = ImportMemory(limit: 700_000)
        let source = try sample(memory: memory)
        let encoding = try source.fitEncoding(roles: ColumnRoles(label: "y"), options: options).encoding
        let held = memory.bytesUsed
        #expect(held > 100_000)
        #expect(try source.featureTable(encoding: encoding).rowCount == 3000)
        #expect(memory.bytesUsed == held)
        var dense = encoding
        dense.layout = .dense
        let refused = error { _ = try source.featureTable(encoding: dense) }
        guard case .outOfMemory(let what, let requested, _, let limit, _) = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(what == "a matrix of 3000 rows and 105 features" && requested == 3000 * 105 * 8 && limit == 700_000)
        #expect(refused?.description.contains("--max-levels") == true && memory.bytesUsed == held)
        let rows = error { _ = try sample(memory: ImportMemory(limit: 10_000)) }
        #expect(rows?.description.hasPrefix("out of memory: the imported rows needs") == true)
    }
}
