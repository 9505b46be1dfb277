import Columnar
import FeatureTables
import Learners
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct TrainingRequestTests {
    private let features = ["a", "b", "c", "d"]

    private func request(_ learner: String, _ label: String, _ hyperparameters: [String: String] = [:]) -> TrainingRequest {
        TrainingRequest(
            roles: ColumnRoles(label: label, features: features, identifiers: ["id"]), learner: learner,
            hyperparameters: hyperparameters, split: SplitOptions(fraction: 0.75, seed: 7))
    }

    private func doubles(_ outcome: PredictionOutcome, _ name: String) -> [Double] {
        guard let position = outcome.schema.firstIndex(where: { $0.name == name }) else { return [] }
        let values = outcome.columns[position].values(as: Double.self)
        return (0..<outcome.rowCount).map { values[$0] }
    }

    @Test func trainsAndReports() throws {
        let outcome = try request("logistic-regression", "y").run(on: try ReferenceData.data())
        let report = outcome.report
        #expect(report.task == .binaryClassification)
        #expect(report.trainingImport.rowsKept == 150 && report.evaluationImport?.rowsKept == 50)
        guard case .classification(let metrics) = report.evaluationMetrics else { throw LearnerError.noWeight }
        #expect((metrics.areaUnderROC ?? 0) > 0.75)
        let lines = report.lines()
        #expect(lines.first == "logistic-regression · binary-classification of y")
        #expect(lines.contains { $0.hasPrefix("AUC ") })
        #expect(lines.contains { $0.contains("█") })
        #expect(lines.contains { $0.contains("actual \\ predicted") })
        let coded = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(ModelReport.self, from: coded) == report)
    }

    @Test(arguments: [
        ("logistic-regression", "y"), ("logistic-regression", "z"), ("linear-regression", "r"), ("boosted-trees", "y"),
        ("boosted-trees", "z"), ("boosted-trees", "r"),
    ])
    func savedModelsPredictTheSameBits(_ learner: String, _ label: String) throws {
        let data = try ReferenceData.data()
        let outcome = try request(learner, label).run(on: data)
        try TestTable.withFolder { folder in
            let path = folder + "/model.json"
            try outcome.model.save(to: path)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.json"])
            let loaded = try TrainedModel.load(from: path)
            let before = try PredictionRequest(model: outcome.model).run(on: data)
            let after = try PredictionRequest(model: loaded).run(on: data)
            #expect(before.schema == after.schema)
            #expect(before.schema.map(\.name).prefix(2) == ["id", "prediction"])
            for column in before.schema.filter({ $0.type == .double }).map(\.name) {
                #expect(doubles(before, column).map(\.bitPattern) == doubles(after, column).map(\.bitPattern))
            }
            #expect(before.metrics == after.metrics && before.metrics != nil)
            var report = outcome.report
            report.seconds = nil
            #expect(loaded.report == report)
        }
    }

    /// A level may hold anything, and a report is for a terminal.
    @Test func namesStayInTheirLines() throws {
        let levels = ["one\nline", "a\u{1b}[31mred", String(repeating: "long ", count: 600), "plain"]
        let data = try TestTable.make([
            ("k", .texts((0..<200).map { levels[$0 % 4] })), ("y", .texts((0..<200).map { $0 % 3 == 0 ? "a\tb" : "c" })),
        ])
        let report = try TrainingRequest(roles: ColumnRoles(label: "y"), learner: "logistic-regression").run(on: data).report
        let lines = report.lines()
        #expect(lines.allSatisfy { line in line.count < 200 && !line.unicodeScalars.contains { $0.value < 32 } })
        #expect(lines.contains { $0.hasPrefix("k=one\\u000aline ") } && lines.contains { $0.hasPrefix("k=long long ") && $0.contains("…") })
    }

    @Test func carriedColumnsMayNotBeNamedAsResults() throws {
        let data = try TestTable.make([
            ("x", .doubles((0..<50).map { Double($0 % 7) })), ("prediction", .ints((0..<50).map { $0 })), ("y", .ints((0..<50).map { $0 % 2 })),
        ])
        let model = try TrainingRequest(roles: ColumnRoles(label: "y", features: ["x"]), learner: "logistic-regression").run(on: data).model
        let refused = FeatureError.conflictingRoles(column: "prediction", "kept beside the predictions", "one of their columns")
        #expect(throws: refused) { try PredictionRequest(model: model, carried: ["prediction"]).run(on: data) }
        #expect(try PredictionRequest(model: model, carried: ["x"]).run(on: data).schema.first?.name == "x")
    }

    @Test(arguments: ["logistic-regression", "boosted-trees"]) func equalTrainingsGiveEqualBytes(_ learner: String) throws {
        let data = try ReferenceData.data()
        try TestTable.withFolder { folder in
            for name in ["one", "two"] {
                try request(learner, "z").run(on: data).model.save(to: "\(folder)/\(name)")
            }
            let one = try Data(contentsOf: URL(fileURLWithPath: folder + "/one"))
            #expect(try one == Data(contentsOf: URL(fileURLWithPath: folder + "/two")))
        }
    }

    @Test func predictionsHaveTheLabelsTypeAndProbabilities() throws {
        let data = try ReferenceData.data()
        let outcome = try request("logistic-regression", "z").run(on: data)
        let predictions = try PredictionRequest(model: outcome.model, carried: ["z"]).run(on: data)
        #expect(predictions.schema.map(\.name)
            == ["id", "z", "prediction", "probability", "probability_0", "probability_1", "probability_2"])
        #expect(predictions.schema[2].type == .bigint)
        let sums = zip(zip(doubles(predictions, "probability_0"), doubles(predictions, "probability_1")), doubles(predictions, "probability_2"))
        #expect(sums.allSatisfy { abs($0.0 + $0.1 + $1 - 1) < 1e-12 })
    }

    /// A table to be scored need not have the label, nor a value everywhere.
    @Test func scoresRowsWithoutLabelAndWithGaps() throws {
        let outcome = try TrainingRequest(
            roles: ColumnRoles(label: "y", features: ["a", "b"]), learner: "logistic-regression",
            options: ImportOptions(missing: .dropRow)
        ).run(on: try ReferenceData.data())
        let a = ColumnBuilder(.double), b = ColumnBuilder(.double)
        a.append(1.0); a.appendNull(); a.append(3.0)
        for value in [1.0, 2, 3] { b.append(value) }
        let schema = [SchemaColumn(name: "b", type: .double), SchemaColumn(name: "A", type: .double)]
        let data = try ImportData(schema: schema, batches: [Batch(columns: [b.finish(), a.finish()], capacity: 3)])
        let predictions = try PredictionRequest(model: outcome.model).run(on: data)
        #expect(predictions.rowCount == 3 && predictions.metrics == nil)
        #expect(predictions.columns.allSatisfy { !$0.isNull(0) && $0.isNull(1) && !$0.isNull(2) })
        #expect(predictions.summary.rowsWithMissingValues == 1)
    }

    @Test func threadsDoNotChangeTheReport() throws {
        let data = try ReferenceData.data()
        var one = try request("logistic-regression", "z").run(on: data, context: TrainingContext(threads: 1)).report
        let two = try request("logistic-regression", "z").run(on: data, context: TrainingContext(threads: 2)).report
        one.seconds = two.seconds
        #expect(one == two)
    }

    @Test func taskIsTakenFromLearnerAndLabel() throws {
        let data = try ReferenceData.data()
        #expect(try request("boosted-trees", "z", ["rounds": "3"]).run(on: data).report.task == .multiclassClassification)
        var asNumber = request("boosted-trees", "z", ["rounds": "3"])
        asNumber.task = .regression
        #expect(try asNumber.run(on: data).report.task == .regression)
        var tooFew = request("boosted-trees", "z")
        tooFew.task = .binaryClassification
        #expect(learnerError { _ = try tooFew.run(on: data) } != nil)
        #expect(learnerError { _ = try request("logistic-regression", "r").run(on: data) }
            == .labelIsQuantity(label: "r", values: 200))
    }

    @Test func mistakesAreExplained() throws {
        let data = try ReferenceData.data()
        func message(_ request: TrainingRequest) -> String {
            do { _ = try request.run(on: data) } catch { return "\(error)" }
            return ""
        }
        #expect(message(request("logistic-regression", "q")).contains("no column 'q'"))
        #expect(message(request("forest", "y")).contains("unknown learner 'forest'"))
        #expect(message(request("linear-regression", "id")).contains("cannot be both the label and an identifier"))
        let text = TrainingRequest(roles: ColumnRoles(label: "id", features: features), learner: "linear-regression")
        #expect(message(text).contains("must be numeric, but holds 'row "))
        var none = request("logistic-regression", "y")
        none.split = SplitOptions(fraction: 0)
        #expect(message(none).contains("leaves no row to train on"))
        none.roles.label = nil
        #expect(message(none) == "no label column is named")
        let empty = try ReferenceData.data(rows: 0..<0)
        #expect(throws: FeatureError.noRows("the query gives no rows")) {
            _ = try request("logistic-regression", "y").run(on: empty)
        }
    }

    @Test func damagedModelFilesAreErrors() throws {
        let outcome = try request("logistic-regression", "y").run(on: try ReferenceData.data())
        try TestTable.withFolder { folder in
            let path = folder + "/m.json"
            try outcome.model.save(to: path)
            let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
            func load(_ content: String) throws -> LearnerError? {
                try Data(content.utf8).write(to: URL(fileURLWithPath: path))
                return learnerError { _ = try TrainedModel.load(from: path) }
            }
            for cut in stride(from: 0, to: text.utf8.count, by: 97) {
                #expect(try load(String(text.prefix(cut))) != nil)
            }
            #expect(try load(text.replacing("hiveql-model 2 ", with: "hiveql-model 9 "))?.description
                .contains("its version is 9") == true)
            #expect(try load(text.replacing("hiveql-model", with: "other")) != nil)
            #expect(try load(text.replacing("logistic-regression", with: "logistic-regressiom"))?.description
                .contains("its digest is another") == true)
            #expect(try load(text + " ") != nil)
            #expect(try load(text) == nil)
        }
        #expect(learnerError { _ = try TrainedModel.load(from: "/no such file") }
            == .cannotRead(path: "/no such file", reason: "there is no such file"))
        for path in ["/no such folder/m.json", "/dev/null", "/tmp"] {
            #expect(learnerError { try outcome.model.save(to: path) } != nil, "\(path)")
            #expect(learnerError { try TrainedModel.checkCanSave(to: path) } != nil, "\(path)")
        }
    }

    @Test func stratifiedSplitKeepsShares() throws {
        var stratified = request("logistic-regression", "z")
        stratified.isStratified = true
        let report = try stratified.run(on: try ReferenceData.data()).report
        guard case .classification(let metrics) = report.evaluationMetrics else { throw LearnerError.noWeight }
        // A quarter of 67, 62 and 71 rows.
        #expect(metrics.classes.map(\.support) == [17, 15, 18])
    }
}
