import HiveQL
import Platform

/// `hiveql train`: a query in, a model and its quality out.
enum TrainCommand {
    static func run(_ arguments: [String]) -> Int32 {
        Subcommand.run("train", arguments) { (options: TrainOptions) in
            // Columns and matrices are large, and few of them live at a time. Boosted trees make and free large pieces all the time.
            if options.request.learner != BoostedTrees.name { SystemMemory.returnPieces(from: 12 << 20) }
            if let path = options.modelPath { try TrainedModel.checkCanSave(to: path) }
            let progress = TrainingProgressLine(isEnabled: !options.input.session.isSilent)
            let statement = try options.input.statement()
            let session = try options.input.session.openSession()
            if let name = options.modelName { try session.checkMayKeepModel(as: name, replacing: options.replaces) }
            let keeps = options.keepsWhenInterrupted
            let context = TrainingContext(
                threads: options.input.threads, report: { progress.show($0) },
                isCancelled: { !keeps && Interrupts.isPending }, isInterrupted: { keeps && Interrupts.isPending })
            let outputs = [options.modelPath].compactMap { $0 }
            let outcome: TrainingOutcome
            let rowCount: Int
            if let limits = options.stream {
                try options.input.checkOutputs(outputs, in: session)
                defer { progress.clear() }
                let stream = RowStream(session, query: statement, for: options.request.roles)
                outcome = try options.request.run(on: stream, limits: limits, context: context)
                rowCount = outcome.report.trainingImport.rowsRead + (outcome.report.evaluationImport?.rowsRead ?? 0)
            } else {
                let data = try options.input.importData(in: session, savingTo: outputs, for: options.request.roles)
                defer { progress.clear() }
                outcome = try options.request.run(on: data, context: context)
                rowCount = data.rowCount
            }
            // What follows is not to be ended by what ended the training.
            if keeps { Interrupts.setBusy(true) }
            if options.input.asJSON {
                Console.print(try outcome.report.json())
            } else {
                Console.print(outcome.report.lines())
            }
            if let path = options.modelPath {
                try outcome.model.save(to: path)
                if !options.input.session.isSilent { Console.error("Saved the model to \(path)") }
            }
            if let name = options.modelName {
                try session.keep(
                    outcome.model, as: name, replacing: options.replaces, query: statement, rowCount: rowCount)
                if !options.input.session.isSilent { Console.error("Kept the model as \(name)") }
            }
        }
    }
}

/// A line on a terminal that shows how far a training is.
final class TrainingProgressLine: Sendable {
    private let isEnabled: Bool

    init(isEnabled: Bool) { self.isEnabled = isEnabled && Console.errorIsTerminal }

    func show(_ progress: TrainingProgress) {
        guard isEnabled else { return }
        var line = "\riteration \(progress.iteration) of \(progress.limit)  objective "
        line += progress.objective.formatted("%.6g")
        if let validation = progress.validation { line += "  validation " + validation.formatted("%.6g") }
        Console.status(line + "\u{1B}[K")
    }

    func clear() {
        if isEnabled { Console.status("\r\u{1B}[K") }
    }
}
