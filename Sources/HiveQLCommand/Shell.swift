import HiveQL
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The interactive shell: lines are edited, kept between sessions and completed; a statement may span lines.
final class Shell {
    private let executor: any StatementExecutor
    private let console: ScriptConsole
    // Names are completed on their own after a point, a comma or an operator.
    private let editor = LineEditor(wordBreaks: " \t\n\"'`,;()[]<>=+-*/%&|^~!.$@{}", historyLimit: 10_000)
    private let historyPath = HomeFolder.path.map { $0 + "/.hiveql_history" }

    init(executor: any StatementExecutor, console: ScriptConsole) {
        self.executor = executor
        self.console = console
    }

    /// Reads and runs statements until `quit`, `exit` or the end of input.
    func run() -> Int32 {
        if !console.isSilent {
            Console.print("hiveql \(HiveQLCommand.version) · warehouse \(executor.location)")
            Console.print("End statements with ';'. Tab completes, ^C cancels a query, 'quit;' leaves.\n")
        }
        prepareEditor()
        var input = ""
        while !console.wantsToQuit {
            Interrupts.setBusy(false)
            let line: String
            switch readLine(isContinuation: !input.isEmpty) {
            case .line(let text): line = text
            case .interrupt:
                Console.print()
                input = ""
                continue
            case .end:
                Console.print()
                return 0
            }
            input += input.isEmpty ? line : "\n" + line
            if input.trimmed.isEmpty { input = "" }
            guard !input.isEmpty, Session.isComplete(input) || isOwnCommand(input) else { continue }
            remember(input)
            Interrupts.setBusy(true)
            _ = console.run(Script(input))
            input = ""
        }
        return 0
    }

    /// What needs no semicolon: `quit`, `exit`, and `!command` on one line.
    private func isOwnCommand(_ input: String) -> Bool {
        let text = input.trimmed
        return text.hasPrefix("!") || ["quit", "exit"].contains(text.lowercased())
    }

    // MARK: The line editor

    private func prepareEditor() {
        guard let editor else { return }
        if let historyPath { editor.loadHistory(from: historyPath) }
        LineCompletion.install(in: editor) { [executor] in executor.completionNames() }
    }

    private func remember(_ input: String) {
        guard let editor else { return }
        editor.remember(input)
        // A history that cannot be kept, or is a device, is no reason to stop.
        guard let historyPath, let replacement = try? FileReplacement(of: historyPath) else { return }
        if editor.saveHistory(to: replacement.temporaryPath) { try? replacement.commit() }
    }

    private func readLine(isContinuation: Bool) -> LineEditor.Input {
        let name = executor.settings["hive.cli.prompt"] ?? "hiveql"
        let showsDatabase = executor.setting("hive.cli.print.current.db")?.lowercased() == "true"
        let prompt = showsDatabase ? "\(name) (\(executor.currentDatabase))> " : "\(name)> "
        let shown = isContinuation ? String(repeating: " ", count: max(prompt.displayWidth - 2, 0)) + "> " : prompt
        guard let editor else {
            Console.status(shown)
            return Swift.readLine().map { .line($0) } ?? .end
        }
        let input = editor.line(prompt: shown, interrupts: Interrupts.idleDescriptor)
        if case .interrupt = input { Interrupts.takeIdle() }
        return input
    }
}
