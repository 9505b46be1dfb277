import Catalog
import Columnar
import HiveSyntax

/// A table or folder that rows go into, with what its statement says checked against the catalog.
enum InsertDestination {
    case table(TableDestination)
    case directory(InsertDirectory)
}

struct TableDestination {
    var statement: InsertTable
    var table: Table
    /// One a partition column; nil where the query gives it.
    var staticValues: [String?]
    /// What the query's columns are converted to: the listed (or all) columns, then dynamic partition columns.
    var targets: [SchemaColumn]
    /// For each of the table's columns its position in `targets`; nil: NULL.
    var positions: [Int?]
    /// Whether a partition that is replaced has the table's columns from then on; as in Hive it keeps its own else.
    var takesTableColumns = false
    /// The partitions that are replaced, by their values, all of them whether they get rows or not; nil: those that get rows.
    var replaced: [[String]]?

    var isDynamic: Bool { staticValues.contains { $0 == nil } }
    /// Folders are named by the text of a value, whatever the column's type.
    var partitionColumnNames: Set<String> { Set(table.partitionColumns.map(\.name)) }
}

extension TableDestination {
    /// As Hive names an output: `t`, or `t@k=1` for a partition.
    func outputName(_ values: [String]) -> String {
        guard table.isPartitioned else { return table.name }
        return "\(table.name)@\(PartitionName.make(columns: table.partitionColumns.map(\.name), values: values))"
    }
}

extension StatementRunner {
    /// Refuses branches of one statement that would write over each other, as Hive does: a table, a static partition or
    /// a folder that is given twice; a folder inside another one too, of which Hive keeps one. Dynamic partitions that
    /// meet are seen when they are written.
    func checkOutputs(_ destinations: [InsertDestination]) throws {
        guard destinations.count > 1 else { return }
        var names = Set<String>()
        var folders: [String] = []
        for destination in destinations {
            switch destination {
            case .table(let target):
                guard !target.isDynamic, try !(target.statement.ifNotExists && hasPartition(target)) else { continue }
                let name = target.outputName(target.staticValues.compactMap { $0 })
                guard names.insert("\(target.table.database).\(name)").inserted else { throw Self.repeatedOutput(name) }
            case .directory(let directory):
                let path = LocalFiles.resolved(try locations.path(of: outputLocation(of: directory)))
                guard !folders.contains(where: { ($0 + "/").hasPrefix(path + "/") || path.hasPrefix($0 + "/") }) else {
                    throw Self.repeatedOutput(LocalFiles.absolute(directory.path.droppingPrefix("file:") ?? directory.path))
                }
                folders.append(path)
            }
        }
    }

    static func repeatedOutput(_ name: String) -> HiveError {
        .semantic("The same output cannot be present multiple times:  \(name)", code: 10087)
    }

    /// Where one branch of a statement inserts INTO a table, no other branch overwrites anything of it: so Hive.
    static func appendingTogether(_ destinations: [InsertDestination]) -> [InsertDestination] {
        var appended = Set<String>()
        for case .table(let target) in destinations where !target.statement.isOverwrite {
            appended.insert(target.table.qualifiedName)
        }
        return destinations.map { destination in
            guard case .table(var target) = destination, appended.contains(target.table.qualifiedName) else {
                return destination
            }
            target.statement.isOverwrite = false
            return .table(target)
        }
    }

    func outputLocation(of directory: InsertDirectory) throws -> String {
        let stored = try locations.stored(directory.path)
        return directory.isLocal
            ? "file:" + LocalFiles.absolute(directory.path.droppingPrefix("file:") ?? directory.path) : stored
    }
}
