import Catalog
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Carries out the file steps of committed changes; each can be done twice.
struct FileChangeRunner {
    private let change: FileChange
    private let metastore: Metastore
    private let removals: RemovalGuard
    private let fault: FaultPoint?
    /// What is neither where it came from nor where it goes: an error, or (on the user's word) given up.
    private let givesUpMissing: Bool
    /// Whether another process committed the change, or this one failed to finish it. What is found done then need not
    /// be durable, nor need the commit: it can be read before it is.
    private let isTakenOver: Bool
    private let home: WarehouseHome
    private let scope: Scope

    /// Folders whose lists of names are not durable yet.
    private var touched = Set<String>()
    /// Whether something was moved since the folders were made durable.
    private var hasMoved = false
    private var missing: [String] = []

    init(
        _ change: FileChange, metastore: Metastore, fault: FaultPoint?, givesUpMissing: Bool = false, isTakenOver: Bool
    ) {
        self.change = change
        home = WarehouseHome(metastore, recorded: change.home)
        scope = Scope(change)
        self.metastore = metastore
        removals = .ofWarehouse(metastore)
        self.fault = fault
        self.givesUpMissing = givesUpMissing
        self.isTakenOver = isTakenOver
    }

    /// - Returns: the paths of what was given up.
    /// - Throws: `FileError` of the step that cannot be done; the change stays recorded.
    mutating func finish() throws -> [String] {
        // Files must not move for a commit that may yet be lost.
        if isTakenOver { try metastore.synchronize() }
        try makeTargetFolders()
        for step in change.steps {
            try fault?.pass(.fileStep, step.path)
            switch step.action {
            case .makeFolder(let path): try makeFolders(path)
            case .move(let source, let target): try move(step, source, to: target)
            case .remove(let path): try remove(step, path)
            }
            try fault?.pass(.fileStepDone, step.path)
        }
        try synchronize()
        try fault?.pass(.filesInPlace)
        if change.id != 0 { try metastore.removeFileChange(change.id) }
        // Nothing is left that could fail.
        try? fault?.pass(.finished)
        return missing
    }

    /// The paths that a change takes away itself.
    private struct Scope {
        private let own: [String]
        private let removed: [String]

        init(_ change: FileChange) {
            var own: [String] = []
            var removed: [String] = []
            for step in change.steps {
                guard case .remove(let path) = step.action else { continue }
                removed.append(path + "/")
                if step.identity == nil { own.append(path + "/") }
            }
            self.own = own
            self.removed = removed
        }

        /// Whether the path is in a folder of the change's own, where nobody else puts files.
        func owns(_ path: String) -> Bool { own.contains { path.hasPrefix($0) } }

        /// Whether the path goes with a folder that the change removes.
        func removesAround(_ path: String) -> Bool { removed.contains { path.hasPrefix($0) } }
    }

    private mutating func makeFolders(_ path: String) throws {
        // A folder that was there before the crash may not be durable yet either.
        var above = path
        repeat {
            above = LocalFiles.parent(of: above)
            touched.insert(above)
        } while !LocalFiles.exists(above)
        try LocalFiles.makeFolders(path)
    }

    /// Makes the folders that files go into, durably and all at once: a file that has lost its old name must not be lost
    /// with the folder of its new one.
    private mutating func makeTargetFolders() throws {
        var arriving = Set<String>()
        for step in change.steps { if case .move(_, let target) = step.action { arriving.insert(target) } }
        var seen = Set<String>()
        for step in change.steps {
            guard case .move(let source, let target) = step.action else { continue }
            let folder = LocalFiles.parent(of: target)
            guard seen.insert(folder).inserted, !LocalFiles.exists(folder), try FileIdentity.at(source) != nil else { continue }
            var above = folder
            while !arriving.contains(above), above != "/", !LocalFiles.exists(above) { above = LocalFiles.parent(of: above) }
            // Where a step before puts a folder, or takes away what is in the way, there the move itself makes the rest.
            if !arriving.contains(above) { try? makeFolders(folder) }
        }
        if !touched.isEmpty { try synchronize() }
    }

    // MARK: Moves

    private mutating func move(_ step: FileChange.Step, _ source: String, to target: String) throws {
        let folder = LocalFiles.parent(of: target)
        // Even when the file was moved before a crash its folder may not be durable yet.
        touched.insert(folder)
        hasMoved = true
        let here = try FileIdentity.at(source)
        if let here, step.identity.map({ home.isMeant(here, $0, at: source) }) ?? true || scope.owns(source) {
            try makeFolders(folder)
            let there = try FileIdentity.at(target)
            let isReplaced = there.flatMap { there in step.replaced.map { home.isMeant(there, $0, at: target) } } ?? false
            if let there, try isCopied(source, here, target, there, isReplaced: isReplaced) {
                try synchronize()
                guard !isKept(source, target) else { return }
                touched.insert(LocalFiles.parent(of: source))
                return try FileRelocation.removeSource(source)
            }
            if let there, here.kind == .folder, there.kind == .folder, scope.owns(source), !there.isSameFile(as: here) {
                return try moveEntries(of: source, into: target)
            }
            var free = target
            if let there, step.identity != nil, here.kind != .folder, !there.isSameFile(as: here), !isReplaced {
                // Somebody put another file there since the change was planned: that one stays.
                free = try freePath(beside: target)
            }
            if isTakenOver { try FileRelocation.removeUnfinishedCopy(at: free) }
            do {
                try rename(source, to: free, keepsSource: isKept(source, target))
            } catch let error as FileError where error.code == ENOENT && isTakenOver {
                // Who opened another copy of the warehouse at the same moment works on what is outside, too.
                guard try FileIdentity.at(source) == nil, try isInPlace(step, target) else { throw error }
            }
        } else if try isInPlace(step, target) {
            touched.insert(LocalFiles.parent(of: source))
            try FileRelocation.removeRest(of: source)
        } else {
            guard givesUpMissing, LocalFiles.isFolder(LocalFiles.parent(of: source)) || scope.owns(source) else {
                throw FileError("find \(source) to move it to", target, code: ENOENT)
            }
            missing.append(source)
        }
    }

