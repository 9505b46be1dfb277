import Columnar
import FeatureTables
import Testing

@Suite struct ImportDataTests {
    @Test func readsEveryEncodingAndSelection() throws {
        let base = column(.int, [10, nil, 30])
        let dictionary = Column.dictionary(base, indices: [2, 1, 0, 2], count: 4)
        let constant = Column.constant(string: Array("k".utf8), count: 4)
        let kept = RowSelection.all(4).filtered(capacity: 4) { $0 != 2 }
        let batch = Batch(columns: [dictionary, constant], capacity: 4, rows: kept)
        let schema = [SchemaColumn(name: "t.a", type: .int), SchemaColumn(name: "t.b", type: .string)]
        let data = try ImportData(schema: schema, batches: [batch, batch])
        #expect(data.rowCount == 6)
        #expect(data.schema.map(\.name) == ["a", "b"])
        let numbers = try data.numbers(0)
        #expect(numbers[0] == 30 && numbers[1].isNaN && numbers[2] == 30 && numbers[3] == 30)
        #expect(try data.levels(1).levels == ["k"])
        #expect(try data.columnIndex("T.B") == 1)
    }

    @Test func numbersOfEveryType() throws {
        let data = try data([
            ("d", .decimal(precision: 10, scale: 2), [12345, -1]), ("b", .boolean, [true, false]),
            ("day", .date, [19000, nil]), ("at", .timestamp, [100, -100]), ("s", .string, [" 4.5 ", ""]),
            ("x", .double, [.number(.infinity), .number(.nan)]), ("t", .tinyint, [-3, 3]),
        ])
        #expect(try data.numbers(0) == [123.45, -0.01])
        #expect(try data.numbers(1) == [1, 0])
        let days = try data.numbers(2)
        #expect(days[0] == 19000 && days[1].isNaN)
        #expect(try data.numbers(3) == [100.5, -99.5])
        let text = try data.numbers(4)
        #expect(text[0] == 4.5 && text[1].isNaN)
        #expect(try data.numbers(5).allSatisfy { $0.isNaN })
        #expect(try data.numbers(6) == [-3, 3])
    }

    @Test func refusesNamesThatClash() throws {
        #expect(error { _ = try data([("a", .int, [1]), ("A", .int, [2])]) } == .duplicateColumn("A"))
        // Distinct only with their prefixes.
        #expect(try data([("l.a", .int, [1]), ("r.a", .int, [2])]).schema.map(\.name) == ["l.a", "r.a"])
    }

    @Test func oneHotNamesAreLevelsByFrequency() throws {
        let data = try data([
            ("y", .int, [0, 1, 0, 1, 1]), ("kind", .string, ["b", "a", "c", "b", "a"]), ("x", .int, [1, 2, 3, 4, 5]),
        ])
        let table = try data.featureTable(roles: ColumnRoles(label: "y"))
        #expect(table.featureNames == ["kind=a", "kind=b", "kind=c", "x"])
        #expect(table.matrix.column(0) == [0, 1, 0, 0, 1])
        #expect(table.matrix.column(1) == [1, 0, 0, 1, 0])
        #expect(table.matrix.column(3) == [1, 2, 3, 4, 5])
        guard case .classes(let codes, let names) = table.label else { throw FeatureError.missingLabel }
        #expect(codes == [0, 1, 0, 1, 1] && names == ["0", "1"])
        let indexed = try data.featureTable(
            roles: ColumnRoles(label: "y"), options: ImportOptions(categoricalForm: .index))
        #expect(indexed.featureNames == ["kind", "x"])
        #expect(indexed.matrix.column(0) == [1, 0, 2, 1, 0])
    }

    @Test func classesAreOrderedAsNumbers() throws {
        let data = try data([("y", .string, ["10", "9", "-1", "9"]), ("x", .int, [1, 2, 3, 4])])
        let encoding = try data.fitEncoding(roles: ColumnRoles(label: "y")).encoding
        #expect(encoding.label?.classes == ["-1", "9", "10"])
    }

    @Test func labelKindFollowsTypeAndValues() throws {
        let many = (0..<30).map { Cell.integer($0) }
        let table = try data([("y", .int, many), ("z", .double, many), ("x", .int, many)])
        #expect(try table.fitEncoding(roles: ColumnRoles(label: "y")).encoding.label?.kind == .number)
        #expect(try table.fitEncoding(roles: ColumnRoles(label: "z")).encoding.label?.kind == .number)
        let forced = try table.fitEncoding(roles: ColumnRoles(label: "y", labelKind: .classes)).encoding
        #expect(forced.label?.classes?.count == 30)
    }

