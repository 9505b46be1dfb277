import FeatureTables
import Platform

/// A model with all that is needed to apply it to another table.
public struct TrainedModel: Sendable {
    public var learner: String
    public var hyperparameters: [String: String]
    public var encoding: FeatureEncoding
    public var model: any Model
    public var report: ModelReport?
    /// What rows go through before they are encoded; nil: they are encoded as they are.
    public var transform: FittedTransform?

    public init(
        learner: String, hyperparameters: [String: String], encoding: FeatureEncoding, model: any Model,
        report: ModelReport? = nil, transform: FittedTransform? = nil
    ) {
        self.transform = transform
        self.learner = learner
        self.hyperparameters = hyperparameters
        self.encoding = encoding
        self.model = model
        self.report = report
    }

    /// What a saved model says of itself beside the content and the parts that its learner gives.
    private struct Head: Codable {
        var learner: String
        var task: LearningTask
        var hyperparameters: [String: String]
        var classes: [String]
        var featureNames: [String]
        var encoding: FeatureEncoding
        var report: ModelReport?
        var transform: FittedTransform?
        var calibration: ProbabilityCalibration?
    }

    private static let contentName = "content"
    /// Where the content of linear models stood before other learners had one.
    private static let linearContentName = "linearModel"

    // MARK: Saving

    /// Writes the model as one file, in the place of a regular file or of none. Equal models give equal bytes: how long
    /// the training took is left out.
    /// - Throws: `LearnerError.cannotWrite`.
    public func save(to path: String) throws {
        let bytes = try saved(to: path)
        do { try FileReplacement.write(bytes, to: path) } catch let error as FileError {
            throw LearnerError.cannotWrite(path: path, reason: error.reason)
        }
    }

    /// Whether `save` may be expected to write to `path`, to be asked before the training.
    /// - Throws: `LearnerError.cannotWrite`.
    public static func checkCanSave(to path: String) throws {
        do { try FileReplacement.check(path) } catch let error as FileError {
            throw LearnerError.cannotWrite(path: path, reason: error.reason)
        }
    }

    private func saved(to path: String) throws -> [UInt8] {
        var report = report
        report?.seconds = nil
        do {
            let saved = try model.saved()
            let head = Head(
                learner: learner, task: model.task, hyperparameters: hyperparameters, classes: saved.classes,
                featureNames: model.featureNames, encoding: encoding, report: report,
                transform: transform, calibration: (model as? CalibratedModel)?.calibration)
            guard case .object(var members) = try JSON(encoding: head) else { return [] }
            if let content = saved.coded { members.append(JSON.Member(Self.contentName, content)) }
            members.sort { $0.name < $1.name }
            return try ModelArchive(model: .object(members), parts: saved.parts).encoded()
        } catch let error as EncodingError {
            throw LearnerError.cannotWrite(path: path, reason: JSONText.explanation(error))
        } catch let error as CryptoError {
            throw LearnerError.cannotWrite(path: path, reason: error.description)
        }
    }

    // MARK: Loading

