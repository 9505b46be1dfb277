import Foundation
import TableFormats
import Testing

@Suite struct OutputFileTests {
    private func temporaryFolder() throws -> String {
        let folder = NSTemporaryDirectory() + "hiveql-output-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private func openFiles(under folder: String) throws -> Int {
        let descriptors = "/proc/self/fd"
        guard FileManager.default.fileExists(atPath: descriptors) else { return 0 }
        return try FileManager.default.contentsOfDirectory(atPath: descriptors).filter { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\(name)")
            return target?.hasPrefix(folder) ?? false
        }.count
    }

    private func append(_ text: String, to file: OutputFile) throws {
        var text = text
        try text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return }
            try file.append(start, bytes.count)
        }
    }

    /// Far more files than may be open, written in turns: all of them are whole, and few are open at any time.
    @Test func moreFilesThanMayBeOpen() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = OutputFileSet(maximumOpen: 4, maximumBufferBytes: 4 << 10)
        let all = (0..<50).map { files.add(path: "\(folder)/k=\($0)/000000_0") }
        for round in 0..<40 {
            for (number, file) in all.enumerated() { try append("round \(round) of file \(number)\n", to: file) }
            try files.settle()
            #expect(try openFiles(under: folder) <= 4)
            #expect(files.bufferBytes <= 4 << 10)
        }
        for (number, file) in all.enumerated() {
            try file.close()
            let wanted = (0..<40).map { "round \($0) of file \(number)\n" }.joined()
            #expect(try String(contentsOfFile: file.path, encoding: .utf8) == wanted)
            #expect(file.byteCount == wanted.utf8.count)
        }
        #expect(try openFiles(under: folder) == 0)
        #expect(files.bufferBytes == 0)
    }

    /// A file that nobody closed yet goes on from a buffer of any size; larger pieces pass it by.
    @Test func piecesOfAllSizesStayInOrder() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = OutputFileSet(maximumOpen: 2, maximumBufferBytes: 1 << 20)
        let file = files.add(path: "\(folder)/f")
        var wanted = ""
        for (index, size) in [1, 100, 5000, 300_000, 7, OutputFile.largestBuffer, 1, 0, OutputFile.largestBuffer + 1].enumerated() {
            let piece = String(repeating: "\(index)", count: size)
            try append(piece, to: file)
            wanted += piece
        }
        try file.close()
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == wanted)
    }

    @Test func aFileThatIsThereIsNotWrittenOver() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "theirs".write(toFile: "\(folder)/f", atomically: false, encoding: .utf8)
        let files = OutputFileSet(maximumOpen: 2, maximumBufferBytes: 1 << 20)
        let file = files.add(path: "\(folder)/f")
        try append("ours", to: file)
        #expect(throws: TableFormatError.self) { try file.close() }
        #expect(try String(contentsOfFile: "\(folder)/f", encoding: .utf8) == "theirs")
    }

    @Test func whatCannotBeCreatedIsAnError() throws {
        let files = OutputFileSet(maximumOpen: 2, maximumBufferBytes: 1 << 20)
        #expect(throws: TableFormatError.self) { try files.add(path: "/dev/null/file").close() }
    }
}
