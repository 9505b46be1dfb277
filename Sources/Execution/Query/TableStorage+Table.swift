import Catalog
import Planner
import TableFormats

extension TableStorage {
    /// - Parameters:
    ///   - descriptor: of the table or of one of its partitions, to which the table's properties apply that it has not.
    ///   - partition: the partition's own properties.
    package init(
        _ descriptor: StorageDescriptor, of table: Table, partition: [String: String] = [:], settings: [String: String]
    ) {
        self.init(
            format: descriptor.format.rawValue, serde: descriptor.serde,
            serdeProperties: table.storage.serdeProperties.merging(descriptor.serdeProperties) { _, own in own },
            tableProperties: table.properties.merging(partition) { _, own in own }, settings: settings)
        (tableName, databaseName) = (table.name, table.database)
    }

    /// Lines as a ROW FORMAT describes them.
    init(_ format: RowFormatProperties) {
        self.init(format: StorageDescriptor.Format.text.rawValue, serde: format.serde, serdeProperties: format.properties)
    }

    /// - Throws: `ExecutionError.unsupportedFormat`; `TableFormatError` when a property cannot be heeded.
    package func tableFormat(of table: Table) throws -> any TableFormat {
        do { return try TableFormatRegistry.format(of: self) } catch let error as UnsupportedTableFormat {
            throw ExecutionError.unsupportedFormat(table: table.qualifiedName, format: error.name)
        }
    }
}
