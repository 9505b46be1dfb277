import Columnar
import FeatureTables
import Learners
import Platform
import Testing

/// Trainings without a label: what they take and refuse, what they report, and how their models are kept.
@Suite struct UnsupervisedRequestTests {
    private static let names = [KMeans.name, PrincipalComponents.name, IsolationForest.name]

    private func request(_ learner: String, _ hyperparameters: [String: String] = [:]) -> TrainingRequest {
        TrainingRequest(
            roles: ColumnRoles(excluded: ["y", "z", "r", "w"], identifiers: ["id"]), learner: learner, hyperparameters: hyperparameters)
    }

    /// The numbers of all columns, of arrays and their structures too.
    private func numbers(_ columns: [Column]) -> [[Double]] {
        columns.flatMap { column -> [[Double]] in
            switch column.type.physical {
            case .double: [(0..<column.count).map { column.values(as: Double.self)[$0] }]
            case .int64: [(0..<column.count).map { Double(column.values(as: Int64.self)[$0]) }]
            case .boolean: [(0..<column.count).map { Double(column.values(as: UInt8.self)[$0]) }]
            default: numbers(column.children)
            }
        }
    }

    @Test(arguments: names) func modelsAreTrainedSavedAndLoaded(_ name: String) throws {
        let data = try ReferenceData.data()
        let outcome = try request(name).run(on: data)
        let report = outcome.report
        #expect(report.label == nil && report.split == nil && report.evaluation == nil && report.trainingImport.rowsKept == 200)
        #expect(report.lines().first == "\(name) · \(report.task.rawValue)")
        let json = try report.json()
        #expect(json.contains("\"task\": \"\(report.task.rawValue)\"") && !json.contains("\"label\""))
        try TestTable.withFolder { folder in
            try outcome.model.save(to: folder + "/one")
            try request(name).run(on: data, context: TrainingContext(threads: 3)).model.save(to: folder + "/two")
            #expect(try RegularFile.contents(of: folder + "/one") == RegularFile.contents(of: folder + "/two"))
            let loaded = try TrainedModel.load(from: folder + "/one")
            try loaded.save(to: folder + "/three")
            #expect(try RegularFile.contents(of: folder + "/one") == RegularFile.contents(of: folder + "/three"))
            let before = try PredictionRequest(model: outcome.model).run(on: data)
            let after = try PredictionRequest(model: loaded).run(on: data, threads: 3)
            #expect(before.judgement == after.judgement && numbers(before.columns) == numbers(after.columns))
            #expect(numbers(after.columns).contains { $0.count >= 200 })
            // Measured on the rows it was trained on, the model says what the training said.
            guard case .unsupervised(let own) = report.training.unweighted, case .unsupervised(let other) = after.metrics else {
                throw LearnerError.inconsistentModel
            }
            #expect(own.rows == 200 && own.measures.map(\.name) == other.measures.map(\.name))
            #expect(agree(own.measures.compactMap(\.value), other.measures.compactMap(\.value), 1e-9))
            #expect(!after.judgement.lines().isEmpty && after.judgement.notes.isEmpty && after.judgement.rowsJudged == 200)
        }
    }

