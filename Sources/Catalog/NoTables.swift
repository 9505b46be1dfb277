/// A catalog without tables.
package final class NoTables: MetadataProvider {
    package let currentDatabase = "default"

    package init() {}

    package func databaseExists(_ name: String) -> Bool { name == "default" }
    package func table(database: String, name: String) -> Table? { nil }
    package func tableNames(database: String) -> [String] { [] }
    package func databaseNames() -> [String] { ["default"] }
    package func partitions(of table: Table) -> [Partition] { [] }
    package func byteCount(of table: Table, partitions: [Partition]) -> Int? { nil }
}
