import Columnar

/// Why a text is no XML document.
struct XMLError: Error {
    let message: String
}

/// Reads an XML 1.0 text as a parser does that does not validate. Entities of the text's own are replaced; what stands in
/// other files is never read.
struct XMLParser {
    /// What Java's parser allows, so that a short text can't stand for an endless one.
    private static let mostExpansions = 64_000
    private static let mostExpandedBytes = 50_000_000
    /// After so many nodes memory and cancellation are asked for.
    private static let nodesBetweenChecks = 1 << 14

    /// A text that is read: the document, or what an entity stands for.
    private struct Input {
        let bytes: [UInt8]
        var at = 0
        let entity: [UInt8]?
        /// Elements that were open where it began: it has to end in the same one.
        let depth: Int
    }

    private enum Entity {
        case text([UInt8])
        case external
    }

    private let context: EvaluationContext
    private var input: Input
    private var outer: [Input] = []
    private var entities: [[UInt8]: Entity] = [:]
    private var expansions = 0
    private var expandedBytes = 0
    private var document = XMLDocument()
    private var open: [Int32] = [XMLDocument.root]
    private var hasRoot = false
    /// Text that was read since the last mark-up.
    private var pending: [UInt8] = []
    /// How much of `pending` was there when a CDATA section began or ended first.
    private var firstPart: Int?
    private var nextCheck = Self.nodesBetweenChecks

    private init(_ text: StringView, _ context: EvaluationContext) {
        self.context = context
        input = Input(bytes: Array(text.bytes), entity: nil, depth: 1)
    }

    /// - Throws: `XMLError`, or what `context` says of the memory and of a statement that is to end.
    static func parse(_ text: StringView, _ context: EvaluationContext) throws -> XMLDocument {
        var parser = XMLParser(text, context)
        try parser.prolog()
        try parser.content()
        parser.document.close(XMLDocument.root)
        return parser.document
    }

    // MARK: reading

    private var byte: UInt8? { input.at < input.bytes.count ? input.bytes[input.at] : nil }

    private func follows(_ text: StaticString) -> Bool {
        guard input.bytes.count - input.at >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { input.bytes[input.at..<input.at + $0.count].elementsEqual($0) }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard follows(text) else { return false }
        input.at += text.utf8CodeUnitCount
        return true
    }

    private mutating func expect(_ text: StaticString) throws {
        guard take(text) else { throw error("\"\(text)\" is expected") }
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = input.at
        while let byte, byte == 32 || byte == 9 || byte == 10 || byte == 13 { input.at += 1 }
        return input.at > start
    }

    private func error(_ message: String) -> XMLError {
        var line = 1, column = 1
        for byte in input.bytes[..<min(input.at, input.bytes.count)] {
            (line, column) = byte == 10 ? (line + 1, 1) : (line, column + 1)
        }
        let place = input.entity.map { " in entity \"\(String(decoding: $0, as: UTF8.self))\"" } ?? ""
        return XMLError(message: "\(message) (line \(line), column \(column)\(place))")
    }

    private mutating func name() throws -> [UInt8] {
        let start = input.at
        guard let first = byte, XMLName.starts(first) else { throw error("A name is expected") }
        while let byte, XMLName.holds(byte) { input.at += 1 }
        return Array(input.bytes[start..<input.at])
    }

    /// Everything up to `end`, which is passed over.
    private mutating func text(upTo end: StaticString, in what: String) throws -> [UInt8] {
        var text: [UInt8] = []
        while !follows(end) {
            guard byte != nil else { throw error("\(what) does not end") }
            text.append(try character())
        }
        input.at += end.utf8CodeUnitCount
        return text
    }

    /// Takes a byte of a character; ends of lines become newlines.
    private mutating func character() throws -> UInt8 {
        let byte = input.bytes[input.at]
        if byte < 32, byte != 9, byte != 10, byte != 13 {
            throw error("An invalid XML character (Unicode: 0x\(String(byte, radix: 16))) was found")
        }
        input.at += 1
        guard byte == 13, input.entity == nil else { return byte }
        if self.byte == 10 { input.at += 1 }
        return 10
    }

    // MARK: the parts of a document

