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
    private static let historyLimit = 10_000
    // What a word is depends on the statement; the editor's own words are just what is replaced.
    private let editor = LineEditor(wordBreaks: " \t\n", historyLimit: Int32(historyLimit))
    private let history = HomeFolder.path.map { ShellHistory(path: $0 + "/.hiveql_history", limit: historyLimit) }
    private var lastStatement = ""
    /// The lines of a statement that is not whole yet.
    private var input = ""

    init(executor: any StatementExecutor, console: ScriptConsole) {
        self.executor = executor
        self.console = console
    }

    /// Reads and runs statements until `quit`, `exit` or the end of input.
    func run() -> Int32 {
        if !console.isSilent {
            Console.print("hiveql \(HiveQLCommand.version) · warehouse \(executor.location)")
            Console.print("End statements with ';'. Tab completes, ^C cancels a query, \\? helps, 'quit' leaves.\n")
        }
        prepareEditor()
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
            if input.isEmpty, let command = ShellCommand(line) {
                remember(line)
                Interrupts.setBusy(true)
                if perform(command) { return 0 }
                continue
            }
            if !input.isEmpty, isBetweenWords(input) {
                // As in psql, which keeps what was typed of the statement.
                if line.trimmed.hasPrefix("\\"), let command = ShellCommand(line) {
                    Interrupts.setBusy(true)
                    if perform(command) { return 0 }
                    continue
                }
                if ["quit", "exit"].contains(line.trimmed.lowercased()) { return 0 }
                if line.trimmed.isEmpty { Console.error("The statement goes on: ';' runs it, ^C gives it up.") }
            }
            input += input.isEmpty ? line : "\n" + line
            if input.trimmed.isEmpty { input = "" }
            guard !input.isEmpty, Session.isComplete(input) || isOwnCommand(input) else { continue }
            remember(input)
            lastStatement = input
            run(input)
            input = ""
        }
        return 0
    }

    private func run(_ text: String) {
        Interrupts.setBusy(true)
        _ = console.run(Script(text))
    }

    /// What needs no semicolon: `quit`, `exit`, and `!command` on one line.
    private func isOwnCommand(_ input: String) -> Bool {
        let text = input.trimmed
        return text.hasPrefix("!") || ["quit", "exit"].contains(text.lowercased())
    }

    /// Whether what was typed ends in no text or comment.
    private func isBetweenWords(_ input: String) -> Bool { Session.isComplete(input + "\n;") }

    // MARK: Commands

    /// - Returns: whether the shell is left.
    private func perform(_ command: ShellCommand) -> Bool {
        switch command {
        case .statement(let text): run(text)
        case .help: Console.print(ShellCommand.helpText)
        case .quit: return true
        case .output(let style): run("set hiveql.shell.output=\(style.rawValue)")
        case .toggleLines:
            let style = executor.setting("hiveql.shell.output") == OutputStyle.lines.rawValue ? OutputStyle.table : .lines
            run("set hiveql.shell.output=\(style.rawValue)")
            Console.error(style == .lines ? "A column a line." : "A table.")
        case .timing(let wanted):
            console.tellsTimes = wanted ?? !console.tellsTimes
            Console.error("Times are \(console.tellsTimes ? "told" : "not told").")
        case .writeTo(let file):
            do {
                let path = file.map(HomeFolder.expanding)
                if let session = executor as? Session {
                    if let path { try session.checkMayReplace(path) }
                    session.keepReplacedFiles(path.map { [$0] } ?? [])
                }
                if let mistake = Console.redirect(to: path) { Console.error(mistake) }
            } catch {
                Console.error("\(error)")
            }
        case .edit(let file): edit(file.map(HomeFolder.expanding))
        case .watch(let seconds): watch(every: seconds)
        case .mistake(let text): Console.error(text)
        }
        return false
    }

    private func watch(every seconds: Double) {
        guard !lastStatement.isEmpty else { return Console.error("There is no statement to watch.") }
        while true {
            guard console.run(Script(lastStatement)) == 0 else { return }
            for _ in 0..<max(Int(seconds / 0.05), 1) {
                if Interrupts.isPending { return Console.print() }
                usleep(50_000)
            }
        }
    }

    /// Edits a file, or the last statement, with the program that `EDITOR` names, and runs what it is then.
    private func edit(_ file: String?) {
        let editor = environmentVariable("VISUAL") ?? environmentVariable("EDITOR") ?? "vi"
        let folder = environmentVariable("TMPDIR") ?? "/tmp"
        let path = file ?? "\(folder)/hiveql-\(getpid()).sql"
        defer { if file == nil { unlink(path) } }
        do {
            if file == nil { try FileReplacement.write(Array((lastStatement + "\n").utf8), to: path) }
            guard console.run(Script("!\(editor) \(path);")) == 0 else { return }
            let text = String(decoding: try RegularFile.contents(of: path), as: UTF8.self).trimmed
            guard !text.isEmpty, file != nil || text != lastStatement.trimmed else { return Console.error("Nothing was changed, nothing is run.") }
            lastStatement = text
            remember(text)
            run(text)
        } catch {
            Console.error("\(error)")
        }
    }

    // MARK: The line editor

    private func prepareEditor() {
        guard let editor else { return }
        if let history {
            history.shorten()
            if history.isFile { editor.loadHistory(from: history.path) }
        }
        LineCompletion.install(
            in: editor, earlier: { [unowned self] in input },
            source: { [executor] in executor.completions(before: $0, after: $1) })
    }

    private func remember(_ input: String) {
        guard let editor, ShellHistory.keeps(input) else { return }
        editor.remember(input)
        history?.append(input)
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
