import Catalog
import Columnar
import Expressions
import HiveSyntax
import Planner
import Platform

extension StatementRunner {
    func databaseName(_ name: TableName) -> String { name.database?.name ?? catalog.currentDatabase }

    /// `db.t` or `t`, as written.
    static func written(_ name: TableName) -> String {
        (name.database.map { $0.name + "." } ?? "") + name.name.name
    }

    func findTable(_ name: TableName) throws -> Table? {
        try catalog.table(database: databaseName(name), name: name.name.name)
    }

    /// The table or view. - Throws: `Table not found x`, as most definition statements say it.
    func table(_ name: TableName, qualified: Bool = false) throws -> Table {
        if let table = try findTable(name) { return table }
        if let database = name.database?.name, try !catalog.databaseExists(database) {
            throw HiveError.semantic("Database does not exist: \(database)", code: 10072)
        }
        let text = qualified ? "\(databaseName(name)).\(name.name.name)" : Self.written(name)
        throw PlanError("Table not found \(text)", code: 10001, at: name.range, hint: try tableHint(name))
    }

    /// The table or view. - Throws: `Line 1:12 Table not found 'x'`, as statements that read or write rows say it.
    func tableAtPosition(_ name: TableName) throws -> Table {
        if let table = try findTable(name) { return table }
        throw PlanError("Table not found '\(Self.written(name))'", code: 10001, at: name.range, hint: try tableHint(name))
    }

    private func tableHint(_ name: TableName) throws -> String? {
        NearestName.hint(for: name.name.name, among: try catalog.tableNames(database: databaseName(name)))
    }

    /// Locks for changing a table; none for a temporary one.
    func exclusive(_ table: Table) -> [String: LockMode] {
        table.isTemporary ? [:] : [table.qualifiedName: .exclusive]
    }

    func shared(_ table: Table) -> [String: LockMode] {
        table.isTemporary ? [:] : [table.qualifiedName: .shared]
    }

    /// Runs `body` with the table as it is once its exclusive lock is held.
    func changing(_ name: TableName, qualified: Bool = true, _ body: (Table) throws -> StatementResult) throws
        -> StatementResult
    {
        let found = try table(name, qualified: qualified)
        return try locked(exclusive(found)) { try body(try table(name, qualified: qualified)) }
    }

    /// Puts a changed table in its place.
    func update(_ table: Table, from old: Table) throws {
        if old.isTemporary {
            catalog.removeTemporary(old.qualifiedName)
            catalog.setTemporary(table)
        } else {
            try metastore.updateTable(database: old.database, name: old.name, to: table)
        }
    }

    func transaction(_ description: String, _ tables: [Table]) -> WriteTransaction {
        WriteTransaction(
            warehouse, description: description, tables: tables.filter { !$0.isTemporary }.map(\.qualifiedName),
            fault: faultPoint, removals: makeRemovalGuard())
    }

    func folder(_ storage: StorageDescriptor) throws -> String { try locations.path(of: storage.location) }

    // MARK: Partition specifications

    /// The text that a static partition value becomes, converted to the column's type as
    /// `hive.typecheck.on.insert` asks.
    func partitionValue(_ expression: Expression, column: SchemaColumn) throws -> String {
        let binder = makeBinder()
        let (value, type) = try binder.evaluateConstant(expression)
        if case .null = value { return nullPartition }
        let constant = value.column(type: type, count: 1)
        let buffer = ByteBuffer(capacity: 64)
        let formatter = TextFormatter(.output)
        formatter.append(constant, row: 0, to: buffer)
        let written = buffer.string
        let isNamedNull = written == PartitionName.defaultValue || written == nullPartition
        if type == column.type || column.type.isCharacter || isNamedNull { return written }
        let converted = try Cast.apply(constant, to: column.type, rows: .all(1), count: 1)
        guard !converted.isNull(0) else {
            guard settings[Settings.checksPartitionTypes] else { return written }
            throw HiveError.semantic(
                "Cannot add partition column \(column.name) of type \(type) as it cannot be converted to type "
                    + "\(column.type)", code: 10248)
        }
        buffer.removeAll()
        formatter.append(converted, row: 0, to: buffer)
        return buffer.string
    }