    private mutating func prolog() throws {
        _ = take("\u{FEFF}")
        if follows("<?xml"), input.bytes.count > input.at + 5, !XMLName.holds(input.bytes[input.at + 5]) {
            _ = try text(upTo: "?>", in: "The XML declaration")
        }
    }

    private mutating func content() throws {
        while true {
            guard let byte else {
                guard try leaveEntity() else { break }
                continue
            }
            switch byte {
            case UInt8(ascii: "<"): try markup()
            case UInt8(ascii: "&"):
                guard open.count > 1 else { throw error("Text is not allowed outside of the root element") }
                try reference()
            default:
                if open.count == 1 {
                    guard skipSpace() else {
                        throw error(hasRoot ? "Content is not allowed in trailing section" : "Content is not allowed in prolog")
                    }
                } else {
                    guard !follows("]]>") else { throw error("\"]]>\" is not allowed in a text") }
                    let next = try character()
                    pending.append(next)
                }
            }
        }
        guard open.count == 1, hasRoot else {
            throw error(hasRoot ? "An element has no end tag" : "Premature end of file")
        }
    }

    private mutating func markup() throws {
        if take("<![CDATA[") {
            guard open.count > 1 else { throw error("A CDATA section is not allowed outside of the root element") }
            if !pending.isEmpty, firstPart == nil { firstPart = pending.count }
            pending += try text(upTo: "]]>", in: "A CDATA section")
            if firstPart == nil { firstPart = pending.count }
            return
        }
        endText()
        try check()
        if take("<!--") {
            let text = try self.text(upTo: "--", in: "A comment")
            guard take(">") else { throw error("\"--\" is not allowed in a comment") }
            add(.comment, value: text)
        } else if take("<?") {
            let target = try name()
            guard target.map({ $0 | 32 }) != Array("xml".utf8) else {
                throw error("An instruction named \"xml\" is not allowed here")
            }
            guard skipSpace() || follows("?>") else { throw error("A blank is expected behind the name of an instruction") }
            let text = try self.text(upTo: "?>", in: "An instruction")
            add(.processingInstruction, name: target, value: text)
        } else if take("<!DOCTYPE") {
            guard open.count == 1, !hasRoot else { throw error("DOCTYPE is not allowed here") }
            try documentType()
        } else if take("</") {
            try endTag()
        } else {
            input.at += 1
            try startTag()
        }
    }

    private var parent: Int32 { open[open.count - 1] }

    /// Adds a node to the element that is open, or to another one.
    @discardableResult
    private mutating func add(
        _ kind: XMLDocument.Kind, to element: Int32? = nil, name: [UInt8] = [], value: [UInt8] = [], firstPart: Int? = nil
    ) -> Int32 {
        let owner = element ?? parent
        let name = document.keep(name), value = document.keep(value)
        return document.append(kind, parent: owner, name: name, value: value, firstPart: firstPart)
    }

    private mutating func endText() {
        guard !pending.isEmpty else { return }
        add(.text, value: pending, firstPart: firstPart)
        pending.removeAll(keepingCapacity: true)
        firstPart = nil
    }

    private mutating func check() throws {
        guard document.nodes.count >= nextCheck else { return }
        nextCheck = document.nodes.count + Self.nodesBetweenChecks
        try context.checkCancellation()
        guard document.byteCount < context.availableBytes(), document.nodes.count < Int(Int32.max) / 2 else {
            throw FunctionError(.argument, "An XML text takes more memory than is left (hiveql.memory.limit)")
        }
    }

    private mutating func startTag() throws {
        let called = try name()
        guard open.count > 1 || !hasRoot else { throw error("A document has one root element") }
        hasRoot = true
        let element = add(.element, name: called)
        var attributes: [(name: [UInt8], value: [UInt8])] = []
        var isEmpty = false
        while true {
            let isApart = skipSpace()
            if take(">") { break }
            if take("/>") {
                isEmpty = true
                break
            }
            guard isApart else { throw error("Element type \"\(String(decoding: called, as: UTF8.self))\" must be followed by attributes, \">\" or \"/>\"") }
            let attribute = try name()
            skipSpace()
            try expect("=")
            skipSpace()
            attributes.append((attribute, try attributeValue()))
        }
        // By name, as Java keeps them.
        attributes.sort { $0.name.lexicographicallyPrecedes($1.name) }
        for (index, attribute) in attributes.enumerated() {
            if index > 0, attributes[index - 1].name == attribute.name {
                throw error("Attribute \"\(String(decoding: attribute.name, as: UTF8.self))\" was already specified")
            }
            // Declarations of namespaces are no attributes of a path.
            if attribute.name.elementsEqual("xmlns".utf8) || attribute.name.starts(with: "xmlns:".utf8) { continue }
            add(.attribute, to: element, name: attribute.name, value: attribute.value)
        }
        if isEmpty { document.close(element) } else { open.append(element) }
    }

