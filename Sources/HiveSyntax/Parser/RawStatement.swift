/// Statements that Hive's shell reads as raw text before its parser sees them: SET, RESET, ADD, LIST, DELETE of
/// resources, and DFS.
enum RawStatement {
    /// Nil when the text is no such statement.
    static func parse(_ source: SourceText) -> Statement? {
        let bytes = source.bytes
        let start = skipSpace(bytes, from: 0)
        var end = bytes.count
        while end > start, isSpace(bytes[end - 1]) || bytes[end - 1] == 0x3B { end -= 1 }
        guard start < end else { return nil }
        var scan = start
        guard let first = word(bytes, &scan, end) else { return nil }
        guard let kind = statement(first, source, scan, end) else { return nil }
        return Statement(kind, range: SourceRange(start: start, end: end))
    }

    private static func statement(
        _ first: String, _ source: SourceText, _ scan: Int, _ end: Int
    ) -> Statement.Kind? {
        let rest = trimmed(source.text(SourceRange(start: scan, end: end)))
        switch first {
        case "set": return set(rest)
        case "reset":
            var names = words(rest)
            let toDefault = names.first?.lowercased() == "-d"
            if toDefault { names.removeFirst() }
            return .reset(names: names, toDefault: toDefault)
        case "dfs": return .fileSystemCommand(rest)
        case "add", "list", "delete":
            var paths = words(rest)
            guard let kind = paths.first.flatMap(resourceKind) else { return nil }
            paths.removeFirst()
            switch first {
            case "add": return .addResources(kind, paths: paths)
            case "list": return .listResources(kind, paths: paths)
            // `DELETE FROM t` is the other DELETE.
            default: return .deleteResources(kind, paths: paths)
            }
        default: return nil
        }
    }

    private static func set(_ rest: String) -> Statement.Kind? {
        if rest.isEmpty { return .setShowChanged }
        let lower = rest.lowercased()
        if lower == "-v" { return .setShowAll }
        if let equals = rest.firstIndex(of: "=") {
            let name = trimmed(String(rest[..<equals]))
            return .set(name: name, value: trimmed(String(rest[rest.index(after: equals)...])))
        }
        let first = words(lower)
        if first.first == "role" || first.first == "autocommit" { return nil }
        return .setShow(name: rest)
    }

    private static func resourceKind(_ word: String) -> ResourceKind? {
        switch word.lowercased() {
        case "jar", "jars": .jar
        case "file", "files": .file
        case "archive", "archives": .archive
        default: nil
        }
    }

    private static func word(_ bytes: [UInt8], _ scan: inout Int, _ end: Int) -> String? {
        let start = scan
        while scan < end, isLetter(bytes[scan]) { scan += 1 }
        guard scan > start, scan == end || isSpace(bytes[scan]) else { return nil }
        return String(decoding: bytes[start..<scan], as: UTF8.self).lowercased()
    }

    private static func skipSpace(_ bytes: [UInt8], from start: Int) -> Int {
        var offset = start
        while offset < bytes.count {
            if isSpace(bytes[offset]) {
                offset += 1
            } else if bytes[offset] == 0x2D, offset + 1 < bytes.count, bytes[offset + 1] == 0x2D {
                offset = TextScan.endOfLine(bytes, at: offset)
            } else if bytes[offset] == 0x2F, offset + 1 < bytes.count, bytes[offset + 1] == 0x2A,
                let close = TextScan.endOfComment(bytes, at: offset)
            {
                offset = close
            } else {
                break
            }
        }
        return offset
    }

    private static func trimmed(_ text: String) -> String {
        var view = text[...]
        while let first = view.unicodeScalars.first, first.value <= 0x20 { view.unicodeScalars.removeFirst() }
        while let last = view.unicodeScalars.last, last.value <= 0x20 { view.unicodeScalars.removeLast() }
        return String(view)
    }

    private static func words(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }
}
