#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Completion of keywords, tables, columns and functions, through the line editor's C interface.
enum LineCompletion {
    nonisolated(unsafe) private static var names: () -> [String] = { [] }
    nonisolated(unsafe) private static var matches: [String] = []
    nonisolated(unsafe) private static var editor: LineEditor?

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

    /// - Parameter names: those of tables, columns and functions.
    static func install(in editor: LineEditor, names: @escaping () -> [String]) {
        self.names = names
        self.editor = editor
        editor.setCompletion { text, start, _ in
            guard let text else { return nil }
            if LineCompletion.editor?.insertsTab(at: start, isEmpty: text.pointee == 0) == true { return nil }
            LineCompletion.collect(String(cString: text))
            return LineEditor.matches(of: text) { _, state in LineCompletion.next(Int(state)) }
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
