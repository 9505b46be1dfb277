import FeatureTables
import Learners
import Testing

/// What reports warn about, and what they do not.
@Suite struct ModelWarningTests {
    private func report(
        _ columns: [(name: String, values: TestTable.Values)], label: String = "y", learner: String = "logistic-regression",
        _ hyperparameters: [String: String] = [:], split: SplitOptions? = SplitOptions(fraction: 0.7, seed: 1)
    ) throws -> ModelReport {
        try TrainingRequest(
            roles: ColumnRoles(label: label), learner: learner, hyperparameters: hyperparameters, split: split
        ).run(on: try TestTable.make(columns))
    .report
    }

    private let rows = 200
    private var xs: [Double] { (0..<rows).map { uniform(3 * $0) } }
    private var labels: [Int?] { (0..<rows).map { uniform(3 * $0 + 1) < xs[$0] ? 1 : 0 } }

    @Test func aGoodTrainingWarnsOfNothing() throws {
        for learner in ["logistic-regression", "boosted-trees"] {
            let report = try report([("x", .doubles(xs)), ("y", .ints(labels))], learner: learner, [:])
            #expect(report.warnings == [], "\(report.warnings)")
        }
    }

    @Test func aSearchThatWasCutShort() throws {
        let report = try report([("x", .doubles(xs)), ("y", .ints(labels))], ["max-iterations": "1"])
        #expect(report.warnings.map(\.kind) == [.notConverged])
        #expect(report.lines().contains { $0.hasPrefix("warning: the search had not converged after 1 iteration") })
        #expect(try report.json().contains("\"kind\": \"not-converged\""))
    }

    @Test func nothingToEvaluateOn() throws {
        let report = try report([("x", .doubles(xs)), ("y", .ints(labels))], split: SplitOptions(fraction: 0.9999))
        #expect(report.warnings.map(\.kind) == [.noEvaluation] && report.evaluation == nil)
        let asked = try self.report([("x", .doubles(xs)), ("y", .ints(labels))], split: nil)
        #expect(asked.warnings == [])
    }

    @Test func columnsThatNameTheRow() throws {
        let ids = (0..<rows).map { Int?(($0 * 7919) % 100_003) }
        let found = try report([("x", .doubles(xs)), ("id", .ints(ids)), ("y", .ints(labels))])
        #expect(found.warnings.map(\.kind) == [.identifierLike] && found.warnings.first?.feature == "id")
        var request = TrainingRequest(roles: ColumnRoles(label: "y"), learner: "logistic-regression", split: nil)
        request.options.levelLimit = 1000
        let names = try request.run(
            on: try TestTable.make([("x", .doubles(xs)), ("name", .texts(ids.map { "n\($0 ?? 0)" })), ("y", .ints(labels))])
        ).report.warnings
        #expect(names.contains { $0.kind == .identifierLike && $0.feature == "name" })
        request.options.levelLimit = 5
        request.options.overLevelLimit = .groupRare
        let grouped = try request.run(
            on: try TestTable.make([("x", .doubles(xs)), ("name", .texts(ids.map { "n\($0 ?? 0)" })), ("y", .ints(labels))])
        ).report.warnings
        #expect(grouped.contains { $0.kind == .identifierLike && $0.feature == "name" })
    }

    @Test func aFeatureThatHoldsTheAnswer() throws {
        let found = try report([("x", .doubles(xs)), ("total", .doubles(labels.map { Double($0 ?? 0) * 5 })), ("y", .ints(labels))])
        let leak = try #require(found.warnings.first { $0.kind == .suspectedLeak })
        #expect(leak.feature == "total" && leak.text.hasPrefix("AUC is 1: "))
        let numbers = try report(
            [("x", .doubles(xs)), ("total", .doubles(xs.map { $0 * $0 })), ("y", .doubles(xs.map { 3 - 2 * $0 * $0 }))],
            learner: "linear-regression", split: nil)
        #expect(numbers.warnings.first { $0.kind == .suspectedLeak }?.feature == "total")
        // Trees know their training rows by heart, which says nothing.
        let trees = try report(
            [("x", .doubles(xs)), ("y", .ints(labels))], learner: "boosted-trees", ["min-child-weight": "0", "rounds": "500", "l2": "0"],
            split: nil)
        #expect(!trees.warnings.contains { $0.kind == .suspectedLeak })
    }

    @Test func aClassOfFewRows() throws {
        let kinds = (0..<rows).map { $0 % 50 == 3 ? "rare" : uniform(3 * $0 + 1) < xs[$0] ? "b" : "a" }
        let report = try report([("x", .doubles(xs)), ("y", .texts(kinds))], split: nil)
        #expect(report.warnings.map(\.text) == ["class 'rare' has 4 row(s) to train on"])
    }

    @Test(arguments: ["logistic-regression", "boosted-trees"]) func constantFeatures(_ learner: String) throws {
        let report = try report([("x", .doubles(xs)), ("five", .doubles(xs.map { _ in 5 })), ("y", .ints(labels))], learner: learner)
        #expect(report.warnings.map(\.kind) == [.constantFeature] && report.warnings.first?.feature == "five")
    }
}
