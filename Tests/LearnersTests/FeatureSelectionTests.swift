import Columnar
import FeatureTables
import Foundation
import Learners
import Testing

/// Which columns a learner gets, and the scores that decide, as scikit-learn has them (recorded by `Tests/Peers/selection.py`).
@Suite struct FeatureSelectionTests {
    private struct Recorded: Decodable {
        let values: [[Double]]
        let classes: [Int32]?
        let numbers: [Double]?
        let scores: [String: [Double?]]

        func table(_ matrix: FeatureMatrix) throws -> FeatureTable {
            let label = classes.map { codes in
                FeatureLabel.classes(codes: codes, names: (0...Int(codes.max() ?? 0)).map { "class \($0)" })
            } ?? .numbers(numbers ?? [])
            return try FeatureTable(matrix: matrix, label: label)
        }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/selection")

    private func recorded() throws -> [String: Recorded] {
        try JSONDecoder().decode([String: Recorded].self, from: Data(contentsOf: Self.folder.appendingPathComponent("scores.json")))
    }

    @Test(arguments: ["words", "iris", "wine", "diabetes", "far", "effect"]) func scoresAsRecorded(_ name: String) throws {
        let recorded = try #require(try recorded()[name])
        // Of numbers around 1e8 eight digits are left of what they differ by.
        let tolerance = name == "far" ? 1e-5 : 1e-9
        let names = recorded.values[0].indices.map { "f\($0)" }
        for matrix in [
            try FeatureMatrix(rows: recorded.values, columnNames: names), try FeatureMatrix(sparse: recorded.values, columnNames: names),
        ] {
            let scores = try FeatureScores(try recorded.table(matrix))
            #expect(recorded.scores.count >= 3)
            for (name, expected) in recorded.scores {
                let found = try scores.scores(try #require(FeatureSelection.Measure(rawValue: name)))
                try #require(found.count == expected.count)
                for (place, pair) in zip(found, expected).enumerated() {
                    guard let score = pair.0, let number = pair.1 else {
                        #expect(pair.0 == nil && pair.1 == nil, "\(name) of f\(place): \(pair)")
                        continue
                    }
                    #expect(abs(score - number) <= tolerance * max(1, abs(number)), "\(name) of f\(place): \(score), not \(number)")
                }
            }
        }
    }

    /// The correlation ratio, of two classes Pearson's coefficient of their numbers.
    @Test func classesCorrelate() throws {
        let rows = (0..<200).map { [uniform(3 * $0 + 1), uniform(5 * $0 + 2) + Double($0 % 2), Double($0 % 2)] }
        let matrix = try FeatureMatrix(rows: rows, columnNames: ["a", "b", "c"])
        let classes = try FeatureScores(
            FeatureTable(matrix: matrix, label: .classes(codes: (0..<200).map { Int32($0 % 2) }, names: ["no", "yes"]))
        ).scores(.correlation)
        let numbers = try FeatureScores(FeatureTable(matrix: matrix, label: .numbers((0..<200).map { Double($0 % 2) }))).scores(.correlation)
        for (ratio, coefficient) in zip(classes, numbers) { #expect(abs((ratio ?? -1) - (coefficient ?? -2)) < 1e-12) }
        #expect(abs((classes[2] ?? 0) - 1) < 1e-12)
    }

    /// Rows without a value are as if they were not there, but that they are without one may tell something.
    @Test func missingValues() throws {
        let rows = (0..<300).map { [$0 % 3 == 0 ? Double.nan : uniform(7 * $0 + 1) + Double($0 % 2), $0 % 2 == 0 ? .nan : 1.5] }
        let codes = (0..<300).map { Int32($0 % 2) }
        let kept = rows.indices.filter { $0 % 3 > 0 }
        func table(_ places: [Int], _ columns: [String], numbers: Bool) throws -> FeatureTable {
            try FeatureTable(
                matrix: try FeatureMatrix(rows: places.map { Array(rows[$0].prefix(columns.count)) }, columnNames: columns),
                label: numbers ? .numbers(places.map { Double(codes[$0]) }) : .classes(codes: places.map { codes[$0] }, names: ["a", "b"]))
        }
        for isNumber in [false, true] {
            let all = try FeatureScores(try table(Array(rows.indices), ["x", "y"], numbers: isNumber))
            let some = try FeatureScores(try table(kept, ["x"], numbers: isNumber))
            for measure in [FeatureSelection.Measure.fScore, .correlation, .variance] {
                let found = try #require(try all.scores(measure)[0]), expected = try #require(try some.scores(measure)[0])
                #expect(abs(found - expected) <= 1e-12 * max(1, expected), "\(measure) \(isNumber)")
                #expect(try measure == .variance || all.scores(measure)[1] == nil)
            }
            #expect(try abs((all.scores(.mutualInformation)[1] ?? 0) - log(2)) < 1e-12)
        }
    }

    @Test func whatHasNoScoreComesLastAndWhatIsNotThereIsRefused() throws {
        let matrix = try FeatureMatrix(
            rows: (0..<40).map { [Double.infinity, 3, $0 % 2 == 0 ? -1 : 1, .nan] }, columnNames: ["i", "c", "s", "n"])
        let table = try FeatureTable(matrix: matrix, label: .classes(codes: (0..<40).map { Int32($0 % 2) }, names: ["a", "b"]))
        let scores = try FeatureScores(table)
        #expect(try scores.scores(.fScore) == [nil, nil, .infinity, nil])
        #expect(try scores.scores(.variance) == [nil, 0, 1, nil])
        #expect(try scores.scores(.mutualInformation).map { ($0 ?? -1) > 0.5 } == [false, false, true, false])
        #expect("\(failure(try scores.scores(.chiSquare)))".contains("s has negative values"))
        let unlabelled = try FeatureScores(FeatureTable(matrix: matrix, label: nil))
        #expect(try unlabelled.scores(.variance)[2] == 1)
        #expect(throws: FeatureError.self) { try unlabelled.scores(.fScore) }
        let number = try FeatureScores(FeatureTable(matrix: matrix, label: .numbers((0..<40).map(Double.init))))
        #expect("\(failure(try number.scores(.chiSquare)))".contains("needs a label of classes"))
    }

    private func failure<Value>(_ body: @autoclosure () throws -> Value) -> any Error {
        do { _ = try body() } catch { return error }
        return CancellationError()
    }

    // MARK: in a training

    /// A column that tells the label, one that tells it in the rows to judge alone, a text, and noise.
    private func data(poisoned: Bool = false) throws -> ImportData {
        let count = 2000
        let label = (0..<count).map { uniform(7 * $0 + 5) < 0.4 }
        return try TestTable.make([
            ("noise", .doubles((0..<count).map { uniform(5 * $0 + 2) })),
            ("late", .doubles((0..<count).map { $0 % 4 == 0 && poisoned ? (label[$0] ? 900 : -900) : uniform(11 * $0 + 3) })),
            ("told", .doubles((0..<count).map { uniform(3 * $0 + 1) + (label[$0] ? 0.6 : 0) })),
            ("text", .texts((0..<count).map { label[$0] && $0 % 3 == 0 ? "often" : "level \($0 % 5)" })),
            ("flat", .doubles((0..<count).map { _ in 4 })),
            ("part", .texts((0..<count).map { $0 % 4 == 0 ? "eval" : "train" })),
            ("y", .texts(label.map { $0 ? "yes" : "no" })),
        ])
    }

    private func request(_ count: Int, _ measure: FeatureSelection.Measure = .mutualInformation) -> TrainingRequest {
        var request = TrainingRequest(
            roles: ColumnRoles(label: "y"), learner: "logistic-regression", split: SplitOptions(key: .parts("part")))
        request.selection = FeatureSelection(columnCount: count, measure: measure)
        return request
    }

    @Test(arguments: FeatureSelection.Measure.allCases) func theBestColumnsAreLearnedFrom(_ measure: FeatureSelection.Measure) throws {
        let outcome = try request(2, measure).run(on: try data())
        let kept = outcome.model.encoding.columns.map(\.name)
        // By chance they vary most, too.
        #expect(kept == ["told", "text"], "\(measure)")
        let lines = outcome.report.trainingImport.lines
        #expect(lines.contains { $0.hasPrefix("2 of 5 columns selected by \(measure.rawValue): ") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("column flat left out: not selected, \(measure.rawValue) ") }, "\(lines)")
        #expect(outcome.model.model.featureNames == outcome.model.encoding.featureNames)
        #expect(try request(9, measure).run(on: try data()).model.encoding.columns.count == 5)
    }

    /// Rows to judge have no say, and every fold chooses by itself.
    @Test func selectionLooksAtTrainingRowsAlone() throws {
        let plain = try request(2).run(on: try data()), poisoned = try request(2).run(on: try data(poisoned: true))
        #expect(plain.model.encoding == poisoned.model.encoding)
        #expect(plain.model.encoding.columns.map(\.name) == ["told", "text"])
        var all = request(2)
        all.split = nil
        all.roles.excluded = ["part", "text"]
        #expect(try all.run(on: try data(poisoned: true)).model.encoding.columns.map(\.name) == ["late", "told"])
        var folded = request(2)
        folded.folds = 3
        #expect(try folded.run(on: try data()).model.encoding == plain.model.encoding)
    }

    /// Numbers of levels that were learned from the label are judged out of fold, as they are learned from: thousands of levels that
    /// say nothing are not taken for much.
    @Test func encodedLevelsAreJudgedOutOfFold() throws {
        let count = 6000
        let data = try TestTable.make([
            ("level", .texts((0..<count).map { "level \(Int(uniform(3 * $0 + 1) * 3000))" })),
            ("told", .doubles((0..<count).map { uniform(5 * $0 + 2) + (uniform(7 * $0 + 5) < 0.4 ? 0.1 : 0) })),
            ("y", .texts((0..<count).map { uniform(7 * $0 + 5) < 0.4 ? "yes" : "no" })),
        ])
        var request = TrainingRequest(roles: ColumnRoles(label: "y"), learner: "logistic-regression")
        request.options.formByColumn = ["level": .target]
        request.selection = FeatureSelection(columnCount: 1, measure: .correlation)
        #expect(try request.run(on: data).model.encoding.columns.map(\.name) == ["told"])
    }

    @Test func optionsAreChecked() throws {
        func finished(_ settings: [(String, String)], label: String? = "y") throws -> TrainingRequest {
            var options = TrainingOptions()
            if let label { try options.set("label", to: [label], spelled: "--label") }
            for (name, value) in settings { try options.set(name, to: [value], spelled: "--\(name)") }
            return try options.finished(label: "--label")
        }
        #expect(
            try finished([("select-features", "3"), ("select-by", "f-score")]).selection == FeatureSelection(columnCount: 3, measure: .fScore))
        #expect(try finished([("select-features", "3")]).selection?.measure == .mutualInformation)
        #expect("\(failure(try finished([("select-features", "0")])))".contains("--select-features takes a number of columns above 0"))
        #expect("\(failure(try finished([("select-by", "chi")])))".contains("mutual-information, f-score, chi-square, correlation, variance"))
        #expect("\(failure(try finished([("select-by", "f-score")])))".contains("select-features"))
        #expect(
            "\(failure(try finished([("learner", "kmeans"), ("select-features", "2")], label: nil)))".contains("label"))
        #expect(
            try finished([("learner", "kmeans"), ("select-features", "2"), ("select-by", "variance")], label: nil).selection?.columnCount == 2)
    }
}