    /// `{p=x, q=1}`
    static func describe(_ elements: [PartitionElement], _ source: SourceText) -> String {
        let parts = elements.map { element -> String in
            guard let value = element.value else { return "\(element.column.name)=null" }
            var text = source.text(value.range)
            if text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote {
                text = String(text.dropFirst().dropLast())
            }
            return "\(element.column.name)=\(text)"
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    /// Positions in `partitionColumns` with their values (nil: dynamic).
    /// - Throws: for names that are no partition columns.
    func partitionSpec(_ elements: [PartitionElement], of table: Table) throws -> [Int: String?] {
        guard elements.isEmpty || table.isPartitioned else {
            throw HiveError(
                message: "FAILED: ValidationFailureSemanticException table is not partitioned but partition spec exists: "
                    + Self.describe(elements, source))
        }
        var spec: [Int: String?] = [:]
        for element in elements {
            guard let index = table.partitionColumns.firstIndex(where: { $0.name == element.column.name }) else {
                throw HiveError(
                    message: "FAILED: ValidationFailureSemanticException Partition spec "
                        + "\(Self.describe(elements, source)) contains non-partition columns")
            }
            spec[index] = .some(
                try element.value.map { try partitionValue($0, column: table.partitionColumns[index]) })
        }
        return spec
    }

    /// - Throws: where a value is empty, which names no partition: rows with an empty key are in that of NULL.
    func checkNotEmpty(_ spec: [Int: String?], _ elements: [PartitionElement], of table: Table) throws {
        for element in elements {
            guard let index = table.partitionColumns.firstIndex(where: { $0.name == element.column.name }), spec[index] == ""
            else { continue }
            throw PlanError("Partition not found ''''", code: 10006, at: element.column.range)
        }
    }

    /// A value for each partition column.
    func fullPartitionSpec(_ elements: [PartitionElement], of table: Table) throws -> [String] {
        let spec = try partitionSpec(elements, of: table)
        try checkNotEmpty(spec, elements, of: table)
        let values = table.partitionColumns.indices.compactMap { spec[$0] ?? nil }
        guard values.count == table.partitionColumns.count else {
            throw HiveError(
                message: "FAILED: ValidationFailureSemanticException partition spec "
                    + "\(Self.describe(elements, source)) doesn't contain all (\(table.partitionColumns.count)) "
                    + "partition columns")
        }
        return values
    }

    /// The partitions that meet all elements; `month>3` compares as the column's type does.
    func partitions(matching elements: [PartitionElement], of table: Table) throws -> [Partition] {
        if !elements.contains(where: { $0.comparison != .equal }) {
            let spec = try partitionSpec(elements, of: table)
            return try catalog.partitions(of: table).filter { partition in
                spec.allSatisfy { index, value in value == nil || partition.values[index] == value }
            }
        }
        _ = try partitionSpec(elements.filter { $0.value == nil }, of: table)
        let conditions = elements.compactMap { element in
            element.value.map {
                Expression(
                    .binary(element.comparison, Expression(.column(element.column), range: $0.range), $0),
                    range: $0.range)
            }
        }
        let condition = conditions.count == 1 ? conditions[0] : Expression(.and(conditions))
        return try partitions(where: condition, of: table)
    }

    /// The partitions that a statement names which changes or measures them.
    /// - Throws: where all values are given and there is no such partition.
    func namedPartitions(_ elements: [PartitionElement], of table: Table) throws -> [Partition] {
        let found = try partitions(matching: elements, of: table)
        guard found.isEmpty, !elements.isEmpty else { return found }
        let spec = try partitionSpec(elements, of: table)
        try checkNotEmpty(spec, elements, of: table)
        if spec.count == table.partitionColumns.count, spec.values.allSatisfy({ $0 != nil }) {
            throw HiveError.semantic("Partition not found \(Self.describe(elements, source))", code: 10006)
        }
        return found
    }

    /// The partitions for which a condition over the partition columns is true.
    func partitions(where condition: Expression, of table: Table) throws -> [Partition] {
        let binder = makeBinder()
        let columns = table.partitionColumns.map { binder.makeColumn($0.name, $0.type) }
        let predicate = try binder.bindPredicate(condition, columns: columns)
        let partitions = try catalog.partitions(of: table)
        let keys = try PartitionKeys(
            partitions, keys: columns.enumerated().map { (output: $1, index: $0) }, context: evaluationContext)
        return try keys.partitions(meeting: [predicate]).map { partitions[$0] }
    }

    func partitionName(_ partition: Partition, of table: Table) -> String {
        PartitionName.make(columns: table.partitionColumns.map(\.name), values: partition.values)
    }

    /// The one partition with these values. - Throws: `Partition not found {p=x}`.
    func partition(_ elements: [PartitionElement], of table: Table) throws -> Partition {
        let values = try fullPartitionSpec(elements, of: table)
        guard let partition = try metastore.partition(of: table, values: values) else {
            throw HiveError.semantic("Partition not found \(Self.describe(elements, source))", code: 10006)
        }
        return partition
    }

    // MARK: Names

    /// Hive's patterns in SHOW: `*` any characters, `|` alternatives; case does not matter.
    static func matches(_ name: String, _ pattern: String?) -> Bool {
        guard let pattern else { return true }
        return pattern.split(separator: "|", omittingEmptySubsequences: false).contains { part in
            wildcard(Array(name.lowercased().utf8), Array(part.lowercased().utf8))
        }
    }

    /// Linear matching of `*` with backtracking to the latest star; `.` before a star is taken as part of it.
    private static func wildcard(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        var pieces: [UInt8] = []
        for (index, byte) in pattern.enumerated() {
            if byte == UInt8(ascii: "."), index + 1 < pattern.count, pattern[index + 1] == UInt8(ascii: "*") { continue }
            pieces.append(byte)
        }
        var nameIndex = 0
        var index = 0
        var star: Int?
        var mark = 0
        while nameIndex < name.count {
            if index < pieces.count, pieces[index] == UInt8(ascii: "*") {
                star = index
                mark = nameIndex
                index += 1
            } else if index < pieces.count, pieces[index] == name[nameIndex] || pieces[index] == UInt8(ascii: ".") {
                index += 1
                nameIndex += 1
            } else if let last = star {
                index = last + 1
                mark += 1
                nameIndex = mark
            } else {
                return false
            }
        }
        while index < pieces.count, pieces[index] == UInt8(ascii: "*") { index += 1 }
        return index == pieces.count
    }
}
