import Columnar
import FeatureTables
import Testing

/// Columns of sparse arrays: ARRAY<STRUCT<index, value>>.
@Suite struct SparseVectorTests {
    private static let type = SQLType.array(
        .structure([StructField(name: "index", type: .bigint), StructField(name: "value", type: .double)]))

    /// nil: no array; a nil value: an element without one.
    private func vectors(_ rows: [[(Int64, Double?)]?], type: SQLType = type) -> Column {
        let builder = ColumnBuilder(type)
        for row in rows {
            guard let row else {
                builder.appendNull()
                continue
            }
            let pair = builder.children[0]
            for (index, value) in row {
                pair.children[0].append(index)
                if let value { pair.children[1].append(value) } else { pair.children[1].appendNull() }
                pair.appendStructure()
            }
            builder.append(listOf: row.count)
        }
        return builder.finish()
    }

    private func table(_ rows: [[(Int64, Double?)]?]) throws -> ImportData {
        let labels = column(.int, rows.indices.map { .integer($0 % 2) })
        return try ImportData(
            schema: [SchemaColumn(name: "v", type: Self.type), SchemaColumn(name: "y", type: .int)],
            batches: [Batch(columns: [vectors(rows), labels], capacity: rows.count)])
    }

    @Test func eachIndexThatOccursIsAFeature() throws {
        // Out of order, twice the same, a huge index, nothing, NULL.
        let data = try table([[(7, 1), (2, 0.5)], [(9_000_000_000, 3), (2, 1), (2, 2)], [], nil, [(7, -1)]])
        let table = try data.featureTable(roles: ColumnRoles(label: "y"))
        #expect(table.featureNames == ["v[2]", "v[7]", "v[9000000000]"])
        #expect(table.matrix.column(0) == [0.5, 3, 0, 0, 0])
        #expect(table.matrix.column(1) == [1, 0, 0, 0, -1])
        #expect(table.matrix.column(2) == [0, 3, 0, 0, 0])
        #expect(table.summary.lines == ["column v: 1 missing value(s), policy constant:0"])
        // Another table: an index that training had not is nothing.
        let other = try self.table([[(3, 5), (7, 2)], [(1, 1)]]).featureTable(encoding: table.encoding)
        #expect(other.matrix.column(0) == [0, 0] && other.matrix.column(1) == [2, 0])
    }

    @Test func onlyTrainingRowsGiveFeatures() throws {
        let data = try table([[(1, 1)], [(2, 1)], [(3, 1)], [(1, 4)]])
        let fitted = try data.fitEncoding(roles: ColumnRoles(label: "y"), rows: [0, 1, 3])
        #expect(fitted.encoding.featureNames == ["v[1]", "v[2]"])
    }

    /// Wide ones make a sparse matrix with the same numbers.
    @Test func manyIndicesAreSparse() throws {
        let rows: [[(Int64, Double?)]?] = (0..<600).map { row in
            row % 11 == 0 ? nil : (0..<3).map { (Int64((row * 7 + $0 * 31) % 200), Double(row % 5) - 1) }
        }
        let table = try table(rows).featureTable(roles: ColumnRoles(label: "y"))
        #expect(table.matrix.layout == .sparse && table.matrix.columnCount == 200)
        var dense = table.encoding
        dense.layout = .dense
        let plain = try self.table(rows).featureTable(encoding: dense)
        #expect(plain.matrix.layout == .dense)
        for position in 0..<200 { #expect(table.matrix.column(position) == plain.matrix.column(position)) }
    }

    @Test func policiesThatFitAreKept() throws {
        let data = try table([[(1, 1)], nil, [(1, nil)], [(1, 2)]])
        func made(_ policy: MissingPolicy) throws -> FeatureTable {
            try data.featureTable(roles: ColumnRoles(label: "y"), options: ImportOptions(missingByColumn: ["v": policy]))
        }
        #expect(try made(.dropRow).sourceRows == [0, 3])
        #expect(throws: FeatureError.noFeatures) { try made(.dropColumn) }
        #expect(throws: FeatureError.self) { try made(.median) }
        #expect(try made(.constant("0")).matrix.column(0) == [1, 0, 0, 2])
    }

    @Test func wrongIndicesAndTypesAreRefused() throws {
        let negative = try table([[(1, 1)], [(-4, 1)]])
        let found = error { _ = try negative.featureTable(roles: ColumnRoles(label: "y")) }
        #expect(found == .negativeIndex(column: "v", index: -4))
        let other = SQLType.array(.structure([StructField(name: "a", type: .bigint), StructField(name: "value", type: .double)]))
        let columns = [vectors([[(1, 1)], [(2, 1)]], type: other), column(.int, [0, 1])]
        let data = try ImportData(
            schema: [SchemaColumn(name: "v", type: other), SchemaColumn(name: "y", type: .int)],
            batches: [Batch(columns: columns, capacity: 2)])
        #expect(throws: FeatureError.self) { try data.featureTable(roles: ColumnRoles(label: "y", features: ["v"])) }
        // An encoding out of a damaged model.
        var encoding = try table([[(1, 1)], [(4, 1)]]).featureTable(roles: ColumnRoles(label: "y")).encoding
        encoding.columns[0].form = .sparseVector(indices: [4, 1])
        let damaged = encoding
        #expect(throws: FeatureError.self) { try table([[(1, 1)], [(4, 1)]]).featureTable(encoding: damaged) }
    }
}
