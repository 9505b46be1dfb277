@preconcurrency import CEdit
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
            guard let line = readLine(isContinuation: !input.isEmpty) else {
                Console.print()
                if Interrupts.take() {
                    input = ""
                    continue
                }
                break
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
        rl_initialize()
        // Names are completed on their own after a point, a comma or an operator.
        set_completion_word_breaks(strdup(" \t\n\"'`,;()[]<>=+-*/%&|^~!.$@{}"))
        using_history()
        stifle_history(10_000)
        if let historyPath { _ = read_history(historyPath) }
        LineCompletion.install { [executor] in executor.completionNames() }
    }

    private func remember(_ input: String) {
        add_history(input)
        // A history that cannot be kept, or is a device, is no reason to stop.
        guard let historyPath, let replacement = try? FileReplacement(of: historyPath) else { return }
        if write_history(replacement.temporaryPath) == 0 { try? replacement.commit() }
    }

    private func readLine(isContinuation: Bool) -> String? {
        let name = executor.settings["hive.cli.prompt"] ?? "hiveql"
        let showsDatabase = executor.setting("hive.cli.print.current.db")?.lowercased() == "true"
        let prompt = showsDatabase ? "\(name) (\(executor.currentDatabase))> " : "\(name)> "
        let shown = isContinuation ? String(repeating: " ", count: max(prompt.displayWidth - 2, 0)) + "> " : prompt
        guard let line = readline(shown) else { return nil }
        defer { free(line) }
        return String(cString: line)
    }
}

/// Completion of keywords, tables, columns and functions, through the line editor's C interface.
enum LineCompletion {
    nonisolated(unsafe) private static var names: () -> [String] = { [] }
    nonisolated(unsafe) private static var matches: [String] = []

    private static let keywords = [
        "select", "from", "where", "group by", "order by", "having", "limit", "insert into", "insert overwrite table",
        "create table", "create external table", "create database", "create view", "drop table", "alter table",
        "describe", "describe formatted", "show tables", "show databases", "show partitions", "show functions",
        "show create table", "partition", "partitioned by", "row format delimited", "fields terminated by", "stored as",
        "location", "load data local inpath", "overwrite", "into table", "lateral view", "explode", "left outer join",
        "right outer join", "full outer join", "left semi join", "join", "cross join", "union all", "distinct", "between",
        "case", "when", "then", "else", "end", "cast", "explain", "analyze", "msck repair table", "truncate table", "use",
        "set", "values", "with", "over", "partition by", "rows between", "unbounded preceding", "current row", "and",
        "or", "not", "null", "is", "in", "like", "rlike", "exists", "source", "quit", "as", "on", "using", "desc", "asc",
        "distribute by", "sort by", "cluster by", "tablesample", "if exists", "if not exists", "union distinct",
    ]

    static func install(names: @escaping () -> [String]) {
        self.names = names
        rl_attempted_completion_function = { text, _, _ in
            guard let text else { return nil }
            LineCompletion.collect(String(cString: text))
            return rl_completion_matches(text) { _, state in LineCompletion.next(Int(state)) }
        }
    }

    private static func collect(_ prefix: String) {
        let wanted = prefix.lowercased()
        let isUpper = prefix.first?.isUppercase == true && prefix == prefix.uppercased()
        let all = Set(keywords).union(names()).filter { $0.hasPrefix(wanted) }.sorted()
        matches = all.map { isUpper ? $0.uppercased() : $0 }
    }

    /// The `state`-th match as a C string that the editor frees; nil after the last.
    private static func next(_ state: Int) -> UnsafeMutablePointer<CChar>? {
        matches.indices.contains(state) ? strdup(matches[state]) : nil
    }
}