    /// Whether what should be moved stays as well: what a copy of a warehouse takes from outside is its original's.
    private func isKept(_ source: String, _ target: String) -> Bool {
        home.place == .elsewhere && !home.holds(source) && home.holds(target)
    }

    /// Whether the target is a copy of the source that somebody made: this change before a crash, for another file system or
    /// another layer of this one; or who has a copy of the warehouse, with a copy of the source.
    private func isCopied(
        _ source: String, _ here: FileIdentity, _ target: String, _ there: FileIdentity, isReplaced: Bool
    ) throws -> Bool {
        guard !there.isSameFile(as: here), there.device != here.device || (isTakenOver && !isReplaced),
            there.hasSameContents(as: here) || (isTakenOver && scope.owns(source))
        else { return false }
        return try FileRelocation.isCopy(target, of: source)
    }

    private mutating func rename(_ source: String, to target: String, keepsSource: Bool = false) throws {
        do {
            try fault?.pass(.rename, target)
            if !keepsSource { return try LocalFiles.move(source, to: target) }
        } catch let error as FileError where error.code == EXDEV {}
        try FileRelocation.move(source, to: target, keepsSource: keepsSource, fault: fault) { try synchronize() }
        touched.insert(LocalFiles.parent(of: source))
    }

    /// Moves what a staged folder holds into a folder that somebody made since the change was planned; names that are
    /// taken there stay with what has them.
    private mutating func moveEntries(of source: String, into target: String) throws {
        for name in try LocalFiles.names(in: source) {
            let path = "\(target)/\(name)"
            let free = try FileIdentity.at(path) == nil ? path : try freePath(beside: path)
            try rename("\(source)/\(name)", to: free)
        }
        try FileSynchronization.synchronize(target)
    }

    private func freePath(beside target: String) throws -> String {
        let folder = LocalFiles.parent(of: target)
        let taken = Set(try LocalFiles.names(in: folder))
        return "\(folder)/\(WriteTransaction.freeName(LocalFiles.lastPart(of: target), taken: taken))"
    }

    /// Whether what a step moves has been moved already, now that it is not at its old place.
    private func isInPlace(_ step: FileChange.Step, _ target: String) throws -> Bool {
        // An older program did not record what it moved.
        guard let wanted = step.identity else { return true }
        if let there = try FileIdentity.at(target),
            home.isMeant(there, wanted, at: target) || there.hasSameContents(as: wanted)
        {
            return true
        }
        // It may have got a free name beside another file's.
        let folder = LocalFiles.parent(of: target)
        guard LocalFiles.isFolder(folder) else { return false }
        return try LocalFiles.names(in: folder).contains {
            try FileIdentity.at("\(folder)/\($0)")?.isSameFile(as: wanted) ?? false
        }
    }

    // MARK: Removals

    /// What belongs to others by now, though it did not when the change was planned, stays.
    private mutating func remove(_ step: FileChange.Step, _ path: String) throws {
        let folder = LocalFiles.parent(of: path)
        touched.insert(folder)
        if hasMoved {
            // What is removed may be all that there is until what was moved is durable.
            try synchronize()
            touched.insert(folder)
        }
        guard let here = try FileIdentity.at(path) else {
            // A folder above that is gone may be a file system that is not there, and comes back with what should go.
            guard LocalFiles.isFolder(folder) || scope.removesAround(path) || step.identity == nil || givesUpMissing
            else { throw FileError("find the folder of", path, code: ENOENT) }
            return
        }
        if let wanted = step.identity, !home.isMeant(here, wanted, at: path) {
            // A folder that was brought back has had other times since what was in it went; an empty one is no loss.
            guard home.place == .restored, here.kind == .folder, try LocalFiles.names(in: path).isEmpty else { return }
        }
        // Only folders can hold what is somebody else's. The change's own staging folders do not.
        let isStaging = step.identity == nil && LocalFiles.lastPart(of: path).hasPrefix(WriteTransaction.stagingPrefix)
        guard here.kind == .folder, !isStaging else { return try LocalFiles.remove(path) }
        let refusal = try removals.remove(path, owner: RemovalOwner(committed: change.tables))
        // What hides the folder for now is no owner: the removal waits.
        if let refusal, case .mountPoint = refusal.place { throw FileError("remove", path, code: EBUSY) }
    }

    private mutating func synchronize() throws {
        try FileSynchronization.synchronize(all: touched, wholly: isTakenOver)
        touched = []
        hasMoved = false
    }
}

extension FileChange.Step {
    /// What the step acts on, as errors name it.
    var path: String {
        switch action {
        case .makeFolder(let path), .remove(let path): path
        case .move(_, let target): target
        }
    }
}
