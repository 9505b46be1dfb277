#if os(Linux)
/// A moment at which the power goes, and what of the operations before it has got to the disk.
///
/// What a file system may do is taken strictly, as POSIX has it and not as one of today's behaves:
/// - Changes of a file's contents that were not synchronized since are lost, all or any of them, or torn.
/// - A name (made, given, taken away) is sure once its folder was synchronized; the synchronized file itself does not
///   bring it. A rename is whole: both names are changed, or none.
/// - What was not synchronized may have got to the disk all the same. The names of one folder get there in order; with
///   `.journal` all names of a device do, with `.folders` each folder's for themselves.
struct SimulatedCrash {
    enum Mode: CaseIterable {
        /// All that may be lost is.
        case nothing
        /// All that was done is there, as when only the process dies.
        case everything
        /// Names are there, unsynchronized contents are not: empty files.
        case names
        /// Contents are there, unsynchronized names are not.
        case contents
        /// Names up to a moment are there, some contents.
        case journal
        /// Names up to another moment in each folder are there, some contents.
        case folders

        var isRandom: Bool { self == .journal || self == .folders }
    }

    /// The operations that were begun.
    var point: Int
    var mode: Mode
    var keeps: [Bool]
    /// Bytes that were written of a write.
    var torn: [Int: Int] = [:]
    /// The process had said that it was done.
    var isAfterSuccess: Bool

    /// What tells it from another crash.
    struct Effect: Hashable {
        var kept: [Int]
        var torn: [Int: Int]
        var isAfterSuccess: Bool
    }

    init(_ operations: [FileOperation], at point: Int, _ mode: Mode, using random: inout RandomSource) {
        self.point = point
        self.mode = mode
        isAfterSuccess = operations[..<point].contains(.reportSuccess)
        keeps = Self.durable(operations, at: point)
        keepNames(operations, using: &random)
        keepContents(operations, using: &random)
    }

    func effect(_ operations: [FileOperation]) -> Effect {
        let kept = keeps.indices.filter { keeps[$0] && (operations[$0].file != nil || !operations[$0].folders.isEmpty) }
        return Effect(kept: kept, torn: torn, isAfterSuccess: isAfterSuccess)
    }

    /// Operations that cannot be lost: synchronized after they were done.
    static func durable(_ operations: [FileOperation], at point: Int) -> [Bool] {
        var durable = [Bool](repeating: false, count: point)
        var inodes = Set<SimulatedDisk.Inode>()
        var devices = Set<UInt64>()
        for position in (0..<point).reversed() {
            switch operations[position] {
            case .synchronize(let inode): inodes.insert(inode)
            case .synchronizeDevice(let device): devices.insert(device)
            case let operation:
                let changed = operation.folders + (operation.file.map { [$0] } ?? [])
                durable[position] = changed.contains { inodes.contains($0) || devices.contains($0.device) }
            }
        }
        return durable
    }

    private mutating func keepNames(_ operations: [FileOperation], using random: inout RandomSource) {
        var cuts: [SimulatedDisk.Inode: Int] = [:]
        /// The moment up to which a folder's names have got to the disk of themselves.
        func cut(_ folder: SimulatedDisk.Inode) -> Int {
            let key = mode == .journal ? SimulatedDisk.Inode(device: folder.device, number: 0) : folder
            if let known = cuts[key] { return known }
            let cut = Int.random(in: 0...point, using: &random)
            cuts[key] = cut
            return cut
        }
        // What comes before a kept change of a folder is kept as well.
        var needed = Set<SimulatedDisk.Inode>()
        var neededDevices = Set<UInt64>()
        for position in (0..<point).reversed() {
            let folders = operations[position].folders
            guard !folders.isEmpty else { continue }
            let isKept =
                switch mode {
                case .nothing, .contents: false
                case .everything, .names: true
                case .journal, .folders: folders.contains { position < cut($0) }
                }
            guard
                keeps[position] || isKept || folders.contains(where: needed.contains)
                    || (mode == .journal && folders.contains { neededDevices.contains($0.device) })
            else { continue }
            keeps[position] = true
            needed.formUnion(folders)
            neededDevices.formUnion(folders.map(\.device))
        }
    }

    private mutating func keepContents(_ operations: [FileOperation], using random: inout RandomSource) {
        enum Share { case none, all, first(Int), some }
        var shares: [SimulatedDisk.Inode: Share] = [:]
        for position in 0..<point where !keeps[position] {
            guard let file = operations[position].file else { continue }
            switch mode {
            case .nothing, .names: break
            case .everything, .contents: keeps[position] = true
            case .journal, .folders:
                let share =
                    shares[file]
                    ?? [.none, .all, .first(Int.random(in: 0...point, using: &random)), .some][
                        Int.random(in: 0..<4, using: &random)]
                shares[file] = share
                keeps[position] =
                    switch share {
                    case .none: false
                    case .all: true
                    case .first(let cut): position < cut
                    case .some: Bool.random(using: &random)
                    }
                // Disks write sectors whole.
                if keeps[position], case .write(_, _, let bytes, _) = operations[position], bytes.count > 512,
                    Int.random(in: 0..<8, using: &random) == 0
                {
                    torn[position] = Int.random(in: 0...(bytes.count / 512), using: &random) * 512
                }
            }
        }
    }

    /// Crashes at all moments, each effect once, in random order; the one that loses all it may right after the success
    /// is the first.
    /// - Parameter first: the first moment.
    static func sample(
        of operations: [FileOperation], from first: Int = 0, using random: inout RandomSource
    ) -> [SimulatedCrash] {
        var seen = Set<Effect>()
        var crashes: [SimulatedCrash] = []
        for point in first...operations.count {
            for mode in Mode.allCases {
                for _ in 0..<(mode.isRandom ? 3 : 1) {
                    let crash = SimulatedCrash(operations, at: point, mode, using: &random)
                    if seen.insert(crash.effect(operations)).inserted { crashes.append(crash) }
                }
            }
        }
        crashes.shuffle(using: &random)
        if let worst = crashes.firstIndex(where: { $0.isAfterSuccess && $0.mode == .nothing }) { crashes.swapAt(0, worst) }
        return crashes
    }
}
#endif
