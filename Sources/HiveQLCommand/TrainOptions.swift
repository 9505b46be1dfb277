import HiveQL
import Platform

/// The options of `hiveql train`.
struct TrainOptions: SubcommandArguments {
    var input = LearningInput()
    var request = TrainingRequest(roles: ColumnRoles(), learner: LogisticRegression.name)
    /// Where the model goes, if into a file.
    var modelPath: String?
    /// Its name, if it goes into the warehouse.
    var modelName: String?
    /// Whether ^C ends the training with the best so far.
    var keepsWhenInterrupted = false
    /// Whether it may take the place of one there.
    var replaces = false
    /// Given, the rows are read anew for each pass, and never all held.
    var stream: StreamLimits?
    private var streamedSample: Int?
    private var training = TrainingOptions()

    static var help: String {
        var text = """
            usage: hiveql train TABLE|QUERY [--label COLUMN] [options]

            \(LearningInput.help)
                --label <column>              What to learn; kmeans, pca and isolation-forest learn from the rows alone
                --features <columns>          What to learn from (default: all other columns)
                --exclude <columns>           Columns to leave out, such as those that give the label away
                --identifier <columns>        Columns that name a row: never features, carried to predictions
                --weight <column>             How much a row counts
                --categorical <columns>       Number columns whose values are names
                --numeric <columns>           Text columns whose values are numbers
                --learner <name>              One of those below (default: logistic-regression for a label of classes,
                                              linear-regression for a number; the report says which)
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
                --select-features <n>         Learn from the n columns that say most about the label in the training rows
                --select-by <measure>         mutual-information (default), f-score, chi-square, correlation or variance
                --cross-validate <k>          Judge the learner by k folds of the training rows first
                --try <name=values>           Find the best: l2=0.01,0.1,1 or depth=3..8 or learning-rate=0.001..0.3:log;
                                              may be given several times
                --search <method>             grid (default: all combinations), random, halving (many on few rows first)
                --trials <n>                  Combinations that are drawn (default 20); random unless a method is named
                --objective <measure>         What is best (default: AUC, log loss of more than two classes, RMSE of numbers)
                --calibration <method>        Probabilities of two classes set right by other folds of the training rows:
                                              sigmoid (Platt), or isotonic (some thousand rows and more)
                --calibration-folds <k>       How many folds (default 5)
                --balance <method>            Make the classes of the rows to train on equally many: down (fewer rows of the larger
                                              ones), up (rows of the smaller ones again) or smote (rows between them)
                --balance-neighbors <k>       Between a row and how many of its nearest ones (smote; default 5)
                --enable-global-explain       Tell, and keep, what each column adds to predictions on average
                --keep-on-interrupt           ^C ends the training, or the search, with the best so far, which is judged and saved;
                                              a second one ends the program
                --stream                      For more rows than fit into memory (ftrl): the query is run anew for each pass, once
                                              before for a sample that decides on levels and scales, and once to judge
                --stream-sample <rows>        Rows of that sample at most (default 500000)
                --save <file>                 Write the model
                --save-as <name>              Keep the model in the warehouse, as CREATE MODEL does: m, or db.m
                --replace                     In the place of a model of that name

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

    var wantsHelp: Bool { input.session.wantsHelp }

    mutating func take(positional text: String) throws { try input.take(positional: text) }

    mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        switch name {
        case "--save": modelPath = HomeFolder.expanding(try reader.value(of: name))
        case "--save-as": modelName = try reader.value(of: name)
        case "--replace": replaces = true
        case "--stream": stream = StreamLimits()
        case "--stream-sample":
            let rows = try reader.integer(of: name)
            guard rows > 0 else { throw UsageError("--stream-sample takes a number of rows above 0") }
            streamedSample = rows
        case "--keep-on-interrupt": keepsWhenInterrupted = true
        default: return try training.take(name, &reader) || input.take(name, &reader)
        }
        return true
    }

    /// - Throws: `UsageError`, `FeatureError` and `LearnerError` for what can be told to be wrong without the data.
    mutating func finish() throws {
        if replaces, modelName == nil { throw UsageError("--replace is for --save-as") }
        if stream != nil, keepsWhenInterrupted {
            throw UsageError("--keep-on-interrupt is not for --stream: what ends the query of a pass leaves no rows to judge by")
        }
        if let streamedSample {
            guard stream != nil else { throw UsageError("--stream-sample is for --stream") }
            stream?.sampledRows = streamedSample
        }
        do { request = try training.finished(label: "--label") } catch let error as TrainingOptions.Invalid {
            throw UsageError(error.description)
        }
    }
}
