/// An XML text as nodes in document order. Names are taken as they are written, prefix and all: Java's parser, as Hive asks
/// it, knows no namespaces.
struct XMLDocument {
    enum Kind: UInt8 {
        case root, element, attribute, text, comment, processingInstruction
    }

    /// A piece of `bytes`.
    struct Piece {
        var start = 0
        var count = 0
    }

    struct Node {
        let kind: Kind
        let parent: Int32
        /// The node behind the last one inside this one. Its attributes are the first inside, then come its children.
        var end: Int32
        /// Of an element, an attribute and an instruction.
        let name: Piece
        /// The text of what is no element.
        let value: Piece
        /// The part of a text up to its first CDATA section, or the section that it begins with: Java has a node for each.
        var firstPart = 0
        var attributeCount: Int32 = 0
    }

    static let root: Int32 = 0

    private(set) var nodes: [Node] = []
    /// Names and texts.
    private(set) var bytes: [UInt8] = []

    init() { _ = append(.root, parent: -1) }

    // MARK: making one

    mutating func keep(_ text: some Sequence<UInt8>) -> Piece {
        let start = bytes.count
        bytes.append(contentsOf: text)
        return Piece(start: start, count: bytes.count - start)
    }

    /// Adds a node behind all others.
    @discardableResult
    mutating func append(
        _ kind: Kind, parent: Int32, name: Piece = Piece(), value: Piece = Piece(), firstPart: Int? = nil
    ) -> Int32 {
        let number = Int32(truncatingIfNeeded: nodes.count)
        nodes.append(
            Node(kind: kind, parent: parent, end: number + 1, name: name, value: value, firstPart: firstPart ?? value.count))
        if kind == .attribute { nodes[Int(parent)].attributeCount += 1 }
        return number
    }

    /// Says that all that is inside `node` was added.
    mutating func close(_ node: Int32) { nodes[Int(node)].end = Int32(truncatingIfNeeded: nodes.count) }

    /// Bytes held.
    var byteCount: Int { nodes.count * MemoryLayout<Node>.stride + bytes.count }

    // MARK: asking it

    subscript(_ node: Int32) -> Node { nodes[Int(node)] }

    func text(_ piece: Piece) -> ArraySlice<UInt8> { bytes[piece.start..<piece.start + piece.count] }

    /// What a node is called, with its prefix.
    func name(_ node: Int32) -> ArraySlice<UInt8> { text(self[node].name) }

    /// The name without its prefix.
    func localName(_ node: Int32) -> ArraySlice<UInt8> {
        let name = name(node)
        return name.firstIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
    }

    /// Appends the text of a node: of an element that of all texts inside.
    func appendValue(_ node: Int32, to buffer: inout [UInt8]) {
        let own = self[node]
        switch own.kind {
        case .root, .element:
            for inside in (node + 1)..<max(own.end, node + 1) where self[inside].kind == .text {
                buffer.append(contentsOf: text(self[inside].value))
            }
        case .attribute, .text, .comment, .processingInstruction:
            buffer.append(contentsOf: text(own.value))
        }
    }

    func value(_ node: Int32) -> [UInt8] {
        var buffer: [UInt8] = []
        appendValue(node, to: &buffer)
        return buffer
    }

    /// The first child; `next(_:)` leads on.
    func firstChild(_ node: Int32) -> Int32? {
        let own = self[node]
        guard own.kind == .root || own.kind == .element else { return nil }
        let first = node + 1 + own.attributeCount
        return first < own.end ? first : nil
    }

    /// The next node with the same parent; nil for attributes, which have no order among them.
    func nextSibling(_ node: Int32) -> Int32? {
        let own = self[node]
        guard own.kind != .attribute, own.parent >= 0, own.end < self[own.parent].end else { return nil }
        return own.end
    }

    func attributes(_ node: Int32) -> Range<Int32> { (node + 1)..<(node + 1 + self[node].attributeCount) }
}