    @Test func columnsAreNamed() throws {
        let data = try ReferenceData.data()
        func names(_ learner: String, _ hyperparameters: [String: String]) throws -> [String] {
            let model = try request(learner, hyperparameters).run(on: data).model
            return try PredictionRequest(model: model).run(on: data).schema.map { "\($0.name) \($0.type)" }
        }
        #expect(
            try names("kmeans", ["num-clusters": "3"])
                == ["id string", "centroid_id bigint", "nearest_centroids_distance array<struct<centroid_id:bigint,distance:double>>"])
        #expect(
            try names("pca", ["num-principal-components": "2"])
                == ["id string", "principal_component_1 double", "principal_component_2 double"])
        #expect(try names("isolation-forest", [:]) == ["id string", "is_anomaly boolean", "anomaly_score double"])
    }

    @Test(arguments: names) func whatIsAboutLabelsIsRefused(_ name: String) throws {
        let data = try ReferenceData.data()
        var labelled = request(name)
        labelled.roles.label = "y"
        #expect(learnerError { _ = try labelled.run(on: data) } == .labelNotLearned("y", learner: name))
        var positive = request(name)
        positive.positiveClass = "1"
        #expect(learnerError { _ = try positive.run(on: data) } != nil)
        var stratified = request(name)
        stratified.isStratified = true
        #expect(learnerError { _ = try stratified.run(on: data) } != nil)
        var folded = request(name)
        folded.folds = 3
        #expect(learnerError { _ = try folded.run(on: data) } == .notWithoutLabel("label to judge folds by", learner: name))
        var named = NamedModel(name: "m", model: try request(name).run(on: data).model)
        let refused = learnerError { try named.judge(data) }
        #expect(refused == .notReported(learner: name))
        #expect(learnerError { _ = try EvaluationRequest().report(on: named, rows: nil) } == .notReported(learner: name))
        var task = request(name)
        task.task = .regression
        #expect(learnerError { _ = try task.run(on: data) } == .wrongTask(learner: name, task: "regression"))
        func invalid(_ option: String, _ values: [String]) -> String? {
            var options = TrainingOptions()
            do {
                try options.set("learner", to: [name], spelled: "--learner")
                try options.set(option, to: values, spelled: "--\(option)")
                _ = try options.finished(label: "--label")
            } catch let error as TrainingOptions.Invalid { return error.description } catch { return "\(error)" }
            return nil
        }
        for (option, values) in [
            ("label", ["y"]), ("split", ["0.5"]), ("stratify", []), ("positive-class", ["1"]), ("split-group", ["d"]),
        ] {
            #expect(invalid(option, values) == "--\(option) says nothing to learner \(name), which learns without a label from all rows")
        }
        #expect(invalid("cross-validate", ["3"])?.contains("there is no label to judge folds by") == true)
        for (option, value) in [("try", "seed=1,2"), ("trials", "5"), ("search", "grid"), ("objective", "logLoss")] {
            #expect(invalid(option, [value])?.contains("there is no label to judge a search by") == true, "\(option)")
        }
        #expect(invalid("split", ["1"]) == nil && invalid("seed", ["7"]) == nil && invalid("weight", ["w"]) == nil)
    }

    @Test func theSeedIsTheLearners() throws {
        var options = TrainingOptions()
        try options.set("learner", to: ["kmeans"], spelled: "--learner")
        try options.set("seed", to: ["7"], spelled: "--seed")
        #expect(try options.finished(label: "--label").hyperparameters == ["seed": "7"])
        var forgotten = TrainingOptions()
        try forgotten.set("learner", to: ["linear-regression"], spelled: "--learner")
        #expect(throws: TrainingOptions.Invalid.self) { _ = try forgotten.finished(label: "--label") }
    }

    /// Missing values are filled, texts become features; rows with weights are measured twice.
    @Test(arguments: names) func rowsAreEncoded(_ name: String) throws {
        let data = try TestTable.make([
            ("a", .doubles((0..<90).map { $0 % 10 == 0 ? nil : uniform($0) })), ("b", .doubles((0..<90).map { uniform($0 + 500) })),
            ("kind", .texts((0..<90).map { ["x", "y", "z"][$0 % 3] })), ("w", .doubles((0..<90).map { Double($0 % 4) })),
        ])
        let outcome = try TrainingRequest(roles: ColumnRoles(weight: "w"), learner: name).run(on: data)
        #expect(outcome.model.encoding.featureNames == ["a", "b", "kind=x", "kind=y", "kind=z"])
        #expect(outcome.report.training.weighted != nil && outcome.report.weight == "w")
        let judged = try PredictionRequest(model: outcome.model).run(on: data).judgement
        #expect(judged.quality?.weighted != nil && judged.weight == "w")
        for hyperparameter in outcome.report.hyperparameters.keys {
            #expect(learnerError { _ = try LearnerCatalog.learner(named: name, hyperparameters: [hyperparameter: "-1e999"]) } != nil)
        }
        func failure(_ roles: ColumnRoles, _ data: ImportData) -> String? {
            do { _ = try TrainingRequest(roles: roles, learner: name).run(on: data) } catch { return "\(error)" }
            return nil
        }
        #expect(failure(ColumnRoles(excluded: ["a", "b", "kind", "w"]), data) != nil)
        #expect(failure(ColumnRoles(), try TestTable.make([("a", .doubles([]))]))?.contains("no rows") == true)
        #expect(failure(ColumnRoles(), try TestTable.make([("a", .doubles([nil, nil]))])) != nil)
        // Of one row there is a cluster, and nothing else.
        #expect((failure(ColumnRoles(), try TestTable.make([("a", .doubles([1]))])) == nil) == (name == "kmeans"))
    }

    /// Whatever stands in a file that is sealed like a model's: an error, or predictions.
    @Test(arguments: names) func damagedModelsAreRefused(_ name: String) throws {
        let data = try ReferenceData.data()
        let model = try request(name, name == "isolation-forest" ? ["num-trees": "3", "subsample-size": "16"] : [:]).run(on: data).model
        try TestTable.withFolder { folder in
            try model.save(to: folder + "/m")
            let whole = try ModelArchive(try RegularFile.contents(of: folder + "/m"))
            var refused = 0, trial: UInt64 = 0
            func draw(_ count: Int) -> Int {
                trial += 1
                return Int(SplitMix.mix(trial) % UInt64(max(count, 1)))
            }
            for _ in 0..<400 {
                var archive = whole
                if draw(2) == 0 {
                    let part = draw(archive.parts.count)
                    var bytes = archive.parts[part].bytes
                    switch draw(3) {
                    case 0: bytes.removeLast(1 + draw(min(20, bytes.count - 1)))
                    case 1: bytes[draw(bytes.count)] ^= UInt8(1 << draw(8))
                    default:
                        let word = draw(bytes.count / 8) * 8
                        for place in word..<(word + 8) { bytes[place] = 0xFF }
                    }
                    archive.parts[part].bytes = bytes
                } else {
                    var text = Array(try archive.model.written().utf8)
                    let digits = text.indices.filter { (0x30...0x39).contains(text[$0]) }
                    let place = digits[draw(digits.count)]
                    text.replaceSubrange(place...place, with: Array(["-1", "0", "1e308", "99999999999", "[]", "null"][draw(6)].utf8))
                    guard let head = try? JSON(text) else { continue }
                    archive.model = head
                }
                try FileReplacement.write(try archive.encoded(), to: folder + "/m")
                do {
                    let loaded = try TrainedModel.load(from: folder + "/m")
                    let outcome = try PredictionRequest(model: loaded).run(on: data)
                    #expect(outcome.columns.allSatisfy { $0.count == 200 })
                } catch { refused += 1 }
            }
            #expect(refused > 50)
            // A model of one learner under another's name, or with a label it does not have.
            for (one, other) in [("\"\(name)\"", "\"linear-regression\""), ("\"task\":\"\(model.model.task.rawValue)\"", "\"task\":\"regression\"")] {
                let text = try whole.model.written().replacing(one, with: other)
                try FileReplacement.write(try ModelArchive(model: try JSON(Array(text.utf8)), parts: whole.parts).encoded(), to: folder + "/m")
                #expect(learnerError { _ = try TrainedModel.load(from: folder + "/m") } != nil, "\(one)")
            }
        }
    }

    @Test func anomaliesNeedAShareOrALimit() throws {
        let data = try ReferenceData.data()
        let schema = ["a", "b", "c", "d"].map { SchemaColumn(name: $0, type: .double) }
        for name in Self.names {
            let kept = name == PrincipalComponents.name ? ["num-principal-components": "2"] : [:]
            let model = try request(name, kept).run(on: data).model
            if name == IsolationForest.name {
                _ = try BatchPredictor(anomaliesOf: model, schema: schema, contamination: nil)
            } else {
                #expect(learnerError { _ = try BatchPredictor(anomaliesOf: model, schema: schema, contamination: nil) } != nil)
            }
            let predictor = try BatchPredictor(anomaliesOf: model, schema: schema, contamination: 0.1)
            let columns = try schema.map { data.columns[try data.columnIndex($0.name)] }
            let told = try predictor.predict(columns, rows: .all(200), count: 200)
            #expect(numbers(told.children)[0].reduce(0, +) == 20, "\(name)")
        }
        // Where all components are kept nothing is missing of a row.
        let whole = try BatchPredictor(
            anomaliesOf: try request(PrincipalComponents.name).run(on: data).model, schema: schema, contamination: 0.5)
        let columns = try schema.map { data.columns[try data.columnIndex($0.name)] }
        #expect(numbers(try whole.predict(columns, rows: .all(200), count: 200).children)[0].allSatisfy { $0 == 0 })
        let regression = try TrainingRequest(roles: ColumnRoles(label: "r", features: ["a", "b", "c", "d"]), learner: "linear-regression")
            .run(on: data).model
        #expect(
            learnerError { _ = try BatchPredictor(anomaliesOf: regression, schema: schema, contamination: 0.1) }
                == .wrongTask(learner: "linear-regression", task: "anomaly-detection"))
    }
}
