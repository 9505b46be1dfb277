/// What the planner may ask about databases, tables and partitions.
///
/// Names are lower-case. A session's temporary tables hide tables of the metastore with the same name. Locations are
/// as the metastore keeps them; whoever opens files resolves them.
package protocol MetadataProvider: AnyObject {
    /// The database that unqualified names stand in.
    var currentDatabase: String { get }
    func databaseExists(_ name: String) throws -> Bool
    /// The table or view, temporary ones first; nil when there is none.
    func table(database: String, name: String) throws -> Table?
    /// Tables and views of a database, sorted: for near-name hints and completion.
    func tableNames(database: String) throws -> [String]
    func databaseNames() throws -> [String]
    /// Every partition, in the order of their names; pruning is the planner's. A table without partition columns has one
    /// with no values and the table's own storage.
    func partitions(of table: Table) throws -> [Partition]
    /// Bytes of the files of `partitions`, for choosing a join's build side; nil when unknown.
    func byteCount(of table: Table, partitions: [Partition]) -> Int?
    /// Whether files of some of `partitions` say of themselves how many rows and which bounds of columns they have.
    func hasFileSummaries(_ table: Table, partitions: [Partition]) -> Bool
    /// The table that files are which no database knows, and the parts of it that are read: `parquet.`path``.
    /// - Parameters:
    ///   - format: how the files are kept, in lower case.
    ///   - path: of a file or folder, or a pattern.
    /// - Returns: nil when no format has that name.
    /// - Throws: when there is no such file, or it cannot be read.
    func files(format: String, path: String) throws -> (table: Table, partitions: [Partition])?
}

extension MetadataProvider {
    package func hasFileSummaries(_ table: Table, partitions: [Partition]) -> Bool { false }
    package func files(format: String, path: String) throws -> (table: Table, partitions: [Partition])? { nil }
}
