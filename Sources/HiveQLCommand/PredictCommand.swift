import Foundation
import HiveQL

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
        LearningInput.guarded("predict", help: help) {
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
                        print(help)
                        return
                    }
                }
            }
            guard let modelPath else { throw UsageError("--model is missing") }
            let model = try TrainedModel.load(from: modelPath)
            let data = try input.importData()
            let outcome = try PredictionRequest(model: model, carried: carried).run(
                on: data, threads: LearningInput.threads)
            let rows = Batch(columns: outcome.columns, capacity: outcome.rowCount)
            if input.asJSON {
                try printObjects(rows, schema: outcome.schema)
            } else {
                let result = QueryResult(schema: outcome.schema, batches: [rows])
                for line in result.lines(header: printsHeader) { print(line) }
            }
            guard !input.session.isSilent else { return }
            for line in outcome.summary.lines { Console.error(line) }
            for line in outcome.metrics?.lines() ?? [] { Console.error(line) }
        }
    }

    /// A JSON object a row, each on a line.
    private static func printObjects(_ rows: Batch, schema: [SchemaColumn]) throws {
        let names = try schema.map { try quoted($0.name) }
        let texts = try rows.columns.indices.map { try rows.texts(ofColumn: $0) }
        for row in 0..<rows.rowCount {
            let members = try schema.indices.map { index -> String in
                let type = schema[index].type
                let text = texts[index][row]
                if rows.columns[index].isNull(rows.rows[row]) { return "\(names[index]):null" }
                let isPlain = type == .boolean || (type.isNumeric && Double(text)?.isFinite == true)
                return "\(names[index]):\(isPlain ? text : try quoted(text))"
            }
            print("{\(members.joined(separator: ","))}")
        }
    }

    private static func quoted(_ text: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: try encoder.encode(text), as: UTF8.self)
    }
}
