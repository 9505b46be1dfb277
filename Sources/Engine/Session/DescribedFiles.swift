import Catalog
import Columnar
import Planner
import Platform
import TableFormats

/// Files that say themselves what they hold, so that no table has to: what ``SELECT … FROM parquet.`path` `` and
/// `CREATE TABLE … LIKE FILE` read.
struct DescribedFiles {
    let kind: FileKind
    /// As the first file has them, without those that folders name.
    let columns: [SchemaColumn]
    /// Keys of folders `key=value`, outermost first.
    let partitionColumns: [SchemaColumn]
    /// One a file.
    let partitions: [Partition]
    private let storage: StorageDescriptor

    private struct Found {
        var file: ScanFile
        var keys: [String]
        var values: [String]
    }

    /// - Parameters:
    ///   - path: of a file, of a folder with all that is below it, or a pattern of such with `*` and `?`; one that is
    ///     relative begins at the current folder. Hidden files and folders are left out.
    ///   - resolve: a location's path.
    /// - Throws: `PlanError` when there are no such files or folders contradict each other; `TableFormatError` and
    ///   `FileError` when the first file cannot be read.
    init(_ kind: FileKind, _ path: String, resolve: (String) throws -> String) throws {
        let found = try Self.files(path, resolve: resolve)
        // Empty files, which Hive writes for buckets without rows, say nothing.
        guard let first = found.first(where: { $0.file.byteCount > 0 }) else {
            throw PlanError("There are no files with rows at '\(path)'")
        }
        let schema = try FileSchema(of: first.file, as: kind)
        self.kind = kind
        guard Set(first.keys).count == first.keys.count else {
            throw PlanError("The folders of '\(path)' name a partition column twice: \(Self.describe(first))")
        }
        var partitionColumns: [SchemaColumn] = []
        for (index, key) in first.keys.enumerated() {
            partitionColumns.append(
                SchemaColumn(name: key, type: FolderValues.type(of: found.lazy.map { $0.values[index] })))
        }
        self.partitionColumns = partitionColumns
        // A folder's value stands for that of the files in it.
        columns = schema.columns.filter { !first.keys.contains($0.name) }
        guard !columns.isEmpty else {
            throw TableFormatError("the file has no columns but those of its folders", path: first.file.path)
        }
        var storage = Self.storage(kind)
        storage.serdeProperties.merge(schema.serdeProperties) { $1 }
        self.storage = storage
        partitions = found.map { part in
            var own = storage
            own.location = part.file.path
            return Partition(values: part.values, storage: own)
        }
    }

    /// The files as a table that no metastore has.
    func table(named name: String) -> Table {
        Table(
            database: kind.rawValue, name: name, kind: .external, columns: columns, partitionColumns: partitionColumns,
            storage: storage)
    }

    /// How files of a kind are kept; the location is empty.
    static func storage(_ kind: FileKind) -> StorageDescriptor {
        let format: StorageDescriptor.Format =
            switch kind {
            case .parquet: .parquet
            case .orc: .orc
            case .avro: .avro
            case .json: .json
            case .csv, .text: .text
            }
        var storage = StorageDescriptor(location: "", format: format, serde: StorageClasses(format).serde)
        if kind == .csv { storage.serde = "org.apache.hadoop.hive.serde2.OpenCSVSerde" }
        return storage
    }

    private static func files(_ path: String, resolve: (String) throws -> String) throws -> [Found] {
        try StorageLocations.checkNotEmpty(path)
        let place = StorageLocations.scheme(of: path) == nil ? LocalFiles.absolute(path) : try resolve(path)
        let roots = try LocalFiles.matching(place).filter { $0 == place || !DataFiles.isHidden(LocalFiles.lastPart(of: $0)) }
        guard !roots.isEmpty else { throw PlanError("Path does not exist: file:\(place)") }
        var found: [Found] = []
        for root in roots {
            for file in try DataFiles.list(in: root) {
                var part = Found(file: file, keys: [], values: [])
                // Behind the root; the last part is the file's name.
                let folders = file.path.dropFirst(root.count).split(separator: "/").dropLast()
                for folder in folders {
                    guard let (key, value) = PartitionName.parse(folder) else { continue }
                    part.keys.append(key)
                    part.values.append(value)
                }
                if let first = found.first, first.keys != part.keys {
                    throw PlanError(
                        "The folders of '\(path)' name different partition columns: \(describe(first)) and \(describe(part))")
                }
                found.append(part)
            }
        }
        return found
    }

    private static func describe(_ part: Found) -> String {
        part.keys.isEmpty ? "none for \(part.file.path)" : "\(part.keys.joined(separator: ", ")) for \(part.file.path)"
    }
}

/// The type of a partition column of which only the values' texts are known: the first of INT, BIGINT, DOUBLE and DATE that
/// all of them are, else STRING.
enum FolderValues {
    static func type(of values: some Sequence<String>) -> SQLType {
        var type: SQLType?
        for value in values where value != PartitionName.defaultValue {
            let own = narrowest(value)
            switch (type, own) {
            case (nil, _): type = own
            case (let known?, _) where known == own: break
            case (.int, .bigint), (.int, .double), (.bigint, .double): type = own
            case (.bigint, .int), (.double, .int), (.double, .bigint): break
            default: return .string
            }
            if type == .string { return .string }
        }
        return type ?? .string
    }

    private static func narrowest(_ value: String) -> SQLType {
        let digits = value.hasPrefix("-") ? value.dropFirst() : value[...]
        guard digits.utf8.first.map({ $0 &- 0x30 < 10 }) == true else { return .string }
        if Int32(value) != nil { return .int }
        if Int64(value) != nil { return .bigint }
        if digits.utf8.allSatisfy({ $0 &- 0x30 < 10 || "+-.eE".utf8.contains($0) }), digits.contains("."),
            Double(value)?.isFinite == true
        {
            return .double
        }
        return isDate(value) ? .date : .string
    }

    private static func isDate(_ value: String) -> Bool {
        guard value.utf8.count == 10 else { return false }
        let text = Array(value.utf8)
        guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-") else { return false }
        return text.withUnsafeBufferPointer { text in text.baseAddress.flatMap { TextParsing.date($0, text.count) } != nil }
    }
}
