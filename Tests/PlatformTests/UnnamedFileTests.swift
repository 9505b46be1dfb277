#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Platform
import Testing

@Suite struct UnnamedFileTests {
    @Test func bytesComeBackAndNoFolderListsThem() throws {
        let folder = try TemporaryFolder()
        let file = try UnnamedFile(in: folder.path)
        try Array("behind".utf8).withUnsafeBytes { try file.write($0, at: 1_000_000) }
        try Array("before".utf8).withUnsafeBytes { try file.write($0, at: 3) }
        try [].withUnsafeBytes { try file.write($0, at: 0) }
        var bytes = [UInt8](repeating: 1, count: 6)
        try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 1_000_000) }
        #expect(bytes == Array("behind".utf8))
        try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 3) }
        #expect(bytes == Array("before".utf8))
        #expect(try FolderListing.names(in: folder.path) == [])
        let message = failure { try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 1_000_001) } }
        #expect(message == "cannot read \(folder.path): a temporary file ends too early")
    }

    @Test func foldersThatCannotHoldOneAreErrors() throws {
        let folder = try TemporaryFolder()
        let message = failure { _ = try UnnamedFile(in: "\(folder.path)/nope") }
        #expect(message == "cannot make a temporary file in \(folder.path)/nope: No such file or directory")
        let file = try folder.file("file")
        #expect(failure { _ = try UnnamedFile(in: file) }?.contains("Not a directory") == true)
    }
}
