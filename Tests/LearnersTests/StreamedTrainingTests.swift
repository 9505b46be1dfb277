import Columnar
import FeatureTables
import Learners
import Testing

/// Trainings on rows that come a part at a time.
@Suite struct StreamedTrainingTests {
    private struct Rows {
        var sums: [Double]
        var noise: [Double]
        var kinds: [String?]
        var verdicts: [String]
        /// What says a row's part.
        var parts: [String]

        init(_ count: Int) {
            sums = (0..<count).map { uniform(50 * $0 + 7) * 100 }
            noise = (0..<count).map { uniform(90 * $0 + 5) }
            kinds = (0..<count).map { $0 % 17 == 0 ? nil : ["card", "cash", "coin"][$0 % 3] }
            let sums = sums
            verdicts = (0..<count).map { uniform(70 * $0 + 3) < (sums[$0] > 70 ? 0.7 : 0.1) ? "fraud" : "legit" }
            parts = (0..<count).map { $0 % 4 == 3 ? "eval" : "train" }
        }

        func data(_ range: Range<Int>) throws -> ImportData {
            try TestTable.make([
                ("sum", .doubles(Array(sums[range]))), ("noise", .doubles(Array(noise[range]))), ("kind", .texts(Array(kinds[range]))),
                ("verdict", .texts(verdicts[range].map { $0 })), ("part", .texts(parts[range].map { $0 })),
            ])
        }

        /// Parts of so many rows.
        func stream(_ size: Int) -> RowStream {
            RowStream { body in
                for start in stride(from: 0, to: sums.count, by: size) {
                    guard try body(try data(start..<min(start + size, sums.count))) else { return }
                }
            }
        }
    }

    private func request(_ hyperparameters: [String: String] = [:], split: SplitOptions? = SplitOptions(key: .parts("part"))) -> TrainingRequest {
        TrainingRequest(
            roles: ColumnRoles(label: "verdict", features: ["sum", "noise", "kind"]), learner: "ftrl",
            hyperparameters: ["passes": "3"].merging(hyperparameters) { $1 }, split: split)
    }

    private func weights(_ outcome: TrainingOutcome) throws -> [UInt64] {
        let model = try #require(outcome.model.model as? LinearModel)
        return model.outputs.flatMap { $0.weights + [$0.intercept] }.map(\.bitPattern)
    }

    /// A stream of one part is the table itself.
    @Test func aStreamOfOnePartLearnsTheSameBits() throws {
        let rows = Rows(1000)
        let held = try request().run(on: try rows.data(0..<1000))
        let streamed = try request().run(on: rows.stream(1000))
        #expect(try weights(held) == weights(streamed))
        #expect(held.report.evaluation == streamed.report.evaluation)
        #expect(held.report.trainingImport.rowsKept == streamed.report.trainingImport.rowsKept)
        #expect(streamed.report.fit.iterations == 3 && streamed.report.fit.objective == held.report.fit.objective)
    }

    @Test func partsOfAnySizeLearnTheSameBitsInTheOrderOfTheRows() throws {
        let rows = Rows(1000)
        let whole = try request(["shuffle": "false"]).run(on: rows.stream(1000))
        for size in [1, 37, 400] {
            let parted = try request(["shuffle": "false"]).run(on: rows.stream(size))
            #expect(try weights(parted) == weights(whole))
            #expect(parted.report.evaluation == whole.report.evaluation)
            #expect(parted.report.trainingImport.rowsKept == 750)
        }
    }

