import Catalog
import Columnar
import HiveSyntax
import Planner
import TableFormats

extension StatementRunner {
    /// CLUSTERED BY, NOT CLUSTERED, NOT SORTED, INTO n BUCKETS: of a table, or of a partition. Files stay as they are.
    /// - Parameter columns: of the files.
    func applyToBuckets(_ action: AlterTableAction, _ storage: inout StorageDescriptor, columns: [SchemaColumn]) throws {
        switch action {
        case .clusteredBy(let bucketing):
            storage.bucketColumns = bucketing.columns.map(\.name)
            storage.bucketCount = bucketing.bucketCount
            storage.sortColumns = bucketing.sortedBy.map {
                StorageDescriptor.SortColumn(name: $0.name.name, isAscending: $0.direction != .descending)
            }
            let names = Set(columns.map(\.name))
            guard names.isSuperset(of: storage.bucketColumns), names.isSuperset(of: storage.sortColumns.map(\.name)) else {
                throw HiveError.task("Invalid column reference")
            }
        case .notClustered:
            storage.bucketColumns = []
            storage.bucketCount = -1
            storage.sortColumns = []
        case .notSorted: storage.sortColumns = []
        case .intoBuckets(let count):
            guard !storage.bucketColumns.isEmpty else { throw HiveError.semantic("Table is not bucketized.", code: 10145) }
            storage.bucketCount = count
        default: throw HiveError.unsupported("This form of ALTER TABLE")
        }
    }

    /// Notes that rows may stand in other files than those of their buckets, where a change of the table lets them have
    /// other buckets, or other values, than when they were written. Partitions have a description of their own, so only
    /// what the table says for all of them counts.
    func keepBucketTrust(_ changed: inout Table, from table: Table) throws {
        guard changed.storage.isBucketed || table.isPartitioned, BucketTrust.holds(changed.properties) else { return }
        func values(_ table: Table) -> [String: String] {
            table.properties.filter { key, _ in
                ["serialization.", "timestamp.", "avro.schema."].contains { key.lowercased().hasPrefix($0) }
            }
        }
        var isOther =
            changed.bucketHash != table.bucketHash || values(changed) != values(table)
            || !zip(changed.columns, table.columns).allSatisfy { $0.name == $1.name && $0.type == $1.type }
        if !table.isPartitioned {
            var storage = table.storage
            storage.location = changed.storage.location
            storage.sortColumns = changed.storage.sortColumns
            isOther = isOther || changed.storage != storage
        }
        guard isOther else { return }
        let hasRows: Bool
        if table.isPartitioned {
            hasRows = try metastore.partitions(of: table).contains { $0.storage.isBucketed }
        } else {
            hasRows = try DataFiles.list(in: folder(table.storage)).contains { $0.byteCount > 0 }
        }
        if hasRows { BucketTrust.lose(&changed.properties) }
    }
}
