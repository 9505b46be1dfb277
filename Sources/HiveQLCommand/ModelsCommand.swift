import HiveQL
import Platform

/// `hiveql models`: the models of the warehouse.
enum ModelsCommand {
    private struct Options: SubcommandArguments {
        var session = SessionOptions()
        var pattern: String?
        var asJSON = false

        static let help = """
            usage: hiveql models [PATTERN] [options]

            PATTERN is of names, as behind SHOW MODELS LIKE: 'tip*' or 'tips|fares'.

                --database <name>             The database whose models are listed (default: default)
                --hiveconf <name=value>       Setting for the session
                --json                        Machine-readable output

            Prints a line a model: name, learner, what it learned, when it was made, of how many rows, and the measure that tells
            most of it: on rows that the training did not see, or, where there were none, on those that it learned from.
            """

        var wantsHelp: Bool { session.wantsHelp }

        mutating func take(positional text: String) throws {
            guard pattern == nil else { throw UsageError("One pattern is expected, not also '\(text)'") }
            pattern = text
        }

        mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
            switch name {
            case "--json": asJSON = true
            case "--database", "--hiveconf", "-H", "--help", "-S", "--silent": return try session.take(name, &reader)
            default: return false
            }
            return true
        }
    }

    static func run(_ arguments: [String]) -> Int32 {
        Subcommand.run("models", arguments) { (options: Options) in
            let listings = try options.session.openSession().modelListings(like: options.pattern)
            if options.asJSON {
                Console.print(try JSON.array(listings.map(tree)).written(isIndented: true))
            } else if !listings.isEmpty {
                Console.print(lines(listings))
            }
        }
    }

    private static func lines(_ listings: [ModelListing]) -> [String] {
        let titles = ["model", "learner", "label", "made", "rows", "measure", ""]
        let rows = listings.map { listing -> [String] in
            let measured = listing.content?.measure.flatMap { measure in measure.value.map { (measure.title, $0) } }
            let value = measured.map { "\($0.0) \($0.1.formatted("%.4g"))" } ?? "–"
            let whose = listing.content.map { $0.measure != nil && !$0.isHeldOut && $0.task.hasLabel ? "on its training rows" : "" }
            return [
                listing.name, listing.learner, listing.content?.label ?? "–", TimeText.local(listing.created, "%Y-%m-%d %H:%M:%S"),
                listing.rowCount.map { "\($0)" } ?? "–", value, listing.damage ?? whose ?? "",
            ]
        }
        return AlignedText.lines([titles] + rows, areNumbers: [false, false, false, false, true, false, false])
    }

    private static func tree(_ listing: ModelListing) -> JSON {
        var members: [JSON.Member] = [
            .init("database", .string(listing.database)), .init("name", .string(listing.name)),
            .init("learner", .string(listing.learner)),
            .init("created", .string(TimeText.utc(listing.created))),
        ]
        if let count = listing.rowCount { members.append(.init("rows", .integer(Int64(count)))) }
        if let content = listing.content {
            members.append(.init("task", .string(content.task.rawValue)))
            if let label = content.label { members.append(.init("label", .string(label))) }
            members.append(.init("hasTransform", .boolean(content.hasTransform)))
            if let measure = content.measure, let value = measure.value, value.isFinite {
                members.append(
                    .init(
                        "measure",
                        .object([
                            .init("name", .string(measure.name)), .init("value", .number(value)),
                            .init("isHeldOut", .boolean(content.isHeldOut)),
                        ])))
            }
        }
        if let damage = listing.damage { members.append(.init("error", .string(damage))) }
        return .object(members)
    }
}