    /// A class whose first row comes late, and which the sample alone would hardly have.
    @Test func rareClassesAreKnown() throws {
        var rows = Rows(2000)
        for row in [1500, 1501, 1502, 1503] { rows.verdicts[row] = "odd" }
        let outcome = try request().run(on: rows.stream(100), limits: StreamLimits(sampledRows: 30))
        let classes = try #require(outcome.model.encoding.label?.classes)
        #expect(classes == ["fraud", "legit", "odd"])
        // The first row to learn from of each class is one of the 30.
        #expect(
            outcome.report.trainingImport.notes?.last
                == "levels, fill values and scales are of 30 of the 1500 row(s) to train on")
    }

    /// The sample does not depend on how the stream is cut.
    @Test func theSampleIsThatOfTheRows() throws {
        let rows = Rows(3000)
        let limits = StreamLimits(sampledRows: 200)
        let one = try request().run(on: rows.stream(3000), limits: limits).model.encoding
        let many = try request().run(on: rows.stream(64), limits: limits).model.encoding
        #expect(one == many)
    }

    @Test func rowsToEvaluateOnTeachNothing() throws {
        let rows = Rows(1200)
        var poisoned = rows
        for row in 0..<1200 where rows.parts[row] == "eval" {
            poisoned.sums[row] = 1e9
            poisoned.kinds[row] = "poison\(row)"
            poisoned.verdicts[row] = rows.verdicts[row] == "fraud" ? "legit" : "fraud"
        }
        let clean = try request().run(on: rows.stream(100)), other = try request().run(on: poisoned.stream(100))
        #expect(try weights(clean) == weights(other) && clean.model.encoding == other.model.encoding)
        #expect(clean.report.evaluation != other.report.evaluation)
    }

    /// Rows are divided one by one, near the fraction, and alike in every pass.
    @Test(arguments: [SplitOptions.Key.row, .content, .columns(["sum"]), .group(["noise"])]) func drawnSplits(_ key: SplitOptions.Key) throws {
        let rows = Rows(2000)
        let outcome = try request(["passes": "2", "shuffle": "false"], split: SplitOptions(fraction: 0.7, seed: 4, key: key)).run(on: rows.stream(90))
        let training = outcome.report.trainingImport.rowsKept, evaluation = outcome.report.evaluationImport?.rowsKept ?? 0
        #expect(training + evaluation == 2000 && (1300...1500).contains(training), "\(training)")
        let again = try request(["passes": "2", "shuffle": "false"], split: SplitOptions(fraction: 0.7, seed: 4, key: key)).run(on: rows.stream(500))
        #expect(try weights(outcome) == weights(again))
    }

    @Test func judgedRowsAreLimited() throws {
        let outcome = try request().run(on: Rows(4000).stream(128), limits: StreamLimits(judgedRows: 100))
        #expect(outcome.report.evaluationImport?.notes == ["judged on 100 of the 1000 row(s)"])
        guard case .classification(let metrics) = outcome.report.evaluationMetrics else { throw LearnerError.noWeight }
        #expect(metrics.rows == 100)
    }

    @Test func whatNeedsAllRowsIsRefused() throws {
        let rows = Rows(200)
        func failure(_ change: (inout TrainingRequest) -> Void) -> String {
            var request = request()
            change(&request)
            do {
                _ = try request.run(on: rows.stream(50))
                return ""
            } catch { return "\(error)" }
        }
        #expect(failure { $0.learner = "linear-svm"; $0.hyperparameters = [:] }.contains("learner linear-svm needs all rows at once"))
        #expect(failure { $0.folds = 3 }.contains("cross-validation needs all rows"))
        #expect(failure { $0.balancing = BalancingOptions(method: .down) }.contains("balancing needs"))
        #expect(failure { $0.isStratified = true; $0.split = SplitOptions() }.contains("stratified"))
        #expect(failure { $0.split = SplitOptions(key: .time("sum")) }.contains("cannot be divided by time"))
        #expect(failure { $0.split = SplitOptions(key: .position) }.contains("cannot be divided by their numbers"))
        #expect(failure { $0.options.formByColumn = ["kind": .target] }.contains("column kind becomes numbers that all rows decide on"))
        #expect(failure { $0.roles.label = "none" }.contains("none"))
        let none = RowStream { _ in }
        #expect(throws: FeatureError.self) { try self.request().run(on: none) }
    }

    @Test func cancellationEndsIt() throws {
        let rows = Rows(500)
        #expect(throws: LearnerError.cancelled) {
            try request().run(on: rows.stream(50), context: TrainingContext(isCancelled: { true }))
        }
    }
}
