import Catalog
import Columnar
import Platform

/// What the file `_metadata` of an exported table says: the records of Hive's metastore (`hive_metastore.thrift`) in JSON.
struct ExportedTable {
    static let fileName = "_metadata"
    /// Where the files of a table without partitions stand; those of a partition stand in a folder of its name.
    static let dataFolder = "data"

    /// Its location, and those of partitions, are where they were when the table was exported.
    var table: Table
    var partitions: [Partition]

    // MARK: Reading

    /// - Throws: `HiveError` naming the file when it is not what an export writes.
    init(_ bytes: [UInt8], path: String) throws {
        func damaged(_ reason: String) -> HiveError {
            HiveError.semantic("Invalid metadata in \(path): \(reason)", code: 10121)
        }
        do {
            let file = try JSON(bytes)
            guard let version = file["version"]?.text, version.split(separator: ".").first == "0" else {
                throw damaged("its version is \(file["version"]?.text ?? "missing")")
            }
            guard let text = file["table"]?.text else { throw damaged("it has no table") }
            let record = try ThriftJSONReader(text)
            guard let name = record.string(1), let storage = record.structure(7) else { throw damaged("its table has no name or storage") }
            table = Table(
                database: record.string(2) ?? "default", name: name.lowercased(),
                kind: record.string(12).flatMap { Table.Kind(rawValue: $0) } ?? .managed,
                columns: try Self.columns(storage, 1), partitionColumns: try Self.columns(record, 8),
                storage: try Self.storage(storage), properties: record.dictionary(9), owner: record.string(3) ?? "",
                createTime: Int64(record.integer(4) ?? 0))
            table.comment = table.properties.removeValue(forKey: "comment")
            var partitions: [Partition] = []
            for text in file["partitions"]?.elements?.compactMap(\.text) ?? [] {
                let record = try ThriftJSONReader(text)
                let values = record.strings(1)
                guard values.count == table.partitionColumns.count, let storage = record.structure(6) else {
                    throw damaged("a partition has \(values.count) values")
                }
                let columns = try Self.columns(storage, 1)
                partitions.append(
                    Partition(
                        values: values, storage: try Self.storage(storage),
                        columns: columns == table.columns || columns.isEmpty ? nil : columns,
                        properties: record.dictionary(7), createTime: Int64(record.integer(4) ?? 0)))
            }
            self.partitions = partitions
        } catch let error as JSONError { throw damaged("\(error)") } catch let error as Unreadable { throw damaged(error.reason) }
    }

    private struct Unreadable: Error {
        var reason: String
    }

    private static func columns(_ record: ThriftJSONReader, _ field: Int) throws -> [SchemaColumn] {
        try record.structures(field).map { column in
            let name = column.string(1) ?? ""
            let text = column.string(2) ?? ""
            guard let type = SQLType(typeText: text) else { throw Unreadable(reason: "column \(name) is of type '\(text)'") }
            return SchemaColumn(name: name.lowercased(), type: type, comment: column.string(3))
        }
    }

    private static func storage(_ record: ThriftJSONReader) throws -> StorageDescriptor {
        let inputFormat = record.string(3) ?? ""
        guard var format = StorageClasses.format(ofInputFormat: inputFormat) else {
            throw Unreadable(reason: "no files of the input format '\(inputFormat)' are known")
        }
        let serde = record.structure(7)
        let className = serde?.string(2) ?? StorageClasses(format).serde
        if className.hasSuffix(".JsonSerDe"), format == .text { format = .json }
        let buckets = record.strings(8)
        return StorageDescriptor(
            location: record.string(2) ?? "", format: format, serde: className,
            serdeProperties: serde?.dictionary(3) ?? [:], bucketColumns: buckets,
            bucketCount: buckets.isEmpty ? -1 : record.integer(6) ?? -1,
            sortColumns: record.structures(9).map {
                StorageDescriptor.SortColumn(name: $0.string(1) ?? "", isAscending: $0.integer(2) != 0)
            })
    }

    // MARK: Writing

    init(table: Table, partitions: [Partition]) {
        self.table = table
        self.partitions = partitions
    }

    /// - Parameter uri: a location as Hive writes it.
    func text(uri: (String) -> String) throws(JSONError) -> String {
        var partitionTexts: [JSON] = []
        for partition in partitions {
            partitionTexts.append(.string(try record(of: partition, uri: uri).value.written()))
        }
        return try JSON.object([
            JSON.Member("version", .string("0.2")), JSON.Member("table", .string(try record(uri: uri).value.written())),
            JSON.Member("partitions", .array(partitionTexts)),
        ]).written()
    }

    private func record(uri: (String) -> String) -> ThriftJSONWriter {
        var record = ThriftJSONWriter()
        record.add(1, table.name)
        record.add(2, table.database)
        record.add(3, table.owner)
        record.add(4, Int(table.createTime))
        record.add(5, 0)
        record.add(6, 0)
        record.add(7, Self.record(of: table.storage, columns: table.columns, uri: uri))
        record.add(8, Self.records(of: table.partitionColumns))
        var properties = table.properties
        if let comment = table.comment { properties["comment"] = comment }
        if table.kind == .external { properties["EXTERNAL"] = "TRUE" }
        record.add(9, properties)
        record.add(12, table.kind.rawValue)
        record.add(15, false)
        return record
    }

    private func record(of partition: Partition, uri: (String) -> String) -> ThriftJSONWriter {
        var record = ThriftJSONWriter()
        record.add(1, partition.values)
        record.add(2, table.database)
        record.add(3, table.name)
        record.add(4, Int(partition.createTime))
        record.add(5, 0)
        record.add(6, Self.record(of: partition.storage, columns: partition.columns ?? table.columns, uri: uri))
        var properties = partition.properties
        // Its files are exported one by one.
        PartitionArchive.forget(&properties)
        record.add(7, properties)
        return record
    }

    private static func records(of columns: [SchemaColumn]) -> [ThriftJSONWriter] {
        columns.map { column in
            var record = ThriftJSONWriter()
            record.add(1, column.name)
            record.add(2, "\(column.type)")
            record.add(3, column.comment)
            return record
        }
    }

    private static func record(
        of storage: StorageDescriptor, columns: [SchemaColumn], uri: (String) -> String
    ) -> ThriftJSONWriter {
        let classes = StorageClasses(storage.format)
        var serde = ThriftJSONWriter()
        serde.add(2, storage.serde)
        serde.add(3, storage.serdeProperties)
        var record = ThriftJSONWriter()
        record.add(1, records(of: columns))
        record.add(2, uri(storage.location))
        record.add(3, classes.inputFormat)
        record.add(4, classes.outputFormat)
        record.add(5, false)
        record.add(6, storage.bucketColumns.isEmpty ? -1 : storage.bucketCount)
        record.add(7, serde)
        record.add(8, storage.bucketColumns)
        record.add(
            9,
            storage.sortColumns.map { column in
                var order = ThriftJSONWriter()
                order.add(1, column.name)
                order.add(2, column.isAscending ? 1 : 0)
                return order
            })
        record.add(10, [String: String]())
        record.add(11, .noSkew)
        record.add(12, false)
        return record
    }
}
