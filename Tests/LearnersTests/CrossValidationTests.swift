import FeatureTables
import Learners
import Testing

/// Folds of the training rows, and searches that are judged by them.
@Suite struct CrossValidationTests {
    /// Labels that have nothing to do with a column of many levels.
    private func chance(rows: Int = 8000) throws -> ImportData {
        try TestTable.make([
            ("city", .texts((0..<rows).map { "city \(Int(uniform(5_000_000 + $0) * 900))" })),
            ("x", .doubles((0..<rows).map { uniform(6_000_000 + $0) })),
            ("y", .ints((0..<rows).map { uniform(7_000_000 + $0) < 0.5 ? 1 : 0 })),
        ])
    }

    private func request(_ folds: Int?, _ form: CategoricalForm = .oneHot) -> TrainingRequest {
        var request = TrainingRequest(
            roles: ColumnRoles(label: "y"), learner: "logistic-regression", split: SplitOptions(fraction: 1, seed: 4))
        request.split = nil
        request.folds = folds
        request.options.formByColumn = ["city": form]
        return request
    }

    private func area(_ validation: CrossValidation) throws -> Double {
        try #require(validation.summaries.first { $0.measure.name == "areaUnderROC" }).mean
    }

    /// Numbers of levels are learned in each fold without its rows: were they learned before, chance would look like knowledge.
    @Test func nothingLeaksIntoFolds() throws {
        let data = try chance()
        let validation = try #require(try request(5, .target).run(on: data).report.crossValidation)
        #expect(validation.folds.count == 5)
        #expect(abs(try area(validation) - 0.5) < 0.02)
        // What a leak would look like.
        let all = try data.fitEncoding(roles: ColumnRoles(label: "y"), options: request(nil, .target).options).encoding
        let leaking = try data.featureTable(encoding: all)
        let scores = (0..<leaking.rowCount).map { leaking.matrix.column(0)[$0] }
        guard case .classes(let codes, _) = leaking.label else { throw LearnerError.missingLabel }
        #expect((RankingMetrics.areaUnderROC(scores: scores, isPositive: codes.map { $0 == 1 }) ?? 0) > 0.6)
    }

    @Test func foldsAreEvenStratifiedAndTheSameForAllThreads() throws {
        let data = try TestTable.payments(rows: 503)
        var request = TrainingRequest(roles: ColumnRoles(label: "verdict", excluded: ["w"]), learner: "logistic-regression", split: nil)
        request.folds = 5
        let one = try #require(try request.run(on: data).report.crossValidation)
        let three = try request.run(on: data, context: TrainingContext(threads: 3)).report.crossValidation
        #expect(one == three)
        var supports: [Double] = []
        var rows = 0
        for fold in one.folds {
            guard case .classification(let metrics) = fold.metrics else { throw LearnerError.missingLabel }
            #expect(fold.trainingRows + metrics.rows == 503)
            supports.append(metrics.classes.map(\.support).min() ?? 0)
            rows += metrics.rows
        }
        #expect(rows == 503 && (supports.max() ?? 0) - (supports.min() ?? 0) <= 1)
    }

    @Test func groupsStayTogetherAndTimeGoesForward() throws {
        let rows = 400
        let data = try TestTable.make([
            ("customer", .ints((0..<rows).map { $0 * 7 % 60 })), ("day", .ints((0..<rows).map { $0 * 13 % 100 })),
            ("y", .doubles((0..<rows).map { Double($0 % 9) })),
        ])
        let all = (0..<Int32(rows)).map { $0 }
        let groups = try data.crossValidation(4, SplitOptions(key: .group(["customer"])), rows: all)
        var seen: Set<Int> = []
        for fold in groups {
            let inside = Set(fold.second.map { Int($0) * 7 % 60 })
            #expect(inside.isDisjoint(with: fold.first.map { Int($0) * 7 % 60 }) && inside.isDisjoint(with: seen))
            seen.formUnion(inside)
            #expect(fold.first.count + fold.second.count == rows)
        }
        #expect(seen.count == 60)
        let times = try data.crossValidation(4, SplitOptions(key: .time("day")), rows: all)
        for fold in times {
            let latest = fold.first.map { Int($0) * 13 % 100 }.max() ?? 0, earliest = fold.second.map { Int($0) * 13 % 100 }.min() ?? 0
            #expect(latest < earliest && fold.second.count > 60)
        }
        #expect(times.last?.second.contains { Int($0) * 13 % 100 == 99 } == true)
        for count in [0, 1, 101, 200] {
            #expect(throws: FeatureError.self) { try data.crossValidation(count, SplitOptions(), rows: Array(all.prefix(50))) }
        }
        #expect(throws: FeatureError.self) { try data.crossValidation(10, SplitOptions(key: .group(["customer"])), rows: [0, 60, 120]) }
    }

    // MARK: Searches

    private func search(_ method: SearchOptions.Method, _ texts: [String], trials: Int? = nil) -> SearchOptions {
        var options = SearchOptions()
        options.method = method
        options.dimensions = texts.compactMap { SearchDimension(parsing: $0) }
        options.trials = trials
        return options
    }

