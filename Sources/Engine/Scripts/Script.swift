import HiveSyntax
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A text of several statements, cut at its semicolons as Hive's command line cuts them.
public struct Script: Sendable {
    /// One statement, or one of the commands that only scripts have: `source FILE`, `!COMMAND`, `quit`, `exit`.
    public struct Statement: Sendable {
        /// Without its semicolon.
        public let text: String
        /// The line of its first word in the script, counted from 1.
        public let line: Int
        /// Its bytes in the script's text, white space and comments before it included.
        public let range: Range<Int>
        /// The file that the script came from; nil for a text.
        public let file: String?
    }

    public let statements: [Statement]
    let file: String?
    /// Which file it is, whatever its name; nil for a text and for standard input.
    let identity: FileIdentity?

    struct FileIdentity: Equatable, Sendable {
        let device: UInt64
        let inode: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    /// - Parameter file: stands in the statements, for messages.
    /// - Complexity: O(bytes).
    public init(_ text: String, file: String? = nil) { self.init(text, file: file, identity: nil) }

    private init(_ text: String, file: String?, identity: FileIdentity?) {
        self.file = file
        self.identity = identity
        let source = SourceText(text)
        var line = 1
        var offset = 0
        statements = StatementSplitter.split(source).filter { !$0.isEmpty }.map { piece in
            let first = piece.range.start + Self.lengthOfSpaceAndComments(source.bytes[piece.range.start..<piece.range.end])
            line += source.bytes[offset..<first].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
            offset = first
            return Statement(text: piece.text, line: line, range: piece.range.start..<piece.range.end, file: file)
        }
    }

    /// The statements of a file; a byte order mark is left out, `~/` is the user's home folder, `-` is standard input.
    /// - Throws: `HiveError` when it cannot be read.
    public init(contentsOf path: String) throws {
        do {
            var bytes = try path == "-"
                ? FileContents.bytes(of: STDIN_FILENO, path: "standard input") : FileContents.bytes(of: HomeFolder.expanding(path))
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
            self.init(
                String(decoding: bytes, as: UTF8.self), file: path == "-" ? "standard input" : path,
                identity: path == "-" ? nil : FileIdentity(HomeFolder.expanding(path)))
        } catch {
            throw HiveError(message: "Could not open input file for reading. (\(error))")
        }
    }

    private static func lengthOfSpaceAndComments(_ bytes: ArraySlice<UInt8>) -> Int {
        var rest = bytes
        while let first = rest.first {
            if first <= 32 {
                rest = rest.dropFirst()
            } else if rest.starts(with: "--".utf8) {
                rest = rest.drop { $0 != UInt8(ascii: "\n") }
            } else {
                break
            }
        }
        return rest.startIndex - bytes.startIndex
    }
}
