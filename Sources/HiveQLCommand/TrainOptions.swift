import HiveQL
import Platform

/// The options of `hiveql train`.
struct TrainOptions {
    var input = LearningInput()
    var request = TrainingRequest(roles: ColumnRoles(), learner: LogisticRegression.name)
    private var split = SplitOptions()
    /// Where the model goes.
    var modelPath: String?

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
                --numeric <columns>           Text columns whose values are numbers
                --learner <name>              One of those below (default logistic-regression)
                --positive-class <name>       Of two classes the one that AUC, precision, recall, F1 and the signs of weights
                                              are about (default: the later one; the report names it)
                --task <task>                 binary, multiclass or regression (default: by the label)
                --set <name=value>            A hyperparameter of the learner
                --split <fraction>            Part of the rows to train on (default 0.75); 1 trains on all
                --seed <n>                    Seed of the split (default 0)
                --stratify                    Split each class by the fraction
                --split-by <columns>          Split by these columns' values (default: by the rows' places in their files)
                --split-group <columns>       The same, and rows with equal values are in one part
                --split-time <column>         Train on the earliest rows, evaluate on the latest
                --split-column <column>       It says a row's part: train, eval (or test), validation; or true to evaluate
                --date-parts <parts>          Features that dates and times become: year, quarter, month, day, dayofyear,
                                              weekday, hour, minute, second (default: days, or seconds, since 1970-01-01)
                --missing <policy>            mean, median, mode, constant:VALUE, drop-row, drop-column, indicator,
                                              own-level, keep
                --encoding <form>             For text columns: one-hot (default) or index; target, weight-of-evidence, counts or
                                              frequency, numbers that the training rows give to each level
                --encode <column=form,…>      For these columns, which may be numbers that are names
                --smoothing <rows>            Rows with the mean label added to each level's (target; default auto)
                --least-rows <n>              Levels of fewer rows share one number (default 1; counts: 10)
                --folds <k>                   Training rows get numbers learned from the other folds (default 5)
                --unseen <policy>             ignore (default), own-slot or error, for levels new at scoring
                --max-levels <n>              The most levels a text column may have (default 100)
                --rare <policy>               What becomes of a text column with more: leave-out (default), group-rare
                                              (the rarest share a slot) or error
                --save <file>                 Write the model

            Learners and their hyperparameters:
            """
        for kind in LearnerCatalog.kinds {
            text += "\n  \(kind.name): \(kind.summary)"
            for parameter in kind.parameters {
                text += "\n    \(parameter.name)=\(parameter.defaultValue.text)  \(parameter.explanation): \(parameter.range)"
                if let automatic = parameter.automatic { text += " (\(automatic))" }
            }
        }
        text += "\n\ndocs/learners.md says what exactly each of them minimizes."
        return text
    }

    /// - Throws: `UsageError`, `FeatureError` and `LearnerError` for what can be told to be wrong without the data.
    init(_ arguments: [String]) throws {
        var reader = ArgumentReader(arguments)
        while let name = try reader.nextOption(), !input.session.wantsHelp {
            let isTaken = try takeRole(name, &reader) || takeLearning(name, &reader) || takeEncoding(name, &reader)
            guard try isTaken || input.take(name, &reader) else { throw UsageError("Unrecognized option: \(name)") }
        }
        guard !input.session.wantsHelp else { return }
        guard request.roles.label != nil else { throw UsageError("--label is missing") }
        request.roles.dividing = split.key.columns
        if case .parts = split.key {
            request.split = split
        } else {
            request.split = split.fraction < 1 ? split : nil
        }
        _ = try LearnerCatalog.learner(
            named: request.learner, hyperparameters: request.hyperparameters, task: request.task)
    }

    private mutating func takeRole(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        switch name {
        case "--label": request.roles.label = try reader.value(of: name)
        case "--features": request.roles.features = (request.roles.features ?? []) + (try reader.names(of: name))
        case "--exclude": request.roles.excluded += try reader.names(of: name)
        case "--identifier": request.roles.identifiers += try reader.names(of: name)
        case "--weight": request.roles.weight = try reader.value(of: name)
        case "--categorical": request.roles.categorical += try reader.names(of: name)
        case "--numeric": request.roles.numeric += try reader.names(of: name)
        default: return false
        }
        return true
    }

    private mutating func takeLearning(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        switch name {
        case "--learner": request.learner = try reader.value(of: name)
        case "--set":
            let (key, value) = try reader.pair(of: name)
            request.hyperparameters[key] = value
        case "--task":
            let text = try reader.value(of: name)
            guard let task = LearningTask(parsing: text) else {
                throw UsageError("--task takes binary, multiclass or regression, not '\(text)'")
            }
            request.task = task
        case "--split":
            split.fraction = try reader.number(of: name)
            guard split.fraction > 0, split.fraction <= 1 else {
                throw UsageError("--split takes a fraction above 0 and up to 1")
            }
        case "--seed": split.seed = UInt64(bitPattern: Int64(try reader.integer(of: name)))
        case "--positive-class": request.positiveClass = try reader.value(of: name)
        case "--stratify": request.isStratified = true
        case "--split-by": try take(.columns(try reader.names(of: name)))
        case "--split-group": try take(.group(try reader.names(of: name)))
        case "--split-time": try take(.time(try reader.value(of: name)))
        case "--split-column": try take(.parts(try reader.value(of: name)))
        case "--save": modelPath = HomeFolder.expanding(try reader.value(of: name))
        default: return false
        }
        return true
    }

    private mutating func take(_ key: SplitOptions.Key) throws {
        guard split.key == .row else {
            throw UsageError("--split-by, --split-group, --split-time and --split-column exclude each other")
        }
        split.key = key
    }

    private mutating func takeEncoding(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        switch name {
        case "--missing": request.options.missing = try MissingPolicy(parsing: try reader.value(of: name))
        case "--date-parts": request.options.dateParts = try DatePart.parse(try reader.names(of: name))
        case "--encoding": request.options.categoricalForm = try Self.choice(of: name, &reader)
        case "--encode": try takeForms(try reader.names(of: name))
        case "--smoothing":
            let text = try reader.value(of: name)
            request.options.statistics.smoothing = try text == "auto" ? nil : Self.number(of: name, text, atLeast: 0)
        case "--least-rows":
            request.options.statistics.leastRows = try Self.number(of: name, try reader.value(of: name), atLeast: 1)
        case "--folds":
            request.options.statistics.folds = try reader.integer(of: name)
            guard 2...LevelStatisticOptions.mostFolds ~= request.options.statistics.folds else {
                throw UsageError("--folds takes a number from 2 to \(LevelStatisticOptions.mostFolds)")
            }
        case "--unseen": request.options.unseenLevels = try Self.choice(of: name, &reader)
        case "--rare": request.options.overLevelLimit = try Self.choice(of: name, &reader)
        case "--max-levels":
            request.options.levelLimit = try reader.integer(of: name)
            guard request.options.levelLimit > 0 else { throw UsageError("--max-levels takes a number above 0") }
        default: return false
        }
        return true
    }

    /// `column=form`.
    private mutating func takeForms(_ texts: [String]) throws {
        for text in texts {
            guard let place = text.lastIndex(of: "="), place > text.startIndex else {
                throw UsageError("--encode takes columns with their encodings, such as city=target, not '\(text)'")
            }
            let column = text[..<place].lowercased()
            let form: CategoricalForm = try Self.choice(of: "--encode", String(text[text.index(after: place)...]))
            guard request.options.formByColumn.updateValue(form, forKey: column).map({ $0 == form }) ?? true else {
                throw UsageError("--encode says two encodings for \(column)")
            }
        }
    }

    private static func number(of name: String, _ text: String, atLeast least: Double) throws -> Double {
        guard let number = Double(text), number.isFinite, number >= least else {
            throw UsageError("\(name) takes a number of at least \(Int(least)), not '\(text)'")
        }
        return number
    }

    /// One of the names of an enumeration.
    private static func choice<Choice: RawRepresentable & CaseIterable>(
        of name: String, _ reader: inout ArgumentReader
    ) throws -> Choice where Choice.RawValue == String { try choice(of: name, try reader.value(of: name)) }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        of name: String, _ text: String
    ) throws -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text.lowercased()) else {
            throw UsageError("\(name) takes \(Choice.allCases.map(\.rawValue).joined(separator: ", ")), not '\(text)'")
        }
        return choice
    }
}
