import Catalog
import Columnar
import HiveSyntax
import Platform

/// SHOW and DESCRIBE with `hive.ddl.output.format=json`: one line with an object.
extension StatementRunner {
    var listsAsJSON: Bool { settings[Settings.definitionOutput] == .json }

    /// - Parameter header: of the statement's usual rows, of which the first column takes the text.
    func row(_ header: [String], _ members: [JSON.Member]) throws -> StatementResult {
        let text: String
        do { text = try JSON.object(members).written() } catch { throw HiveError.task("\(error)") }
        return try rows(header, [[text] + Array(repeating: " ", count: header.count - 1)])
    }

    func nameList(_ key: String, _ names: [String], header: String) throws -> StatementResult {
        try row([header], [JSON.Member(key, .array(names.map { .string($0) }))])
    }

    static func json(_ columns: [SchemaColumn]) -> JSON {
        .array(
            columns.map { column in
                var members = [JSON.Member("name", .string(column.name)), JSON.Member("type", .string(column.type.description))]
                if let comment = column.comment { members.append(JSON.Member("comment", .string(comment))) }
                return .object(members)
            })
    }

    static func json(_ properties: [String: String]) -> JSON {
        .object(properties.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
    }

    func json(_ partition: Partition, of table: Table) -> JSON {
        let pairs = zip(table.partitionColumns.map(\.name), partition.values)
        return .object([
            JSON.Member("name", .string(pairs.map { "\($0)='\($1)'" }.joined(separator: ","))),
            JSON.Member(
                "values",
                .array(
                    pairs.map {
                        .object([JSON.Member("columnName", .string($0)), JSON.Member("columnValue", .string($1))])
                    })),
        ])
    }

    /// DESCRIBE of a table or a partition. FORMATTED is less than the plain form: it leaves out the partition columns.
    func describeAsJSON(_ table: Table, _ partition: Partition?, _ style: DescribeStyle) throws -> StatementResult {
        let partition = try partition.map(shown)
        var members = [JSON.Member("columns", Self.json(style == .formatted ? table.columns : table.allColumns))]
        if style == .extended {
            members.append(
                try partition.map { JSON.Member("partitionInfo", json(record: $0, of: table)) }
                    ?? JSON.Member("tableInfo", json(record: table, parameters: shownParameters(table))))
        }
        return try row(DescribeTable.header, members)
    }

    func json(_ database: DatabaseRecord, extended: Bool) -> [JSON.Member] {
        var members = [JSON.Member("database", .string(database.name))]
        if let comment = database.comment { members.append(JSON.Member("comment", .string(comment))) }
        members += [
            JSON.Member("location", .string(locations.uri(of: database.location))),
            JSON.Member("owner", .string(database.owner)), JSON.Member("ownerType", .string(database.ownerType)),
        ]
        if extended, !database.properties.isEmpty { members.append(JSON.Member("params", Self.json(database.properties))) }
        return members
    }

    /// The record of a table or partition, as DESCRIBE EXTENDED shows it.
    func json(record table: Table, parameters: [String: String]) -> JSON {
        var members = [
            JSON.Member("tableName", .string(table.name)), JSON.Member("dbName", .string(table.database)),
            JSON.Member("owner", .string(table.owner)), JSON.Member("createTime", .integer(table.createTime)),
            JSON.Member("lastAccessTime", .integer(0)), JSON.Member("retention", .integer(0)),
            JSON.Member("sd", json(table.storage, columns: table.columns)),
            JSON.Member("partitionKeys", Self.json(table.partitionColumns)), JSON.Member("parameters", Self.json(parameters)),
        ]
        let texts = table.isView ? (table.viewText, table.viewExpandedText ?? table.viewText) : (nil, nil)
        members += [
            JSON.Member("viewOriginalText", texts.0.map { .string($0) } ?? .null),
            JSON.Member("viewExpandedText", texts.1.map { .string($0) } ?? .null),
            JSON.Member("tableType", .string(table.kind.rawValue)), JSON.Member("temporary", .boolean(table.isTemporary)),
        ]
        return .object(members)
    }

    func json(record partition: Partition, of table: Table) -> JSON {
        .object([
            JSON.Member("values", .array(partition.values.map { .string($0) })), JSON.Member("dbName", .string(table.database)),
            JSON.Member("tableName", .string(table.name)), JSON.Member("createTime", .integer(partition.createTime)),
            JSON.Member("lastAccessTime", .integer(0)),
            JSON.Member("sd", table.isView ? .null : json(partition.storage, columns: partition.columns ?? table.columns)),
            JSON.Member("parameters", Self.json(partition.properties)),
        ])
    }

    private func json(_ storage: StorageDescriptor, columns: [SchemaColumn]) -> JSON {
        let classes = StorageClasses(storage.format)
        let sorted = storage.sortColumns.map { column in
            JSON.object([JSON.Member("col", .string(column.name)), JSON.Member("order", .integer(column.isAscending ? 1 : 0))])
        }
        return .object([
            JSON.Member("cols", Self.json(columns)), JSON.Member("location", .string(locations.uri(of: storage.location))),
            JSON.Member("inputFormat", .string(classes.inputFormat)), JSON.Member("outputFormat", .string(classes.outputFormat)),
            JSON.Member("compressed", .boolean(false)), JSON.Member("numBuckets", .integer(Int64(storage.bucketCount))),
            JSON.Member(
                "serdeInfo",
                .object([
                    JSON.Member("name", .null), JSON.Member("serializationLib", .string(storage.serde)),
                    JSON.Member("parameters", Self.json(storage.serdeProperties)),
                ])),
            JSON.Member("bucketCols", .array(storage.bucketColumns.map { .string($0) })), JSON.Member("sortCols", .array(sorted)),
            JSON.Member("parameters", .object([])),
        ])
    }
}
