import HiveQL
import Platform

/// `hiveql predict`: applies a saved model to the rows of a query.
enum PredictCommand {
    static let help = """
        usage: hiveql predict --model FILE --query SQL [options]

        \(LearningInput.help)
            --model <file>                A model that 'hiveql train --save' wrote
            --keep <columns>              Columns of the query to print beside the predictions
            --header                      Print the names of the columns first
            --output <file>               Write the rows to a file for other programs instead
            --format <name>               Its format, where the file's suffix does not say it: 'hiveql export --help' lists them
            --metrics <file>              Write the quality of the predictions, a JSON object, to a file

        Prints a row a row of the query, tab-separated: kept columns, prediction, probabilities; of a model without a label
        its cluster, components or anomaly score; with --json an object a line. When the query has the label too, the rows
        whose label is known are judged, and the quality goes to standard error: as text, with --json as one object on a
        line (2>quality.json keeps it), with -S not at all. --metrics writes the same object in any case. Where the model
        has a weight column, every measure is told without weights, and with them when the query has that column.
        """

    private struct Options {
        var input = LearningInput()
        var modelPath: String?
        var metricsPath: String?
        var output = ExportTarget()
        var carried: [String] = []
        var printsHeader = false

        init(_ arguments: [String]) throws {
            var reader = ArgumentReader(arguments)
            while let name = try reader.nextOption(), !input.session.wantsHelp {
                switch name {
                case "--model": modelPath = HomeFolder.expanding(try reader.value(of: name))
                case "--metrics": metricsPath = HomeFolder.expanding(try reader.value(of: name))
                case "--keep": carried += try reader.names(of: name)
                case "--header": printsHeader = true
                case "--output": output.path = HomeFolder.expanding(try reader.value(of: name))
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
            guard let modelPath = options.modelPath else { throw UsageError("--model is missing") }
            let model = try TrainedModel.load(from: modelPath)
            if let path = options.metricsPath { try FileReplacement.check(path) }
            let format = try options.output.checkedFormat()
            let outputs = [options.metricsPath, options.output.path].compactMap { $0 }
            let data = try options.input.importData(
                savingTo: outputs, reading: [modelPath], for: model.encoding.roles(carrying: options.carried))
            let outcome = try PredictionRequest(model: model, carried: options.carried)
                .run(on: data, threads: options.input.threads)
            if let path = options.output.path, let format {
                let export = try RowExport(schema: outcome.schema, to: path, format: format)
                try export.write(outcome.batch)
                try export.finish()
            } else if options.input.asJSON {
                try printObjects(outcome.batch, schema: outcome.schema)
            } else {
                let printer = TabPrinter(printsHeader: options.printsHeader)
                try printer.begin(outcome.schema, hasHeader: true)
                try printer.consume(outcome.batch)
            }
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

    /// A JSON object a row, each on a line.
    private static func printObjects(_ rows: Batch, schema: [SchemaColumn]) throws {
        let names = schema.map { JSON.quoted($0.name) }
        let isPlain = schema.map { $0.type == .boolean || $0.type.isNumeric }
        let texts = try rows.columns.indices.map { try rows.texts(ofColumn: $0) }
        var lines: [String] = []
        for row in 0..<rows.rowCount {
            let members = schema.indices.map { index -> String in
                if rows.columns[index].isNull(rows.rows[row]) { return "\(names[index]):null" }
                let text = texts[index][row]
                // NaN and the infinities are no numbers in JSON.
                let isBare = isPlain[index] && text.utf8.last.map { $0 < 0x61 || $0 == 0x65 } == true
                return "\(names[index]):\(isBare || schema[index].type == .boolean ? text : JSON.quoted(text))"
            }
            lines.append("{\(members.joined(separator: ","))}")
            if lines.count == 1_000 {
                Console.print(lines)
                lines.removeAll(keepingCapacity: true)
            }
        }
        Console.print(lines)
    }
}
