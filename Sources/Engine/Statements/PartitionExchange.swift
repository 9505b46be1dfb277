import Catalog
import Columnar
import HiveSyntax

/// `ALTER TABLE target EXCHANGE PARTITION (p=1) WITH TABLE source`: partitions of the source become the target's.
extension StatementRunner {
    func exchangePartition(_ statement: AlterTableStatement, _ elements: [PartitionElement], with sourceName: TableName) throws
        -> StatementResult
    {
        let wanted = exclusive(try table(statement.table, qualified: true)).merging(exclusive(try table(sourceName))) { $1 }
        return try locked(wanted) {
            let target = try table(statement.table, qualified: true)
            let source = try table(sourceName)
            guard target.isPartitioned, !target.isView, !source.isView, source.columns.map(\.type) == target.columns.map(\.type),
                source.columns.map(\.name) == target.columns.map(\.name),
                source.partitionColumns.map(\.name) == target.partitionColumns.map(\.name),
                source.partitionColumns.map(\.type) == target.partitionColumns.map(\.type),
                source.qualifiedName != target.qualifiedName
            else {
                throw HiveError.semantic(
                    "Tables have incompatible schemas and their partitions  cannot be exchanged.", code: 10235)
            }
            let spec = try partitionSpec(elements, of: source)
            guard spec.keys.max() == spec.count - 1, spec.values.allSatisfy({ $0 != nil }) else {
                throw HiveError.semantic(
                    "Partition values specified are not continuous. A subpartition value is specified without specifying the "
                        + "parent partition's value \(Self.describe(elements, self.source))", code: 10234)
            }
            let moved = try namedPartitions(elements, of: source)
            guard !moved.isEmpty else {
                throw HiveError.semantic("Partition not found \(Self.describe(elements, self.source))", code: 10006)
            }
            let present = try partitions(matching: elements, of: target)
            guard present.isEmpty else {
                let names = present.map { "\(target.name)(\(partitionName($0, of: target)))" }
                throw HiveError.semantic("Partition already exists [\(names.joined(separator: ", "))]", code: 10118)
            }
            let change = transaction("ALTER TABLE \(target.qualifiedName) EXCHANGE PARTITION", [target, source])
            let arrived = try moved.map { try move($0, from: source, to: target, change) }
            try change.commit {
                try metastore.dropPartitions(moved.map(\.values), of: source)
                try metastore.addPartitions(arrived, to: target)
            }
            return none
        }
    }

    /// The partition as the target has it. Its folder goes along where it stands at its usual place in a managed table;
    /// others are somebody else's, and stay where they are.
    private func move(_ partition: Partition, from source: Table, to target: Table, _ change: WriteTransaction) throws -> Partition {
        var arrived = partition
        arrived.columns = partition.columns == target.columns ? nil : partition.columns
        arrived.properties["transient_lastDdlTime"] = "\(currentSeconds())"
        let name = partitionName(partition, of: source)
        guard source.kind == .managed, target.kind == .managed,
            partition.storage.location == Metastore.folder(source.storage.location, name)
        else { return arrived }
        arrived.storage.location = Metastore.folder(target.storage.location, name)
        let to = try folder(arrived.storage)
        guard !LocalFiles.exists(to) else {
            throw HiveError.task("Unable to exchange partitions. New location already exists: file:\(to)")
        }
        let from = try folder(partition.storage)
        if LocalFiles.exists(from) {
            let owner = RemovalOwner(partitions: [name], of: source)
            try change.addRelocation(of: from, to: to, owner: owner) { try running.cancellation.check() }
        }
        return arrived
    }
}
