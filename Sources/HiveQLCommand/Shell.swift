@preconcurrency import CEdit
import Foundation
import HiveQL

/// The interactive shell: lines are edited, kept between sessions and completed; a statement may span lines.
final class Shell {
    private let session: Session
    private let runner: ScriptRunner
    private let historyPath = NSHomeDirectory() + "/.hiveql_history"

    init(session: Session, runner: ScriptRunner) {
        self.session = session
        self.runner = runner
    }

    /// Reads and runs statements until `quit`, `exit` or the end of input.
    func run() -> Int32 {
        print("hiveql \(HiveQLCommand.version) · warehouse \(session.warehouse.folder)")
        print("End statements with ';'. Tab completes, ^C cancels a query, 'quit;' leaves.\n")
        rl_initialize()
        using_history()
        stifle_history(10_000)
        _ = read_history(historyPath)
        LineCompletion.install { [session] in session.completionNames() }
        var input = ""
        while !runner.wantsToQuit {
            guard let line = readLine(isContinuation: !input.isEmpty) else {
                if Interrupts.takeInterrupt() {
                    input = ""
                    print()
                    continue
                }
                print()
                break
            }
            input += input.isEmpty ? line : "\n" + line
            if input.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty {
                input = ""
                continue
            }
            guard Session.isComplete(input) || isOwnCommand(input) else { continue }
            add_history(input.replacingOccurrences(of: "\n", with: " "))
            _ = write_history(historyPath)
            Interrupts.setBusy(true)
            for statement in Session.statements(in: input) where !runner.wantsToQuit {
                if runner.runStatement(statement) != 0 { break }
            }
            Interrupts.setBusy(false)
            _ = Interrupts.takeInterrupt()
            input = ""
        }
        return 0
    }

    /// `quit` and `exit` need no semicolon.
    private func isOwnCommand(_ input: String) -> Bool {
        ["quit", "exit"].contains(input.trimmingCharacters(in: .whitespaces).lowercased())
    }

    private func readLine(isContinuation: Bool) -> String? {
        let showsDatabase = session.setting("hive.cli.print.current.db")?.lowercased() == "true"
        let name = showsDatabase ? "hiveql (\(session.currentDatabase))> " : "hiveql> "
        let prompt = isContinuation ? String(repeating: " ", count: name.count - 2) + "> " : name
        guard let line = readline(prompt) else { return nil }
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
        "or", "not", "null", "is", "in", "like", "rlike", "exists", "source", "quit",
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
