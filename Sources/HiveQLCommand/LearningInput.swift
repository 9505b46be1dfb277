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

    /// Takes an argument that no option is before: `MODEL [TABLE|QUERY]`.
    mutating func take(_ text: String, model: inout String?) throws {
        guard model != nil else {
            model = HomeFolder.expanding(text)
            return
        }
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

    /// The query: as it is written, or all of a table that is named. The engine refuses what is no query.
    /// - Throws: `UsageError` when there is none.
    func statement() throws -> String {
        guard let query = rows else { throw UsageError("--query is missing: a table, or a query") }
        let isName = query.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "`" }
        return isName ? "SELECT * FROM \(query)" : query
    }

    /// Runs the query.
    /// - Parameters:
    ///   - outputs: files that will be replaced; one of the warehouse's or a table's is refused before the query runs.
    ///   - inputs: files that are read besides.
    ///   - roles: given, columns that it does not need are left aside.
    ///   - open: a session that is there already; nil: the query gets one of its own.
    func importData(
        savingTo outputs: [String], reading inputs: [String] = [], for roles: ColumnRoles? = nil, in open: Session? = nil
    ) throws -> ImportData {
        try running(savingTo: outputs, reading: inputs, in: open) { try ImportData($0, query: $1, for: roles) }
    }

    /// A model, and the query's rows with what it needs of them.
    struct ModelRows {
        let model: TrainedModel
        let data: ImportData
        /// The rows as the model's TRANSFORM makes them.
        let transformed: ImportData
    }

    /// Loads a model and runs the query for it.
    /// - Parameters:
    ///   - name: of its file, or in the warehouse.
    ///   - carried: columns that somebody wants besides.
    ///   - outputs: as for `importData`.
    func rows(for name: String, carrying carried: [String] = [], savingTo outputs: [String] = []) throws -> ModelRows {
        _ = try statement()
        let open = try session.openSession()
        Interrupts.watch(open)
        let model = try open.model(name)
        let data = try importData(savingTo: outputs, reading: [name], for: model.roles(carrying: carried), in: open)
        return ModelRows(model: model, data: data, transformed: try open.transforming(data, by: model))
    }

    /// Opens a session for the statement unless there is one, and shows how far it is while `body` runs it.
    func running<Result>(
        savingTo outputs: [String], reading inputs: [String] = [], in session: Session? = nil,
        _ body: (Session, _ statement: String) throws -> Result
    ) throws -> Result {
        let statement = try statement()
        try OutputFiles.check(outputs, apartFrom: inputs)
        let open = try session ?? self.session.openSession()
        for output in outputs { try open.checkMayReplace(output) }
        Interrupts.watch(open)
        let progress = ProgressBar(open, isEnabled: !self.session.isSilent)
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
