import Catalog
import Columnar
import Execution
import Expressions
import Functions
import HiveSyntax
import Planner

/// A constraint of a table. It is kept as a property of the table, `hiveql.constraint.<name>`, in SQL: so SHOW CREATE TABLE
/// and EXPORT take it along.
struct StoredConstraint {
    enum Rule: String, CaseIterable {
        case notNull = "NOT NULL"
        case defaultValue = "DEFAULT"
        case check = "CHECK"
        /// Told, and not looked at.
        case primaryKey = "PRIMARY KEY"
        case unique = "UNIQUE"
        case foreignKey = "FOREIGN KEY"
    }

    var name: String
    var isEnabled: Bool
    var rule: Rule
    /// Of NOT NULL and DEFAULT.
    var column: String?
    /// An expression, or the columns of a key.
    var text: String

    static let prefix = "hiveql.constraint."

    /// `ENABLE NOT NULL (a)`, `ENABLE DEFAULT (a) 1 + 1`, `DISABLE CHECK a > 0`
    var stored: String {
        let parts = [isEnabled ? "ENABLE" : "DISABLE", rule.rawValue, column.map { "(\($0))" } ?? "", text]
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }

    init(name: String, isEnabled: Bool, rule: Rule, column: String? = nil, text: String = "") {
        self.name = name
        self.isEnabled = isEnabled
        self.rule = rule
        self.column = column
        self.text = text
    }

    /// nil for a property that is no constraint.
    init?(property: String, value: String) {
        guard let name = property.droppingPrefix(Self.prefix) else { return nil }
        let isEnabled = value.hasPrefix("ENABLE ")
        guard let rest = value.droppingPrefix("ENABLE ") ?? value.droppingPrefix("DISABLE "),
            let rule = Rule.allCases.first(where: { rest.hasPrefix($0.rawValue) })
        else { return nil }
        var text = rest.dropFirst(rule.rawValue.count).drop { $0 == " " }
        var column: String?
        if rule == .notNull || rule == .defaultValue {
            guard text.first == "(", let end = text.firstIndex(of: ")") else { return nil }
            column = String(text[text.index(after: text.startIndex)..<end])
            text = text[text.index(after: end)...].drop { $0 == " " }
        }
        self.init(name: name, isEnabled: isEnabled, rule: rule, column: column, text: String(text))
    }

    /// The expression of DEFAULT or CHECK.
    /// - Throws: `SyntaxError`.
    func expression() throws -> Expression? {
        guard case .query(let query) = try Parser.parseStatement("SELECT \(text)").kind, case .select(let core) = query.body,
            core.items.count == 1
        else { return nil }
        return core.items[0].expression
    }
}

extension Table {
    /// By name.
    var constraints: [StoredConstraint] {
        properties.sorted { $0.key < $1.key }.compactMap { StoredConstraint(property: $0.key, value: $0.value) }
    }

    /// What a column is where a statement gives it no value.
    func defaultValue(of column: String) throws -> Expression? {
        try constraints.first { $0.rule == .defaultValue && $0.isEnabled && $0.column == column }?.expression()
    }
}

extension StatementRunner {
    // MARK: Definitions

    /// Adds the constraints of a definition to a table's properties.
    /// - Throws: `HiveError` for what is no constraint of the table.
    func addConstraints(_ columns: [ColumnDefinition], _ others: [TableConstraint], to table: inout Table) throws {
        for column in columns {
            for constraint in column.constraints { try add(constraint, of: column.name.name, to: &table) }
        }
        for constraint in others { try addConstraint(constraint, to: &table) }
    }