    private func numbers() throws -> ImportData { try ReferenceData.data() }

    private func searched(_ options: SearchOptions, learner: String = "linear-regression") throws -> ModelReport {
        var request = TrainingRequest(
            roles: ColumnRoles(label: "r", features: ["a", "b", "c", "d"]), learner: learner, split: SplitOptions(seed: 2))
        request.search = options
        request.folds = 3
        return try request.run(on: try numbers()).report
    }

    @Test func theBestOfAGridIsTrainedWith() throws {
        let report = try searched(search(.grid, ["l2=100,0.001,1", "standardize=true,false"]))
        let found = try #require(report.search)
        #expect(found.trials.count == 6 && found.objective == "rootMeanSquaredError" && !found.isBetterHigher)
        let best = found.trials[found.best]
        #expect(best.hyperparameters["l2"] == "0.001" && report.hyperparameters["l2"] == "0.001")
        #expect(found.trials.allSatisfy { ($0.mean ?? 0) >= (best.mean ?? 1) && $0.values.count == 3 })
        // The best is judged by what the report says of folds.
        let summary = try #require(report.crossValidation?.summaries.first { $0.measure.name == found.objective })
        #expect(summary.mean == best.mean && summary.values == best.values)
        #expect(report.evaluation != nil && report.lines().contains { $0.hasPrefix("search (grid)") })
    }

    @Test func drawsAreTheSameEachTimeAndDiffer() throws {
        let options = search(.random, ["l2=0.0001..10:log", "max-iterations=5..9"], trials: 8)
        let one = try #require(try searched(options).search), other = try #require(try searched(options).search)
        #expect(one == other && one.trials.count == 8 && Set(one.trials.map(\.hyperparameters)).count == 8)
        for trial in one.trials {
            let penalty = Double(trial.hyperparameters["l2"] ?? "") ?? -1, steps = Int(trial.hyperparameters["max-iterations"] ?? "") ?? 0
            #expect((0.0001...10).contains(penalty) && (5...9).contains(steps))
        }
        var further = options
        further.seed = 1
        #expect(try searched(further).search?.trials != one.trials)
        // A small space is used up.
        #expect(try searched(search(.random, ["max-iterations=5..7"], trials: 50)).search?.trials.count == 3)
    }

    @Test func halvingTriesManyOnFewRows() throws {
        var request = TrainingRequest(
            roles: ColumnRoles(label: "verdict", excluded: ["w"]), learner: "logistic-regression", split: nil, isStratified: true)
        request.search = search(.halving, ["l2=0.00001..100:log"], trials: 9)
        request.folds = 2
        let found = try #require(try request.run(on: try TestTable.payments(rows: 2400)).report.search)
        #expect(found.trials.filter { $0.rowShare < 0.2 }.count == 9)
        #expect(found.trials.filter { $0.rowShare > 0.3 && $0.rowShare < 0.4 }.count == 3)
        #expect(found.trials.filter { $0.rowShare == 1 }.count == 1 && found.trials[found.best].rowShare == 1)
    }

    /// A trial that fails is told, and the others go on; if all fail, why.
    @Test func failuresAreTold() throws {
        func error(_ options: SearchOptions, learner: String = "linear-regression") -> String {
            do {
                _ = try searched(options, learner: learner)
                return ""
            } catch { return "\(error)" }
        }
        #expect(error(search(.grid, [])).contains("nothing to try"))
        #expect(error(search(.grid, ["magic=1"])).contains("no hyperparameter 'magic'"))
        #expect(error(search(.grid, ["l2=-1"])).contains("l2 must be"))
        #expect(error(search(.grid, ["max-iterations=1..1e300"])).contains("max-iterations must be"))
        #expect(error(search(.random, ["l2=1,2"], trials: -1)).contains("the number of trials"))
        #expect(error(search(.random, ["l2=1,2"], trials: Int.max)).contains("the number of trials"))
        #expect(error(search(.grid, ["l2=3..1"])).contains("a range from the least"))
        #expect(error(search(.grid, ["l2=0..1:log"])).contains("a range of numbers above 0"))
        #expect(error(search(.grid, ["max-iterations=1.5..3"])).contains("max-iterations must be"))
        #expect(error(search(.grid, ["standardize=0..1"])).contains("standardize must be"))
        #expect(error(search(.grid, ["l2=1", "l2=2"])).contains("tried twice"))
        #expect(error(search(.grid, ["max-iterations=1..900", "l2=0..1", "tolerance=0..1"])).contains("more than 10000"))
        #expect(error(search(.grid, ["l2=1"], trials: 3)).contains("all combinations"))
        var options = search(.grid, ["l2=1"])
        options.objective = "beauty"
        #expect(error(options).contains("no measure 'beauty'") && error(options).contains("meanAbsoluteError"))
        options.objective = "mean_absolute_error"
        #expect(error(options) == "")
        for text in ["l2", "=1", "l2=", "l2=1,,2", "l2=a..b", "l2=1..2:exp"] { #expect(SearchDimension(parsing: text) == nil, "\(text)") }
    }
}