    private mutating func endTag() throws {
        let called = try name()
        skipSpace()
        try expect(">")
        guard open.count > 1, open.count > input.depth || input.entity == nil, document.name(parent).elementsEqual(called) else {
            throw error("The end tag \"</\(String(decoding: called, as: UTF8.self))>\" does not end the element that is open")
        }
        document.close(open.removeLast())
    }

    private mutating func attributeValue() throws -> [UInt8] {
        guard let quote = byte, quote == 34 || quote == 39 else { throw error("The value of an attribute has to be quoted") }
        input.at += 1
        var value: [UInt8] = []
        while let byte, byte != quote {
            switch byte {
            case UInt8(ascii: "<"): throw error("\"<\" is not allowed in the value of an attribute")
            case UInt8(ascii: "&"):
                switch try readReference() {
                case .character(let bytes): value += bytes
                case .entity(let name): try expand(name, into: &value, within: [])
                }
            case 9, 10: value.append(32); input.at += 1
            default: value.append(try character())
            }
            if value.last == 10, input.bytes[input.at - 1] == 13 || input.bytes[input.at - 1] == 10 { value[value.count - 1] = 32 }
        }
        guard byte != nil else { throw error("The value of an attribute does not end") }
        input.at += 1
        return value
    }

    // MARK: entities

    private enum Reference {
        case character([UInt8])
        case entity([UInt8])
    }

    private mutating func readReference() throws -> Reference {
        input.at += 1
        if take("#") {
            let radix = take("x") ? 16 : 10
            let start = input.at
            while let byte, byte != UInt8(ascii: ";"), input.at - start < 16 { input.at += 1 }
            guard let scalar = UInt32(String(decoding: input.bytes[start..<input.at], as: UTF8.self), radix: radix),
                XMLName.isCharacter(scalar), take(";")
            else { throw error("A character reference is no character of XML") }
            return .character(Array(String(UnicodeScalar(scalar).map(Character.init) ?? "\u{FFFD}").utf8))
        }
        let name = try self.name()
        guard take(";") else { throw error("The reference to entity \"\(String(decoding: name, as: UTF8.self))\" must end with ';'") }
        switch String(decoding: name, as: UTF8.self) {
        case "lt": return .character([60])
        case "gt": return .character([62])
        case "amp": return .character([38])
        case "quot": return .character([34])
        case "apos": return .character([39])
        default: return .entity(name)
        }
    }

    private mutating func reference() throws {
        switch try readReference() {
        case .character(let bytes): pending += bytes
        case .entity(let name):
            let text = try replacement(of: name, isOpen: input.entity == name || outer.contains { $0.entity == name })
            outer.append(input)
            input = Input(bytes: text, entity: name, depth: open.count)
        }
    }

    /// Goes on behind the reference whose entity was read; false at the end of the document.
    private mutating func leaveEntity() throws -> Bool {
        guard let next = outer.popLast() else { return false }
        guard open.count == input.depth else { throw error("An entity has to end in the element that it began in") }
        input = next
        return true
    }

    /// What an entity stands for in the value of an attribute.
    private mutating func expand(_ name: [UInt8], into value: inout [UInt8], within open: [[UInt8]]) throws {
        let text = try replacement(of: name, isOpen: open.contains(name) || open.count > 64)
        let saved = input
        input = Input(bytes: text, entity: name, depth: self.open.count)
        defer { input = saved }
        while let byte {
            switch byte {
            case UInt8(ascii: "<"): throw error("\"<\" is not allowed in the value of an attribute")
            case UInt8(ascii: "&"):
                switch try readReference() {
                case .character(let bytes): value += bytes
                case .entity(let inner): try expand(inner, into: &value, within: open + [name])
                }
            case 9, 10, 13: value.append(32); input.at += 1
            default: value.append(try character())
            }
        }
    }

