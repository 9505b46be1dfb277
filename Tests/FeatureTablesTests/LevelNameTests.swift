import Columnar
import FeatureTables
import Testing

/// Levels and classes are told apart by their bytes.
@Suite struct LevelNameTests {
    private func texts(_ values: [[UInt8]]) -> Column {
        let builder = ColumnBuilder(.string)
        for value in values { value.withUnsafeBufferPointer { builder.append(bytes: $0) } }
        return builder.finish()
    }

    private func table(_ values: [[UInt8]], _ answers: [Cell]) throws -> ImportData {
        try ImportData(
            schema: [SchemaColumn(name: "s", type: .string), SchemaColumn(name: "y", type: .int)],
            batches: [Batch(columns: [texts(values), column(.int, answers)], capacity: values.count)])
    }

    private func text(_ text: String, _ more: UInt8...) -> [UInt8] { Array(text.utf8) + more }

    /// Of Latin-1, and cut in the middle of a character.
    @Test func bytesThatAreNoTextAreShown() throws {
        let values = [text("caf", 0xE9), text("caf", 0xEA), text("x", 0xE2, 0x82), text("caf\u{e9}"), text("caf", 0xE9), text("")]
        let data = try table(values, [0, 1, 0, 1, 0, 1])
        let table = try data.featureTable(roles: ColumnRoles(label: "y"))
        #expect(Set(table.featureNames) == ["s=caf\\xE9", "s=caf\\xEA", "s=x\\xE2\\x82", "s=caf\u{e9}", "s="])
        // Every row has one of the levels, those of one text the same.
        for row in 0..<6 { #expect((0..<table.matrix.columnCount).count { table.matrix[row, $0] == 1 } == 1) }
        let again = try data.featureTable(encoding: table.encoding)
        #expect(again.summary.columns.isEmpty)
        for feature in 0..<table.matrix.columnCount {
            #expect(again.matrix.column(feature) == table.matrix.column(feature))
            #expect(table.matrix[0, feature] == table.matrix[4, feature])
        }
    }

    /// As classes too, and texts that Swift holds for equal.
    @Test func classesOfOtherBytesAreOthers() throws {
        let values = [text("\u{e9}"), text("e\u{301}"), text("caf", 0xE9), text("caf", 0xEA)]
        let data = try table(values, [1, 2, 3, 4])
        let table = try data.featureTable(roles: ColumnRoles(label: "s"))
        guard case .classes(let codes, let names) = table.label else { throw FeatureError.missingLabel }
        #expect(names.count == 4 && Set(codes).count == 4)
        #expect(names.contains("caf\\xE9") && names.contains("caf\\xEA"))
    }

    @Test func daysAreNamedAsDays() throws {
        let days = try data([("d", .date, [18262, 18262, 18628, nil]), ("y", .int, [0, 1, 0, 1])])
        let roles = ColumnRoles(label: "y", categorical: ["d"])
        #expect(try days.featureTable(roles: roles).featureNames == ["d=2020-01-01", "d=2021-01-01", "d=(missing)"])
    }

    @Test func featuresOfOneNameAreRefused() throws {
        let table = try data([("cat", .string, ["c1", "c2"]), ("cat=c1", .double, [1, 2]), ("y", .int, [0, 1])])
        #expect(error { _ = try table.featureTable(roles: ColumnRoles(label: "y")) } == .duplicateFeature("cat=c1"))
    }

    @Test func arraysOfSeveralLengthsAreLeftOut() throws {
        let builder = ColumnBuilder(.array(.double))
        for length in [2, 1] {
            for item in 0..<length { builder.children[0].append(Double(item)) }
            builder.append(listOf: length)
        }
        let table = try ImportData(
            schema: [
                SchemaColumn(name: "a", type: .array(.double)), SchemaColumn(name: "x", type: .double), SchemaColumn(name: "y", type: .int),
            ],
            batches: [Batch(columns: [builder.finish(), column(.double, [1, 2]), column(.int, [0, 1])], capacity: 2)])
        let features = try table.featureTable(roles: ColumnRoles(label: "y"))
        #expect(features.featureNames == ["x"])
        #expect(features.summary.lines.contains { $0.hasPrefix("column a left out: its arrays are not of one length") })
    }

    @Test func rowsWithoutAGroupAreTold() throws {
        let table = try data([("g", .string, ["a", nil, nil, "b"]), ("t", .string, ["9", "10", "11", nil])])
        let groups = try table.split(SplitOptions(key: .group(["g"])))
        #expect(groups.notes.contains("2 row(s) without g are one group"))
        let times = try table.split(SplitOptions(key: .time("t")))
        #expect(times.notes.contains("texts of t are ordered by their bytes"))
    }
}
