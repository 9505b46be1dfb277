import HiveQL
import Platform

/// `hiveql predict`: applies a model to the rows of a query.
enum PredictCommand {
    private struct Options: ModelArguments {
        var input = LearningInput()
        var model: String?
        var metricsPath: String?
        var output = RowOutput()
        var carried: [String] = []
        var contamination: Double?

        static let help = """
            usage: hiveql predict MODEL TABLE|QUERY [options]

            \(ModelArgumentsHelp.text)
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

        mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
            switch name {
            case "--metrics": metricsPath = HomeFolder.expanding(try reader.value(of: name))
            case "--keep": carried += try reader.names(of: name)
            case "--contamination":
                let share = try reader.number(of: name)
                guard 0...0.5 ~= share else { throw UsageError("--contamination takes a number from 0 to 0.5") }
                contamination = share
            default: return try output.take(name, &reader) || takeShared(name, &reader)
            }
            return true
        }
    }

    static func run(_ arguments: [String]) -> Int32 {
        Subcommand.run("predict", arguments) { (options: Options) in
            if let path = options.metricsPath { try FileReplacement.check(path) }
            try options.output.check()
            let applied = try options.apply(
                for: "predict", carrying: options.carried, savingTo: [options.metricsPath, options.output.path].compactMap { $0 })
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
