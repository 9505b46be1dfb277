import Foundation

/// A file of SQL blocks with the answers real Hive gave, in the sqllogictest form:
///
///     statement ok            a statement that must succeed; its rows do not matter
///     statement error TEXT    a statement that must be refused, with TEXT in what the error says; recorded refusals
///                             hold Hive's whole line, `FAILED: SemanticException [Error 10001]: …`
///     query IRT rowsort       a query; a letter a column: I integer, R floating point, T anything else
///     skip-oracle             a line before a block whose answer follows from Hive's manual, not from a recording
///     # Not as ORC: …         a comment before a block whose answer is another one when tables are stored so
///
/// Blocks are separated by blank lines; `#` opens a comment line before a block. The rows of a query follow a line
/// `----`, one row a line, columns separated by tabs, `NULL`, and `(empty)` for an empty cell.
package struct GoldenFile: Sendable {
    package enum Expectation: Sendable, Equatable {
        case success
        /// `message` stands somewhere in the error's text; `${DATA}` and `${SCRATCH}` are replaced in it.
        case refusal(message: String)
        /// `columnTypes` may be shorter than a row: columns without a letter are compared as text.
        case rows(columnTypes: [GoldenColumnType], ordered: Bool, rows: [String])
    }

    package struct Block: Sendable {
        /// The statement, still with `${DATA}` and `${SCRATCH}`, without the closing semicolon.
        package let sql: String
        package let expectation: Expectation
        /// Line of the block's first word in the file, from 1.
        package let line: Int
        /// The answer was not recorded from Hive but follows from its manual.
        package let skipsOracle: Bool
        /// Formats of tables, in capitals, with which the answer is another one.
        package let exceptFormats: Set<String>
    }

    /// Path as given; stands in reports.
    package let path: String
    package let blocks: [Block]

    /// - Throws: what reading the file throws, or `GoldenFormatError` for a block this form does not know.
    package init(path: String) throws {
        try self.init(path: path, text: String(contentsOfFile: path, encoding: .utf8))
    }

    package init(path: String, text: String) throws {
        self.path = path
        var blocks: [Block] = []
        var skipNext = false
        for chunk in Self.chunks(of: text) {
            if let block = try Self.block(from: chunk, path: path, skip: &skipNext) {
                blocks.append(block)
            }
        }
        self.blocks = blocks
    }

    /// Every file under `folder` that ends in `.slt`, in the order of their paths.
    package static func all(under folder: String) throws -> [GoldenFile] {
        guard let walker = FileManager.default.enumerator(atPath: folder) else { return [] }
        var paths: [String] = []
        while let entry = walker.nextObject() as? String {
            if entry.hasSuffix(".slt") { paths.append(entry) }
        }
        return try paths.sorted().map { try GoldenFile(path: folder + "/" + $0) }
    }

    // MARK: - Parsing

    private struct Chunk {
        var firstLine: Int
        var lines: [String]
    }

    private static func chunks(of text: String) -> [Chunk] {
        var chunks: [Chunk] = []
        var current = Chunk(firstLine: 1, lines: [])
        for (index, slice) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if slice.allSatisfy({ $0 == " " || $0 == "\t" }) {
                if !current.lines.isEmpty { chunks.append(current) }
                current = Chunk(firstLine: index + 2, lines: [])
            } else {
                current.lines.append(String(slice))
            }
        }
        if !current.lines.isEmpty { chunks.append(current) }
        return chunks
    }

    /// `skip` carries a `skip-oracle` that stands alone over to the next block.
    private static func block(from chunk: Chunk, path: String, skip: inout Bool) throws -> Block? {
        var lines = chunk.lines[...]
        var exceptFormats: Set<String> = []
        while let first = lines.first, first.hasPrefix("#") {
            if first.hasPrefix(exceptionMark) {
                let names = first.dropFirst(exceptionMark.count).prefix { $0 != ":" }
                exceptFormats.formUnion(names.split(whereSeparator: { !$0.isLetter }).map(String.init))
            }
            lines.removeFirst()
        }
        if let first = lines.first, trimmed(first) == "skip-oracle" {
            skip = true
            lines.removeFirst()
        }
        guard let head = lines.popFirst() else { return nil }
        let line = lines.startIndex + chunk.firstLine - 1
        let words = head.split(whereSeparator: { $0 == " " || $0 == "\t" })
        var body = lines
        var rows: [String] = []
        if let cut = lines.firstIndex(of: "----") {
            body = lines[..<cut]
            rows = Array(lines[(cut + 1)...])
        }
        let expectation: Expectation
        switch words.first {
        case "statement" where words.count > 1 && words[1] == "ok":
            expectation = .success
        case "statement" where words.count > 1 && words[1] == "error":
            let message = words.dropFirst(2).first.map { trimmed(String(head[$0.startIndex...])) }
            guard let message else { throw GoldenFormatError(path: path, line: line, text: head) }
            expectation = .refusal(message: message)
        case "query":
            let letters = words.count > 1 ? words[1] : ""
            let types = try letters.map { letter in
                guard let type = GoldenColumnType(rawValue: letter) else {
                    throw GoldenFormatError(path: path, line: line, text: head)
                }
                return type
            }
            expectation = .rows(columnTypes: types, ordered: !words.contains("rowsort"), rows: rows)
        default:
            throw GoldenFormatError(path: path, line: line, text: head)
        }
        defer { skip = false }
        var sql = trimmed(body.joined(separator: "\n"))
        while sql.hasSuffix(";") { sql.removeLast() }
        return Block(
            sql: sql, expectation: expectation, line: line, skipsOracle: skip, exceptFormats: exceptFormats)
    }

    private static let exceptionMark = "# Not as "

    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

package enum GoldenColumnType: Character, Sendable {
    case integer = "I"
    case floating = "R"
    case text = "T"
}

package struct GoldenFormatError: Error, CustomStringConvertible {
    package let path: String
    package let line: Int
    package let text: String

    package var description: String { "\(path):\(line): not a golden block: \(text)" }
}
