import Columnar

/// Reads one column of a stripe, from its first row on, batch by batch. Nested columns are readers below their parent's.
class ORCColumnReader {
    let node: ORCSchemaNode
    let memory: ORCMemory
    let part: ORCPart
    private let present: ORCBooleanDecoder?
    private(set) var children: [ORCColumnReader]
    /// Whether the column's streams are read.
    let isRead: Bool
    private let scratch = ORCScratch()

    var type: SQLType { node.type }

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams, children: [ORCColumnReader] = []) throws {
        self.node = node
        self.children = children
        isRead = true
        memory = streams.memory
        part = streams.part(ofColumn: node.id)
        present = try streams.find(.present, node.id).map(ORCBooleanDecoder.init)
    }

    /// Of a column whose streams are left alone.
    init(unread node: ORCSchemaNode, _ streams: ORCStripeStreams) {
        self.node = node
        children = []
        isRead = false
        memory = streams.memory
        part = streams.part(ofColumn: node.id)
        present = nil
    }

    /// The next `count` rows as a flat or dictionary column.
    /// - Parameter mask: the rows for which the parent has a value; the stream has only those, the others are NULL. nil: all.
    func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        preconditionFailure("a reader of \(type) without reading")
    }

    /// Goes where the streams behind the bits of presence stand at the beginning of a row group.
    func seekData(_ positions: inout ORCPositions) throws {}

    /// Goes to the beginning of a row group.
    final func seek(toRowGroup group: Int, positions: (Int) throws -> [ORCPositions]) throws {
        guard isRead else { return }
        let groups = try positions(node.id)
        guard groups.indices.contains(group) else { throw part.damaged("its row index has no group \(group)") }
        var own = groups[group]
        try present?.seek(&own)
        try seekData(&own)
        for child in children { try child.seek(toRowGroup: group, positions: positions) }
    }

    // MARK: NULLs

    /// Which rows have a value: `validity` nil means all of them; `count` is how many.
    struct Presence {
        var validity: ValidityBitmap?
        var count: Int
    }

    final func presence(_ count: Int, _ mask: ValidityBitmap?) throws -> Presence {
        guard let present else { return Presence(validity: mask, count: mask.map { $0.validCount(count) } ?? count) }
        guard let mask else {
            let bits = ValidityBitmap(count: count)
            try present.read(into: bits.words, count: count)
            let valid = bits.validCount(count)
            return Presence(validity: valid == count ? nil : bits, count: valid)
        }
        let own = mask.validCount(count)
        let bits = ValidityBitmap(copying: mask)
        try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: own / 64 + 1) { buffer in
            guard let words = buffer.baseAddress else { return }
            try present.read(into: words, count: own)
            var next = 0
            for row in 0..<count where mask[row] {
                if words[next >> 6] >> UInt64(next & 63) & 1 == 0 { bits.clear(row) }
                next += 1
            }
        }
        return Presence(validity: bits, count: bits.validCount(count))
    }

    /// Room for `count` numbers until the next call.
    final func numbers(_ count: Int) throws -> UnsafeMutablePointer<Int64> {
        try memory.growBatch(count, stride: 8, for: part)
        return scratch.room(count)
    }

    /// A flat column with uninitialized elements.
    final func makeColumn(_ count: Int, children: [Column] = [], heap: StringHeap? = nil, _ presence: Presence) throws -> Column {
        try memory.growBatch(count, stride: type.physical.stride, for: part)
        let column = Column(flat: type, count: count, children: children, heap: heap)
        column.setValidity(presence.validity)
        return column
    }
}

/// Numbers on their way to a column.
final class ORCScratch {
    private var start: UnsafeMutablePointer<Int64>
    private var capacity = 0

    init() { start = .allocate(capacity: 1) }
    deinit { start.deallocate() }

    func room(_ count: Int) -> UnsafeMutablePointer<Int64> {
        if count > capacity {
            start.deallocate()
            start = .allocate(capacity: count)
            capacity = count
        }
        return start
    }
}

extension ValidityBitmap {
    /// Set bits among the first `count`.
    func validCount(_ count: Int) -> Int {
        var valid = 0
        let words = words
        for word in 0..<count / 64 { valid &+= words[word].nonzeroBitCount }
        let tail = count & 63
        if tail > 0 { valid &+= (words[count / 64] & (1 << UInt64(tail) &- 1)).nonzeroBitCount }
        return valid
    }
}

extension ORCColumnReader.Presence {
    /// Moves the values that stand together at the beginning of `values` to the rows that have one.
    @inline(__always)
    func spread<T: ColumnElement>(_ values: UnsafeMutablePointer<T>, rows: Int) {
        guard let validity, count < rows else { return }
        let words = UnsafePointer(validity.words)
        let placeholder = T.placeholder
        var next = count
        var row = rows
        while row > 0 {
            row &-= 1
            if words[row >> 6] >> UInt64(row & 63) & 1 != 0 {
                next &-= 1
                values[row] = values[next]
            } else {
                values[row] = placeholder
            }
        }
    }
}