    private func add(_ constraint: ColumnConstraint, of column: String, to table: inout Table) throws {
        let (rule, text): (StoredConstraint.Rule, String) =
            switch constraint.kind {
            case .notNull: (.notNull, "")
            case .defaultValue(let value): (.defaultValue, source.text(value.range))
            case .check(let condition): (.check, source.text(condition.range))
            case .primaryKey: (.primaryKey, "(\(column))")
            case .unique: (.unique, "(\(column))")
            case .references(let other, let key): (.foreignKey, "(\(column)) REFERENCES \(Self.written(other)) (\(key.name))")
            }
        let isOfColumn = rule == .notNull || rule == .defaultValue
        try add(
            StoredConstraint(
                name: constraint.name?.name ?? freeName("\(column)_\(rule.rawValue)", in: table), isEnabled: isEnabled(constraint.traits, rule),
                rule: rule, column: isOfColumn ? column : nil, text: text), to: &table)
    }

    func addConstraint(_ constraint: TableConstraint, to table: inout Table) throws {
        func list(_ columns: [Identifier]) -> String { "(\(columns.map(\.name).joined(separator: ", ")))" }
        let (rule, text): (StoredConstraint.Rule, String) =
            switch constraint.kind {
            case .primaryKey(let columns): (.primaryKey, list(columns))
            case .unique(let columns): (.unique, list(columns))
            case .foreignKey(let columns, let other, let keys):
                (.foreignKey, "\(list(columns)) REFERENCES \(Self.written(other)) \(list(keys))")
            case .check(let condition): (.check, source.text(condition.range))
            }
        try add(
            StoredConstraint(
                name: constraint.name?.name ?? freeName("\(table.name)_\(rule.rawValue)", in: table),
                isEnabled: isEnabled(constraint.traits, rule), rule: rule, text: text), to: &table)
    }

    private func add(_ constraint: StoredConstraint, to table: inout Table) throws {
        let property = StoredConstraint.prefix + constraint.name
        guard table.properties[property] == nil else {
            throw HiveError.semantic("Invalid Constraint syntax Constraint name already exists: \(constraint.name)", code: 10326)
        }
        if constraint.isEnabled, table.kind == .external {
            throw HiveError.semantic(
                "Invalid Constraint syntax Constraints are disallowed with External tables. Only RELY is allowed.", code: 10326)
        }
        let binder = makeBinder()
        switch constraint.rule {
        case .check:
            guard let condition = try constraint.expression() else { break }
            _ = try binder.bindPredicate(condition, columns: table.columns.map { binder.makeColumn($0.name, $0.type) })
        case .defaultValue:
            if let value = try constraint.expression() { _ = try binder.evaluateConstant(value) }
        case .notNull, .primaryKey, .unique, .foreignKey: break
        }
        table.properties[property] = constraint.stored
    }

    /// NOT NULL, DEFAULT and CHECK hold unless they are disabled; keys are never looked at.
    private func isEnabled(_ traits: ConstraintTraits, _ rule: StoredConstraint.Rule) -> Bool {
        switch rule {
        case .notNull, .defaultValue, .check: traits.enabled ?? traits.enforced ?? true
        case .primaryKey, .unique, .foreignKey: false
        }
    }

    private func freeName(_ wanted: String, in table: Table) -> String {
        let base = wanted.lowercased().replacing(" ", with: "_")
        var name = base
        var number = 2
        while table.properties[StoredConstraint.prefix + name] != nil {
            name = "\(base)_\(number)"
            number += 1
        }
        return name
    }

    /// NOT NULL and DEFAULT go with their column.
    /// - Throws: `HiveError` for a constraint whose text names the column.
    func renameColumn(_ name: String, to other: String, inConstraintsOf table: inout Table) throws {
        try checkUnnamed(name, in: table)
        for var constraint in table.constraints where constraint.column == name {
            constraint.column = other
            table.properties[StoredConstraint.prefix + constraint.name] = constraint.stored
        }
    }

    private func checkUnnamed(_ column: String, in table: Table) throws {
        for constraint in table.constraints where try named(by: constraint, in: table).contains(column) {
            throw HiveError.semantic("Column \(column) is named by the constraint \(constraint.name) (\(constraint.stored)): drop that first")
        }
    }

