import HiveQL

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Shows what scripts do, as Hive's command line does: rows on standard output, everything else on standard error.
final class ScriptConsole: ScriptObserver {
    var isSilent: Bool
    /// Whether the time that a statement took is told.
    var tellsTimes = true
    var toleratesErrors = false
    private let executor: any StatementExecutor
    private let isVerbose: Bool
    /// nil: as the setting `hiveql.shell.output` says.
    private let output: OutputStyle?
    private let printsHeader: Bool?
    private lazy var runner = ScriptRunner(executor: executor, observer: self)
    private var running: (rows: StatementOutput, progress: ProgressBar)?

    /// - Parameter printsHeader: nil: as the style and `hive.cli.print.header` say.
    init(executor: any StatementExecutor, isSilent: Bool, isVerbose: Bool, output: OutputStyle?, printsHeader: Bool? = nil) {
        self.executor = executor
        self.isSilent = isSilent
        self.isVerbose = isVerbose
        self.output = output
        self.printsHeader = printsHeader
    }

    /// Set by `quit` and `exit`.
    var wantsToQuit: Bool { runner.wantsToQuit }

    /// Runs a script to its end or to its first error.
    /// - Returns: the exit status: 0, or that of the statement that failed.
    func run(_ script: Script) -> Int32 { status { try runner.run(script) } }

    /// Runs a file of statements; `-` is standard input.
    /// - Returns: the exit status.
    func runFile(_ path: String) -> Int32 {
        let script: Script
        do {
            script = try Script(contentsOf: path)
        } catch {
            Console.error("\(error)")
            return ExitStatus.missingFile
        }
        return run(script)
    }

    private func status(_ body: () throws -> Void) -> Int32 {
        do {
            try body()
            return 0
        } catch {
            return ExitStatus.of(error)
        }
    }

    // MARK: ScriptObserver

    var isInterrupted: Bool { Interrupts.isPending }

    func begin(_ statement: Script.Statement) -> (any RowConsumer)? {
        if isVerbose { Console.print(statement.text.trimmed) }
        let progress = ProgressBar(executor, isEnabled: !isSilent)
        let saysOK = !isSilent && output != nil
        let rows = StatementOutput(printer: makePrinter()) { hasHeader in
            progress.stop()
            if saysOK, hasHeader { Console.error("OK") }
        }
        running = (rows, progress)
        progress.start()
        return rows
    }

    func end(_ statement: Script.Statement, _ result: StatementResult) throws {
        guard let (rows, progress) = running else { return }
        running = nil
        progress.stop()
        try rows.finish()
        report(result, saidOK: rows.hasHeader)
    }

    func fail(_ statement: Script.Statement, _ error: HiveError) {
        running?.progress.stop()
        running = nil
        Console.error("\(error)")
        guard !error.isCancellation, let file = statement.file else { return }
        Console.error("(\(file), line \(statement.line + max((error.line ?? 1) - 1, 0)))")
    }

    // MARK: Printing

    private func makePrinter() -> any RowPrinter {
        let style = output ?? executor.setting("hiveql.shell.output").flatMap { OutputStyle(named: $0) } ?? .table
        let asked = executor.setting("hive.cli.print.header")?.lowercased() == "true"
        return style.makePrinter(printsHeader: printsHeader ?? (asked ? true : nil))
    }

    private func report(_ result: StatementResult, saidOK: Bool) {
        for warning in result.warnings { Console.error(warning) }
        guard !isSilent, tellsTimes, result.isTimed else { return }
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
