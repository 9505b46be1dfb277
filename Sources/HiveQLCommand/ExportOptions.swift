import HiveQL
import Platform

/// The options of `hiveql export`.
struct ExportOptions: ModelArguments {
    var input = LearningInput()
    var target = ExportTarget()
    var evaluationPath: String?
    var validationPath: String?
    /// A model whose features are written or, without a query, that is written itself.
    var model: String?
    /// nil: rows are written.
    var modelFormat: ModelFormat?
    /// What is to become features, and which rows are in which part; nil: the rows are written as they are.
    var request: TrainingRequest?
    private var training = TrainingOptions()
    private var wantsFeatures = false
    /// Whether an option says how rows are divided.
    private var divides = false

    static var help: String {
        var text = """
            usage: hiveql export TABLE|QUERY --to FILE [options]
                   hiveql export --model MODEL [TABLE|QUERY] --to FILE [--format NAME]

            \(LearningInput.help)
                --to <file>                   Where the rows go, or those to train on; the suffix says the format
                --format <name>               The format, where the suffix does not say it

            Rows are written as they are, or as the features that a learner sees:
                --label <column>              The label; with it, or with any other of the options of 'hiveql train' on
                                              columns, encoding and splits, features are written
                --evaluation-to <file>        Rows to evaluate on (--split and so on; default: a fourth of the rows)
                --validation-to <file>        Rows to stop by, where --split-column says which they are
                --model <model>               Features as this model, a file or a name in the warehouse, takes them, behind its
                                              TRANSFORM; without a query the model itself is written

            Formats, and the suffixes that mean them:
            """
        for format in ExportFormat.all {
            let suffixes = format.suffixes.joined(separator: " ")
            text += "\n  \(padded(format.name, 15)) \(padded(suffixes, 24)) \(format.summary)"
        }
        text += "\n\nForms of models:"
        for format in ModelFormat.allCases { text += "\n  \(padded(format.rawValue, 15)) \(padded(format.suffix, 24)) \(format.summary)" }
        return text + "\n\nlibsvm, npz, npz-compressed and sparse-arff hold features alone. docs/export.md tells more."
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }

    mutating func take(positional text: String) throws { try input.take(positional: text) }

    mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        switch name {
        case "--to": target.path = HomeFolder.expanding(try reader.value(of: name))
        case "--evaluation-to": evaluationPath = HomeFolder.expanding(try reader.value(of: name))
        case "--validation-to": validationPath = HomeFolder.expanding(try reader.value(of: name))
        default:
            guard try training.take(name, &reader) else { return try target.take(name, &reader) || takeShared(name, &reader) }
            wantsFeatures = true
            divides = divides || name.hasPrefix("--split") || name == "--stratify"
        }
        return true
    }

    /// - Throws: `UsageError`, `FeatureError` and `LearnerError` for what can be told to be wrong without the data.
    mutating func finish() throws {
        guard let path = target.path else { throw UsageError("--to is missing") }
        let paths = [path, evaluationPath, validationPath].compactMap { $0 }
        if model != nil, input.query == nil {
            guard !wantsFeatures, paths.count == 1 else { throw UsageError("--query is missing") }
            modelFormat = try target.modelFormat(of: path)
            return
        }
        try OutputFiles.check(paths)
        let takesRows = try paths.allSatisfy { try target.format(of: $0).takesRows }
        let hasParts = paths.count > 1
        if model != nil {
            guard !wantsFeatures, !hasParts else {
                throw UsageError("--model says what the features are: options of a training go without it")
            }
        } else if wantsFeatures || hasParts || !takesRows {
            do { request = try training.finished(label: nil) } catch let error as TrainingOptions.Invalid {
                throw UsageError(error.description)
            }
            if !divides, !hasParts { request?.split = nil }
        }
    }
}
