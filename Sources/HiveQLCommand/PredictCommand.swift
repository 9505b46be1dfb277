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

        Prints a row a row of the query, tab-separated: kept columns, prediction, probabilities. When the query has the
        label too, the quality on these rows goes to standard error.
        """

    static func run(_ arguments: [String]) -> Int32 {
        LearningInput.guarded("predict") {
            var input = LearningInput()
            var modelPath: String?
            var carried: [String] = []
            var printsHeader = false
            var reader = ArgumentReader(arguments)
            while let name = try reader.nextOption() {
                switch name {
                case "--model": modelPath = try reader.value(of: name)
                case "--keep": carried += try reader.names(of: name)
                case "--header": printsHeader = true
                default:
                    guard try input.take(name, &reader) else { throw UsageError("Unrecognized option: \(name)") }
                    if input.session.wantsHelp {
                        Console.print(help)
                        return
                    }
                }
            }
            guard let modelPath else { throw UsageError("--model is missing") }
            let model = try TrainedModel.load(from: modelPath)
            let data = try input.importData()
            let outcome = try PredictionRequest(model: model, carried: carried).run(on: data, threads: input.threads)
            if input.asJSON {
                try printObjects(outcome.batch, schema: outcome.schema)
            } else {
                let printer = TabPrinter(printsHeader: printsHeader)
                try printer.begin(outcome.schema, hasHeader: true)
                try printer.consume(outcome.batch)
            }
            guard !input.session.isSilent else { return }
            for line in outcome.summary.lines + (outcome.metrics?.lines() ?? []) { Console.error(line) }
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
