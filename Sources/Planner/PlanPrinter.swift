import Columnar
import Expressions

/// Writes plans and expressions for EXPLAIN: a node a line, inputs indented under it.
package enum PlanPrinter {
    package static func lines(_ plan: LogicalPlan) -> [String] {
        var names: [ColumnID: String] = [:]
        plan.forEachNode { node in
            for output in node.outputs where names[output.id] == nil { names[output.id] = output.name }
        }
        var result: [String] = []
        append(plan, depth: 0, names, to: &result)
        return result
    }

    private static func append(
        _ plan: LogicalPlan, depth: Int, _ names: [ColumnID: String], to lines: inout [String]
    ) {
        let indent = String(repeating: "  ", count: depth)
        lines.append(indent + describe(plan, names))
        if case .with(let node) = plan {
            for subplan in node.subplans {
                lines.append(indent + "  SharedSubplan \(subplan.id) \(subplan.name)")
                append(subplan.plan, depth: depth + 2, names, to: &lines)
            }
            append(node.input, depth: depth + 1, names, to: &lines)
            return
        }
        for input in plan.inputs { append(input, depth: depth + 1, names, to: &lines) }
    }

    private static func list(_ expressions: [BoundExpression], _ names: [ColumnID: String]) -> String {
        expressions.map { text($0, names) }.joined(separator: ", ")
    }

    private static func keys(_ keys: [SortKey], _ names: [ColumnID: String]) -> String {
        keys.map { key in
            text(key.expression, names) + (key.isAscending ? "" : " desc")
                + (key.nullsFirst == key.isAscending ? "" : key.nullsFirst ? " nulls first" : " nulls last")
        }.joined(separator: ", ")
    }

    private static func named(_ expression: NamedExpression, _ names: [ColumnID: String]) -> String {
        let written = text(expression.expression, names)
        return written == expression.output.name ? written : "\(written) as \(expression.output.name)"
    }

    private static func describe(_ plan: LogicalPlan, _ names: [ColumnID: String]) -> String {
        switch plan {
        case .scan(let node):
            var line = "LogicalScan \(node.table.qualifiedName) [\(node.columnPaths.joined(separator: ", "))]"
            if node.table.isPartitioned { line += " partitions=\(node.partitions.count)" }
            if !node.filters.isEmpty { line += " filter=(\(list(node.filters, names)))" }
            if !node.summaries.isEmpty {
                let own = Dictionary(node.columns.map { ($0.output.id, $0.output.name) }) { first, _ in first }
                line += " summaries=[\(node.summaries.map { text($0.call, own) }.joined(separator: ", "))]"
            }
            switch node.sample {
            case .percent(let percent): line += " sample=\(percent)%"
            case .rows(let rows): line += " sample=\(rows) rows"
            case .bytes(let bytes): line += " sample=\(bytes) bytes"
            case nil: break
            }
            return line
        case .values(let node): return "LogicalValues rows=\(node.rows.count)"
        case .filter(let node): return "LogicalFilter (\(text(node.predicate, names)))"
        case .project(let node):
            return "LogicalProject [\(node.expressions.map { named($0, names) }.joined(separator: ", "))]"
        case .aggregate(let node):
            var line = "LogicalAggregate groups=[\(node.groups.map { named($0, names) }.joined(separator: ", "))]"
            if let sets = node.groupingSets {
                line += " sets=[\(sets.map { "(\($0.map { node.groups[$0].output.name }.joined(separator: ", ")))" }.joined(separator: ", "))]"
            }
            return line + " aggregates=[\(node.aggregates.map { text($0.call, names) }.joined(separator: ", "))]"
        case .join(let node):
            var line = "LogicalJoin \(node.kind.rawValue)"
            if !node.equalities.isEmpty { line += " on (\(text(node.equalities, names)))" }
            if let residual = node.residual { line += " where (\(text(residual, names)))" }
            if node.isSingleMatch { line += " single match" }
            return line + " build=\(node.buildSide.rawValue)"
        case .asofJoin(let node):
            var line = "LogicalAsofJoin \(node.isOuter ? "left" : "inner")"
            if !node.equalities.isEmpty { line += " on (\(text(node.equalities, names)))" }
            line += " match (\(text(node.match.left, names)) \(node.match.operation.rawValue) \(text(node.match.right, names)))"
            if let residual = node.residual { line += " where (\(text(residual, names)))" }
            return line
        case .window(let node):
            let functions = node.functions.map { "\($0.name)(\(list($0.arguments, names)))" }
            return "LogicalWindow [\(functions.joined(separator: ", "))] partition by [\(list(node.partitionBy, names))]"
                + " order by [\(keys(node.orderBy, names))]" + (node.rankLimit.map { " first \($0.count)" } ?? "")
        case .sort(let node):
            return "LogicalSort [\(keys(node.keys, names))]" + (node.limit.map { " first \($0)" } ?? "")
        case .limit(let node):
            return "LogicalLimit \(node.count)" + (node.offset > 0 ? " offset \(node.offset)" : "")
        case .union(let node): return "LogicalUnion" + (node.takesTurns ? " in turn" : "")
        case .lateralView(let node):
            return "LogicalLateralView \(node.isOuter ? "outer " : "")\(node.name)(\(list(node.arguments, names)))"
        case .transform(let node):
            let columns = node.outputs.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
            return "LogicalTransform (\(list(node.arguments, names))) using '\(node.command)' as (\(columns))"
        case .with: return "LogicalWith"
        case .sharedScan(let node):
            return "LogicalSharedScan \(node.subplan) \(node.name) [\(node.columns.map(\.output.name).joined(separator: ", "))]"
        case .branches: return "LogicalBranches"
        case .recursion(let node):
            return "LogicalRecursion \(node.rows) \(node.name) [\(node.outputs.map(\.name).joined(separator: ", "))]"
                + (node.isDistinct ? " distinct" : "")
        }
    }

    private static func text(_ equalities: [LogicalJoin.Equality], _ names: [ColumnID: String]) -> String {
        equalities.map { "\(text($0.left, names)) \($0.isNullSafe ? "<=>" : "=") \(text($0.right, names))" }
            .joined(separator: " and ")
    }

    package static func text(_ call: AggregateCall, _ names: [ColumnID: String]) -> String {
        let arguments = call.arguments.isEmpty && call.function.traits.acceptsStar ? "*" : list(call.arguments, names)
        return "\(call.name)(\(call.isDistinct ? "distinct " : "")\(arguments))"
            + (call.filter.map { " filter (\(text($0, names)))" } ?? "")
    }

    /// An expression as SQL-like text; columns by their names.
    package static func text(_ expression: BoundExpression, _ names: [ColumnID: String]) -> String {
        func nested(_ operand: BoundExpression) -> String {
            switch operand.kind {
            case .and, .or, .inList, .comparison: return "(\(text(operand, names)))"
            case .call(let call) where call.traits.notation == .infix: return "(\(text(operand, names)))"
            default: return text(operand, names)
            }
        }
        switch expression.kind {
        case .column(let id): return names[id] ?? "#\(id.number)"
        case .literal(let value): return text(value, expression.type)
        case .call(let call):
            if call.traits.notation == .infix, call.arguments.count == 2 {
                return "\(nested(call.arguments[0])) \(call.name) \(nested(call.arguments[1]))"
            }
            return "\(call.name)(\(list(call.arguments, names)))"
        case .comparison(let operation, let left, let right):
            return "\(nested(left)) \(operation.rawValue) \(nested(right))"
        case .cast(let operand): return "cast(\(text(operand, names)) as \(expression.type))"
        case .and(let operands): return operands.map(nested).joined(separator: " and ")
        case .or(let operands): return operands.map(nested).joined(separator: " or ")
        case .not(let operand): return "not \(nested(operand))"
        case .isNull(let operand): return "\(nested(operand)) is null"
        case .isNotNull(let operand): return "\(nested(operand)) is not null"
        case .conditional(let branches, let otherwise):
            let parts = branches.map { "when \(text($0.condition, names)) then \(text($0.value, names))" }
            return "case \(parts.joined(separator: " "))" + (otherwise.map { " else \(text($0, names))" } ?? "") + " end"
        case .coalesce(let operands): return "coalesce(\(list(operands, names)))"
        case .inList(let operand, let items): return "\(nested(operand)) in (\(list(items, names)))"
        case .field(let operand, let index):
            if case .structure(let fields) = operand.type, fields.indices.contains(index) {
                return "\(nested(operand)).\(fields[index].name)"
            }
            return "\(nested(operand)).[\(index)]"
        case .letting(let id, let value, let body):
            return "(let #\(id.number) = \(text(value, names)) in \(text(body, names)))"
        }
    }

    private static func text(_ value: LiteralValue, _ type: SQLType) -> String {
        switch value {
        case .null: return "null"
        case .bytes(let bytes) where type == .binary: return "\(bytes.count) bytes"
        case .bytes(let bytes): return "'\(String(decoding: bytes, as: UTF8.self))'"
        case .floating(let number): return "\(number)"
        case .integer(let number) where type == .boolean: return number == 0 ? "false" : "true"
        case .integer(let number) where type.isIntegral: return "\(number)"
        case .complex: return "\(type)"
        case .integer, .decimal, .timestamp:
            let column = value.column(type: type, count: 1)
            guard let converted = try? Cast.apply(column, to: .string, rows: .all(1), count: 1),
                !converted.isNull(0)
            else { return "\(type)" }
            let written = converted.values(as: StringView.self)[0].string
            switch type {
            case .date, .timestamp, .timestampLocalTimeZone: return "\(type) '\(written)'"
            default: return written
            }
        }
    }
}
