import Learners
import Platform

/// A form of trained models for other programs.
public enum ModelFormat: String, Sendable, CaseIterable {
    /// The trees in XGBoost's JSON.
    case xgboostJSON = "xgboost-json"
    /// The trees in XGBoost's binary form, Universal Binary JSON.
    case xgboostUBJ = "xgboost-ubj"
    /// A graph of ONNX.
    case onnx

    public var suffix: String {
        switch self {
        case .xgboostJSON: ".json"
        case .xgboostUBJ: ".ubj"
        case .onnx: ".onnx"
        }
    }

    /// For a person.
    public var summary: String {
        switch self {
        case .xgboostJSON: "boosted trees as XGBoost's JSON"
        case .xgboostUBJ: "boosted trees as XGBoost's binary form"
        case .onnx: "linear models and boosted trees as a graph of ONNX, with the encoding of columns"
        }
    }

    /// The form that a file's suffix says; nil for any other, which means hiveql's own.
    public init?(ofFile path: String) {
        let lowered = path.lowercased()
        guard let found = Self.allCases.first(where: { lowered.hasSuffix($0.suffix) }) else { return nil }
        self = found
    }
}

extension JSON {
    /// An array of texts, as it is written.
    static func list(_ texts: [String]) -> String { "[" + texts.map { quoted($0) }.joined(separator: ",") + "]" }
}

extension TrainedModel {
    /// Writes the model for another program, as a whole, in the place of a regular file or of none.
    /// - Throws: `ExportError`, also for a model that has no such form; `LearnerError`.
    public func export(to path: String, format: ModelFormat) throws {
        let bytes: [UInt8]
        do {
            bytes =
                switch format {
                case .xgboostJSON: try XGBoostExport(self).bytes(isBinary: false)
                case .xgboostUBJ: try XGBoostExport(self).bytes(isBinary: true)
                case .onnx: try ONNXModel(self).bytes()
                }
        } catch let error as ExportError { throw ExportError(path: path, error.reason) }
        do { try FileReplacement.write(bytes, to: path) } catch let error as FileError {
            throw ExportError(path: path, error.reason)
        }
    }
}
