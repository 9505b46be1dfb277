import Foundation
import HiveQL

/// Runs statements as Hive's command line does: rows to standard output, everything else to standard error.
final class ScriptRunner {
    enum Output {
        /// Values separated by tabs.
        case tabs
        /// Aligned columns, for eyes.
        case table
    }

    let session: Session
    let isSilent: Bool
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
        let data: Data?
        if path == "-" {
            data = try? FileHandle.standardInput.readToEnd() ?? Data()
        } else {
            data = FileManager.default.contents(atPath: path)
        }
        guard let data else {
            Console.error("Could not open input file for reading. (\(path))")
            return 1
        }
        return run(String(decoding: data, as: UTF8.self))
    }

    /// Runs a script to its end or to its first error.
    /// - Returns: 0, or 1 when a statement failed (130 when it was interrupted).
    func run(_ script: String) -> Int32 {
        for statement in Session.statements(in: script) {
            let status = runStatement(statement)
            if wantsToQuit { return status }
            if status != 0, status == Interrupts.exitStatus || !ignoresErrors { return status }
        }
        return 0
    }

    private var ignoresErrors: Bool { session.setting("hive.cli.errors.ignore")?.lowercased() == "true" }

    /// Runs one statement or one of the shell's own commands.
    func runStatement(_ statement: String) -> Int32 {
        let text = statement.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.hasPrefix("!") { return runProcess(String(text.dropFirst())) }
        let words = text.split(maxSplits: 1, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
        switch words.first?.lowercased() {
        case "quit" where words.count == 1, "exit" where words.count == 1:
            wantsToQuit = true
            return 0
        case "source" where words.count == 2: return runSource(String(words[1]))
        default: return execute(text)
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
            var path = try session.substituteVariables(in: name).trimmingCharacters(in: .whitespacesAndNewlines)
            if path.count >= 2, let quote = path.first, quote == "'" || quote == "\"", path.last == quote {
                path = String(path.dropFirst().dropLast())
            }
            guard FileManager.default.fileExists(atPath: path) else {
                Console.error("File: \(path) is not a file.")
                return 1
            }
            return runFile(path)
        } catch {
            Console.error("\(error)")
            return 1
        }
    }

    /// `!command;`
    private func runProcess(_ command: String) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        do {
            process.arguments = ["-c", try session.substituteVariables(in: command)]
            fflush(nil)
            try process.run()
            process.waitUntilExit()
        } catch {
            Console.error("Exception raised from Shell command \(error)")
            return 1
        }
        if process.terminationStatus != 0 {
            Console.error("Command failed with exit code = \(process.terminationStatus)")
        }
        return process.terminationStatus == 0 ? 0 : 1
    }

    private func execute(_ statement: String) -> Int32 {
        if isVerbose { print(statement) }
        let printsHeader = session.setting("hive.cli.print.header")?.lowercased() == "true"
        let progress = ProgressBar(session: session, isEnabled: !isSilent)
        let consumer: any RowConsumer =
            switch output {
            case .tabs:
                ResultPrinter(printsHeader: printsHeader) { bytes in
                    progress.pause()
                    Console.write(bytes)
                }
            case .table: TablePrinter { progress.pause() }
            }
        progress.start()
        do {
            let result = try session.execute(statement, rows: consumer)
            progress.stop()
            try (consumer as? TablePrinter)?.finish()
            fflush(nil)
            report(result)
            return 0
        } catch {
            progress.stop()
            fflush(nil)
            Console.error("\(error)")
            return (error as? HiveError)?.isCancellation == true ? Interrupts.exitStatus : 1
        }
    }

    private func report(_ result: StatementResult) {
        guard !isSilent else { return }
        for warning in result.warnings { Console.error(warning) }
        guard result.isTimed else { return }
        let seconds = String(format: "%.3f", result.elapsedSeconds)
        let fetched: String =
            if case .none = result.output { "" } else { ", Fetched: \(result.rowCount) row(s)" }
        Console.error("OK\nTime taken: \(seconds) seconds\(fetched)")
    }
}
