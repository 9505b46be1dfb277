import HiveQL
import Platform

/// `hiveql explain`: what each column adds to a model's predictions.
enum ExplainCommand {
    private struct Options: ModelArguments {
        var input = LearningInput()
        var model: String?
        var output = RowOutput()
        var carried: [String] = []
        var isGlobal = false
        /// The first option that is about rows one by one.
        private var rowOption: String?

        static let help = """
            usage: hiveql explain MODEL [TABLE|QUERY] [options]

            \(ModelArgumentsHelp.text)
                --global                      What each column adds on average over all rows
                --keep <columns>              Columns of the query to print beside the explanations
            \(RowOutput.help)

            Prints a row a row of the query, tab-separated: kept columns, prediction, of classes its probability, the baseline,
            what each column adds to it, and their sum: the number that is predicted (of poisson-regression its logarithm), for
            classes the predicted one's log-odds (of more than two its score). With --json an object a line. --global prints the
            mean magnitude of what each column adds; without rows it is what 'hiveql train --enable-global-explain' kept. Linear
            models and boosted-trees can be explained so; 'hiveql report --explain' goes another way that all can.
            """

        mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
            switch name {
            case "--global": isGlobal = true
            case "--keep":
                carried += try reader.names(of: name)
                rowOption = rowOption ?? name
            default:
                guard try output.take(name, &reader) else { return try takeShared(name, &reader) }
                rowOption = rowOption ?? name
            }
            return true
        }

        func finish() throws {
            if isGlobal, let rowOption { throw UsageError("\(rowOption) is about rows one by one, and --global tells of all together") }
        }
    }

    static func run(_ arguments: [String]) -> Int32 {
        Subcommand.run("explain", arguments) { (options: Options) in
            if options.isGlobal {
                let explanation = try averages(options)
                if options.input.asJSON { Console.print(try explanation.json()) } else { Console.print(explanation.lines()) }
                return
            }
            try options.output.check()
            let applied = try options.apply(
                for: "explain", carrying: options.carried, savingTo: [options.output.path].compactMap { $0 })
            let outcome = try ExplanationRequest(model: applied.model, carried: options.carried)
                .run(
                    on: applied.data, transformed: applied.transformed, threads: options.input.threads,
                    isCancelled: { Interrupts.isPending })
            try options.output.write(outcome.batch, schema: outcome.schema, asJSON: options.input.asJSON)
            if !options.input.session.isSilent { for line in outcome.summary.lines { Console.error(line) } }
        }
    }

    private static func averages(_ options: Options) throws -> GlobalExplanation {
        if options.input.rows != nil {
            let applied = try options.apply(for: "explain")
            return try ExplanationRequest(model: applied.model).averages(
                on: applied.data, transformed: applied.transformed, threads: options.input.threads,
                isCancelled: { Interrupts.isPending })
        }
        let name = try options.modelName(for: "explain")
        guard let known = try options.input.session.openSession().model(name).report?.explanation else {
            throw UsageError(
                "explain --global needs rows: name a table or a query (or train with --enable-global-explain, which keeps the answer)")
        }
        return known
    }
}