    private mutating func replacement(of name: [UInt8], isOpen: Bool) throws -> [UInt8] {
        let label = String(decoding: name, as: UTF8.self)
        guard let entity = entities[name] else { throw error("The entity \"\(label)\" was referenced, but not declared") }
        guard case .text(let text) = entity else { throw error("The entity \"\(label)\" stands in another file, which is not read") }
        guard !isOpen else { throw error("The entity \"\(label)\" refers to itself") }
        expansions += 1
        expandedBytes += text.count
        if expansions & 0xFF == 0 { try context.checkCancellation() }
        guard expansions <= Self.mostExpansions, expandedBytes <= Self.mostExpandedBytes else {
            throw error("The document has more than \(Self.mostExpansions) entity expansions, or they make more than \(Self.mostExpandedBytes) bytes")
        }
        return text
    }

    // MARK: the document's type

    /// Behind `<!DOCTYPE`: the internal subset's entities are kept, other declarations passed over.
    private mutating func documentType() throws {
        guard skipSpace() else { throw error("A blank is expected behind DOCTYPE") }
        _ = try name()
        skipSpace()
        if take("SYSTEM") {
            try literals(1)
        } else if take("PUBLIC") {
            try literals(2)
        }
        skipSpace()
        if take("[") {
            while true {
                skipSpace()
                if take("]") { break }
                guard byte != nil else { throw error("DOCTYPE does not end") }
                try declaration()
            }
            skipSpace()
        }
        try expect(">")
    }

    private mutating func literals(_ count: Int) throws {
        for _ in 0..<count {
            skipSpace()
            _ = try quoted()
        }
    }

    private mutating func quoted() throws -> [UInt8] {
        if take("\"") { return try text(upTo: "\"", in: "A literal") }
        if take("'") { return try text(upTo: "'", in: "A literal") }
        throw error("A quoted literal is expected")
    }

    private mutating func declaration() throws {
        if take("<!--") {
            _ = try text(upTo: "-->", in: "A comment")
        } else if take("<?") {
            _ = try text(upTo: "?>", in: "An instruction")
        } else if take("<!ENTITY") {
            try entityDeclaration()
        } else if follows("<!ELEMENT") || follows("<!ATTLIST") || follows("<!NOTATION") {
            while let byte, byte != UInt8(ascii: ">") {
                if byte == 34 || byte == 39 { _ = try quoted() } else { input.at += 1 }
            }
            try expect(">")
        } else {
            throw error(byte == UInt8(ascii: "%") ? "Parameter entities are not supported" : "A declaration is expected in DOCTYPE")
        }
    }

    private mutating func entityDeclaration() throws {
        skipSpace()
        guard !take("%") else { throw error("Parameter entities are not supported") }
        let name = try self.name()
        skipSpace()
        let entity: Entity
        if follows("SYSTEM") || follows("PUBLIC") {
            let count = take("SYSTEM") ? 1 : 2
            if count == 2 { input.at += 6 }
            try literals(count)
            skipSpace()
            if take("NDATA") {
                skipSpace()
                _ = try self.name()
            }
            entity = .external
        } else {
            entity = .text(try withoutCharacterReferences(try quoted()))
        }
        skipSpace()
        try expect(">")
        // The first declaration counts.
        if entities[name] == nil { entities[name] = entity }
    }

    /// Character references of an entity's text are replaced where it is declared.
    private mutating func withoutCharacterReferences(_ text: [UInt8]) throws -> [UInt8] {
        guard text.contains(UInt8(ascii: "&")) else { return text }
        let saved = input
        input = Input(bytes: text, entity: [], depth: open.count)
        defer { input = saved }
        var result: [UInt8] = []
        while byte != nil {
            if follows("&#") {
                if case .character(let bytes) = try readReference() { result += bytes }
            } else {
                result.append(input.bytes[input.at])
                input.at += 1
            }
        }
        return result
    }
}

/// Which characters XML has, and which make names. Bytes beyond ASCII are taken as letters.
enum XMLName {
    static func starts(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: ":"), 0x80...: true
        default: false
        }
    }

    static func holds(_ byte: UInt8) -> Bool {
        starts(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    static func isCharacter(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 9, 10, 13, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
