import Catalog
import HiveSyntax
import Platform

extension StatementRunner {
    /// `DFS -ls /path` and the few like it that scripts use to look at, make, move and clear folders.
    func runFileSystemCommand(_ text: String) throws -> StatementResult {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }).map(String.init)
        guard let command = words.first else { throw HiveError(message: "Command dfs needs a command such as -ls", code: 1) }
        let flags = words.dropFirst().filter { $0.hasPrefix("-") }
        let paths = try words.dropFirst().filter { !$0.hasPrefix("-") }.map {
            LocalFiles.absolute(try locations.path(of: locations.stored(Self.unquoted($0))))
        }
        var lines: [String] = []
        switch command {
        case "-ls", "-lsr":
            for path in paths { try list(path, recursive: command == "-lsr" || flags.contains("-R"), into: &lines) }
        case "-cat", "-text": for path in paths { try show(path, into: &lines) }
        case "-mkdir": for path in paths { try LocalFiles.makeFolders(path) }
        case "-touchz": for path in paths { try makeEmptyFile(path) }
        case "-rm", "-rmr":
            let isRecursive = command == "-rmr" || flags.contains { $0.lowercased().contains("r") }
            for path in paths { try remove(path, isRecursive: isRecursive, toleratesMissing: flags.contains("-f"), into: &lines) }
        case "-mv", "-put", "-copyFromLocal", "-cp", "-get", "-copyToLocal":
            try transfer(String(command.dropFirst()), paths, replaces: flags.contains("-f"))
        default: throw HiveError.unsupported("dfs \(command)")
        }
        return StatementResult(output: .rows(QueryResult(lines: lines)), isTimed: false)
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == "'" || first == "\"", text.last == first else { return text }
        return String(text.dropFirst().dropLast())
    }

    private static func failure(_ command: String, _ path: String, _ reason: String) -> HiveError {
        HiveError(message: "\(command): `\(path)': \(reason)", code: 1)
    }

    /// A file without bytes that is there already stays as it is; nothing else is written over.
    private func makeEmptyFile(_ path: String) throws {
        guard let status = try FileStatus.of(path, followingLinks: false) else { return try FileReplacement.write([], to: path) }
        guard status.kind != .folder else { throw Self.failure("touchz", path, "Is a directory") }
        guard try FileStatus.of(path)?.byteCount == 0 else { throw Self.failure("touchz", path, "Not a zero-length file") }
    }

    // MARK: Looking

    private func list(_ path: String, recursive: Bool, into lines: inout [String]) throws {
        guard let status = try FileStatus.of(path) ?? FileStatus.of(path, followingLinks: false) else {
            throw Self.failure("ls", path, "No such file or directory")
        }
        guard status.kind == .folder else {
            lines.append(Self.listing(path, status))
            return
        }
        // A loop of links is listed once.
        var seen: Set<FileNode> = []
        try list(folder: path, status, recursive: recursive, &seen, into: &lines)
    }

    private func list(
        folder: String, _ status: FileStatus, recursive: Bool, _ seen: inout Set<FileNode>, into lines: inout [String]
    ) throws {
        guard seen.insert(status.node).inserted else { return }
        let entries = try FolderListing.entries(of: folder, links: .followOrKeep, toleratesVanishing: true)
        if !recursive, !entries.isEmpty { lines.append("Found \(entries.count) items") }
        for entry in entries {
            let path = FolderListing.path(folder, entry.name)
            lines.append(Self.listing(path, entry.status))
            if recursive, entry.status.kind == .folder {
                try list(folder: path, entry.status, recursive: true, &seen, into: &lines)
            }
        }
    }

    private static func listing(_ path: String, _ status: FileStatus) -> String {
        let isFolder = status.kind == .folder
        let size = isFolder ? "0" : "\(status.byteCount)"
        let padding = String(repeating: " ", count: max(11 - size.count, 1))
        return "\(isFolder ? "drwxr-xr-x   -" : "-rw-r--r--   1")\(padding)\(size) \(path)"
    }

    private func show(_ pattern: String, into lines: inout [String]) throws {
        let files = try LocalFiles.matching(pattern)
        guard !files.isEmpty else { throw Self.failure("cat", pattern, "No such file or directory") }
        for path in files {
            guard try FileStatus.of(path)?.kind != .folder else { throw Self.failure("cat", path, "Is a directory") }
            var pieces = try RegularFile.contents(of: path).split(separator: 10, omittingEmptySubsequences: false)
            if pieces.last?.isEmpty == true { pieces.removeLast() }
            lines += pieces.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    // MARK: Changing

    private func remove(_ path: String, isRecursive: Bool, toleratesMissing: Bool, into lines: inout [String]) throws {
        guard let status = try FileStatus.of(path, followingLinks: false) else {
            if toleratesMissing { return }
            throw Self.failure("rm", path, "No such file or directory")
        }
        guard status.kind != .folder || isRecursive else { throw Self.failure("rm", path, "Is a directory") }
        if let refused = try makeRemovalGuard().remove(path, owner: .namedRemoval) { throw refused.error("remove") }
        lines.append("Deleted \(path)")
    }

    /// Copies or moves the first paths to the last one, which for several must be a folder.
    /// - Parameter replaces: whether a file in the way is replaced.
    private func transfer(_ command: String, _ paths: [String], replaces: Bool) throws {
        guard paths.count >= 2, let last = paths.last else {
            throw HiveError(message: "dfs -\(command) takes a source and a target", code: 1)
        }
        let sources = try paths.dropLast().flatMap { pattern in
            let found = try LocalFiles.matching(pattern)
            guard !found.isEmpty else { throw Self.failure(command, pattern, "No such file or directory") }
            return found
        }
        let intoFolder = try FileStatus.of(last)?.kind == .folder
        guard sources.count == 1 || intoFolder else { throw Self.failure(command, last, "Is not a directory") }
        let removals = makeRemovalGuard()
        for source in sources {
            let target = intoFolder ? FolderListing.path(last, LocalFiles.lastPart(of: source)) : last
            guard let status = try FileStatus.of(source) else { throw FileError("follow the link", source, reason: "it leads nowhere") }
            if status.kind == .folder, try removals.isBelow(target, source) {
                throw Self.failure(command, target, "is a subdirectory of itself")
            }
            if let there = try FileStatus.of(target, followingLinks: false) {
                if try FileStatus.of(target)?.node == status.node { throw Self.failure(command, source, "are the same file") }
                guard replaces, there.kind != .folder, status.kind != .folder else {
                    throw Self.failure(command, target, "File exists")
                }
                if let refused = try removals.refusal(emptying: target, owner: .namedPath) { throw refused.error("overwrite") }
            }
            if command == "mv" {
                if let refused = try removals.refusal(removing: source, owner: .namedPath) { throw refused.error("move") }
                try move(source, to: target)
            } else {
                try copy(source, to: target)
            }
        }
    }

    private func move(_ source: String, to target: String) throws {
        do {
            try LocalFiles.move(source, to: target)
        } catch let error as FileError where error.isOtherFileSystem {
            try FileRelocation.move(source, to: target, fault: nil)
        }
        try FileSynchronization.synchronize(all: Set([LocalFiles.parent(of: source), LocalFiles.parent(of: target)]))
    }

    /// Copies a file, or a folder with all that is in it, links as what they lead to.
    private func copy(_ source: String, to target: String) throws {
        try running.cancellation.check()
        guard try FileStatus.of(source)?.kind == .folder else { return try FileReplacement.copy(source, to: target) }
        func place(_ path: String) -> String { target + path.dropFirst(source.count) }
        let files = try FileTree.files(below: source, where: { _ in true }) { try LocalFiles.makeFolders(place($0)) }
        for file in files {
            try running.cancellation.check()
            try FileReplacement.copy(file.path, to: place(file.path))
        }
        try FileSynchronization.synchronize(target)
    }
}
