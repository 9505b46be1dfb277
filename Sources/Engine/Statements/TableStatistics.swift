import Catalog
import Columnar

/// A file that a query wrote into a staging folder.
struct WrittenFile {
    var path: String
    /// `000000_0`
    var name: String
    var byteCount: Int
}

/// What a query wrote for one partition (or for a table without partitions).
struct WrittenPart {
    /// One value a partition column.
    var values: [String]
    var files: [WrittenFile] = []
    var rowCount = 0
    /// The folder that holds these files and nothing else.
    var stagedFolder: String?

    mutating func add(_ file: WrittenFile, rowCount: Int) {
        files.append(file)
        self.rowCount += rowCount
    }

    var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
}

struct WriteTotals {
    private(set) var rows = 0

    mutating func add(_ part: WrittenPart) { rows += part.rowCount }
}

/// Where a written part goes.
struct PartitionTarget {
    var folder: String

    /// - Parameters:
    ///   - folder: the table's folder.
    ///   - existing: the folder of the partition that is there already.
    init(_ part: WrittenPart, of table: Table, folder: String, existing: String?) {
        guard table.isPartitioned else {
            self.folder = folder
            return
        }
        let name = PartitionName.make(columns: table.partitionColumns.map(\.name), values: part.values)
        self.folder = existing ?? "\(folder)/\(name)"
    }
}

extension StatementRunner {
    /// The statistics that Hive keeps: numFiles, totalSize and, with `hive.stats.autogather`, numRows and rawDataSize.
    func setStatistics(
        _ properties: inout [String: String], _ part: WrittenPart, isFresh: Bool, isOverwrite: Bool
    ) {
        if isFresh || isOverwrite {
            BucketTrust.restore(&properties)
            PartitionArchive.forget(&properties)
        }
        func known(_ key: String) -> Int? { isFresh || isOverwrite ? 0 : properties[key].flatMap { Int($0) } }
        let files = known("numFiles")
        let size = known("totalSize")
        properties["numFiles"] = files.map { "\($0 + part.files.count)" }
        properties["totalSize"] = size.map { "\($0 + part.byteCount)" }
        let rows = known("numRows")
        let raw = known("rawDataSize")
        let wasAccurate = isFresh || isOverwrite || StatisticsAccuracy.read(properties[StatisticsAccuracy.property]).isBasic
        if settings[Settings.gathersStatistics], wasAccurate, let rows, let raw {
            properties["numRows"] = "\(rows + part.rowCount)"
            // Text rows without their line ends.
            properties["rawDataSize"] = "\(raw + max(part.byteCount - part.rowCount, 0))"
            properties[StatisticsAccuracy.property] = StatisticsAccuracy.basic
        } else {
            for key in ["numRows", "rawDataSize", StatisticsAccuracy.property] { properties[key] = nil }
        }
        properties["transient_lastDdlTime"] = "\(currentSeconds())"
    }

    /// After a change that says nothing of rows, such as LOAD DATA.
    func forgetRowCounts(_ properties: inout [String: String]) {
        for key in ["numRows", "rawDataSize", StatisticsAccuracy.property] { properties[key] = nil }
        properties["transient_lastDdlTime"] = "\(currentSeconds())"
    }

    func newPartition(_ part: WrittenPart, of table: Table, isFresh: Bool) -> Partition {
        var partition = self.partition(values: part.values, of: table)
        setStatistics(&partition.properties, part, isFresh: isFresh, isOverwrite: true)
        return partition
    }

    /// A partition at its usual place.
    func partition(values: [String], of table: Table, location: String? = nil) -> Partition {
        var storage = table.storage
        let name = PartitionName.make(columns: table.partitionColumns.map(\.name), values: values)
        storage.location = location ?? Metastore.folder(table.storage.location, name)
        return Partition(
            values: values, storage: storage, properties: ["transient_lastDdlTime": "\(currentSeconds())"],
            createTime: currentSeconds())
    }
}

extension Partition {
    /// Files that replace the partition's are written in the table's way, whatever the old ones were.
    mutating func storeAs(_ table: Table) {
        let location = storage.location
        storage = table.storage
        storage.location = location
    }
}
