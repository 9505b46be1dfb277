import Catalog
import HiveSyntax

/// Views with PARTITIONED ON: the last columns of the query are keys, and ALTER VIEW adds and drops partitions, which are
/// names that other programs look at; a query reads the same rows whatever partitions there are.
extension StatementRunner {
    /// Makes the last columns of a view its keys.
    /// - Throws: where they are called otherwise, or no other column is left.
    func partition(_ view: inout Table, on names: [Identifier]) throws {
        guard !names.isEmpty else { return }
        let keys = view.columns.suffix(names.count)
        guard keys.map(\.name) == names.map(\.name) else {
            throw HiveError.semantic("Rightmost columns in view output do not match PARTITIONED ON clause", code: 10093)
        }
        guard names.count < view.columns.count else {
            throw HiveError.semantic("At least one non-partitioning column must be present in view", code: 10092)
        }
        view.partitionColumns = Array(keys)
        view.columns.removeLast(names.count)
    }

    /// Partitions stay with the keys that they have values of.
    func refusePartitions(of view: Table) throws {
        guard view.isPartitioned, try !metastore.partitions(of: view).isEmpty else { return }
        throw HiveError.semantic(
            "Cannot replace a view with CREATE VIEW or REPLACE VIEW or ALTER VIEW AS SELECT if the view has partitions\n"
                + " The following view has partition, it could not be replaced: \(view.qualifiedName)", code: 10217)
    }

    /// A partition of a view has no folder.
    func addPartitions(_ additions: [PartitionAddition], ifNotExists: Bool, toView view: Table) throws -> StatementResult {
        for addition in additions {
            _ = try fullPartitionSpec(addition.partition, of: view)
            guard addition.location == nil else { throw HiveError(message: "FAILED: SemanticException LOCATION clause illegal for view partition") }
        }
        try metastore.addPartitions(try newPartitions(additions, ifNotExists: ifNotExists, of: view), to: view)
        return none
    }
}
