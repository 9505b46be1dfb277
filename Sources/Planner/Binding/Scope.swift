import Columnar
import Expressions
import HiveSyntax

/// A name that expressions can use, and what it stands for.
struct ScopeColumn {
    var name: String
    var expression: BoundExpression
    /// Found by its table's name only: a USING join's second copy.
    var isHidden = false
    /// Found by its name, yet no column of the table's schema: `INPUT__FILE__NAME`.
    var isVirtual = false
    /// Its place among the columns of USING, which `*` gives first; a later join's come before those of an earlier one.
    var usingRank: Int?

    /// What `*` stands for.
    var isListed: Bool { !isHidden && !isVirtual }
}

/// The columns of one table, subquery or lateral view in FROM.
struct ScopeTable {
    /// Alias, or the table's name when it has none; nil for a subquery without alias.
    var alias: String?
    var database: String?
    var columns: [ScopeColumn]
}

/// The names that one query level sees, and the level around it, which a correlated subquery may refer to.
final class Scope {
    var tables: [ScopeTable]
    let parent: Scope?

    init(tables: [ScopeTable] = [], parent: Scope?) {
        self.tables = tables
        self.parent = parent
    }

    enum Resolution {
        /// The column, and how many of the dotted names it took; the rest are fields of structs.
        case found(BoundExpression, consumed: Int, isOuter: Bool)
        case ambiguous(String)
        /// The first name is a table, which has no such column.
        case missingInTable(String)
        case missing
    }

    /// Resolves `a`, `t.a`, `db.t.a`; whatever follows are fields.
    func resolve(_ names: [String]) -> Resolution {
        let own = resolveHere(names)
        guard let parent else { return own }
        switch own {
        case .missing: break
        case .found(let expression, consumed: 1, _) where names.count > 1 && !expression.type.hasFields:
            // `q.a` cannot be a field of the column q; it may be a column of an outer table q.
            guard case .found(_, let consumed, _) = parent.resolve(names), consumed > 1 else { return own }
        default: return own
        }
        if case .found(let expression, let consumed, _) = parent.resolve(names) {
            return .found(expression, consumed: consumed, isOuter: true)
        }
        return own
    }

    private func resolveHere(_ names: [String]) -> Resolution {
        if names.count >= 3,
            let table = tables.first(where: { $0.database == names[0] && $0.alias == names[1] }),
            let column = table.columns.first(where: { $0.name == names[2] })
        {
            return .found(column.expression, consumed: 3, isOuter: false)
        }
        if names.count >= 2, let table = tables.first(where: { $0.alias == names[0] }) {
            let matches = table.columns.filter { $0.name == names[1] }
            if matches.count > 1 { return .ambiguous("Ambiguous column reference \(names[1]) in \(names[0])") }
            if let column = matches.first { return .found(column.expression, consumed: 2, isOuter: false) }
            if !tables.contains(where: { $0.columns.contains { $0.name == names[0] } }) {
                return .missingInTable(names[1])
            }
        }
        var found: BoundExpression?
        for table in tables {
            let matches = table.columns.filter { $0.name == names[0] && !$0.isHidden }
            if matches.count > 1 {
                return .ambiguous("Ambiguous column reference \(names[0])" + (table.alias.map { " in \($0)" } ?? ""))
            }
            guard let match = matches.first else { continue }
            if found != nil { return .ambiguous("Column \(names[0]) Found in more than One Tables/Subqueries") }
            found = match.expression
        }
        return found.map { .found($0, consumed: 1, isOuter: false) } ?? .missing
    }

    /// Whether a table of this level has a column of that name.
    func hasColumn(_ name: String) -> Bool { tables.contains { $0.columns.contains { $0.name == name } } }

    /// What `*`, or `t.*`, stands for, and what each column is called there: of columns of one table with one name only the
    /// first keeps it.
    /// - Throws: `PlanError` when there is no such table.
    func listed(_ name: TableName?, at range: SourceRange) throws -> [(table: ScopeTable, column: ScopeColumn, name: String)] {
        let named = tables.filter { candidate in
            guard let name else { return true }
            return candidate.alias == name.name.name && (name.database == nil || candidate.database == name.database?.name)
        }
        guard !named.isEmpty else {
            throw PlanError(
                name.map { "Invalid table alias '\($0.name.name)'" } ?? "Invalid use of '*': there is no FROM",
                code: name == nil ? nil : 10009, at: range)
        }
        var listed: [(table: ScopeTable, column: ScopeColumn, name: String)] = []
        for table in named {
            var known: Set<String> = []
            for (place, column) in table.columns.enumerated() where !column.isVirtual && !(name == nil && column.isHidden) {
                let isFirst = known.insert(column.name).inserted
                listed.append((table: table, column: column, name: isFirst ? column.name : "_col\(place)"))
            }
        }
        guard name == nil, listed.contains(where: { $0.column.usingRank != nil }) else { return listed }
        let common = listed.filter { $0.column.usingRank != nil }
        return common.sorted { ($0.column.usingRank ?? 0) < ($1.column.usingRank ?? 0) }
            + listed.filter { $0.column.usingRank == nil }
    }

    /// Column names as error messages list them.
    var columnNames: [String] {
        let showsTable = tables.count > 1
        return tables.flatMap { table in
            table.columns.filter(\.isListed).map { column in
                showsTable ? (table.alias.map { "\($0)." } ?? "") + column.name : column.name
            }
        }
    }
}

extension SQLType {
    /// Whether `.name` may follow.
    fileprivate var hasFields: Bool {
        switch self {
        case .structure, .array(.structure): true
        default: false
        }
    }
}
