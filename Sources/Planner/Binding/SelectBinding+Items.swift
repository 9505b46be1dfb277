import Columnar
import Expressions
import Functions
import HiveSyntax

extension SelectBinding {
    // MARK: table functions

    /// `SELECT explode(x) AS …`: what makes the rows whose columns alone are selected.
    struct Generator {
        let function: TableFunction
        let call: HiveSyntax.FunctionCall
        let names: [Identifier]
        let range: SourceRange
    }

    /// - Throws: `PlanError` when something else is selected beside the table function.
    func generatorItem() throws -> Generator? {
        for item in core.items {
            guard case .function(let call) = item.expression.kind, call.window == nil,
                let function = binder.functions.table(binder.key(of: call.name)), binder.functions.scalar(binder.key(of: call.name)) == nil,
                binder.macros[binder.key(of: call.name)] == nil
            else { continue }
            guard core.items.count == 1 else {
                throw PlanError(
                    "Only a single expression in the SELECT clause is supported with UDTF's", code: nil,
                    at: core.items.first { $0.expression != item.expression }?.expression.range)
            }
            if let groupBy = core.groupBy {
                throw PlanError("GROUP BY is not supported with a UDTF in the SELECT clause", code: 10077, at: groupBy.range)
            }
            return Generator(
                function: function, call: call,
                names: item.columnAliases.isEmpty ? item.alias.map { [$0] } ?? [] : item.columnAliases,
                range: item.expression.range)
        }
        return nil
    }

    /// The rows that a table function makes of each row, or of the one row of aggregates.
    mutating func generate(_ generator: Generator, _ arguments: [BoundExpression]) throws {
        for name in generator.names { binder.expansion?.alias(name) }
        let view = try binder.lateralView(
            generator.function, name: binder.key(of: generator.call.name), arguments: arguments, over: plan, columns: generator.names,
            isOuter: false, range: generator.range)
        plan = .lateralView(view)
        items = view.generated.map { Item(name: $0.name, expression: .column($0)) }
    }

    // MARK: select items

    mutating func bindItems(_ expressions: ExpressionBinder) throws {
        var hasStar = false
        /// Items without a name of their own, and the columns whose names they may have.
        var unnamed: [(item: Int, column: String)] = []
        for (position, item) in core.items.enumerated() {
            binder.expansion?.alias(item.alias)
            let first = items.count
            defer {
                expressions.windowAliases += items[first...].map { ScopeColumn(name: $0.name, expression: $0.expression) }
            }
            if case .star(let table) = item.expression.kind {
                try expandStar(table, item, expressions)
                hasStar = true
                continue
            }
            if try expandPattern(item) {
                hasStar = true
                continue
            }
            let expression = try expressions.bind(item.expression)
            let name = name(of: item, position, expressions.windows)
            if readsTable, name.hasPrefix("_c"), let column = columnName(item.expression, expression) {
                unnamed.append((items.count, column))
            }
            if hasStar, item.alias == nil, isNumbered(item.expression) { binder.expansion?.itemName(item, name, of: core) }
            let names = item.alias == nil ? item.expression.dottedName : nil
            items.append(Item(name: name, expression: expression, qualifiedName: names?.count == 2 ? names : nil))
        }
        name(unnamed, expressions.windows)
    }

    /// What an item is called outside. Hive numbers items without a name, and calls one that is a window function by that.
    private func name(of item: SelectItem, _ position: Int, _ windows: WindowCollector?) -> String {
        if let alias = item.alias { return alias.name }
        guard case .function(let call) = item.expression.kind, let number = windows?.number(of: call) else {
            return derivedName(item.expression, position)
        }
        return "\(call.name.name.name)_window_\(number)"
    }

    /// In Hive the number of a table's column, or of a cast of one, gives way to the column's name, as long as nothing stands
    /// between the table and the select list.
    private mutating func name(_ unnamed: [(item: Int, column: String)], _ windows: WindowCollector?) {
        guard core.groupBy == nil, !core.isDistinct, windows?.groups.isEmpty ?? true else { return }
        for (item, column) in unnamed where !items.contains(where: { $0.name == column }) { items[item].name = column }
    }

    /// The name of the column that an item is, or is a cast of.
    private func columnName(_ expression: Expression, _ bound: BoundExpression) -> String? {
        switch (expression.kind, bound.kind) {
        case (.cast(let operand, _, _), .cast(let inner)):
            if case .column = inner.kind { operand.dottedName?.last?.name } else { nil }
        case (.cast(let operand, _, _), .column): operand.dottedName?.last?.name
        case (.column, .column), (.field, .column): expression.dottedName?.last?.name
        default: nil
        }
    }

    func derivedName(_ expression: Expression, _ position: Int) -> String {
        switch expression.kind {
        case .column(let name), .field(_, let name): name.name
        default: "_c\(position)"
        }
    }

    private func isNumbered(_ expression: Expression) -> Bool {
        switch expression.kind {
        case .column, .field: false
        default: true
        }
    }

    /// `*`, without the columns of EXCEPT and with the values of REPLACE.
    private mutating func expandStar(_ table: TableName?, _ item: SelectItem, _ expressions: ExpressionBinder) throws {
        let listed = try scope.listed(table, at: item.expression.range)
        guard let changes = item.starChanges else {
            items += listed.map { Item(name: $0.name, expression: $0.column.expression) }
            binder.expansion?.star(item.expression.range, listed.map { (table: $0.table, name: $0.column.name) }, in: scope)
            return
        }
        for column in changes.excluded + changes.replacements.map(\.column) {
            guard listed.contains(where: { $0.name == column.name }) else {
                throw PlanError("Invalid column reference '\(column.name)'", code: 10002, at: column.range)
            }
        }
        let excluded = Set(changes.excluded.map(\.name))
        let replaced = Dictionary(
            try changes.replacements.map { ($0.column.name, try expressions.bind($0.expression)) }, uniquingKeysWith: { $1 })
        items += listed.filter { !excluded.contains($0.name) }.map {
            Item(name: $0.name, expression: replaced[$0.name] ?? $0.column.expression)
        }
    }

    /// A back-quoted regular expression over column names, where the session allows it: `` `a.*` ``, `` t.`a.*` ``.
    private mutating func expandPattern(_ item: SelectItem) throws -> Bool {
        guard !binder.settings.quotesAreIdentifiers, !binder.readsExpandedText, let names = item.expression.dottedName,
            names.count <= 2, let name = names.last, name.isQuoted
        else { return false }
        let tables = names.count == 1 ? scope.tables : scope.tables.filter { $0.alias == names[0].name }
        let columns = tables.flatMap { table in table.columns.filter(\.isListed).map { (table: table, column: $0) } }
        if columns.contains(where: { $0.column.name == name.name }) { return false }
        let matches = try columns.filter { candidate in
            let test = try binder.call(
                .regexpLike,
                [
                    BoundExpression(.literal(.bytes(Array(candidate.column.name.utf8))), type: .string),
                    BoundExpression(.literal(.bytes(Array("^(?:\(name.text))$".utf8))), type: .string),
                ], at: item.expression.range)
            return try binder.constantValue(test) == .integer(1)
        }
        guard !matches.isEmpty else {
            throw PlanError("Invalid column reference '\(name.text)'", code: 10002, at: item.expression.range)
        }
        items += matches.map { Item(name: $0.column.name, expression: $0.column.expression) }
        binder.expansion?.star(item.expression.range, matches.map { (table: $0.table, name: $0.column.name) }, in: scope)
        return true
    }
}