    @Test(arguments: [
        (MissingPolicy.mean, [1.0, 4, 10, 1, 4]), (.median, [1, 1, 10, 1, 1]), (.mode, [1, 1, 10, 1, 1]),
        (.constant("-7"), [1, -7, 10, 1, -7]),
    ])
    func missingNumbersAreFilledAndCounted(_ policy: MissingPolicy, _ expected: [Double]) throws {
        let data = try data([("x", .int, [1, nil, 10, 1, nil]), ("y", .int, [0, 1, 0, 1, 1])])
        let table = try data.featureTable(roles: ColumnRoles(label: "y"), options: ImportOptions(missing: policy))
        #expect(table.matrix.column(0) == expected)
        #expect(table.summary.columns.first?.missing == 2)
        #expect(table.summary.lines == ["column x: 2 missing value(s), policy \(policy.name)"])
    }

    @Test func droppedRowsAndColumnsAreReported() throws {
        let data = try data([
            ("x", .int, [1, nil, 10, 1]), ("z", .double, [1, 2, nil, 4]), ("y", .int, [0, 1, nil, 1]),
        ])
        let options = ImportOptions(missingByColumn: ["x": .dropRow, "z": .dropColumn])
        let table = try data.featureTable(roles: ColumnRoles(label: "y"), options: options)
        #expect(table.sourceRows == [0, 3])
        #expect(table.featureNames == ["x"])
        #expect(table.summary.rowsRead == 4 && table.summary.rowsKept == 2)
        #expect(table.summary.rowsWithoutLabel == 1 && table.summary.rowsWithMissingValues == 1)
        #expect(table.summary.lines.contains("column z left out: 1 missing value(s) (drop-column)"))
    }

    @Test func indicatorAndKeep() throws {
        let data = try data([("x", .int, [1, nil, 3]), ("k", .string, ["a", nil, "a"]), ("y", .int, [0, 1, 1])])
        let marked = try data.featureTable(roles: ColumnRoles(label: "y"), options: ImportOptions(missing: .indicator))
        #expect(marked.featureNames == ["x", "x=(missing)", "k=a", "k=(missing)"])
        #expect(marked.matrix.column(1) == [0, 1, 0] && marked.matrix.column(0) == [1, 2, 3])
        #expect(marked.matrix.column(3) == [0, 1, 0])
        let kept = try data.featureTable(roles: ColumnRoles(label: "y"), options: ImportOptions(missing: .keep))
        #expect(kept.matrix[1, 0].isNaN && kept.matrix[1, 1].isNaN)
        #expect(kept.matrix.columnsWithMissingValues() == [0, 1])
    }

    @Test func policyThatDoesNotFitItsColumnIsRefused() throws {
        let data = try data([("x", .int, [1, 2]), ("k", .string, ["a", "b"]), ("y", .int, [0, 1])])
        for (name, policy) in [("k", MissingPolicy.mean), ("x", .ownLevel), ("x", .constant("many"))] {
            let found = error {
                _ = try data.featureTable(
                    roles: ColumnRoles(label: "y"), options: ImportOptions(missingByColumn: [name: policy]))
            }
            guard case .invalidPolicy(let column, _, _) = found else {
                Issue.record("\(name) took \(policy.name)")
                continue
            }
            #expect(column == name)
        }
    }

    @Test func unseenLevelsFollowThePolicy() throws {
        let roles = ColumnRoles(label: "y")
        let training = try data([("k", .string, ["a", "b", "a"]), ("y", .int, [0, 1, 1])])
        let other = try data([("k", .string, ["b", "new"]), ("y", .int, [0, 1])])
        func apply(_ policy: UnseenLevelPolicy) throws -> FeatureTable {
            let encoding = try training.fitEncoding(roles: roles, options: ImportOptions(unseenLevels: policy)).encoding
            return try other.featureTable(encoding: encoding)
        }
        let ignored = try apply(.ignore)
        #expect(ignored.featureNames == ["k=a", "k=b"])
        #expect(ignored.matrix.column(0) == [0, 0] && ignored.matrix.column(1) == [1, 0])
        #expect(ignored.summary.columns.first?.unseen == 1)
        let slot = try apply(.ownSlot)
        #expect(slot.featureNames == ["k=a", "k=b", "k=(other)"] && slot.matrix.column(2) == [0, 1])
        #expect(error { _ = try apply(.error) } == .unseenLevel(column: "k", level: "new", rows: 1))
    }

    @Test func manyLevelsAreLeftOutGroupedOrRefused() throws {
        let names = (0..<10).map { Cell.text("n\($0 % 5)") }
        let data = try data([("k", .string, names), ("x", .int, Array(repeating: 1, count: 10)),
            ("y", .int, (0..<10).map { .integer($0 % 2) })])
        func table(_ policy: LevelLimitPolicy) throws -> FeatureTable {
            try data.featureTable(
                roles: ColumnRoles(label: "y"), options: ImportOptions(levelLimit: 3, overLevelLimit: policy))
        }
        let left = try table(.leaveOut)
        #expect(left.featureNames == ["x"])
        #expect(left.summary.lines == ["column k left out: 5 levels, over the limit of 3"])
        let identifiers = (0..<20_000).map { Cell.text("row \($0)") }
        let many = try ImportDataTests.table(identifiers)
        #expect(many.summary.lines == ["column k left out: more than 10000 levels, over the limit of 100"])
        let grouped = try table(.groupRare)
        #expect(grouped.featureNames == ["k=n0", "k=n1", "k=n2", "k=(other)", "x"])
        #expect(grouped.matrix.column(3).reduce(0, +) == 4)
        #expect(error { _ = try table(.error) } == .tooManyLevels(column: "k", levels: 5, limit: 3))
    }

