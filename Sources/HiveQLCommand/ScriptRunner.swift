import HiveQL

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs statements as Hive's command line does: rows to standard output, everything else to standard error.
final class ScriptRunner {
    enum Output {
        /// Values separated by tabs.
        case tabs
        /// Aligned columns, for eyes.
        case table
    }

    let session: Session
    var isSilent: Bool
    /// Goes on after statements that failed, whatever `hive.cli.errors.ignore` says.
    var toleratesErrors = false
    let isVerbose: Bool
    let output: Output
    /// Set by `quit` and `exit`.
    private(set) var wantsToQuit = false
    private var sourceDepth = 0

    init(session: Session, isSilent: Bool, isVerbose: Bool, output: Output) {
        self.session = session
        self.isSilent = isSilent
        self.isVerbose = isVerbose
        self.output = output
    }

    /// Runs a file of statements; `-` is standard input.
    /// - Returns: the exit status.
    func runFile(_ path: String) -> Int32 {
        do {
            var bytes = try SystemFiles.contents(of: path)[...]
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
            return run(String(decoding: bytes, as: UTF8.self), name: path == "-" ? "standard input" : path)
        } catch {
            Console.error("Could not open input file for reading. (\(error))")
            return 1
        }
    }

    /// Runs a script to its end or to its first error.
    /// - Parameter name: the file; errors then tell the line.
    /// - Returns: 0, or 1 when a statement failed (130 when it was interrupted).
    func run(_ script: String, name: String? = nil) -> Int32 {
        var place = StatementPlace(script: script)
        for statement in Session.statements(in: script) {
            if Interrupts.isPending { return Interrupts.exitStatus }
            let line = place.line(of: statement)
            let status = runStatement(statement) { error in
                guard let name, let line else { return }
                Console.error("(\(name), line \(line + max((error?.line ?? 1) - 1, 0)))")
            }
            if wantsToQuit { return status }
            if status != 0, status == Interrupts.exitStatus || !ignoresErrors { return status }
        }
        return 0
    }

    private var ignoresErrors: Bool {
        toleratesErrors || session.setting("hive.cli.errors.ignore")?.lowercased() == "true"
    }

    /// Runs one statement or one of the shell's own commands.
    /// - Parameter onError: called after an error was told.
    func runStatement(_ statement: String, onError: (HiveError?) -> Void = { _ in }) -> Int32 {
        let text = statement.trimmed
        if text.hasPrefix("!") { return runProcess(String(text.dropFirst())) }
        let words = text.split(maxSplits: 1, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
        switch words.first?.lowercased() {
        case "quit" where words.count == 1, "exit" where words.count == 1:
            wantsToQuit = true
            return 0
        case "source" where words.count == 2: return runSource(String(words[1]))
        default: return execute(text, onError: onError)
        }
    }

    private func runSource(_ name: String) -> Int32 {
        guard sourceDepth < 64 else {
            Console.error("source: files that run each other without end")
            return 1
        }
        sourceDepth += 1
        defer { sourceDepth -= 1 }
        do {
            var path = try session.substituteVariables(in: name).trimmed
            if path.count >= 2, let quote = path.first, quote == "'" || quote == "\"", path.last == quote {
                path = String(path.dropFirst().dropLast())
            }
            guard SystemFiles.isFile(path) else {
                Console.error("File: \(path) is not a file.")
                return 1
            }
            return runFile(path)
        } catch {
            Console.error("\(error)")
            return 1
        }
    }

    /// `!command;` in the system's shell, which shares the terminal: ^C ends the command, not this program.
    private func runProcess(_ command: String) -> Int32 {
        do {
            let status = system(try session.substituteVariables(in: command))
            guard status != -1 else {
                Console.error("Exception raised from Shell command \(String(cString: strerror(errno)))")
                return 1
            }
            let signal = status & 0x7F
            let code = signal == 0 ? status >> 8 & 0xFF : 128 + signal
            if code != 0 { Console.error("Command failed with exit code = \(code)") }
            return code == 0 ? 0 : 1
        } catch {
            Console.error("\(error)")
            return 1
        }
    }

    private func execute(_ statement: String, onError: (HiveError?) -> Void) -> Int32 {
        if isVerbose { Console.print(statement) }
        let progress = ProgressBar(session: session, isEnabled: !isSilent)
        let rows = StatementOutput(printer: makePrinter()) { [isSilent, output] hasHeader in
            progress.stop()
            if !isSilent, hasHeader, output == .tabs { Console.error("OK") }
        }
        progress.start()
        do {
            let result = try session.execute(statement, rows: rows)
            progress.stop()
            try rows.finish()
            report(result, saidOK: rows.hasHeader)
            return 0
        } catch {
            progress.stop()
            Console.error("\(error)")
            let failure = error as? HiveError
            if failure?.isCancellation == true { return Interrupts.exitStatus }
            onError(failure)
            return 1
        }
    }

    private func makePrinter() -> any RowPrinter {
        let style = session.setting("hiveql.shell.output")?.lowercased() ?? "table"
        switch output {
        case .table where style == "lines": return RecordPrinter()
        case .table where style != "tabs": return TablePrinter(width: Console.width)
        default:
            return TabPrinter(printsHeader: session.setting("hive.cli.print.header")?.lowercased() == "true")
        }
    }

    private func report(_ result: StatementResult, saidOK: Bool) {
        guard !isSilent else { return }
        for warning in result.warnings { Console.error(warning) }
        guard result.isTimed else { return }
        if !saidOK { Console.error("OK") }
        let fetched = result.rowCount == 0 ? "" : ", Fetched: \(result.rowCount) row(s)"
        Console.error("Time taken: \(result.elapsedSeconds.formatted(decimals: 3)) seconds\(fetched)")
    }
}

/// Hands a statement's rows to a printer, and says so before the first: the printer hears of a statement that fails
/// before it has rows not at all.
private final class StatementOutput: RowConsumer {
    private let printer: any RowPrinter
    private let willPrint: (_ hasHeader: Bool) -> Void
    private var schema: [SchemaColumn]?
    private var hasBegun = false
    /// Whether the statement gave a table.
    private(set) var hasHeader = false

    init(printer: any RowPrinter, willPrint: @escaping (Bool) -> Void) {
        self.printer = printer
        self.willPrint = willPrint
    }

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws {
        self.schema = schema
        self.hasHeader = hasHeader
    }

    func consume(_ batch: Batch) throws {
        try beginPrinting()
        try printer.consume(batch)
    }

    /// Call after the last row.
    func finish() throws {
        guard schema != nil else { return }
        try beginPrinting()
        try printer.finish()
    }

    private func beginPrinting() throws {
        guard !hasBegun, let schema else { return }
        hasBegun = true
        willPrint(hasHeader)
        try printer.begin(schema, hasHeader: hasHeader)
    }
}
