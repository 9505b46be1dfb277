extension SQLPrinter {
    mutating func parenthesized(_ query: Query) {
        output += "("
        write(query)
        output += ")"
    }

    mutating func write(_ query: Query) {
        with(query.with)
        write(query.body)
        orderingAndLimit(query)
    }

    mutating func with(_ expressions: [CommonTableExpression]) {
        guard !expressions.isEmpty else { return }
        output += expressions.contains(where: \.isRecursive) ? "WITH RECURSIVE " : "WITH "
        list(expressions) { printer, expression in
            printer.write(expression.name)
            if !expression.columns.isEmpty {
                printer.output += " "
                printer.identifiers(expression.columns)
            }
            printer.output += " AS "
            printer.parenthesized(expression.query)
        }
        output += " "
    }

    private mutating func orderingAndLimit(_ query: Query) {
        if !query.orderBy.isEmpty {
            output += " ORDER BY "
            sortItems(query.orderBy)
        }
        if !query.clusterBy.isEmpty {
            output += " CLUSTER BY "
            possiblyParenthesized(query.clusterBy)
        }
        if !query.distributeBy.isEmpty {
            output += " DISTRIBUTE BY "
            possiblyParenthesized(query.distributeBy)
        }
        if !query.sortBy.isEmpty {
            output += " SORT BY "
            sortItems(query.sortBy, allowsParentheses: true)
        }
        limit(query.limit)
    }

    mutating func limit(_ limit: Limit?) {
        guard let limit else { return }
        output += " LIMIT "
        // Parameters are numbered as they are written.
        if let offset = limit.offset, case .parameter(let first) = offset.kind,
            case .parameter(let second) = limit.count.kind, first < second
        {
            write(offset)
            output += ", "
            write(limit.count)
            return
        }
        write(limit.count)
        if let offset = limit.offset {
            output += " OFFSET "
            write(offset)
        }
    }

    private mutating func write(_ body: Query.Body) {
        switch body {
        case .select(let core): write(core)
        case .values(let rows): values(rows)
        case .parenthesized(let query): parenthesized(query)
        case .setOperations(let first, let others):
            write(first)
            for other in others {
                output += " \(other.operation.rawValue)\(other.all ? " ALL" : "") "
                write(other.body)
            }
        case .table(let name):
            output += "TABLE "
            write(name)
        }
    }

    private mutating func values(_ rows: [[Expression]]) {
        output += "VALUES "
        list(rows) { printer, row in printer.parentheses(row) { printer, value in printer.write(value) } }
    }

    // MARK: SELECT

    mutating func write(_ core: SelectCore) {
        if let transform = core.transform {
            write(transform, of: core)
        } else {
            select(core)
            list(core.items) { printer, item in printer.write(item) }
        }
        if let from = core.from {
            if !from.isOverBranchSource { output += " FROM " }
            write(from)
        }
        if let filter = core.filter {
            output += " WHERE "
            write(filter)
        }
        if let groupBy = core.groupBy { write(groupBy) }
        if let having = core.having {
            output += " HAVING "
            write(having)
        }
        if !core.windows.isEmpty {
            output += " WINDOW "
            list(core.windows) { printer, window in
                printer.write(window.name)
                printer.output += " AS "
                printer.write(window.specification)
            }
        }
        if let qualify = core.qualify {
            output += " QUALIFY "
            write(qualify)
        }
    }

    private mutating func select(_ core: SelectCore) {
        output += "SELECT "
        if !core.hints.isEmpty {
            output += "/*+ "
            list(core.hints) { printer, hint in
                printer.write(hint.name)
                if !hint.arguments.isEmpty {
                    printer.output += "(" + hint.arguments.joined(separator: ", ") + ")"
                }
            }
            output += " */ "
        }
        if core.isDistinct { output += "DISTINCT " }
    }

    mutating func write(_ item: SelectItem) {
        write(item.expression)
        if let changes = item.starChanges { write(changes) }
        if let alias = item.alias {
            output += " AS "
            write(alias)
        } else if !item.columnAliases.isEmpty {
            output += " AS "
            identifiers(item.columnAliases)
        }
    }

    private mutating func write(_ changes: StarChanges) {
        if !changes.excluded.isEmpty {
            output += " EXCEPT "
            identifiers(changes.excluded)
        }
        if !changes.replacements.isEmpty {
            output += " REPLACE "
            parentheses(changes.replacements) { printer, replacement in
                printer.write(replacement.expression)
                printer.output += " AS "
                printer.write(replacement.column)
            }
        }
    }

    private mutating func write(_ transform: Transform, of core: SelectCore) {
        if transform.keyword == .transform { select(core) }
        output += transform.keyword.rawValue + " "
        parentheses(core.items) { printer, item in printer.write(item) }
        if let format = transform.inputFormat { write(format) }
        clause("RECORDWRITER", transform.recordWriter)
        clause("USING", transform.command)
        if !transform.outputColumns.isEmpty {
            output += " AS "
            parentheses(transform.outputColumns) { printer, column in
                printer.write(column.name)
                if let type = column.type {
                    printer.output += " "
                    printer.write(type)
                }
            }
        }
        if let format = transform.outputFormat { write(format) }
        clause("RECORDREADER", transform.recordReader)
    }

    private mutating func write(_ groupBy: GroupBy) {
        output += " GROUP BY "
        switch groupBy.style {
        case .rollup(functionStyle: true), .cube(functionStyle: true):
            output += groupBy.style == .rollup(functionStyle: true) ? "ROLLUP " : "CUBE "
            parentheses(groupBy.expressions) { printer, expression in printer.write(expression) }
            return
        case .plain where groupBy.expressions.isEmpty:
            output += "()"
            return
        case .all:
            output += "ALL"
            return
        default: break
        }
        var expressions = groupBy.expressions
        if case .groupingSets(let sets) = groupBy.style, GroupBy.expressions(in: sets) == expressions {
            // The sets say it all.
            expressions = []
        }
        list(expressions) { printer, expression in printer.write(expression) }
        switch groupBy.style {
        case .plain, .all: break
        case .rollup: output += " WITH ROLLUP"
        case .cube: output += " WITH CUBE"
        case .groupingSets(let sets):
            word("GROUPING SETS ")
            parentheses(sets) { printer, set in
                printer.parentheses(set) { printer, expression in printer.write(expression) }
            }
        }
    }

    // MARK: FROM

    mutating func write(_ source: TableReference) {
        switch source.kind {
        case .table(let table): write(table)
        case .subquery(let query, let alias, let columns):
            parenthesized(query)
            self.alias(alias, columns)
        case .values(let rows, let alias, let columns):
            output += "("
            values(rows)
            output += ")"
            self.alias(alias, columns)
        case .tableFunction(let function, let alias, let columns):
            output += "TABLE ("
            write(function)
            output += ")"
            self.alias(alias, columns)
        case .join(let join): write(join)
        case .uniqueJoin(let tables):
            output += "UNIQUEJOIN "
            list(tables) { printer, table in
                if table.isPreserved { printer.output += "PRESERVE " }
                printer.write(table.table)
                printer.output += " "
                printer.parentheses(table.key) { printer, expression in printer.write(expression) }
            }
        case .lateralView(let view): write(view)
        case .branchSource: break
        case .pivot(let pivot): write(pivot)
        case .unpivot(let unpivot): write(unpivot)
        case .partitionedTableFunction(let function): write(function)
        case .modelFunction(let function): write(function)
        case .featuresAtTime(let function): write(function)
        case .parenthesized(let inside):
            output += "("
            write(inside)
            output += ")"
        }
    }

    mutating func alias(_ alias: Identifier?, _ columns: [Identifier]) {
        if let alias {
            output += " AS "
            write(alias)
        }
        if !columns.isEmpty {
            output += " "
            identifiers(columns)
        }
    }

    mutating func write(_ table: TableSource) {
        write(table.name)
        if !table.properties.isEmpty {
            output += " "
            properties(table.properties)
        }
        if let sample = table.sample { write(sample) }
        switch table.asOf {
        case .time(let point):
            output += " FOR SYSTEM_TIME AS OF "
            write(point, atLeast: SQLPrinter.level(.bitwiseOr))
        case .version(let point):
            output += " FOR SYSTEM_VERSION AS OF "
            write(point, atLeast: SQLPrinter.level(.bitwiseOr))
        case nil: break
        }
        alias(table.alias, [])
    }

    private mutating func write(_ sample: TableSample) {
        output += " TABLESAMPLE ("
        switch sample {
        case .bucket(let number, let count, let expressions):
            output += "BUCKET \(number) OUT OF \(count)"
            if !expressions.isEmpty {
                output += " ON "
                list(expressions) { printer, expression in printer.write(expression) }
            }
        case .percent(let number): output += "\(number) PERCENT"
        case .rows(let count): output += "\(count) ROWS"
        case .bytes(let count): output += "\(count)B"
        }
        output += ")"
    }

    private mutating func write(_ join: Join) {
        write(join.left)
        if join.kind == .comma {
            output += ", "
        } else {
            output += join.condition == .natural ? " NATURAL " : " "
            output += "\(join.kind.rawValue) "
        }
        write(join.right)
        if let match = join.match {
            output += " MATCH_CONDITION ("
            write(match)
            output += ")"
        }
        switch join.condition {
        case .on(let condition):
            output += " ON "
            write(condition)
        case .using(let columns):
            output += " USING "
            identifiers(columns)
        case .natural, nil: break
        }
    }

    private mutating func write(_ view: LateralView) {
        write(view.source)
        output += " LATERAL VIEW \(view.isOuter ? "OUTER " : "")"
        write(view.function)
        if !view.alias.text.isEmpty {
            output += " "
            write(view.alias)
        }
        if !view.columns.isEmpty {
            output += " AS "
            list(view.columns) { printer, column in printer.write(column) }
        }
    }

    private mutating func write(_ pivot: Pivot) {
        write(pivot.source)
        output += " PIVOT ("
        list(pivot.aggregates) { printer, item in printer.write(item) }
        output += " FOR "
        oneOrSeveral(pivot.columns)
        output += " IN "
        parentheses(pivot.values) { printer, item in printer.write(item) }
        output += ")"
        alias(pivot.alias, [])
    }

    private mutating func oneOrSeveral(_ names: [Identifier]) {
        if names.count == 1 { write(names[0]) } else { identifiers(names) }
    }

    private mutating func write(_ item: Pivot.Item) {
        write(item.expression)
        alias(item.alias, [])
    }

    private mutating func write(_ unpivot: Unpivot) {
        write(unpivot.source)
        output += " UNPIVOT \(unpivot.includesNulls ? "INCLUDE NULLS " : "")("
        oneOrSeveral(unpivot.values)
        output += " FOR "
        write(unpivot.name)
        output += " IN "
        parentheses(unpivot.rows) { printer, row in
            printer.oneOrSeveral(row.columns)
            if let label = row.label {
                printer.output += " AS "
                printer.string(label)
            }
        }
        output += ")"
        alias(unpivot.alias, [])
    }

    private mutating func write(_ function: PartitionedTableFunction) {
        write(function.name)
        output += "(ON "
        write(function.source)
        if !function.partitionBy.isEmpty {
            output += " PARTITION BY "
            possiblyParenthesized(function.partitionBy)
        }
        if !function.orderBy.isEmpty {
            output += " ORDER BY "
            sortItems(function.orderBy, allowsParentheses: true)
        }
        if !function.arguments.isEmpty {
            output += " "
            list(function.arguments) { printer, argument in
                printer.write(argument.name)
                printer.parentheses(argument.values) { printer, value in printer.write(value) }
            }
        }
        output += ")"
        if let alias = function.alias {
            output += " "
            write(alias)
        }
    }
}

extension TableReference {
    /// Whether lateral views of a branch of a multi-insert stand here: the FROM is not theirs.
    fileprivate var isOverBranchSource: Bool {
        switch kind {
        case .branchSource: true
        case .lateralView(let view): view.source.isOverBranchSource
        default: false
        }
    }
}
