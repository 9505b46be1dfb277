import Columnar
import FeatureTables
import Testing

/// A column stands for the one that was trained on when its values mean the same.
@Suite struct TypeSignatureTests {
    private func encoding(_ type: SQLType, _ cells: [Cell]) throws -> FeatureEncoding {
        try data([("x", type, cells), ("y", .int, [0, 1, 1])]).fitEncoding(roles: ColumnRoles(label: "y")).encoding
    }

    private func found(_ encoding: FeatureEncoding, _ type: SQLType, _ cells: [Cell]) throws -> FeatureError? {
        let other = try data([("x", type, cells)])
        return error { _ = try other.featureTable(encoding: encoding, needsLabel: false) }
    }

    @Test(arguments: [SQLType.timestamp, .int, .boolean, .bigint, .double, .string]) func datesAreDates(_ type: SQLType) throws {
        let trained = try encoding(.date, [18_000, 18_001, 18_002])
        #expect(try found(trained, .date, [nil, 19_000]) == nil)
        let cells: [Cell] = type == .string ? ["2020-01-01"] : type == .boolean ? [true] : [1]
        let refused = try found(trained, type, cells)
        #expect(refused == .typeChanged(column: "x", expected: "date", found: "\(type)"))
        #expect(refused?.description == "column 'x' has type \(type) where date is expected: convert it in the query")
    }

    @Test func numbersWidenWhereNothingIsLost() throws {
        let whole = try encoding(.int, [1, 2, 3])
        let double = try encoding(.double, [1, 2.5, 3])
        let decimal = try encoding(.decimal(precision: 12, scale: 2), [100, 250, 300])
        for type in [SQLType.tinyint, .smallint, .int, .bigint] { #expect(try found(whole, type, [5]) == nil) }
        for type in [SQLType.float, .double, .tinyint, .smallint, .int] { #expect(try found(double, type, [5]) == nil) }
        for type in [SQLType.int, .decimal(precision: 5, scale: 0), .smallint] { #expect(try found(decimal, type, [5]) == nil) }
        for type in [SQLType.double, .date, .boolean, .timestamp, .decimal(precision: 5, scale: 1)] {
            #expect(try found(whole, type, [nil]) != nil, "\(type)")
        }
        for type in [SQLType.bigint, .decimal(precision: 5, scale: 1), .date] { #expect(try found(double, type, [nil]) != nil) }
        for type in [SQLType.bigint, .double] { #expect(try found(decimal, type, [nil]) != nil) }
        let flag = try encoding(.boolean, [true, false, true])
        #expect(try found(flag, .boolean, [true]) == nil)
        #expect(try found(flag, .int, [1]) != nil)
    }

    @Test func textsOfAnyLength() throws {
        let text = try encoding(.string, ["a", "b", "a"])
        for type in [SQLType.string, .varchar(length: 3), .char(length: 1)] { #expect(try found(text, type, ["a"]) == nil) }
        #expect(try found(text, .int, [1]) == .typeChanged(column: "x", expected: "string", found: "int"))
    }

    // MARK: What becomes of values

    @Test func datesThatBecomeNumbersAreSaid() throws {
        let table = try data([
            ("day", .date, [18_000, 18_100]), ("at", .timestamp, [100, 200]), ("y", .int, [0, 1]),
        ]).featureTable(roles: ColumnRoles(label: "y"))
        #expect(table.featureNames == ["day", "at"])
        #expect(table.summary.lines == [
            "column day: read as days since 1970-01-01; date parts are other features (--date-parts)",
            "column at: read as seconds since 1970-01-01; date parts are other features (--date-parts)",
        ])
    }

    @Test func datePartsAreFeatures() throws {
        // 2020-02-29 (a Saturday), 1969-12-31 (a Wednesday).
        let source = try data([
            ("day", .date, [18_321, -1, nil]), ("at", .timestamp, [3_661, -1, nil]), ("y", .int, [0, 1, 1]),
        ])
        var options = ImportOptions(missing: .keep)
        options.dateParts = try DatePart.parse(["year", "quarter", "month", "day", "dayofyear", "weekday", "hour", "minute", "second"])
        let table = try source.featureTable(roles: ColumnRoles(label: "y"), options: options)
        func row(_ number: Int) -> [Double] { (0..<table.matrix.columnCount).map { table.matrix[number, $0] } }
        #expect(table.featureNames.prefix(6) == ["day.year", "day.quarter", "day.month", "day.day", "day.dayofyear", "day.weekday"])
        #expect(table.featureNames.suffix(3) == ["at.hour", "at.minute", "at.second"])
        #expect(row(0) == [2020, 1, 2, 29, 60, 7, 1970, 1, 1, 1, 1, 5, 1, 1, 1])
        #expect(row(1) == [1969, 4, 12, 31, 365, 4, 1969, 4, 12, 31, 365, 4, 23, 59, 59])
        #expect(row(2).allSatisfy { $0.isNaN })
        #expect(try roundTrip(table.encoding) == table.encoding)
        let means = try source.featureTable(
            roles: ColumnRoles(label: "y", features: ["day"]), options: { var o = ImportOptions(); o.dateParts = [.month]; return o }())
        #expect(means.matrix.column(0) == [2, 12, 7])
        #expect(means.summary.lines == ["column day: 1 missing value(s), policy mean"])
        #expect(error { _ = try DatePart.parse(["moon"]) }?.description.contains("unknown date part 'moon'") == true)
    }

    @Test func roundedNumbersAreCounted() throws {
        let large = 1 << 53
        let source = try data([
            ("b", .bigint, [.integer(large + 1), .integer(large + 2), .integer(3), nil]),
            ("d", .decimal(precision: 30, scale: 2), [.integer(4 * large), .integer(4 * large + 1), .integer(1), nil]),
            ("t", .int, [16_777_216, 16_777_217, 16_777_218, 5]), ("y", .int, [0, 1, 1, 0]),
        ])
        var options = ImportOptions()
        #expect(try source.fitEncoding(roles: ColumnRoles(label: "y"), options: options).leftOut.flatMap { $0.notes ?? [] } == [
            "1 value(s) beyond 2^53 are rounded to double precision", "1 value(s) beyond 2^53 are rounded to double precision",
        ])
        options.isSinglePrecision = true
        let single = try source.featureTable(roles: ColumnRoles(label: "y", features: ["t"]), options: options)
        #expect(single.summary.lines == [
            "column t: 1 value(s) beyond 2^24 become equal to others in single precision, which trees use"
        ])
    }

