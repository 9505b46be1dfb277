import Catalog
import HiveSyntax
import Planner
import Platform
import TableFormats

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension StatementRunner {
    /// `LOAD DATA [LOCAL] INPATH '…' [OVERWRITE] INTO TABLE t [PARTITION (…)]`: LOCAL copies files, without it they move.
    func runLoad(_ statement: LoadStatement) throws -> StatementResult {
        guard statement.inputFormat == nil, statement.serde == nil else {
            throw HiveError.unsupported("LOAD DATA … INPUTFORMAT")
        }
        let found = try tableAtPosition(statement.table)
        return try locked(exclusive(found)) {
            let table = try tableAtPosition(statement.table)
            guard !table.isView else {
                throw PlanError("A view cannot be used as target table for LOAD or INSERT", code: 10090, at: statement.table.range)
            }
            guard !table.isPartitioned || !statement.partition.isEmpty else {
                throw HiveError.semantic(
                    "Need to specify partition columns because the destination table is partitioned", code: 10062)
            }
            try checkLoad(into: table)
            let values = try fullPartitionSpec(statement.partition, of: table)
            let change = transaction("LOAD DATA INTO \(table.qualifiedName)", [table])
            var files = try sourceFiles(statement)
            if !statement.isLocal {
                // Of two statements that move one file the second must not find it.
                try lockFolders(files.map { LocalFiles.parent(of: $0.path) }, for: change)
                files = try sourceFiles(statement)
            }
            let existing = table.isPartitioned ? try metastore.partition(of: table, values: values) : nil
            if let existing { try checkIsNotArchived(existing, of: table) }
            let root = try folder(table.storage)
            let target =
                try existing.map { try folder($0.storage) }
                ?? (table.isPartitioned
                    ? "\(root)/\(PartitionName.make(columns: table.partitionColumns.map(\.name), values: values))" : root)
            for file in files {
                if let refused = try change.removals.refusal(loading: file.path, into: target, moves: !statement.isLocal) {
                    throw refused.error("load")
                }
            }
            try checkFormat(of: files, against: (existing?.storage ?? table.storage).format)
            let staged = try stage(files, isLocal: statement.isLocal, near: root, target: target, change)
            if table.isPartitioned { change.add(.makeFolder(target)) }
            if statement.isOverwrite {
                try change.replaceFiles(
                    of: target, with: staged.map { ($0.path, $0.name) }, owner: RemovalOwner(table, partition: values))
            } else {
                for file in staged { try change.addFile(file.path, named: file.name, to: target) }
            }
            if !statement.isLocal {
                // Copies of files from another file system replace the originals.
                for (file, copy) in zip(files, staged) where file.path != copy.path { change.add(.remove(file.path)) }
            }
            let part = WrittenPart(values: values, files: staged, rowCount: 0)
            try change.commit {
                if table.isPartitioned {
                    var partition = existing ?? self.partition(values: values, of: table)
                    setStatistics(&partition.properties, part, isFresh: existing == nil, isOverwrite: statement.isOverwrite)
                    forgetRowCounts(&partition.properties)
                    if statement.isOverwrite { partition.storeAs(table) }
                    if partition.storage.isBucketed { BucketTrust.lose(&partition.properties) }
                    if existing == nil {
                        try metastore.addPartitions([partition], to: table)
                    } else {
                        try metastore.updatePartition(of: table, values: values, to: partition)
                    }
                } else {
                    var changed = table
                    setStatistics(&changed.properties, part, isFresh: false, isOverwrite: statement.isOverwrite)
                    forgetRowCounts(&changed.properties)
                    if table.storage.isBucketed { BucketTrust.lose(&changed.properties) }
                    try update(changed, from: table)
                }
            }
            return none
        }
    }

    /// Refuses files that begin otherwise than those of a format whose marks Hive looks at, and such files as text.
    private func checkFormat(of files: [WrittenFile], against format: StorageDescriptor.Format) throws {
        guard settings[Settings.checksLoadedFiles], !files.isEmpty else { return }
        func areAll(_ open: (String) throws -> Void) -> Bool {
            // A file without a byte has no mark, whatever readers make of it.
            files.allSatisfy { file in file.byteCount > 0 && (try? open(file.path)) != nil }
        }
        let marked: [StorageDescriptor.Format: (String) throws -> Void] = [
            .orc: { _ = try ORCFile(path: $0) }, .rcfile: { _ = try RCFile(path: $0) },
            .sequence: { _ = try SequenceFile(path: $0) },
        ]
        let fits: Bool
        switch format {
        case .text, .json: fits = !marked.values.contains { areAll($0) }
        default: fits = marked[format].map { areAll($0) } ?? true
        }
        guard fits else {
            throw HiveError.semantic(
                "Unable to load data to destination table. Error: The file that you are trying to load does not match the file "
                    + "format of the destination table.")
        }
    }

    /// Nobody knows whether files that are loaded are buckets.
    private func checkLoad(into table: Table) throws {
        guard table.storage.isBucketed else { return }
        let isStrict =
            settings.given(Settings.strictness).map { $0.lowercased() == "strict" } ?? settings[Settings.checksBucketing]
        guard !isStrict else {
            throw HiveError.semantic(
                "Please load into an intermediate table and use 'insert... select' to allow Hive to enforce bucketing. Load "
                    + "into bucketed tables are disabled for safety reasons. If you know what you are doing, please set "
                    + "hive.strict.checks.bucketing to false and that hive.mapred.mode is not set to 'strict' to proceed. Note "
                    + "that if you may get errors or incorrect results if you make a mistake while using some of the unsafe "
                    + "features.")
        }
    }

    /// The files that a path (with `*` and `?`) names; those of a folder, but for hidden ones.
    private func sourceFiles(_ statement: LoadStatement) throws -> [WrittenFile] {
        let path: String
        if statement.isLocal {
            path = LocalFiles.absolute(try Self.localPath(statement.path))
        } else {
            path = try locations.path(of: locations.stored(statement.path))
        }
        let matches = try LocalFiles.matching(path).filter { !DataFiles.isHidden(LocalFiles.lastPart(of: $0)) }
        guard !matches.isEmpty else {
            throw PlanError(
                "Invalid path ''\(statement.path)'': No files matching path file:\(path)",
                at: pathRange(statement.path))
        }
        func invalid(_ reason: String) -> PlanError {
            PlanError("Invalid path ''\(statement.path)'': \(reason)", at: pathRange(statement.path))
        }
        var files: [WrittenFile] = []
        func add(_ path: String, _ name: String, _ status: FileStatus) throws {
            guard status.kind == .file else {
                throw invalid("file:\(path) is \(status.kind.name), not a regular file")
            }
            files.append(WrittenFile(path: path, name: name, byteCount: status.byteCount))
        }
        for match in matches {
            guard let status = try FileStatus.of(match) else { throw FileError("follow the link", match, code: ENOENT) }
            guard status.kind == .folder else {
                try add(match, LocalFiles.lastPart(of: match), status)
                continue
            }
            for entry in try FolderListing.entries(of: match, links: .follow, where: { !DataFiles.isHidden($0) }) {
                let path = FolderListing.path(match, entry.name)
                guard entry.status.kind != .folder else { throw invalid("source contains directory: file:\(path)") }
                try add(path, entry.name, entry.status)
            }
        }
        return files
    }

    /// `file:` is all that LOCAL knows.
    static func localPath(_ text: String) throws -> String {
        try StorageLocations.checkNotEmpty(text)
        guard let scheme = StorageLocations.scheme(of: text) else { return text }
        guard scheme == "file" else {
            throw HiveError.semantic("Source file system should be \"file\" if \"local\" is specified", code: 10028)
        }
        var path = text.dropFirst("file:".count)
        while path.hasPrefix("//") { path = path.dropFirst() }
        return String(path)
    }

    /// Where the path stands in the statement: the tree has only its text.
    func pathRange(_ path: String) -> SourceRange? {
        let bytes = source.bytes
        let wanted = Array(path.utf8)
        guard !wanted.isEmpty, bytes.count >= wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count) where bytes[start] == wanted[0] {
            if bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
                return SourceRange(start: max(start - 1, 0), end: start + wanted.count + 1)
            }
        }
        return nil
    }

    /// Files that a rename brings to their place: copies for LOCAL and from other file systems, else the files
    /// themselves.
    private func stage(
        _ files: [WrittenFile], isLocal: Bool, near root: String, target: String, _ change: WriteTransaction
    ) throws -> [WrittenFile] {
        var nearest = target
        while !LocalFiles.exists(nearest) { nearest = LocalFiles.parent(of: nearest) }
        let device = try FileStatus.of(nearest)?.node.device
        var staging: String?
        var staged: [WrittenFile] = []
        var names = Set<String>()
        for var file in files {
            // A link would lead elsewhere from its new place.
            if !isLocal, let status = try FileStatus.of(file.path, followingLinks: false), status.kind == .file,
                status.node.device == device
            {
                staged.append(file)
                continue
            }
            try running.cancellation.check()
            let folder: String
            if let staging {
                folder = staging
            } else {
                folder = try change.makeStagingFolder(in: nearest)
                staging = folder
            }
            let name = WriteTransaction.freeName(file.name, taken: names)
            names.insert(name)
            try LocalFiles.copy(file.path, to: "\(folder)/\(name)")
            file.path = "\(folder)/\(name)"
            staged.append(file)
        }
        return staged
    }
}
