import FeatureTables
import Learners
import Testing

/// A learner of a program's own: the class whose mean is nearest, of one feature.
private struct NearestMean: Learner {
    var name: String { NearestMeanKind().name }
    var shift: Double
    var hyperparameters: [String: String] { ["shift": HyperparameterValue.number(shift).text] }

    func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        guard case .classes(let codes, let names) = table.label else { throw LearnerError.missingLabel }
        let values = table.matrix.column(0)
        let means = names.indices.map { code -> Double in
            let own = values.indices.filter { Int(codes[$0]) == code }
            return own.reduce(shift) { $0 + values[$1] / Double(own.count) }
        }
        let model = NearestMeanModel(means: means, classes: names, featureNames: table.featureNames)
        return TrainingResult(
            model: model, fit: FitSummary(iterations: 1, objective: nil, converged: true, stopReason: "means taken"))
    }
}

private struct NearestMeanModel: Model, Codable {
    var means: [Double]
    var classes: [String]
    var featureNames: [String]
    var task: LearningTask { classes.count == 2 ? .binaryClassification : .multiclassClassification }
    var influences: [FeatureInfluence] { [FeatureInfluence(feature: featureNames[0], magnitude: 1)] }

    func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions {
        let rows = matrix.column(0).flatMap { value -> [Double] in
            let near = means.map { 1 / (1e-9 + abs($0 - value)) }
            return near.map { $0 / near.reduce(0, +) }
        }
        return .classes(probabilities: rows, names: classes)
    }

    func saved() throws -> SavedModel {
        var saved = SavedModel(task: task, featureNames: featureNames, classes: classes)
        try saved.setContent(["means": means])
        saved.setPart("mark", Array("nearest".utf8))
        return saved
    }
}

private struct NearestMeanKind: LearnerKind {
    struct Foreign: Error {}

    var name: String { "nearest-mean" }
    var summary: String { "classes; the nearest mean of one feature" }
    var tasks: [LearningTask] { [.binaryClassification, .multiclassClassification] }
    var takesMissingValues: Bool { false }
    var parameters: [HyperparameterDescription] {
        [.init("shift", .number(.atLeast(-1, upTo: 1)), default: .number(0), "added to every mean")]
    }

    func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner {
        NearestMean(shift: try values.number("shift"))
    }

    func decode(_ saved: SavedModel) throws -> any Model {
        guard saved.part("mark") == Array("nearest".utf8) else { throw Foreign() }
        let means = try saved.content(as: [String: [Double]].self)["means"] ?? []
        return NearestMeanModel(means: means, classes: saved.classes, featureNames: saved.featureNames)
    }
}

@Suite(.serialized) struct LearnerKindTests {
    private func register() { try? LearnerCatalog.register(NearestMeanKind()) }

    @Test func ownLearnersAreTrainedSavedAndLoaded() throws {
        register()
        let request = TrainingRequest(
            roles: ColumnRoles(label: "z", features: ["a"]), learner: "nearest-mean", hyperparameters: ["shift": "0.5"])
        let data = try ReferenceData.data()
        let outcome = try request.run(on: data)
        #expect(outcome.report.hyperparameters == ["shift": "0.5"] && outcome.report.task == .multiclassClassification)
        try TestTable.withFolder { folder in
            try outcome.model.save(to: folder + "/m")
            let loaded = try TrainedModel.load(from: folder + "/m")
            let before = try PredictionRequest(model: outcome.model).run(on: data)
            let after = try PredictionRequest(model: loaded).run(on: data)
            #expect(before.judgement == after.judgement && loaded.report?.learner == "nearest-mean")
        }
        #expect(learnerError { try LearnerCatalog.register(NearestMeanKind()) } == .learnerExists("nearest-mean"))
        #expect(learnerError { _ = try LearnerCatalog.learner(named: "nearest-mean", hyperparameters: ["shift": "2"]) }
            == .invalidHyperparameter(name: "shift", value: "2", expected: "a number from -1 to 1"))
        #expect(learnerError { _ = try LearnerCatalog.learner(named: "nearest-mean", task: .regression) }
            == .wrongTask(learner: "nearest-mean", task: "regression"))
    }

    @Test func valuesAreReadByType() throws {
        let parameters: [HyperparameterDescription] = [
            .init("rate", .number(.above(0, upTo: 1)), default: .automatic, "", automatic: "1 / rows"),
            .init("size", .integer(1...9), default: .integer(3), ""), .init("on", .flag, default: .flag(false), ""),
            .init("how", .choice(["fast", "exact"]), default: .choice("exact"), ""),
        ]
        func values(_ given: [String: String]) throws -> HyperparameterValues {
            try HyperparameterValues(given, of: parameters, learner: "test")
        }
        let defaults = try values([:])
        #expect(defaults.texts == ["rate": "auto", "size": "3", "on": "false", "how": "exact"])
        #expect(try defaults.numberOrAutomatic("rate") == nil && defaults.integer("size") == 3)
        let given = try values(["rate": "0.25", "size": "9", "on": "yes", "how": "FAST"])
        #expect(try given.numberOrAutomatic("rate") == 0.25 && given.flag("on") && given.choice("how") == "fast")
        for (name, text, expected) in [
            ("rate", "0", "a number above 0, at most 1, or auto"), ("rate", "nan", "a number above 0, at most 1, or auto"),
            ("size", "10", "a whole number from 1 to 9"), ("size", "auto", "a whole number from 1 to 9"),
            ("on", "maybe", "true or false"), ("how", "slow", "fast, exact"),
        ] {
            #expect(learnerError { _ = try values([name: text]) } == .invalidHyperparameter(name: name, value: text, expected: expected))
        }
        #expect(learnerError { _ = try given.number("size") } != nil)
    }
}
