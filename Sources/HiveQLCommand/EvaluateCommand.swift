import HiveQL
import Platform

/// `hiveql evaluate`: how good a model is on rows, in numbers.
enum EvaluateCommand {
    private struct Options: ModelArguments {
        var input = LearningInput()
        var model: String?

        static let help = """
            usage: hiveql evaluate MODEL [TABLE|QUERY] [options]

            \(ModelArgumentsHelp.text)

            Tells the measures of the rows whose label is known, and of classes the confusion matrix; of a model without a label
            how it describes the rows. Without rows it tells what the training measured on those that it did not see.
            'hiveql report' tells more.
            """

        mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool { try takeShared(name, &reader) }
    }

    static func run(_ arguments: [String]) -> Int32 {
        Subcommand.run("evaluate", arguments) { (options: Options) in
            let name = try options.modelName(for: "evaluate")
            let session = try options.input.session.openSession()
            let found = try options.input.showingProgress(of: session) {
                try session.models([name], judgedBy: options.input.rows, needsLabel: false)
            }
            for model in found {
                let judgement = try judgement(of: model)
                if options.input.asJSON {
                    Console.print(try judgement.json())
                } else {
                    let label = model.model.encoding.label.map { " of \($0.name)" } ?? ""
                    Console.print(["\(model.name): \(model.model.learner) · \(model.model.model.task.rawValue)\(label)"] + judgement.lines())
                }
            }
        }
    }

    /// On the rows, or the training's.
    private static func judgement(of model: NamedModel) throws -> PredictionJudgement {
        if let judgement = model.judgement {
            guard judgement.hasLabel || judgement.label == nil else {
                throw LearnerError.noRows(judgement.notes.joined(separator: "; "))
            }
            return judgement
        }
        guard let report = model.model.report else {
            throw UsageError("the model does not tell of its training: name a table or a query")
        }
        return PredictionJudgement(report)
    }
}
