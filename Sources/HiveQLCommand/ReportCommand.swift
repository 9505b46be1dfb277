import HiveQL
import Platform

/// `hiveql report`: how good a model is, on rows that it is given.
enum ReportCommand {
    private struct Options: ModelArguments {
        var input = LearningInput()
        var request = EvaluationRequest()
        var model: String?
        var other: String?
        var pagePath: String?
        private var samplingOption: String?

        static let help = """
            usage: hiveql report MODEL [TABLE|QUERY] [options]

            \(ModelArgumentsHelp.text)
                --against <model>             Another model: whether it is better on the same rows, or only by chance
                --intervals <level>           What the measures may be by chance, at a level such as 0.95
                --resamples <n>               Samples of the rows that intervals are taken from (default 1000)
                --interval-method <name>      percentile (default), or bca: corrected for bias and skewness
                --seed <n>                    Seed of all that is drawn (default 0)
                --cost-false-positive <cost>  What a row costs that is taken for the positive class and is not (default 1)
                --cost-false-negative <cost>  What a row of the positive class costs that is missed (default 1); given one of
                                              them, the threshold of least cost is told
                --explain                     What the model gets from each column, and how predictions depend on it
                --html <file>                 Write a page with drawings

            Tells measures, curves, calibration, the confusion matrix, residuals, and what the training said. Without rows it
            tells what the training measured. docs/report.md says what each number means.
            """

        func finish() throws {
            if let samplingOption, !request.tellsIntervals, other == nil, !(request.explains && samplingOption == "--seed") {
                throw UsageError("\(samplingOption) is for --intervals or --against")
            }
        }

        mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
            switch name {
            case "--against": other = HomeFolder.expanding(try reader.value(of: name))
            case "--explain": request.explains = true
            case "--html": pagePath = HomeFolder.expanding(try reader.value(of: name))
            case "--intervals":
                request.tellsIntervals = true
                request.resampling.level = try reader.number(of: name)
                guard request.resampling.level > 0, request.resampling.level < 1 else {
                    throw UsageError("--intervals takes a number between 0 and 1, such as 0.95")
                }
            case "--resamples":
                samplingOption = name
                request.resampling.count = try reader.integer(of: name)
                guard Resampling.counts ~= request.resampling.count else {
                    throw UsageError("--resamples takes a number from \(Resampling.counts.lowerBound) to \(Resampling.counts.upperBound)")
                }
            case "--interval-method":
                samplingOption = name
                let text = try reader.value(of: name)
                guard let method = Resampling.Method(rawValue: text.lowercased()) else {
                    throw UsageError("--interval-method takes percentile or bca, not '\(text)'")
                }
                request.resampling.method = method
            case "--seed":
                samplingOption = name
                let seed = try reader.integer(of: name)
                guard seed >= 0 else { throw UsageError("--seed takes a whole number of at least 0") }
                request.resampling.seed = UInt64(seed)
            case "--cost-false-positive": try set(\.falsePositive, name, &reader)
            case "--cost-false-negative": try set(\.falseNegative, name, &reader)
            default: return try takeShared(name, &reader)
            }
            return true
        }

        private mutating func set(
            _ cost: WritableKeyPath<MistakeCosts, Double>, _ name: String, _ reader: inout ArgumentReader
        ) throws {
            var costs = request.costs ?? MistakeCosts()
            costs[keyPath: cost] = try reader.number(of: name)
            guard costs[keyPath: cost].isFinite, costs[keyPath: cost] >= 0 else { throw UsageError("\(name) takes a number of at least 0") }
            request.costs = costs
        }

        /// - Throws: `UsageError` when there is nothing to report on.
        func models() throws -> [String] {
            let model = try modelName(for: "report")
            guard let other else { return [model] }
            guard input.rows != nil else { throw UsageError("--against needs rows that both models are judged by: name a table or a query") }
            return [model, other]
        }
    }

    static func run(_ arguments: [String]) -> Int32 {
        Subcommand.run("report", arguments) { (options: Options) in
            let names = try options.models()
            if let path = options.pagePath {
                try FileReplacement.check(path)
                try OutputFiles.check([path], apartFrom: names)
            }
            let session = try options.input.session.openSession()
            if let path = options.pagePath {
                try session.checkMayReplace(path)
                session.keepReplacedFiles([path])
            }
            let models = try options.input.showingProgress(of: session) {
                try session.models(names, judgedBy: options.input.rows)
            }
            var request = options.request
            request.threads = options.input.threads
            request.isCancelled = { Interrupts.isPending }
            let report = try request.report(
                on: models[0], against: models.count > 1 ? models[1] : nil, rows: options.input.rows)
            if let path = options.pagePath { try FileReplacement.write(Array(report.html.utf8), to: path) }
            if options.input.asJSON {
                Console.print(try report.json())
            } else if options.pagePath == nil || !options.input.session.isSilent {
                Console.print(EvaluationText(report, width: Console.outputIsTerminal ? Console.width : nil).lines)
            }
            if let path = options.pagePath, !options.input.session.isSilent { Console.error("Wrote \(path)") }
        }
    }
}
