import FeatureTables

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A model with all that is needed to apply it to another table.
public struct TrainedModel: Sendable {
    public var learner: String
    public var hyperparameters: [String: String]
    public var encoding: FeatureEncoding
    public var model: any Model
    public var report: ModelReport?

    /// What `path` holds. A booster's trees lie beside it, in XGBoost's own form.
    private struct Document: Codable {
        var format: String
        var formatVersion: Int
        var learner: String
        var task: LearningTask
        var hyperparameters: [String: String]
        var classes: [String]
        var featureNames: [String]
        var encoding: FeatureEncoding
        var linearModel: LinearModel?
        /// A file name, relative to the document.
        var boosterFile: String?
        var report: ModelReport?
    }

    private static let format = "hiveql-model"
    private static let formatVersion = 1

    public init(
        learner: String, hyperparameters: [String: String], encoding: FeatureEncoding, model: any Model,
        report: ModelReport? = nil
    ) {
        self.learner = learner
        self.hyperparameters = hyperparameters
        self.encoding = encoding
        self.model = model
        self.report = report
    }

    /// Writes the model as JSON to `path` and, for boosted trees, XGBoost's file beside it (`m.json`, `m.xgb.json`).
    /// Each file is replaced as a whole, the booster's first.
    /// - Throws: `LearnerError.cannotWrite`.
    public func save(to path: String) throws {
        var document = Document(
            format: Self.format, formatVersion: Self.formatVersion, learner: learner, task: model.task,
            hyperparameters: hyperparameters, classes: encoding.label?.classes ?? [], featureNames: model.featureNames,
            encoding: encoding, report: report)
        switch model {
        case let linear as LinearModel: document.linearModel = linear
        case let trees as BoostedTreesModel:
            let boosterPath = Self.boosterPath(for: path)
            try Self.write(Data(try trees.savedBooster()), to: boosterPath)
            document.boosterFile = boosterPath.split(separator: "/").last.map(String.init) ?? boosterPath
        default:
            throw LearnerError.cannotWrite(path: path, reason: "models of learner \(learner) cannot be saved")
        }
        do {
            try Self.write(Data(try JSONText.encode(document).utf8), to: path)
        } catch let error as EncodingError {
            throw LearnerError.cannotWrite(path: path, reason: "\(error)")
        }
    }

    /// Reads what `save(to:)` wrote. The model predicts what it predicted before, bit for bit.
    /// - Throws: `LearnerError.cannotRead`, or `.invalidModel` for anything that is not a model of this version.
    public static func load(from path: String) throws -> TrainedModel {
        let data = try read(path)
        let document: Document
        do {
            struct Head: Codable {
                var format: String
                var formatVersion: Int
            }
            let head = try JSONDecoder().decode(Head.self, from: data)
            guard head.format == format else { throw LearnerError.invalidModel(path: path, reason: "its format is '\(head.format)'") }
            guard head.formatVersion == formatVersion else {
                throw LearnerError.invalidModel(path: path, reason: "its version is \(head.formatVersion), this program reads \(formatVersion)")
            }
            document = try JSONDecoder().decode(Document.self, from: data)
        } catch let error as DecodingError {
            throw LearnerError.invalidModel(path: path, reason: explanation(error))
        }
        let model: any Model
        if let linear = document.linearModel {
            try check(linear, document, path)
            model = linear
        } else if let file = document.boosterFile {
            guard !file.contains("/"), document.task == .regression || document.classes.count > 1 else {
                throw LearnerError.invalidModel(path: path, reason: "its parts do not fit together")
            }
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            model = try BoostedTreesModel(
                task: document.task, featureNames: document.featureNames, classes: document.classes,
                savedBooster: Array(try read(folder + file)))
        } else {
            throw LearnerError.invalidModel(path: path, reason: "it holds no weights and names no booster file")
        }
        guard document.encoding.featureNames == model.featureNames else {
            throw LearnerError.invalidModel(path: path, reason: "its encoding gives other features than its model takes")
        }
        return TrainedModel(
            learner: document.learner, hyperparameters: document.hyperparameters, encoding: document.encoding,
            model: model, report: document.report)
    }

    private static func check(_ model: LinearModel, _ document: Document, _ path: String) throws {
        guard model.isConsistent, model.classes == document.classes
        else { throw LearnerError.invalidModel(path: path, reason: "its parts do not fit together") }
    }

    /// Where the booster of the model at `path` lies.
    static func boosterPath(for path: String) -> String {
        path.lowercased().hasSuffix(".json") ? String(path.dropLast(5)) + ".xgb.json" : path + ".xgb.json"
    }

    private static func read(_ path: String) throws -> Data {
        do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            let exists = FileManager.default.fileExists(atPath: path)
            throw LearnerError.cannotRead(path: path, reason: exists ? "it cannot be opened" : "there is no such file")
        }
    }

    private static func write(_ data: Data, to path: String) throws {
        do { try data.write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw LearnerError.cannotWrite(path: path, reason: "its folder is absent or cannot be written")
        }
    }

    private static func explanation(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "" : " at \(path)"
        }
        switch error {
        case .keyNotFound(let key, let context): return "'\(key.stringValue)' is absent\(place(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "a value has the wrong type\(place(context))"
        case .dataCorrupted(let context): return "it is not valid JSON\(place(context))"
        @unknown default: return "it cannot be decoded"
        }
    }
}

/// JSON as reports and saved models are written: indented, keys sorted, numbers that read back to the same bits.
public enum JSONText {
    public static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}

extension ModelReport {
    /// The report as JSON. Measures that cannot be computed are absent.
    public func json() throws -> String { try JSONText.encode(self) }
}
