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
}
