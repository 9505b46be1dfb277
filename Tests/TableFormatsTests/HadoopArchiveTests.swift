import Foundation
import TableFormats
import Testing

/// Archives of files, as Hadoop and Hive make them.
@Suite struct HadoopArchiveTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "hiveql-archive-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func write(_ text: String, to name: String) throws {
        let path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func text(_ file: ScanFile) throws -> String {
        let copy = "\(folder)/copy-\(UUID().uuidString)"
        try file.write(to: copy) {}
        defer { try? FileManager.default.removeItem(atPath: copy) }
        return try String(contentsOfFile: copy, encoding: .utf8)
    }

    /// An archive that Hive's tool made: names with blanks and letters beyond ASCII, a folder, a hidden file, two parts.
    private func makeArchive(index: String? = nil, master: String = "3 \n0 2147483647 0 999 \n") throws {
        let properties = "1795968090025+448+root+root"
        try write("1,one\n2,two\nhidden3,three", to: "p/data.har/part-0")
        try write("4,four", to: "p/data.har/part-1")
        try write(master, to: "p/data.har/_masterindex")
        try write(
            index ?? """
                %2F dir \(properties) 0 0 a+b _hidden in 
                %2Fa+b file part-0 0 12 \(properties) 
                %2F_hidden file part-0 12 6 \(properties) 
                %2Fin%2Fc%C3%A4 file part-0 18 7 \(properties) 
                %2Fin dir \(properties) 0 0 c%C3%A4 d 
                %2Fin%2Fd file part-1 0 6 \(properties) 
                %2Fin%2Fempty file part-1 6 0 \(properties) 

                """, to: "p/data.har/_index")
    }

    @Test func filesOfAnArchive() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeArchive()
        try write("5,five", to: "p/000000_0")
        let files = try DataFiles.list(in: "\(folder)/p")
        #expect(files.map { String($0.path.dropFirst(folder.count)) } == [
            "/p/000000_0", "/p/data.har/a b", "/p/data.har/in/cä", "/p/data.har/in/d", "/p/data.har/in/empty",
        ])
        #expect(try files.map(text) == ["5,five", "1,one\n2,two\n", "3,three", "4,four", ""])
        #expect(files.map(\.byteCount) == [6, 12, 7, 6, 0])
        #expect(files.map { $0.name(below: "\(folder)/p") } == ["000000_0", "a b", "in/cä", "in/d", "in/empty"])
        #expect(files[1].uri == "har://file-localhost\(folder)/p/data.har/a b")
        // Parts of an archive as locations.
        #expect(try DataFiles.list(in: "\(folder)/p/data.har").count == 4)
        #expect(try DataFiles.list(in: "\(folder)/p/data.har/in").map(text) == ["3,three", "4,four", ""])
        #expect(try DataFiles.list(in: "\(folder)/p/data.har/in/d").map(text) == ["4,four"])
        #expect(try DataFiles.list(in: "\(folder)/p/data.har/other").isEmpty)
        #expect(try HadoopArchive.holding("\(folder)/p/data.har/other") == "\(folder)/p/data.har")
        #expect(try HadoopArchive.holding("\(folder)/p") == nil)
    }

    /// A folder that is only called like an archive holds ordinary files.
    @Test func folderWithTheName() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write("1", to: "p/x.har/part-0")
        #expect(try DataFiles.list(in: "\(folder)/p").map(text) == ["1"])
    }

    @Test(arguments: [
        "%2Fa file part-0 0 26 x \n", "%2Fa file part-0 9223372036854775807 2 x \n", "%2Fa file part-0 -1 2 x \n",
        "%2F..%2Fa file part-0 0 2 x \n", "a file part-0 0 2 x \n", "%2Fa%2 file part-0 0 2 x \n", "%2Fa file ../part-0 0 2 x \n",
        "%2Fa file part-7 0 2 x \n", "%2Fa link part-0 0 2 x \n", "%2Fa file\n", "%2Fa%00b file part-0 0 2 x \n",
        "%2Fa file part-0 0 2 x \n%2Fa file part-0 2 2 x \n", "%2F file part-0 0 2 x \n", "%FF%2F file part-0 0 2 x \n",
    ])
    func damagedIndex(index: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeArchive(index: index)
        #expect(throws: TableFormatError.self) { try DataFiles.list(in: "\(folder)/p") }
    }

    @Test(arguments: ["", "4 \n", "x", "0 \n"])
    func unknownVersion(master: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeArchive(master: master)
        #expect(throws: TableFormatError.self) { try DataFiles.list(in: "\(folder)/p") }
    }

    /// What is written is read again, also archives of what stands in archives.
    @Test func writtenArchives() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeArchive()
        for number in 0..<2500 { try write("row \(number)\n", to: "p/many/\(number % 7)/file \(number)") }
        let files = try DataFiles.list(in: "\(folder)/p").map { (name: $0.name(below: "\(folder)/p"), file: $0) }
        try HadoopArchiveWriter.write(files, to: "\(folder)/new.har") {}
        let archive = try HadoopArchive("\(folder)/new.har")
        #expect(archive.members.map(\.name) == files.map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        let texts = Dictionary(uniqueKeysWithValues: try files.map { ($0.name, try text($0.file)) })
        for member in archive.members { #expect(try text(member.file) == texts[member.name]) }
        // Hashes as Java has them, in their order, a thousand lines to each line of the master index.
        let index = try String(contentsOfFile: "\(folder)/new.har/_index", encoding: .utf8)
        let master = try String(contentsOfFile: "\(folder)/new.har/_masterindex", encoding: .utf8).split(separator: "\n")
        #expect(master.first == "3 ")
        #expect(master.count == 4)
        #expect(master.last?.split(separator: " ").last == "\(index.utf8.count)")
        let root = try #require(index.split(separator: "\n").first)
        #expect(root.hasPrefix("%2F dir ") && root.hasSuffix(" 0 0 a+b in many "))
    }
}