    // MARK: Levels

    @Test func unseenLevelsAreToldFromRareOnes() throws {
        let training = try data([
            ("k", .string, ["a", "a", "b", "b", "c", "d"]), ("y", .int, [0, 1, 0, 1, 0, 1]),
        ])
        let other = try data([("k", .string, ["a", "c", "new", "newer", nil])])
        func apply(_ unseen: UnseenLevelPolicy) throws -> FeatureTable {
            let options = ImportOptions(unseenLevels: unseen, levelLimit: 2, overLevelLimit: .groupRare)
            let table = try training.featureTable(roles: ColumnRoles(label: "y"), options: options)
            #expect(table.featureNames == ["k=a", "k=b", "k=(other)"])
            #expect(table.summary.lines == ["column k: 2 row(s) with a rare level, in (other)"])
            return try other.featureTable(encoding: try roundTrip(table.encoding), needsLabel: false)
        }
        let table = try apply(.ignore)
        #expect(table.matrix.column(2) == [0, 1, 1, 1, 0])
        #expect(table.summary.columns.first?.unseen == 2 && table.summary.columns.first?.rare == 1)
        #expect(table.summary.lines == [
            "column k: 1 missing value(s), policy own-level, but none was missing in training: all of its features are 0",
            "column k: 2 row(s) with a level unknown to the model", "column k: 1 row(s) with a rare level, in (other)",
        ])
        #expect(error { _ = try apply(.error) } == .unseenLevel(column: "k", level: "new", rows: 2))
        // As models of earlier versions are, which do not know what they grouped.
        var old = try training.fitEncoding(
            roles: ColumnRoles(label: "y"), options: ImportOptions(levelLimit: 2, overLevelLimit: .groupRare)).encoding
        guard case .levels(var levels) = old.columns[0].form else { throw FeatureError.noFeatures }
        levels.rareLevels = nil
        old.columns[0].form = .levels(levels)
        #expect(try other.featureTable(encoding: old, needsLabel: false).summary.lines.last
            == "column k: 3 row(s) with a rare or unknown level, in (other)")
    }
}
