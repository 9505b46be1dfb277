/// What may stand at the cursor in a statement that is being written, as far as the text alone tells.
package struct StatementContext: Sendable {
    package enum Subject: Sendable, Equatable {
        case databases, tables, models, functions
        /// Functions, with their arguments.
        case calls
        /// Columns of the tables that are seen, their names, and functions.
        case expressions
        /// Columns of the tables that are seen; where there is none, or the statement lists them behind its target, of that.
        case columns
        case partitionKeys
        case partitionValues(key: String)
        case fileFormats
        case settings
        case settingValues(name: String)
        case files
    }

    /// nil where no name may stand that exists already.
    package private(set) var subject: Subject?
    /// Words of the grammar that begin as the one at the cursor does, in lower case.
    package private(set) var words: [String] = []
    /// What is typed of the word at the cursor, without a quote.
    package private(set) var word = ""
    /// Where the word begins in the text before the cursor, its quote included: bytes.
    package private(set) var wordOffset: Int
    /// The quote that is open at the cursor.
    package private(set) var quote: Character?
    /// The names before the word that points join with it, in lower case.
    package private(set) var qualifiers: [String] = []
    /// Tables whose columns may stand here, the innermost query's first.
    package private(set) var tables: [TableUse] = []
    /// What the names of WITH stand for.
    package private(set) var named: [String: TableUse.Rows] = [:]
    /// Parts of the name of the table that the statement is about, if it is about one.
    package private(set) var target: [String]?
    /// The function in whose parentheses the cursor is.
    package private(set) var call: String?

    private let source: SourceText
    /// Where the statement begins in the text before the cursor.
    private let start: Int

    /// - Parameters:
    ///   - before: what was typed up to the cursor, of several statements too.
    ///   - after: what stands behind it.
    /// - Complexity: O(bytes), but for the words of the grammar: some hundred times the parser's way through a short statement, less of a
    ///   long one.
    package init(before: String, after: String = "") {
        let whole = SourceText(before)
        var last = SourceRange(start: whole.bytes.count, end: whole.bytes.count)
        if let piece = StatementSplitter.split(whole).last, !piece.isTerminated { last = piece.range }
        start = last.start
        source = SourceText(bytes: Array(whole.bytes[last.start...]))
        wordOffset = whole.bytes.count
        if readCommand() { return }
        read(after)
    }

    // MARK: Statements with a grammar

    private mutating func read(_ after: String) {
        var text = TextBeforeCursor(source)
        switch text.end {
        case .comment, .unknown: return
        case .string(let offset, let quote):
            begin(at: offset, quote)
            readString(text.tokens, after)
            return
        case .quotedName(let offset): begin(at: offset, "`")
        case .plain:
            if let token = text.tokens.last, token.range.end == source.bytes.count, !isPunctuation(token.kind) {
                // A number, or a text that has ended.
                guard token.kind == .word else { return }
                text.tokens.removeLast()
                begin(at: token.range.start, nil)
            }
        }
        readQualifiers(text.tokens)
        readTables(text.tokens, after)
        var probe = GrammarProbe(source, text.tokens)
        let role = probe.role()
        subject = subject(role, text.tokens)
        if quote == nil, qualifiers.isEmpty {
            let wanted = word.uppercased()
            let found = probe.keywords(Keyword.allCases.lazy.filter { $0.spelling.hasPrefix(wanted) })
            words = words(found, after: text.tokens.last).map { $0.spelling.lowercased() }
            if text.tokens.isEmpty { words += Self.firstWords.filter { $0.hasPrefix(word.lowercased()) } }
        }
    }

    /// What is an alias to the grammar as long as nothing follows it is the word that it looks like to whoever types it.
    private func words(_ found: [Keyword], after last: Token?) -> [Keyword] {
        switch last?.keyword {
        case .limit, .offset: []
        case .sort, .cluster, .distribute: found.contains(.by) ? [.by] : found
        default: found
        }
    }

    /// Words of commands that are read before the grammar is asked.
    private static let firstWords = ["add", "delete", "dfs", "exit", "list", "quit", "reset", "set", "source"]

    private func subject(_ role: NameRole?, _ tokens: [Token]) -> Subject? {
        if let key = partitionKey(tokens) { return .partitionValues(key: key) }
        switch role {
        case .database: return .databases
        case .table: return .tables
        case .model: return .models
        case .function: return .functions
        case .call: return .calls
        case .column: return .columns
        case .partitionKey: return .partitionKeys
        case .fileFormat: return .fileFormats
        case .expression: return .expressions
        case .other, nil: return nil
        }
    }

    /// The name before a comparison at the end, inside the parentheses of a PARTITION.
    private func partitionKey(_ tokens: [Token]) -> String? {
        guard let key = comparedName(tokens) else { return nil }
        var depth = 0
        for place in tokens.indices.reversed() {
            switch tokens[place].kind {
            case .rightParenthesis: depth += 1
            case .leftParenthesis where depth > 0: depth -= 1
            case .leftParenthesis: return place > 0 && tokens[place - 1].keyword == .partition ? key : nil
            default: break
            }
        }
        return nil
    }

    /// `name =` at the end.
    private func comparedName(_ tokens: [Token]) -> String? {
        guard tokens.count >= 2, tokens[tokens.count - 1].kind == .equal else { return nil }
        let name = tokens[tokens.count - 2]
        return name.kind == .word || name.kind == .quotedWord ? source.identifier(name).name : nil
    }

    /// What a text at the cursor may be: a file, or a value of a partition column.
    private mutating func readString(_ tokens: [Token], _ after: String) {
        readTables(tokens, after)
        if let key = comparedName(tokens) {
            subject = .partitionValues(key: key)
            return
        }
        guard let last = tokens.last else { return }
        switch last.keyword {
        case .location, .inpath, .directory, .managedlocation: subject = .files
        case .to where tokens[0].keyword == .export, .from where tokens[0].keyword == .import: subject = .files
        case .jar, .file, .archive: subject = .files
        default: break
        }
    }

    private mutating func readQualifiers(_ tokens: [Token]) {
        var place = tokens.count
        while place >= 2, tokens[place - 1].kind == .dot, tokens[place - 2].kind == .word || tokens[place - 2].kind == .quotedWord {
            qualifiers.insert(source.identifier(tokens[place - 2]).name, at: 0)
            place -= 2
        }
    }

    private mutating func readTables(_ tokens: [Token], _ after: String) {
        // The word at the cursor is as if it was not there, and so is the rest of one that the cursor is in.
        var rest = Array(after.utf8)[...]
        if let quote {
            if let close = rest.firstIndex(of: quote.asciiValue ?? 0) { rest = rest[(close + 1)...] }
        } else {
            rest = rest.drop(while: isWordByte)
        }
        var bytes = Array(source.bytes[..<(tokens.last?.range.end ?? 0)])
        bytes.append(0x20)
        let offset = bytes.count
        bytes += rest
        let text = SourceText(bytes: bytes)
        var behind: [Token] = []
        for token in TextBeforeCursor(SourceText(bytes: Array(rest))).tokens {
            if token.kind == .semicolon { break }
            var token = token
            token.range = SourceRange(start: token.range.start + offset, end: token.range.end + offset)
            behind.append(token)
        }
        let found = StatementTables(text, tokens + behind, cursor: tokens.count)
        (self.tables, named, target, call) = (found.visible, found.named, found.target, found.call)
    }

    private mutating func begin(at offset: Int, _ quote: Character?) {
        self.quote = quote
        wordOffset = start + offset
        word = source.text(SourceRange(start: offset + (quote == nil ? 0 : 1), end: source.bytes.count))
    }

    private func isPunctuation(_ kind: TokenKind) -> Bool {
        switch kind {
        case .word, .quotedWord, .stringLiteral, .integerLiteral, .integerWithSuffix, .decimalLiteral, .doubleLiteral, .decimalWithSuffix,
            .doubleWithSuffix, .byteLength, .hexadecimal, .characterSet, .hint:
            false
        default: true
        }
    }

    // MARK: Commands without a grammar

    /// SET, SOURCE and others, which take the rest of their line as it is.
    /// - Returns: whether the statement is one of them.
    private mutating func readCommand() -> Bool {
        let bytes = source.bytes
        guard let first = bytes.firstIndex(where: { !isSpace($0) }) else { return false }
        if bytes[first] == 0x21 {
            beginLastWord(from: first + 1)
            subject = .files
            return true
        }
        let end = bytes[first...].firstIndex { !isLetter($0) } ?? bytes.count
        // The word itself may still be typed.
        guard end < bytes.count, isSpace(bytes[end]) else { return false }
        switch String(decoding: bytes[first..<end], as: UTF8.self).lowercased() {
        case "source":
            beginRest(from: end)
            subject = .files
        case "dfs":
            beginLastWord(from: end)
            subject = word.hasPrefix("-") ? nil : .files
        case "reset":
            beginLastWord(from: end)
            subject = .settings
        case "set": readSetting(from: end)
        case "add", "list", "delete": return readResource(from: end)
        default: return false
        }
        return true
    }

    private mutating func readSetting(from offset: Int) {
        let bytes = source.bytes
        if let equals = bytes[offset...].firstIndex(of: 0x3D) {
            subject = .settingValues(name: Self.settingName(source.text(SourceRange(start: offset, end: equals))))
            return beginRest(from: equals + 1)
        }
        beginRest(from: offset)
        if word.hasPrefix("hiveconf:") {
            wordOffset += "hiveconf:".utf8.count
            word.removeFirst("hiveconf:".count)
        }
        subject = .settings
    }

    private static func settingName(_ text: String) -> String {
        let name = text.drop(while: \.isWhitespace)
        let whole = String(name[..<(name.lastIndex { !$0.isWhitespace }.map { name.index(after: $0) } ?? name.startIndex)])
        return whole.hasPrefix("hiveconf:") ? String(whole.dropFirst("hiveconf:".count)) : whole
    }

    private mutating func readResource(from offset: Int) -> Bool {
        let bytes = source.bytes
        let kindStart = bytes[offset...].firstIndex { !isSpace($0) } ?? bytes.count
        let kindEnd = bytes[kindStart...].firstIndex { !isLetter($0) } ?? bytes.count
        let kind = String(decoding: bytes[kindStart..<kindEnd], as: UTF8.self).lowercased()
        if kindEnd == bytes.count {
            beginRest(from: offset)
            words = ["archive", "file", "jar"].filter { $0.hasPrefix(kind) }
            // DELETE FROM is a statement.
            if bytes.first.map(upper) == UInt8(ascii: "D"), "from".hasPrefix(kind) { words.append("from") }
            return true
        }
        guard ["jar", "jars", "file", "files", "archive", "archives"].contains(kind) else { return false }
        beginLastWord(from: kindEnd)
        subject = .files
        return true
    }

    /// The word is what follows the space at a place.
    private mutating func beginRest(from offset: Int) {
        let bytes = source.bytes
        begin(at: bytes[offset...].firstIndex { !isSpace($0) } ?? bytes.count, nil)
    }

    /// The word is what follows the last space; nothing is one up to a place.
    private mutating func beginLastWord(from offset: Int) {
        let bytes = source.bytes
        begin(at: bytes[offset...].lastIndex(where: isSpace).map { $0 + 1 } ?? offset, nil)
    }
}
