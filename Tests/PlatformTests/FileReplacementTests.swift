import Platform
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite struct FileReplacementTests {
    @Test func replacesRegularFiles() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("f", "old")
        chmod(path, 0o640)
        let replacement = try FileReplacement(of: path)
        try replacement.write(Array("new".utf8))
        #expect(try folder.text("f") == "old")
        try replacement.commit()
        #expect(try folder.text("f") == "new")
        var status = stat()
        stat(path, &status)
        #expect(status.st_mode & 0o777 == 0o640)
        #expect(try FolderListing.names(in: folder.path) == ["f"])
    }

    @Test func writesOverWhatItWrote() throws {
        let folder = try TemporaryFolder()
        let replacement = try FileReplacement(of: folder.path + "/f")
        try replacement.write(Array("0123456".utf8))
        try replacement.overwrite(Array("ab".utf8), at: 2)
        try replacement.overwrite([], at: 0)
        try replacement.write(Array("7".utf8))
        try replacement.commit()
        #expect(try folder.text("f") == "01ab4567")
    }

    /// Also for whoever writes by the temporary name, as anybody but root is held to permissions.
    @Test func replacesFilesThatNobodyMayWriteTo() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("f", "old")
        chmod(path, 0o440)
        let replacement = try FileReplacement(of: path)
        let descriptor = open(replacement.temporaryPath, O_WRONLY | O_APPEND)
        #expect(descriptor >= 0)
        close(descriptor)
        try replacement.write(Array("new".utf8))
        try replacement.commit()
        var status = stat()
        stat(path, &status)
        #expect(try status.st_mode & 0o777 == 0o440 && folder.text("f") == "new")
    }

    @Test func leavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        try folder.file("f", "old")
        do {
            let replacement = try FileReplacement(of: folder.path + "/f")
            try replacement.write([1, 2, 3])
        }
        #expect(try FolderListing.names(in: folder.path) == ["f"])
        #expect(try folder.text("f") == "old")
    }

    @Test func writesBehindLinks() throws {
        let folder = try TemporaryFolder()
        try folder.file("d/f", "old")
        folder.link("l", to: "d/f")
        folder.link("m", to: "l")
        folder.link("new", to: "d/made")
        try FileReplacement.write(Array("new".utf8), to: folder.path + "/m")
        #expect(try folder.text("d/f") == "new")
        try FileReplacement.write(Array("made".utf8), to: folder.path + "/new")
        #expect(try folder.text("d/made") == "made")
        #expect(try FolderListing.entries(of: folder.path, links: .keep).map(\.status.kind) == [.folder, .link, .link, .link])
        folder.link("no", to: "none/f")
        #expect(failure { try FileReplacement.write([], to: folder.path + "/no") }?.contains("cannot follow the link") == true)
    }

    @Test func refusesWhatIsNoFile() throws {
        let folder = try TemporaryFolder()
        for (path, kind) in [
            (folder.pipe("p"), "a named pipe"), (folder.folder("d"), "a folder"), ("/dev/null", "a device"),
            (folder.link("ln", to: "/dev/null"), "a device"), (folder.link("ld", to: "d"), "a folder"),
        ] {
            #expect(failure { try FileReplacement.write([1], to: path) } == "cannot write \(path): it is \(kind), not a regular file")
            #expect(failure { try FileReplacement.check(path) } == "cannot write \(path): it is \(kind), not a regular file")
        }
        #expect(try FileStatus.of("/dev/null")?.kind == .device)
        #expect(failure { try FileReplacement.check(folder.path + "/none/f") }?.contains("No such file") == true)
    }

    @Test func readsRegularFilesOnly() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.pipe("p")
        #expect(failure { _ = try RegularFile.contents(of: pipe) } == "cannot read \(pipe): it is a named pipe, not a regular file")
        #expect(failure { _ = try RegularFile.contents(of: folder.path) }?.contains("a folder") == true)
        #expect(failure { try FileReplacement.copy(pipe, to: folder.path + "/c") }?.contains("a named pipe") == true)
        #expect(try FolderListing.names(in: folder.path) == ["p"])
    }
}
