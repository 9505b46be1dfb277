import Columnar
import FeatureTables
import Foundation
import Testing

/// Numbers that stand for levels.
@Suite struct LevelStatisticsTests {
    private struct Recorded: Decodable {
        struct Answer: Decodable {
            var levels: [[Double]]
            var other: [Double]
        }

        var levels: [String]
        var rows: [Int]
        var labels: [Double]
        /// By the smoothing that was asked for.
        var smoothing: [String: Answer]
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/levels")

    private func options(_ form: CategoricalForm, smoothing: Double? = nil, leastRows: Double? = nil) -> ImportOptions {
        var options = ImportOptions()
        options.categoricalForm = form
        options.statistics = LevelStatisticOptions(smoothing: smoothing, leastRows: leastRows)
        return options
    }

    private func rows(of matrix: FeatureMatrix) -> [[Double]] {
        (0..<matrix.rowCount).map { row in (0..<matrix.columnCount).map { matrix[row, $0] } }
    }

    private func agree(_ one: [[Double]], _ other: [[Double]], _ tolerance: Double = 1e-12) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { one, other in
            one.count == other.count && zip(one, other).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
        }
    }

    /// scikit-learn's `TargetEncoder`, recorded by `Tests/Peers/level-numbers.py`.
    @Test(arguments: ["number", "two", "three"], ["auto", "0.0", "12.5"])
    func targetsAreThoseOfScikitLearn(_ name: String, _ smoothing: String) throws {
        let file = try Data(contentsOf: Self.folder.appendingPathComponent("\(name).json"))
        let recorded = try JSONDecoder().decode(Recorded.self, from: file)
        let table = try data([
            ("k", .string, recorded.rows.map { .text(recorded.levels[$0]) }), ("y", .double, recorded.labels.map { .number($0) }),
        ])
        let roles = ColumnRoles(label: "y", labelKind: name == "number" ? .number : .classes)
        let fitted = try table.fitEncoding(roles: roles, options: options(.target, smoothing: Double(smoothing)))
        let asked = try data([("k", .string, recorded.levels.map { .text($0) } + ["unheard of", nil])])
        let found = rows(of: try asked.featureTable(encoding: fitted.encoding, needsLabel: false).matrix)
        let answer = try #require(recorded.smoothing[smoothing])
        // Of two classes both have the positive one's.
        #expect(agree(found, answer.levels + [answer.other, answer.other]))
    }

    /// The same numbers as if each fold were encoded by an encoding that was fitted on the others.
    @Test(arguments: [CategoricalForm.target, .weightOfEvidence, .counts]) func trainingRowsSeeOtherFoldsOnly(_ form: CategoricalForm) throws {
        let levels = ["a", "b", "c", "d"]
        let count = 200
        let keys = (0..<count).map { levels[($0 * 7 + $0 / 5) % 4] }
        let answers = (0..<count).map { ($0 * 13 + $0 / 7) % 3 == 0 ? 1 : 0 }
        func table(_ rows: [Int]) throws -> ImportData {
            try data([("k", .string, rows.map { .text(keys[$0]) }), ("y", .int, rows.map { .integer(answers[$0]) })])
        }
        let whole = try table(Array(0..<count))
        let fitted = try whole.fitEncoding(
            roles: ColumnRoles(label: "y"), options: options(form), folding: SplitOptions(key: .position))
        let training = rows(of: try whole.trainingTable(fitted).matrix)
        let plain = rows(of: try whole.featureTable(encoding: fitted.encoding).matrix)
        #expect(training != plain)
        // Changing the label of one row changes the numbers of rows of other folds alone.
        var changed = answers
        changed[50] = 1 - changed[50]
        let other = try data([("k", .string, keys.map { .text($0) }), ("y", .int, changed.map { .integer($0) })])
        let refitted = try other.fitEncoding(
            roles: ColumnRoles(label: "y"), options: options(form), folding: SplitOptions(key: .position))
        let again = rows(of: try other.trainingTable(refitted).matrix)
        #expect(again[50] == training[50])
        #expect(zip(again, training).contains { $0 != $1 })
        let sameFold = (0..<count).filter { again[$0] == training[$0] && keys[$0] == keys[50] }
        #expect(sameFold.count > 1 && sameFold.count < count / 4)
    }

