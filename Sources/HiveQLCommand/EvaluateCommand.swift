import HiveQL
import Platform

/// `hiveql evaluate`: how good a model is on rows, in numbers.
enum EvaluateCommand {
    static let help = """
        usage: hiveql evaluate MODEL [TABLE|QUERY] [options]

        MODEL is a file that 'hiveql train --save' wrote, or the name of a model in the warehouse.
        TABLE is a name, or a name with partitions: "trip PARTITION (month >= 2)".

        \(LearningInput.help)

        Tells the measures of the rows whose label is known, and of classes the confusion matrix; of a model without a label
        how it describes the rows. Without rows it tells what the training measured on those that it did not see.
        'hiveql report' tells more.
        """

    static func run(_ arguments: [String]) -> Int32 {
        LearningInput.guarded("evaluate") {
            var input = LearningInput()
            var model: String?
            var reader = ArgumentReader(arguments)
            while !input.session.wantsHelp {
                if let text = reader.positional() {
                    try input.take(text, model: &model)
                    continue
                }
                guard let name = try reader.nextOption() else { break }
                guard try input.take(name, &reader) else { throw UsageError("Unrecognized option: \(name)") }
            }
            if input.session.wantsHelp {
                Console.print(help)
                return
            }
            guard let model else { throw UsageError("evaluate needs a model: a file, or a name in the warehouse") }
            let session = try input.session.openSession()
            Interrupts.watch(session)
            let progress = ProgressBar(session, isEnabled: !input.session.isSilent)
            let found: NamedModel?
            do {
                progress.start()
                defer { progress.stop() }
                found = try session.models([model], judgedBy: input.rows, needsLabel: false).first
            }
            guard let found else { return }
            let judgement = try judgement(of: found)
            if input.asJSON {
                Console.print(try judgement.json())
            } else {
                let label = found.model.encoding.label.map { " of \($0.name)" } ?? ""
                Console.print(["\(found.name): \(found.model.learner) · \(found.model.model.task.rawValue)\(label)"] + judgement.lines())
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
