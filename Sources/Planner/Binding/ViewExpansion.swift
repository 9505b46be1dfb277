import HiveSyntax

/// Gathers, while a view's query is bound, what its names mean, to give the query's text with that written out: tables
/// with their databases, columns with their tables, columns in the place of `*`. That text goes on meaning the same when
/// another database is current and when tables get more columns. The rest of the text stays as it is, as in Hive.
package final class ViewExpansion {
    private let source: SourceText
    /// Where the outermost SELECT starts, whose columns go by position.
    private let outermost: Int?
    private var edits: [Int: (end: Int, text: String)] = [:]
    private var insertions: [Int: String] = [:]

    /// - Parameters:
    ///   - query: the view's query, and
    ///   - source: the text that it was parsed from.
    package init(of query: Query, in source: SourceText) {
        self.source = source
        if case .select(let core) = query.body { outermost = core.range.start } else { outermost = nil }
    }

    /// The expanded text of a part of the source.
    package func text(of range: SourceRange) -> String {
        var result: [UInt8] = []
        var position = range.start
        let places = Set(edits.keys).union(insertions.keys).filter { $0 >= range.start && $0 <= range.end }.sorted()
        for start in places {
            // Of two that overlap the outer one says it all.
            guard start >= position else { continue }
            result += source.bytes[position..<min(start, range.end)]
            position = start
            if let insertion = insertions[start] { result += insertion.utf8 }
            if let edit = edits[start], edit.end <= range.end {
                result += edit.text.utf8
                position = edit.end
            }
        }
        if position < range.end { result += source.bytes[position..<range.end] }
        return String(decoding: result, as: UTF8.self)
    }

    /// `name` in back quotes.
    package static func quoted(_ name: String) -> String {
        "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }

    private func replace(_ range: SourceRange, _ text: String) {
        guard range.end > range.start, range.end <= source.bytes.count else { return }
        edits[range.start] = (end: range.end, text: text)
    }

    /// An alias: in quotes, whatever words later become keywords.
    func alias(_ identifier: Identifier?) {
        guard let identifier else { return }
        replace(identifier.range, Self.quoted(identifier.text))
    }

    func table(_ name: TableName, database: String) {
        replace(name.range, Self.quoted(database) + "." + Self.quoted(name.name.text))
    }

    /// Names of which the first `consumed` are a column, with or without its table; the rest are fields.
    func column(_ names: [Identifier], consumed: Int, in scope: Scope) {
        guard let first = names.first, consumed >= 1, consumed <= names.count else { return }
        let last = names[consumed - 1]
        let written = names.prefix(consumed).map(\.name)
        replace(
            SourceRange(start: first.range.start, end: last.range.end),
            scope.qualified(last.name, in: scope.table(of: written)))
        for field in names.dropFirst(consumed) { replace(field.range, Self.quoted(field.name)) }
    }

    /// A name in ORDER BY that means a select item: it is left as it is written, unless the item has its table's name,
    /// as in Hive.
    func selected(_ name: Identifier, as item: [Identifier], in scope: Scope) {
        let written = item.map(\.name)
        guard case .found(_, consumed: 2, _) = scope.resolve(written) else { return }
        replace(name.range, scope.qualified(written[1], in: scope.table(of: written)))
    }

    func star(_ range: SourceRange, _ columns: [(table: ScopeTable, name: String)], in scope: Scope) {
        replace(range, columns.map { scope.qualified($0.name, in: $0.table) }.joined(separator: ", "))
    }

    /// `NATURAL JOIN`: the columns that both sides have now.
    func natural(_ join: Join, shared: [String]) {
        let gap = SourceRange(start: join.left.range.end, end: join.right.range.start)
        guard let word = Self.word("natural", in: source, gap) else { return }
        var end = word.end
        while end < gap.end, source.bytes[end] == UInt8(ascii: " ") { end += 1 }
        replace(SourceRange(start: word.start, end: end), "")
        guard !shared.isEmpty else { return }
        insertions[join.right.range.end, default: ""] += " using (\(shared.map(Self.quoted).joined(separator: ", ")))"
    }

    /// `TABLE t`: its columns. The word stands before the name.
    func tableQuery(_ name: TableName, database: String, columns: [String]) {
        var start = name.range.start
        while start > 0, source.bytes[start - 1] <= 32 { start -= 1 }
        guard start >= 5, source.text(SourceRange(start: start - 5, end: start)).lowercased() == "table" else { return }
        let table = Self.quoted(name.name.text)
        edits[name.range.start] = nil
        replace(
            SourceRange(start: start - 5, end: name.range.end),
            "select \(columns.map { "\(table).\(Self.quoted($0))" }.joined(separator: ", ")) from "
                + "\(Self.quoted(database)).\(table)")
    }

    /// A select item without a name behind a `*`, whose number would be another one: it keeps its old name.
    func itemName(_ item: SelectItem, _ name: String, of core: SelectCore) {
        guard core.range.start != outermost else { return }
        insertions[item.expression.range.end, default: ""] += " as \(Self.quoted(name))"
    }

    /// The first such word that is neither quoted nor in a comment.
    private static func word(_ word: String, in source: SourceText, _ range: SourceRange) -> SourceRange? {
        guard range.start < range.end, range.end <= source.bytes.count else { return nil }
        let wanted = Array(word.utf8)
        var index = range.start
        while index + wanted.count <= range.end {
            if source.bytes[index] == UInt8(ascii: "-"), index + 1 < range.end, source.bytes[index + 1] == UInt8(ascii: "-") {
                while index < range.end, source.bytes[index] != UInt8(ascii: "\n") { index += 1 }
            } else if source.bytes[index] == UInt8(ascii: "/"), index + 1 < range.end, source.bytes[index + 1] == UInt8(ascii: "*") {
                index += 2
                while index + 1 < range.end, source.bytes[index] != UInt8(ascii: "*") || source.bytes[index + 1] != UInt8(ascii: "/") {
                    index += 1
                }
                index += 2
            } else if source.bytes[index..<(index + wanted.count)].map({ $0 | 0x20 }) == wanted {
                return SourceRange(start: index, end: index + wanted.count)
            } else {
                index += 1
            }
        }
        return nil
    }
}

extension Scope {
    /// The table that a column name which `resolve` has found belongs to, here or around.
    func table(of names: [String]) -> ScopeTable? {
        let column = names[names.count - 1]
        let own = tables.first { table in
            switch names.count {
            case 1: table.columns.contains { $0.name == column && !$0.isHidden }
            case 2: table.alias == names[0] && table.columns.contains { $0.name == column }
            default: table.database == names[0] && table.alias == names[1] && table.columns.contains { $0.name == column }
            }
        }
        return own ?? parent?.table(of: names)
    }

    /// A column's name behind its table's: with the database too where two tables have one name.
    func qualified(_ column: String, in table: ScopeTable?) -> String {
        let name = ViewExpansion.quoted(column)
        guard let table, let alias = table.alias, !alias.isEmpty else { return name }
        let qualified = "\(ViewExpansion.quoted(alias)).\(name)"
        let isShared = tables.filter { $0.alias == alias }.count > 1
        guard isShared, let database = table.database else { return qualified }
        return "\(ViewExpansion.quoted(database)).\(qualified)"
    }
}
