import Foundation
import HiveQL

/// The part of the learning subcommands' options that says where the rows come from.
struct LearningInput {
    var session = SessionOptions()
    var query: String?
    var asJSON = false

    static let help = """
            --query <sql>                 The rows: a query, or the name of a table
            --database <name>             Database to start in
            --hiveconf <name=value>       Setting for the session
            --hivevar <key=value>         Variable for use in the query
            --json                        Machine-readable output
         -S,--silent                      No progress
        """

    /// Takes one option; false when it is none of these.
    mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        switch name {
        case "--query": query = try reader.value(of: name)
        case "--json": asJSON = true
        case "-e", "-f", "-i", "--version": return false
        default: return try session.take(name, &reader)
        }
        return true
    }

    /// Runs the query.
    func importData() throws -> ImportData {
        guard let query else { throw UsageError("--query is missing") }
        let isName = !query.contains { $0.isWhitespace }
        let open = try session.openSession()
        Interrupts.watch(open)
        let progress = ProgressBar(session: open, isEnabled: !session.isSilent)
        progress.start()
        defer { progress.stop() }
        let result = try open.query(isName ? "SELECT * FROM \(query)" : query)
        return try ImportData(schema: result.schema, batches: result.batches)
    }

    /// One worker a core.
    static var threads: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// Runs a subcommand and turns what it throws into messages and an exit status.
    static func guarded(_ name: String, help: String, _ body: () throws -> Void) -> Int32 {
        do {
            try body()
            return 0
        } catch let error as UsageError {
            Console.error("hiveql \(name): \(error)\nTry 'hiveql \(name) --help'.")
        } catch {
            Console.error("\(error)")
        }
        return 1
    }
}