    /// The columns that stand in the text of a CHECK or key.
    private func named(by constraint: StoredConstraint, in table: Table) throws -> [String] {
        switch constraint.rule {
        case .notNull, .defaultValue: return []
        case .check:
            guard let condition = try constraint.expression() else { return [] }
            let binder = makeBinder()
            let columns = table.columns.map { binder.makeColumn($0.name, $0.type) }
            let read = try binder.bindPredicate(condition, columns: columns).columnIDs
            return columns.filter { read.contains($0.id) }.map(\.name)
        case .primaryKey, .unique, .foreignKey:
            // `(a, b)`, behind which a foreign key has those of another table.
            let list = constraint.text.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
            return list.split(separator: ",").map { String($0.drop { $0 == " " }) }
        }
    }

    /// - Throws: `HiveError` for a constraint whose text names the column.
    func dropColumn(_ name: String, fromConstraintsOf table: inout Table) throws {
        try checkUnnamed(name, in: table)
        for constraint in table.constraints where constraint.column == name {
            table.properties[StoredConstraint.prefix + constraint.name] = nil
        }
    }

    // MARK: Rows

    /// A plan that fails when one of its rows breaks a constraint of the table.
    /// - Parameter plan: gives the table's columns, then partition columns.
    func enforcing(_ plan: LogicalPlan, for table: Table, _ binder: Binder) throws -> LogicalPlan {
        let constraints = table.constraints.filter { $0.isEnabled && ($0.rule == .notNull || $0.rule == .check) }
        guard !constraints.isEmpty else { return plan }
        let columns = zip(plan.outputs, table.columns).map { OutputColumn(id: $0.id, name: $1.name, type: $0.type) }
        let tests = try constraints.map { constraint -> BoundExpression in
            let test: BoundExpression
            if constraint.rule == .check {
                guard let condition = try constraint.expression() else { throw Self.unusable(constraint) }
                // What is unknown is no violation.
                test = BoundExpression(
                    .coalesce([try binder.bindPredicate(condition, columns: columns), .conjunction([])]), type: .boolean)
            } else {
                guard let column = columns.first(where: { $0.name == constraint.column }) else { throw Self.unusable(constraint) }
                test = BoundExpression(.isNotNull(.column(column)), type: .boolean)
            }
            return try binder.call(Self.enforcement(of: constraint), [test], at: nil)
        }
        return plan.replacingBody { .filter(LogicalFilter(input: $0, predicate: .conjunction(tests))) }
    }

    private static func unusable(_ constraint: StoredConstraint) -> HiveError {
        .semantic("The constraint \(constraint.name) (\(constraint.stored)) does not fit the table: drop it")
    }

    /// TRUE for rows that keep the constraint; others end the query.
    private static func enforcement(of constraint: StoredConstraint) -> ScalarFunction {
        let words = ". DataConstraintViolationError \(constraint.rule.rawValue) constraint violated! (\(constraint.name))"
        return ScalarFunction(
            "enforce_constraint", documentation: FunctionDocumentation("_FUNC_(x) - Fails the query unless x is TRUE"), traits: .volatile
        ) { _ in
            ResolvedScalar(argumentTypes: [.boolean], resultType: .boolean) { input in
                let test = input.arguments[0].flattened(input.rows)
                let values = test.values(as: UInt8.self)
                try input.rows.forEach { row in
                    if test.isNull(row) || values[row] == 0 { throw ExecutionError.task(name: "mr.MapRedTask", code: 2, words) }
                }
                return test
            }
        }
    }

    /// `DEFAULT` in the place of a value of each column of VALUES.
    func withDefaults(_ body: Query.Body, _ targets: [SchemaColumn], of table: Table) throws -> Query.Body {
        guard case .values(var rows) = body, !table.constraints.isEmpty else { return body }
        for row in rows.indices {
            for (position, target) in targets.enumerated() where rows[row].indices.contains(position) {
                rows[row][position] = try withDefault(rows[row][position], of: target.name, table)
            }
        }
        return .values(rows)
    }

    func withDefault(_ value: Expression, of column: String, _ table: Table) throws -> Expression {
        guard case .defaultValue = value.kind else { return value }
        return try table.defaultValue(of: column) ?? value
    }
}
