import Foundation
import HiveQL

/// `hiveql train`: a query in, a model and its quality out.
enum TrainCommand {
    static var help: String {
        var text = """
            usage: hiveql train --query SQL --label COLUMN [options]

            \(LearningInput.help)
                --label <column>              What to learn
                --features <columns>          What to learn from (default: all other columns)
                --exclude <columns>           Columns to leave out, such as those that give the label away
                --identifier <columns>        Columns that name a row: never features, carried to predictions
                --weight <column>             How much a row counts
                --categorical <columns>       Number columns whose values are names
                --learner <name>              One of those below (default logistic-regression)
                --task <task>                 binary, multiclass or regression (default: by the label)
                --set <name=value>            A hyperparameter of the learner
                --split <fraction>            Part of the rows to train on (default 0.75); 1 trains on all
                --seed <n>                    Seed of the split (default 0)
                --stratify                    Split each class by the fraction
                --missing <policy>            mean, median, mode, constant:VALUE, drop-row, drop-column, indicator,
                                              own-level, keep
                --encoding <form>             one-hot (default) or index, for text columns
                --unseen <policy>             ignore (default), own-slot or error, for levels new at scoring
                --max-levels <n>              Text columns with more levels are left out (default 100)
                --save <file>                 Write the model

            Learners and their hyperparameters:
            """
        for entry in LearnerCatalog.entries {
            text += "\n  \(entry.name): \(entry.summary)"
            for hyperparameter in entry.hyperparameters {
                text += "\n    \(hyperparameter.name)=\(hyperparameter.defaultValue)  \(hyperparameter.explanation)"
            }
        }
        return text
    }

    static func run(_ arguments: [String]) -> Int32 {
        LearningInput.guarded("train", help: help) {
            var input = LearningInput()
            var roles = ColumnRoles()
            var options = ImportOptions()
            var learner = LogisticRegression.name
            var hyperparameters: [String: String] = [:]
            var task: LearningTask?
            var split = SplitOptions()
            var isStratified = false
            var modelPath: String?
            var reader = ArgumentReader(arguments)
            while let name = try reader.nextOption() {
                switch name {
                case "--label": roles.label = try reader.value(of: name)
                case "--features": roles.features = try reader.names(of: name)
                case "--exclude": roles.excluded += try reader.names(of: name)
                case "--identifier": roles.identifiers += try reader.names(of: name)
                case "--weight": roles.weight = try reader.value(of: name)
                case "--categorical": roles.categorical += try reader.names(of: name)
                case "--learner": learner = try reader.value(of: name)
                case "--set":
                    let (key, value) = try reader.pair(of: name)
                    hyperparameters[key] = value
                case "--task":
                    let text = try reader.value(of: name)
                    guard let parsed = LearningTask(parsing: text) else {
                        throw UsageError("--task takes binary, multiclass or regression, not '\(text)'")
                    }
                    task = parsed
                case "--split":
                    split.fraction = try reader.number(of: name)
                    guard split.fraction > 0, split.fraction <= 1 else {
                        throw UsageError("--split takes a fraction above 0 and up to 1")
                    }
                case "--seed": split.seed = UInt64(bitPattern: Int64(try reader.integer(of: name)))
                case "--stratify": isStratified = true
                case "--missing": options.missing = try MissingPolicy(parsing: try reader.value(of: name))
                case "--encoding":
                    let text = try reader.value(of: name)
                    guard let form = CategoricalForm(rawValue: text) else {
                        throw UsageError("--encoding takes one-hot or index, not '\(text)'")
                    }
                    options.categoricalForm = form
                case "--unseen":
                    let text = try reader.value(of: name)
                    guard let policy = UnseenLevelPolicy(rawValue: text) else {
                        throw UsageError("--unseen takes ignore, own-slot or error, not '\(text)'")
                    }
                    options.unseenLevels = policy
                case "--max-levels": options.levelLimit = try reader.integer(of: name)
                case "--save": modelPath = try reader.value(of: name)
                default:
                    guard try input.take(name, &reader) else { throw UsageError("Unrecognized option: \(name)") }
                    if input.session.wantsHelp {
                        print(help)
                        return
                    }
                }
            }
            guard roles.label != nil else { throw UsageError("--label is missing") }
            let request = TrainingRequest(
                roles: roles, learner: learner, hyperparameters: hyperparameters, task: task,
                split: split.fraction < 1 ? split : nil, isStratified: isStratified, options: options)
            let progress = TrainingProgressLine(isEnabled: !input.session.isSilent)
            let data = try input.importData()
            let outcome = try request.run(
                on: data, context: TrainingContext(threads: LearningInput.threads, report: { progress.show($0) }))
            progress.clear()
            if input.asJSON {
                print(try outcome.report.json())
            } else {
                for line in outcome.report.lines() { print(line) }
            }
            if let modelPath {
                try outcome.model.save(to: modelPath)
                Console.error("Saved the model to \(modelPath)")
            }
        }
    }
}

/// A line on a terminal that shows how far a training is.
final class TrainingProgressLine: Sendable {
    private let isEnabled: Bool

    init(isEnabled: Bool) { self.isEnabled = isEnabled && isatty(STDERR_FILENO) == 1 }

    func show(_ progress: TrainingProgress) {
        guard isEnabled else { return }
        var line = "\riteration \(progress.iteration) of \(progress.limit)"
        line += String(format: "  objective %.6g", progress.objective)
        if let validation = progress.validation { line += String(format: "  validation %.6g", validation) }
        FileHandle.standardError.write(Data((line + "\u{1B}[K").utf8))
    }

    func clear() {
        guard isEnabled else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}