    private static func table(_ names: [Cell]) throws -> FeatureTable {
        try data([
            ("k", .string, names), ("x", .int, Array(repeating: 1, count: names.count)), ("y", .int, names.indices.map { .integer($0 % 2) }),
        ]).featureTable(roles: ColumnRoles(label: "y"))
    }

    @Test func rolesAreChecked() throws {
        let data = try data([("tip_amount", .double, [1, 2]), ("y", .int, [0, 1]), ("l", .array(.string), [nil, nil])])
        let unknown = error { _ = try data.fitEncoding(roles: ColumnRoles(label: "y", excluded: ["tip_amuont"])) }
        #expect(unknown?.description.contains("did you mean 'tip_amount'?") == true)
        let both = error { _ = try data.fitEncoding(roles: ColumnRoles(label: "y", excluded: ["Y"])) }
        #expect(both == .conflictingRoles(column: "y", "the label", "excluded"))
        // Asked for by name it is refused; else it is left out, and said to be.
        let nested = error { _ = try data.fitEncoding(roles: ColumnRoles(label: "y", features: ["l"])) }
        #expect(nested == .unsupportedType(column: "l", type: "array<string>", use: "a feature"))
        let table = try data.featureTable(roles: ColumnRoles(label: "y"))
        #expect(table.featureNames == ["tip_amount"])
        #expect(table.summary.lines == ["column l left out: type array<string> cannot be a feature"])
        let none = error { _ = try data.fitEncoding(roles: ColumnRoles(label: "y", excluded: ["tip_amount", "l"])) }
        #expect(none == .noFeatures)
    }

    @Test func weightsAreChecked() throws {
        let data = try data([("x", .int, [1, 2, 3]), ("y", .int, [0, 1, 1]), ("w", .double, [1, nil, -2])])
        let encoding = try data.fitEncoding(roles: ColumnRoles(label: "y", weight: "w")).encoding
        #expect(error { _ = try data.featureTable(encoding: encoding) } == .invalidWeight(column: "w", value: "-2.0"))
        let table = try data.featureTable(encoding: encoding, rows: [0, 1])
        #expect(table.weights == [1] && table.summary.rowsWithoutWeight == 1)
    }

    @Test func encodingSurvivesJSON() throws {
        let data = try data([("x", .double, [0.1, nil, .number(1.0 / 3)]), ("k", .string, ["a=b", nil, "ü"]), ("y", .int, [0, 1, 1])])
        let table = try data.featureTable(roles: ColumnRoles(label: "y"))
        let read = try roundTrip(table.encoding)
        #expect(read == table.encoding)
        let again = try data.featureTable(encoding: read)
        for column in 0..<table.matrix.columnCount { #expect(again.matrix.column(column) == table.matrix.column(column)) }
    }

    @Test func arraysOfNumbersBecomeOneFeatureAnElement() throws {
        func table(_ arrays: [[Double?]?]) throws -> ImportData {
            let builder = ColumnBuilder(.array(.float))
            for array in arrays {
                guard let array else {
                    builder.appendNull()
                    continue
                }
                for value in array {
                    if let value { builder.children[0].append(Float(value)) } else { builder.children[0].appendNull() }
                }
                builder.append(listOf: array.count)
            }
            let labels = column(.int, arrays.indices.map { .integer($0 % 2) })
            return try ImportData(
                schema: [SchemaColumn(name: "pixels", type: .array(.float)), SchemaColumn(name: "y", type: .int)],
                batches: [Batch(columns: [builder.finish(), labels], capacity: arrays.count)])
        }
        let images = try table([[1, 2], nil, [3, nil]]).featureTable(roles: ColumnRoles(label: "y"))
        #expect(images.featureNames == ["pixels[0]", "pixels[1]"])
        #expect(images.matrix.column(0) == [1, 2, 3] && images.matrix.column(1) == [2, 2, 2])
        #expect(images.summary.columns.first?.missing == 2)
        let named = ColumnRoles(label: "y", features: ["pixels"])
        let uneven = error { _ = try table([[1, 2], [3]]).featureTable(roles: named) }
        #expect(uneven == .unevenArrays(column: "pixels", expected: 2, found: 1))
        let other = error { _ = try table([[1, 2, 3]]).featureTable(encoding: images.encoding) }
        #expect(other == .unevenArrays(column: "pixels", expected: 2, found: 3))
    }
}
