import HiveQL
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The part of the learning subcommands' options that says where the rows come from.
struct LearningInput {
    var session = SessionOptions()
    var query: String?
    private var isFromFile = false
    var asJSON = false

    static let help = """
            --query <sql>                 The rows: a query, or the name of a table
            --query-file <file>           The same from a file
            --database <name>             Database to start in
            --hiveconf <name=value>       Setting for the session
            --hivevar <key=value>         Variable for use in the query
            --json                        Machine-readable output
         -S,--silent                      No progress
        """

    /// Takes one option; false when it is none of these.
    mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        switch name {
        case "--query", "--query-file":
            let value = try reader.value(of: name)
            guard query == nil || name == "--query" && !isFromFile else { throw UsageError("there are two queries: \(name) '\(value)'") }
            isFromFile = name == "--query-file"
            query = isFromFile ? try Self.text(of: value) : value
        case "--json": asJSON = true
        case "-e", "-f", "-i", "-v", "--verbose", "-verbose", "--version", "-version": return false
        default: return try session.take(name, &reader)
        }
        return true
    }

    /// A query in a file, which may end with a semicolon as in a script.
    private static func text(of path: String) throws -> String {
        var text = String(decoding: try RegularFile.contents(of: HomeFolder.expanding(path)), as: UTF8.self).trimmed
        if text.hasSuffix(";") { text.removeLast() }
        return text
    }

    /// The query: as it is written, or all of a table that is named. The engine refuses what is no query.
    /// - Throws: `UsageError` when there is none.
    func statement() throws -> String {
        guard let query = query?.trimmed, !query.isEmpty else { throw UsageError("--query is missing") }
        let isName = query.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "`" }
        return isName ? "SELECT * FROM \(query)" : query
    }

    /// Runs the query.
    /// - Parameters:
    ///   - outputs: files that will be replaced; one of the warehouse's or a table's is refused before the query runs.
    ///   - inputs: files that are read besides.
    ///   - roles: given, columns that it does not need are left aside.
    func importData(
        savingTo outputs: [String], reading inputs: [String] = [], for roles: ColumnRoles? = nil
    ) throws -> ImportData {
        try running(savingTo: outputs, reading: inputs) { try ImportData($0, query: $1, for: roles) }
    }

    /// Opens a session for the statement, and shows how far it is while `body` runs it.
    func running<Result>(
        savingTo outputs: [String], reading inputs: [String] = [], _ body: (Session, _ statement: String) throws -> Result
    ) throws -> Result {
        let statement = try statement()
        try OutputFiles.check(outputs, apartFrom: inputs)
        let open = try session.openSession()
        for output in outputs { try open.checkMayReplace(output) }
        Interrupts.watch(open)
        let progress = ProgressBar(open, isEnabled: !session.isSilent)
        progress.start()
        defer { progress.stop() }
        return try body(open, statement)
    }

    /// One worker a core, or as `hiveql.threads` says.
    var threads: Int {
        if let chosen = session.settings["hiveql.threads"].flatMap({ Int($0) }), chosen > 0 { return chosen }
        return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Runs a subcommand and turns what it throws into messages and an exit status.
    static func guarded(_ name: String, _ body: () throws -> Void) -> Int32 {
        do {
            try body()
            return 0
        } catch let error as UsageError {
            Console.error("hiveql \(name): \(error)\nTry 'hiveql \(name) --help'.")
            return ExitStatus.failure
        } catch {
            if error as? LearnerError == .cancelled || (error as? HiveError)?.isCancellation == true {
                Console.error("Cancelled")
                return Interrupts.exitStatus
            }
            Console.error(error is HiveError ? "\(error)" : "hiveql \(name): \(error)")
            return ExitStatus.of(error)
        }
    }
}
