import Columnar
import Expressions
import HiveSyntax

extension Binder {
    /// Binds `SELECT TRANSFORM (…) USING …`, MAP and REDUCE. The select list is what the program gets; the query's ORDER BY
    /// and LIMIT are about what it gives.
    func bindScript(
        _ script: Transform, _ core: SelectCore, query: Query, environment: QueryEnvironment, reading source: Source
    ) throws -> Relation {
        for (name, place) in [(script.recordWriter, "RECORDWRITER"), (script.recordReader, "RECORDREADER")] {
            guard let name, !Self.textRecords.contains(name) else { continue }
            throw PlanError.unsupported("\(place) '\(name)'", at: core.range)
        }
        var selected = core
        selected.transform = nil
        selected.from = nil
        let input = try bindSelect(
            selected, query: Query(body: .select(selected)), environment: environment, reading: source)
        let rows = narrowingConstants(input.plan)
        let made = Dictionary(rows.outputs.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let arguments = input.columns.map { column -> BoundExpression in
            let argument = BoundExpression.column(made[column.id] ?? column)
            return argument.type == .void ? cast(argument, to: .string) : argument
        }
        let outputs = try outputColumns(of: script)
        var lines = lines(script.outputFormat)
        // Without AS a line is a key and, behind the first delimiter, whatever its value holds.
        if script.outputColumns.isEmpty { lines.format.properties["serialization.last.column.takes.rest"] = "true" }
        let node = LogicalTransform(
            source: rows, arguments: arguments, command: script.command,
            input: self.lines(script.inputFormat), output: lines, outputs: outputs, keepsGroups: source.isArranged)
        return try ordered(Relation(plan: .transform(node), columns: outputs), query, environment: environment)
    }

    private static let textRecords: Set = [
        "org.apache.hadoop.hive.ql.exec.TextRecordWriter", "org.apache.hadoop.hive.ql.exec.TextRecordReader",
    ]

    private func outputColumns(of script: Transform) throws -> [OutputColumn] {
        if script.outputColumns.isEmpty { return [makeColumn("key", .string), makeColumn("value", .string)] }
        var known: Set<String> = []
        return try script.outputColumns.map { column in
            guard known.insert(column.name.name).inserted else {
                throw PlanError("Column alias already exists: \(column.name.name)", code: 10074)
            }
            expansion?.alias(column.name)
            return makeColumn(column.name.name, try column.type.map { try SQLType($0) } ?? .string)
        }
    }

    private func lines(_ format: RowFormat?) -> LogicalTransform.Lines {
        var properties = format.map { RowFormatProperties($0) } ?? RowFormatProperties()
        if format == nil {
            properties.properties = ["field.delim": "\t", "serialization.format": "\t"]
            if settings.escapesScriptRows {
                properties.properties["escape.delim"] = "\\"
                properties.properties["serialization.escape.crlf"] = "true"
                properties.properties[RowFormatProperties.escapesScriptRows] = "true"
            }
        }
        return LogicalTransform.Lines(format: properties, isJSON: format == nil)
    }
}

extension Query {
    /// Whether it says in which order its rows come, or which of them belong together.
    var arrangesRows: Bool { !(orderBy.isEmpty && sortBy.isEmpty && distributeBy.isEmpty && clusterBy.isEmpty) }
}
