import HiveQL
import Platform

/// `hiveql predict`: applies a model to the rows of a query.
enum PredictCommand {
    static let help = """
        usage: hiveql predict MODEL [TABLE|QUERY] [options]

        MODEL is a file that 'hiveql train --save' wrote, or the name of a model in the warehouse.

        \(LearningInput.help)
            --model <model>               The same as MODEL
            --keep <columns>              Columns of the query to print beside the predictions
            --contamination <share>       Of a model without a label: which rows are anomalies, as far above the others as this
                                          share of the training rows (from 0 to 0.5)
        \(RowOutput.help)
            --metrics <file>              Write the quality of the predictions, a JSON object, to a file

        Prints a row a row of the query, tab-separated: kept columns, prediction, probabilities; of a model without a label
        its cluster, components or anomaly score; with --json an object a line. When the query has the label too, the rows
        whose label is known are judged, and the quality goes to standard error: as text, with --json as one object on a
        line (2>quality.json keeps it), with -S not at all. --metrics writes the same object in any case. Where the model
        has a weight column, every measure is told without weights, and with them when the query has that column.
        A model's TRANSFORM is applied to the rows first.
        """

    private struct Options {
        var input = LearningInput()
        var model: String?
        var metricsPath: String?
        var output = RowOutput()
        var carried: [String] = []
        var contamination: Double?

        init(_ arguments: [String]) throws {
            var reader = ArgumentReader(arguments)
            while !input.session.wantsHelp {
                if let text = reader.positional() {
                    try input.take(text, model: &model)
                    continue
                }
                guard let name = try reader.nextOption() else { break }
                switch name {
                case "--model": model = HomeFolder.expanding(try reader.value(of: name))
                case "--metrics": metricsPath = HomeFolder.expanding(try reader.value(of: name))
                case "--keep": carried += try reader.names(of: name)
                case "--contamination":
                    let share = try reader.number(of: name)
                    guard 0...0.5 ~= share else { throw UsageError("--contamination takes a number from 0 to 0.5") }
                    contamination = share
                default:
                    guard try output.take(name, &reader) || input.take(name, &reader) else {
                        throw UsageError("Unrecognized option: \(name)")
                    }
                }
            }
        }
    }

    static func run(_ arguments: [String]) -> Int32 {
        LearningInput.guarded("predict") {
            let options = try Options(arguments)
            if options.input.session.wantsHelp {
                Console.print(help)
                return
            }
            guard let name = options.model else { throw UsageError("predict needs a model: a file, or a name in the warehouse") }
            if let path = options.metricsPath { try FileReplacement.check(path) }
            try options.output.check()
            let applied = try options.input.rows(
                for: name, carrying: options.carried, savingTo: [options.metricsPath, options.output.path].compactMap { $0 })
            var request = PredictionRequest(model: applied.model, carried: options.carried)
            request.contamination = options.contamination
            let outcome = try request.run(
                on: applied.data, transformed: applied.transformed, threads: options.input.threads)
            try options.output.write(outcome.batch, schema: outcome.schema, asJSON: options.input.asJSON)
            try tell(outcome, options)
        }
    }

    private static func tell(_ outcome: PredictionOutcome, _ options: Options) throws {
        if let path = options.metricsPath {
            try FileReplacement.write(Array(try outcome.judgement.json().utf8), to: path)
        }
        guard !options.input.session.isSilent else { return }
        if options.input.asJSON {
            Console.status(try outcome.judgement.json(isIndented: false))
        } else {
            for line in outcome.summary.lines + outcome.judgement.lines() { Console.error(line) }
        }
    }
}
