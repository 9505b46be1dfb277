#if os(Linux)
import Testing

/// The rules of the simulated disk: without them the crash tests would prove nothing.
@Suite struct SimulatedDiskTests {
    private static func inode(_ number: UInt64, device: UInt64 = 1) -> SimulatedDisk.Inode {
        SimulatedDisk.Inode(device: device, number: number)
    }

    private static let root = inode(1)
    private static let folder = inode(2)
    private static let old = inode(3)
    private static let new = inode(4)
    private static let initial = SimulatedDisk(nodes: [
        root: .folder(["folder": folder], modified: 0), folder: .folder(["t": old], modified: 0), old: .file([1], modified: 0),
    ])

    private static func place(_ name: String, in folder: SimulatedDisk.Inode = folder) -> FileOperation.Place {
        FileOperation.Place(folder: folder, name: name)
    }

    private static let write: [FileOperation] = [
        .make(new, .file, place("draft")), .write(new, offset: 0, [2, 2], modified: 5), .write(new, offset: 2, [3], modified: 6),
    ]
    private static let replacement: [FileOperation] = [.rename(new, from: place("draft"), to: place("t"))]

    /// What can be seen of the folder after a crash at the end, in all ways.
    private func outcomes(_ operations: [FileOperation]) -> Set<[String: [UInt8]?]> {
        var outcomes = Set<[String: [UInt8]?]>()
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            for mode in SimulatedCrash.Mode.allCases {
                let crash = SimulatedCrash(operations, at: operations.count, mode, using: &random)
                let disk = Self.initial.after(operations, keeps: crash.keeps, torn: crash.torn)
                outcomes.insert(disk.listing(of: Self.folder))
            }
        }
        return outcomes
    }

    @Test func aRenameOverAFileThatWasNotSynchronizedMayLeaveItEmptyOrPartial() {
        let outcomes = outcomes(Self.write + Self.replacement + [.synchronize(Self.folder)])
        #expect(outcomes == [["t": []], ["t": [2, 2]], ["t": [0, 0, 3]], ["t": [2, 2, 3]]])
    }

    @Test func synchronizedContentsAndNamesAreThere() {
        let operations = Self.write + [.synchronize(Self.new)] + Self.replacement
        #expect(outcomes(operations + [.synchronize(Self.folder)]) == [["t": [2, 2, 3]]])
        #expect(outcomes(operations + [.synchronizeDevice(1)]) == [["t": [2, 2, 3]]])
        #expect(outcomes(operations) == [["t": [1]], ["t": [1], "draft": [2, 2, 3]], ["t": [2, 2, 3]]])
        // Neither the file, nor another folder, nor another device brings the name.
        #expect(outcomes(operations + [.synchronize(Self.new), .synchronize(Self.root), .synchronizeDevice(2)]).contains(["t": [1]]))
    }

    @Test func theNamesOfAFolderGetToTheDiskInOrder() {
        let other = Self.inode(5)
        let operations: [FileOperation] = [
            .make(Self.new, .file, Self.place("a")), .make(other, .file, Self.place("b")), .remove(Self.place("t")),
        ]
        #expect(outcomes(operations) == [["t": [1]], ["t": [1], "a": []], ["t": [1], "a": [], "b": []], ["a": [], "b": []]])
    }

    @Test func aRenameBetweenFoldersIsWhole() {
        let operations: [FileOperation] = [.rename(Self.old, from: Self.place("t"), to: Self.place("u", in: Self.root))]
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let crash = SimulatedCrash(operations, at: 1, .folders, using: &random)
            let disk = Self.initial.after(operations, keeps: crash.keeps)
            #expect((disk.entries(of: Self.folder)["t"] == nil) == (disk.entries(of: Self.root)["u"] == Self.old))
        }
        for synchronized in [Self.folder, Self.root] {
            #expect(SimulatedCrash.durable(operations + [.synchronize(synchronized)], at: 2)[0])
        }
    }

    @Test func aNewFoldersNamesAreItsOwn() {
        let made = Self.inode(6)
        let operations: [FileOperation] = [
            .make(made, .folder, Self.place("x")), .make(Self.new, .file, Self.place("f", in: made)),
        ]
        // The name of the new folder, which is the folder above's, is lost with it; or what is in it is.
        #expect(outcomes(operations + [.synchronize(made)]) == [["t": [1]], ["t": [1], "x/": nil, "x/f": []]])
        #expect(
            outcomes(operations + [.synchronize(Self.folder)]) == [["t": [1], "x/": nil], ["t": [1], "x/": nil, "x/f": []]])
    }

    @Test func onlyWhatCameBeforeASynchronizationIsSure() {
        let operations: [FileOperation] = [
            .write(Self.old, offset: 0, [7], modified: 1), .synchronize(Self.old), .truncate(Self.old, to: 0, modified: 2),
        ]
        #expect(outcomes(operations) == [["t": [7]], ["t": []]])
    }
}
#endif
