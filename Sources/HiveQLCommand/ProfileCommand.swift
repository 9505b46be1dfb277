import HiveQL
import Platform

/// `hiveql profile`: what the rows of a table or a query look like.
enum ProfileCommand {
    private struct Options: SubcommandArguments {
        var input = LearningInput()
        var profile = ProfileOptions()
        var reference: String?
        var pagePath: String?

        static let help = """
            usage: hiveql profile TABLE|QUERY [options]

            TABLE is a name, or a name with partitions: "trip PARTITION (month >= 2)".

            \(LearningInput.help)
                --label <column>              How far each column tells this one
                --against <table|query>       How the columns differ from those of other rows of the same kind
                --columns <columns>           Look at these columns (default: all)
                --top <n>                     Frequent values that are listed of a column (default 5)
                --html <file>                 Write a page with drawings

            Prints types, missing and distinct values, quantiles, histograms, frequent values, correlations, and what is worth a
            look. The same rows give the same profile with any number of threads. docs/profile.md says what each number means.
            """

        var wantsHelp: Bool { input.session.wantsHelp }

        mutating func take(positional text: String) throws { try input.take(positional: text) }

        mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
            switch name {
            case "--label": profile.label = try reader.value(of: name)
            case "--against": reference = try reader.value(of: name)
            case "--columns": profile.columns = (profile.columns ?? []) + (try reader.names(of: name))
            case "--html": pagePath = HomeFolder.expanding(try reader.value(of: name))
            case "--top":
                profile.topCount = try reader.integer(of: name)
                guard 0...1_000 ~= profile.topCount else { throw UsageError("--top takes a number from 0 to 1000") }
            default: return try input.take(name, &reader)
            }
            return true
        }

        /// What is looked at.
        /// - Throws: `UsageError` when it is not named.
        func source() throws -> String {
            guard let source = input.rows else { throw UsageError("profile needs a table or a query") }
            return source
        }
    }

    static func run(_ arguments: [String]) -> Int32 {
        Subcommand.run("profile", arguments) { (options: Options) in
            let source = try options.source()
            if let path = options.pagePath { try FileReplacement.check(path) }
            let session = try options.input.session.openSession()
            if let path = options.pagePath {
                try session.checkMayReplace(path)
                session.keepReplacedFiles([path])
            }
            let profile = try options.input.showingProgress(of: session) {
                let profile = try session.profile(source, options.profile)
                guard let reference = options.reference else { return profile }
                // Nothing but what is compared.
                return profile.compared(
                    with: try session.profile(reference, ProfileOptions(topCount: 0, correlates: false)))
            }
            if let path = options.pagePath {
                try FileReplacement.write(Array(profile.html(title: source).utf8), to: path)
            }
            if options.input.asJSON {
                Console.print(try profile.json())
            } else if options.pagePath == nil || !options.input.session.isSilent {
                Console.print(ProfileText(profile, width: Console.outputIsTerminal ? Console.width : nil).lines)
            }
            if let path = options.pagePath, !options.input.session.isSilent { Console.error("Wrote \(path)") }
        }
    }
}
