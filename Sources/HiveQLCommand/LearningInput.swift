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
    var asJSON = false

    static let help = """
            --query <sql>                 The rows: a query, or a table, with partitions or not
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
            guard query == nil else { throw UsageError("there are two queries: \(name) '\(value)'") }
            query = name == "--query-file" ? try Self.text(of: value) : value
        case "--json": asJSON = true
        case "-e", "-f", "-i", "-v", "--verbose", "-verbose", "--version", "-version": return false
        default: return try session.take(name, &reader)
        }
        return true
    }

    /// Takes the rows where no option is before them.
    mutating func take(positional text: String) throws {
        guard query == nil else { throw UsageError("One table or query is expected, not also '\(text)'") }
        query = text
    }

    /// The rows, where there may be none: a table, with partitions or not, or a query.
    var rows: String? {
        guard let rows = query?.trimmed, !rows.isEmpty else { return nil }
        return rows
    }

    /// A query in a file, which may end with a semicolon as in a script.
    private static func text(of path: String) throws -> String {
        var text = String(decoding: try RegularFile.contents(of: HomeFolder.expanding(path)), as: UTF8.self).trimmed
        if text.hasSuffix(";") { text.removeLast() }
        return text
    }

    /// The rows.
    /// - Throws: `UsageError` when there are none.
    func statement() throws -> String {
        guard let rows else { throw UsageError("--query is missing: a table, or a query") }
        return rows
    }

    /// Reads the rows.
    /// - Parameters:
    ///   - outputs: files that will be replaced; one of the warehouse's or a table's is refused before the query runs.
    ///   - inputs: files that are read besides.
    ///   - roles: given, columns that it does not need are left aside.
    func importData(
        in session: Session, savingTo outputs: [String], reading inputs: [String] = [], for roles: ColumnRoles? = nil
    ) throws -> ImportData {
        try running(in: session, savingTo: outputs, reading: inputs) { try ImportData(session, query: $0, for: roles) }
    }

    /// Shows how far the query of the rows is while `body` runs it.
    func running<Result>(
        in session: Session, savingTo outputs: [String], reading inputs: [String] = [], _ body: (_ query: String) throws -> Result
    ) throws -> Result {
        let query = try statement()
        try checkOutputs(outputs, in: session, reading: inputs)
        return try showingProgress(of: session) { try body(query) }
    }

    /// - Throws: for files that cannot be written, or may not be replaced.
    func checkOutputs(_ outputs: [String], in session: Session, reading inputs: [String] = []) throws {
        try OutputFiles.check(outputs, apartFrom: inputs)
        for output in outputs { try session.checkMayReplace(output) }
        session.keepReplacedFiles(outputs)
    }

    /// Shows how far the session's statement is while `body` runs it.
    func showingProgress<Result>(of session: Session, _ body: () throws -> Result) rethrows -> Result {
        let progress = ProgressBar(session, isEnabled: !self.session.isSilent)
        progress.start()
        defer { progress.stop() }
        return try body()
    }

    /// One worker a core, or as `hiveql.threads` says.
    var threads: Int {
        if let chosen = session.settings["hiveql.threads"].flatMap({ Int($0) }), chosen > 0 { return chosen }
        return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }
}
