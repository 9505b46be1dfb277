import Platform
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite struct FolderTests {
    @Test func namesAreSortedByBytes() throws {
        let folder = try TemporaryFolder()
        for name in ["b", "a", "B", "ä", ".h", "_x", "000000_10", "000000_9"] { try folder.file(name) }
        #expect(try FolderListing.names(in: folder.path) == [".h", "000000_10", "000000_9", "B", "_x", "a", "b", "ä"])
    }

    @Test func anErrorIsNotTheEnd() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b", "c"] { try folder.file(name) }
        var count = 0
        let failing: FolderListing.Reader = { stream in
            count += 1
            guard count > 3 else { return readdir(stream) }
            errno = EIO
            return nil
        }
        #expect(
            failure { _ = try FolderListing.names(in: folder.path, reader: failing) }
                == "cannot list \(folder.path): \(String(cString: strerror(EIO)))")
        count = 0
        #expect(failure { _ = try FolderListing.entries(of: folder.path, links: .follow, reader: failing) } != nil)
        #expect(failure { _ = try FolderListing.names(in: folder.path + "/no") }?.hasPrefix("cannot list") == true)
    }

    @Test func linksOfAListing() throws {
        let folder = try TemporaryFolder()
        try folder.file("f", "four")
        folder.folder("d")
        folder.link("lf", to: "f")
        folder.link("ld", to: "d")
        let kinds = try FolderListing.entries(of: folder.path, links: .follow).map { ($0.name, $0.status.kind) }
        #expect(kinds.map(\.0) == ["d", "f", "ld", "lf"])
        #expect(kinds.map(\.1) == [.folder, .file, .folder, .file])
        #expect(try FolderListing.entries(of: folder.path, links: .keep).map(\.status.kind) == [.folder, .file, .link, .link])
        let dangling = folder.link("no", to: "nowhere")
        #expect(
            failure { _ = try FolderListing.entries(of: folder.path, links: .follow) }
                == "cannot follow the link \(dangling): No such file or directory")
        #expect(try FolderListing.entries(of: folder.path, links: .followOrKeep).last?.status.kind == .link)
        // What is not wanted is not looked at.
        #expect(try FolderListing.entries(of: folder.path, links: .follow, where: { $0 != "no" }).count == 4)
        let circle = folder.link("o", to: "o")
        #expect(
            failure { _ = try FolderListing.entries(of: folder.path, links: .follow, where: { $0 != "no" }) }
                == "cannot look at \(circle): \(String(cString: strerror(ELOOP)))")
    }

    @Test func vanishedFiles() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("a")
        let vanishing: FolderListing.Reader = { stream in
            let entry = readdir(stream)
            if entry == nil { unlink(file) }
            return entry
        }
        #expect(
            failure { _ = try FolderListing.entries(of: folder.path, links: .follow, reader: vanishing) }
                == "cannot look at \(file): it vanished while its folder was read")
        try folder.file("a")
        #expect(
            try FolderListing.entries(of: folder.path, links: .follow, toleratesVanishing: true, reader: vanishing).isEmpty)
    }

    @Test func everyFileOfATreeOnce() throws {
        let folder = try TemporaryFolder()
        try folder.file("t/1", "one")
        try folder.file("t/sub/2", "two")
        try folder.file("t/.hidden/3")
        try folder.file("out/4", "four")
        folder.link("t/self", to: ".")
        folder.link("t/up", to: "sub/back")
        folder.link("t/sub/back", to: "..")
        folder.link("t/out", to: "../out")
        folder.link("t/out2", to: "\(folder.path)/out")
        folder.link("t/file", to: "../out/4")
        let files = try FileTree.files(below: folder.path + "/t") { !$0.hasPrefix(".") }
        #expect(files.map { String($0.path.dropFirst(folder.path.count)) } == ["/t/1", "/t/file", "/t/out/4", "/t/sub/2"])
        #expect(files.map(\.byteCount) == [3, 4, 4, 3])
        #expect(try FileTree.files(below: folder.path + "/no") { _ in true }.isEmpty)
        #expect(try FileTree.files(below: folder.path + "/t/1") { _ in true }.map(\.byteCount) == [3])
        let pipe = folder.pipe("t/pipe")
        #expect(
            failure { _ = try FileTree.files(below: folder.path + "/t") { !$0.hasPrefix(".") } }
                == "cannot read \(pipe): it is a named pipe, not a regular file")
    }

    @Test func deepFolders() throws {
        let folder = try TemporaryFolder()
        var path = "t"
        folder.folder(path)
        for _ in 0..<200 {
            path += "/d"
            folder.folder(path)
        }
        try folder.file(path + "/f")
        #expect(try FileTree.files(below: folder.path + "/t") { _ in true }.count == 1)
    }

    @Test func removalFollowsNoLink() throws {
        let folder = try TemporaryFolder()
        try folder.file("out/kept")
        try folder.file("t/a/b/c")
        folder.link("t/a/ld", to: "../../out")
        folder.link("t/lf", to: "../out/kept")
        folder.link("t/no", to: "nowhere")
        folder.pipe("t/pipe")
        // A name that is not UTF-8.
        var odd = Array("\(folder.path)/t/x".utf8CString)
        odd[odd.count - 2] = -1
        close(open(odd, O_CREAT | O_WRONLY, 0o666))
        #expect(failure { _ = try FolderListing.names(in: folder.path + "/t") }?.contains("not in UTF-8") == true)
        try FileRemoval.remove(folder.path + "/t")
        #expect(try FolderListing.names(in: folder.path) == ["out"])
        let link = folder.link("l", to: "out")
        try FileRemoval.remove(link)
        #expect(try folder.text("out/kept") == "x")
        try FileRemoval.remove(folder.path + "/nothing")
        try FileRemoval.remove(folder.path + "/out/kept/below")
    }

    /// More files in one folder than one piece of the work has, more folders than threads, and a deep one.
    @Test func largeFoldersGoAsAWhole() throws {
        let folder = try TemporaryFolder()
        func make(_ name: String) { close(open("\(folder.path)/\(name)", O_CREAT | O_WRONLY, 0o666)) }
        folder.folder("t")
        folder.folder("t/wide")
        for number in 0..<700 {
            folder.folder("t/wide/\(number % 50)")
            folder.folder("t/wide/\(number % 50)/\(number % 7)")
            make("t/wide/\(number % 50)/\(number % 7)/\(number)")
            make("t/f\(number)")
        }
        var deep = "t"
        for level in 0..<100 {
            deep += "/\(level)"
            folder.folder(deep)
        }
        make("\(deep)/f")
        try FileRemoval.remove(folder.path + "/t")
        #expect(try FolderListing.names(in: folder.path) == [])
    }

    @Test func removalSparesFolders() throws {
        let folder = try TemporaryFolder()
        try folder.file("t/deep/kept/f")
        let kept = try #require(try FileStatus.of(folder.path + "/t/deep/kept")).node
        #expect(failure { try FileRemoval.remove(folder.path + "/t") { $0.node == kept } }?.contains("/t/deep/kept") == true)
        #expect(try folder.text("t/deep/kept/f") == "x")
    }

    @Test func removalBesideOthers() async throws {
        // Several remove one folder at once, as programs do that start after another was killed.
        for _ in 0..<5 {
            let folder = try TemporaryFolder()
            for number in 0..<20 { try folder.file("t/\(number % 5)/\(number)") }
            let path = folder.path + "/t"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try FileRemoval.remove(path) } }
                try await group.waitForAll()
            }
            #expect(try FileStatus.of(path) == nil)
        }
    }

    @Test func trails() throws {
        let folder = try TemporaryFolder()
        let root = try #require(realpath(folder.path, nil).map { String(cString: $0) })
        try folder.file("a/b/f")
        folder.link("l", to: "a")
        folder.link("m", to: "\(folder.path)/l/b")
        folder.link("o", to: "p")
        folder.link("p", to: "o")
        let trails = PathTrails()
        let straight = try trails.trail(of: root + "/a/b/f", followingLast: true)
        let bent = try trails.trail(of: root + "/m/f", followingLast: true)
        #expect(straight.steps == bent.steps && straight.links.isEmpty && straight.exists)
        #expect(bent.links.map { String($0.path.dropFirst(root.count)) } == ["/m", "/l"])
        #expect(straight.steps.last?.path == root + "/a/b/f")
        #expect(try trails.trail(of: root + "/m", followingLast: false).steps.last?.path == root + "/m")
        #expect(try trails.trail(of: root + "/m/x/y", followingLast: true).missing == ["x", "y"])
        #expect(failure { _ = try trails.trail(of: root + "/o/x", followingLast: true) }?.contains("link") == true)
    }
}