    /// Reads what `save(to:)` wrote, and what it wrote when a booster had a file of its own. The model predicts what it
    /// predicted before, bit for bit.
    /// - Throws: `LearnerError.cannotRead`, or `.invalidModel` for anything that is not a whole model of these versions
    ///   and of a learner that is known.
    public static func load(from path: String) throws -> TrainedModel {
        let bytes = try read(path)
        do {
            if ModelArchive.isArchive(bytes) {
                let archive = try ModelArchive(bytes)
                return try TrainedModel(archive.model, parts: archive.parts)
            }
            let document = try twoFileHead(bytes)
            var parts: [ModelArchive.Part] = []
            if document[linearContentName] == nil, let file = document["boosterFile"]?.text {
                guard !file.contains("/") else { throw ModelArchive.Invalid(reason: "its parts do not fit together") }
                let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
                parts.append(ModelArchive.Part(name: BoostedTreesKind.boosterPart, bytes: try read(folder + file)))
            }
            let loaded = try TrainedModel(document, parts: parts)
            try loaded.checkInfluences()
            return loaded
        } catch let error as ModelArchive.Invalid {
            throw LearnerError.invalidModel(path: path, reason: error.reason)
        } catch LearnerError.library(let reason) {
            throw LearnerError.invalidModel(path: path, reason: reason)
        } catch let error as LearnerError where error.isOfContent {
            throw LearnerError.invalidModel(path: path, reason: error.description)
        } catch let error as DecodingError {
            throw LearnerError.invalidModel(path: path, reason: JSONText.explanation(error))
        } catch let error as CryptoError {
            throw LearnerError.cannotRead(path: path, reason: error.description)
        } catch let error as LearnerError {
            throw error
        } catch {
            // What a learner of the program's own says.
            throw LearnerError.invalidModel(path: path, reason: "\(error)")
        }
    }

    /// The JSON of the first form.
    private static func twoFileHead(_ bytes: [UInt8]) throws -> JSON {
        let document: JSON
        do { document = try JSON(bytes) } catch {
            throw ModelArchive.Invalid(reason: "it is no model of hiveql, nor JSON: \(error)")
        }
        guard let format = document["format"]?.text, format == "hiveql-model" else {
            throw ModelArchive.Invalid(reason: "its format is '\(document["format"]?.text ?? "unknown")'")
        }
        let version = document["formatVersion"]?.integer
        guard version == 1 else {
            throw ModelArchive.Invalid(
                reason: "its version is \(version.map(String.init) ?? "unknown"), this program reads 1 and \(ModelArchive.version)")
        }
        return document
    }

    private init(_ document: JSON, parts: [ModelArchive.Part]) throws {
        let head = try document.decode(Head.self)
        let kind: any LearnerKind
        do { kind = try LearnerCatalog.kind(named: head.learner) } catch {
            throw ModelArchive.Invalid(reason: "it is of learner '\(head.learner)', which this program does not have")
        }
        var saved = SavedModel(task: head.task, featureNames: head.featureNames, classes: head.classes)
        saved.coded = document[Self.contentName] ?? document[Self.linearContentName]
        saved.parts = parts
        guard saved.isConsistent, kind.tasks.contains(head.task), head.task.hasLabel == (head.encoding.label != nil) else {
            throw ModelArchive.Invalid(reason: "its parts do not fit together")
        }
        var model = try kind.decode(saved)
        if let calibration = head.calibration { model = try CalibratedModel(model, calibration) }
        guard model.task == head.task, head.encoding.label?.classes ?? [] == head.classes else {
            throw ModelArchive.Invalid(reason: "its parts do not fit together")
        }
        guard head.encoding.featureNames == model.featureNames else {
            throw ModelArchive.Invalid(reason: "its encoding gives other features than its model takes")
        }
        guard head.report?.fits(head.encoding.label?.classes) ?? true else {
            throw ModelArchive.Invalid(reason: "its report is on another model")
        }
        self.init(
            learner: head.learner, hyperparameters: head.hyperparameters, encoding: head.encoding, model: model,
            report: head.report?.completed(by: head.encoding), transform: head.transform)
    }

    /// Of two files one may have been replaced: the report tells how often the model's own trees use each feature.
    private func checkInfluences() throws {
        guard let report else { return }
        func uses(_ influences: [FeatureInfluence]) -> [String: Int] {
            Dictionary(influences.map { ($0.feature, $0.splits ?? 0) }, uniquingKeysWith: { $1 })
        }
        guard uses(report.influences) == uses(model.influences) else {
            throw ModelArchive.Invalid(reason: "the booster file beside it is another model's")
        }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        do { return try RegularFile.contents(of: path) } catch let error as FileError {
            throw LearnerError.cannotRead(path: path, reason: error.isAbsent ? "there is no such file" : error.reason)
        }
    }
}