    @Test func weightOfEvidenceAndCounts() throws {
        // a: 3 of 4, b: 1 of 5, c: once.
        let keys: [Cell] = ["a", "a", "a", "a", "b", "b", "b", "b", "b", "c", nil]
        let answers: [Cell] = [1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 0]
        let table = try data([("k", .string, keys), ("y", .int, answers)])
        let asked = try data([("k", .string, ["a", "b", "c", "x", nil])])
        func found(_ form: CategoricalForm, leastRows: Double?) throws -> (names: [String], rows: [[Double]]) {
            let fitted = try table.fitEncoding(roles: ColumnRoles(label: "y"), options: options(form, leastRows: leastRows))
            let matrix = try asked.featureTable(encoding: fitted.encoding, needsLabel: false).matrix
            return (matrix.columnNames, rows(of: matrix))
        }
        let evidence = try found(.weightOfEvidence, leastRows: nil)
        #expect(evidence.names == ["k.weight-of-evidence=1"])
        // Five rows of class 1 and six of class 0.
        func weight(_ ones: Double, _ zeros: Double) -> [Double] {
            let share: Double = (ones + 1) / 7
            let other: Double = (zeros + 1) / 8
            return [log(share / other)]
        }
        let weights: [[Double]] = [weight(3, 1), weight(1, 4), weight(1, 0), [0], weight(0, 1)]
        #expect(agree(evidence.rows, weights))
        let counts = try found(.counts, leastRows: 2)
        #expect(counts.names == ["k.count=0", "k.count=1", "k.log-odds=1", "k.back-off"])
        func line(_ zeros: Double, _ ones: Double, _ backOff: Double) -> [Double] {
            let odds: Double = (ones + 5.0 / 11) / (zeros + 6.0 / 11)
            return [zeros, ones, log(odds), backOff]
        }
        // c is too rare to be told from others that are.
        let lines: [[Double]] = [line(1, 3, 0), line(4, 1, 0), line(0, 1, 1), line(0, 1, 1), line(1, 0, 0)]
        #expect(agree(counts.rows, lines))
        let shares = try found(.frequency, leastRows: nil)
        let sizes: [Double] = [4, 5, 1, 0, 1]
        #expect(agree(shares.rows, sizes.map { [$0 / 11] }))
    }

    @Test func weightsCountAsRows() throws {
        let keys: [Cell] = ["a", "a", "b", "b", "c"]
        let answers: [Cell] = [1, 0, 1, 1, 0]
        let heavy = try data([("k", .string, keys), ("y", .int, answers), ("w", .double, [2, 1, 1, 3, 1])])
        let repeated = try data([
            ("k", .string, ["a", "a", "a", "b", "b", "b", "b", "c"]), ("y", .int, [1, 1, 0, 1, 1, 1, 1, 0]),
        ])
        for form in [CategoricalForm.target, .weightOfEvidence, .counts, .frequency] {
            let one = try heavy.fitEncoding(roles: ColumnRoles(label: "y", weight: "w"), options: options(form)).encoding
            let two = try repeated.fitEncoding(roles: ColumnRoles(label: "y"), options: options(form)).encoding
            #expect(one.columns == two.columns)
        }
    }

    @Test func columnsHaveFormsOfTheirOwn() throws {
        let table = try data([
            ("city", .string, ["a", "b", "a", "b"]), ("zip", .int, [1, 2, 2, 3]), ("kind", .string, ["x", "y", "x", "y"]),
            ("y", .double, [1, 2, 3, 4.5]),
        ])
        var options = ImportOptions()
        options.formByColumn = ["city": .target, "zip": .frequency]
        let names = try table.featureTable(roles: ColumnRoles(label: "y"), options: options).featureNames
        #expect(names == ["city.target", "zip.frequency", "kind=x", "kind=y"])
        func refusal(_ roles: ColumnRoles, _ form: CategoricalForm, _ column: String = "city") -> String? {
            var options = ImportOptions()
            options.formByColumn = [column: form]
            return error { _ = try table.fitEncoding(roles: roles, options: options) }.map { "\($0)" }
        }
        #expect(refusal(ColumnRoles(label: "y"), .counts)?.contains("'y' is a number") == true)
        #expect(refusal(ColumnRoles(label: "y"), .weightOfEvidence)?.contains("'y' is a number") == true)
        #expect(refusal(ColumnRoles(), .target)?.contains("none is named") == true)
        #expect(refusal(ColumnRoles(), .frequency) == nil)
        #expect(refusal(ColumnRoles(label: "y"), .target, "y")?.contains("is no feature") == true)
        #expect(refusal(ColumnRoles(label: "y"), .target, "ctiy")?.contains("did you mean 'city'") == true)
    }

    /// However many levels there are, a model holds numbers of them, and no more memory is taken than may be.
    @Test func manyLevelsStayWithinMemory() throws {
        let builder = ColumnBuilder(.string), answers = ColumnBuilder(.int)
        for row in 0..<50_000 {
            builder.append("level \(row % 20_000)")
            answers.append(Int32(row % 2))
        }
        let batch = Batch(columns: [builder.finish(), answers.finish()], capacity: 50_000)
        let schema = [SchemaColumn(name: "k", type: .string), SchemaColumn(name: "y", type: .int)]
        let free = try ImportData(schema: schema, batches: [batch], memory: ImportMemory(limit: 64 << 20))
        let fitted = try free.fitEncoding(roles: ColumnRoles(label: "y"), options: options(.target))
        #expect(fitted.encoding.featureNames == ["k.target=1"])
        #expect(free.memory.bytesUsed < 64 << 20)
        let tight = try ImportData(schema: schema, batches: [batch], memory: ImportMemory(limit: 4 << 20))
        let refused = error { _ = try tight.fitEncoding(roles: ColumnRoles(label: "y"), options: options(.target)) }
        #expect(refused.map { "\($0)" }?.contains("levels of column 'k'") == true)
    }
}
