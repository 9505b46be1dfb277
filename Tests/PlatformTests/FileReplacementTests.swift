import Foundation
import Platform
import Testing

@Suite struct FileReplacementTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/replacement-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func replacesWhole() throws {
        try withFolder { folder in
            let path = folder + "/m"
            try FileReplacement.write(Array("one".utf8), to: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            try FileReplacement.write(Array("second".utf8), to: path)
            #expect(try RegularFile.contents(of: path) == Array("second".utf8))
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["m"])
        }
    }

    @Test func linksStay() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/a", withIntermediateDirectories: true)
            try FileReplacement.write([1], to: folder + "/a/target")
            try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "a/target")
            try FileReplacement.write([2], to: folder + "/link")
            #expect(try RegularFile.contents(of: folder + "/a/target") == [2])
            #expect(try FileStatus.of(folder + "/link", followingLinks: false)?.kind == .link)
        }
    }

    /// A device, a pipe and a folder are never replaced, by nobody.
    @Test func onlyRegularFilesAreReplaced() throws {
        try withFolder { folder in
            let pipe = folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            for path in ["/dev/null", folder, pipe, folder + "/missing/m", folder + "/pipe/m"] {
                #expect(throws: FileError.self, "\(path)") { try FileReplacement.check(path) }
                #expect(throws: FileError.self, "\(path)") { try FileReplacement.write([1], to: path) }
            }
            let kinds = try ["/dev/null", pipe].map { try FileStatus.of($0)?.kind }
            #expect(kinds == [.device, .pipe])
        }
    }
}
