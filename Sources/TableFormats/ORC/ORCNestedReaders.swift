import Columnar

/// ARRAY and MAP: the length of each row's list, and columns of all elements.
final class ORCListReader: ORCColumnReader {
    private let lengths: ORCIntegerDecoder

    override init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams, children: [ORCColumnReader] = []) throws {
        lengths = try streams.integers(.length, node.id, signed: false)
        try super.init(node, streams, children: children)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        try memory.growBatch(count, stride: type.physical.stride, for: part)
        let sizes = try numbers(presence.count)
        try lengths.read(into: sizes, count: presence.count)
        var total = 0
        for index in 0..<presence.count {
            let length = sizes[index]
            let (sum, isTooLarge) = total.addingReportingOverflow(Int(length))
            guard length >= 0, !isTooLarge, sum < 1 << 40 else { throw lengths.stream.damaged("a list of \(length) elements") }
            total = sum
        }
        let elements = try children.map { child in
            let column = try child.read(total, mask: nil)
            return column.decoded(.all(total))
        }
        let column = try makeColumn(count, children: elements, presence)
        let target = column.values(as: ListEntry.self)
        var offset = 0
        for index in 0..<presence.count {
            let length = Int(sizes[index])
            target[index] = ListEntry(offset: offset, length: length)
            offset &+= length
        }
        presence.spread(target, rows: count)
        return column
    }

    override func seekData(_ positions: inout ORCPositions) throws { try lengths.seek(&positions) }
}

/// A part of a column that nobody needs: NULLs, for which nothing is read.
final class ORCUnreadColumn: ORCColumnReader {
    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column { .nulls(type, count: count) }
}

/// STRUCT: no data of its own.
final class ORCStructureReader: ORCColumnReader {
    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let fields = try children.map { child in
            let column = try child.read(count, mask: presence.validity)
            return column.decoded(.all(count))
        }
        return try makeColumn(count, children: fields, presence)
    }

    /// The fields of the rows, for the outermost structure, whose rows are never NULL.
    func readFields(_ count: Int) throws -> [Column] {
        let presence = try presence(count, nil)
        return try children.map { try $0.read(count, mask: presence.validity) }
    }
}

/// UNIONTYPE: the number of each row's member; members have only their own rows.
final class ORCUnionReader: ORCColumnReader {
    private let tags: ORCByteDecoder

    override init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams, children: [ORCColumnReader] = []) throws {
        tags = ORCByteDecoder(try streams.open(.data, node.id))
        try super.init(node, streams, children: children)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        try memory.growBatch(count, stride: 1, for: part)
        let bytes = try numbers(count / 8 + 1)
        let values = UnsafeMutableRawPointer(bytes).assumingMemoryBound(to: UInt8.self)
        try tags.read(into: values, count: presence.count)
        for index in 0..<presence.count where Int(values[index]) >= children.count {
            throw part.damaged("a value of member \(values[index]) of \(children.count)")
        }
        presence.spread(values, rows: count)
        let members = try children.enumerated().map { number, child in
            let column = try child.read(count, mask: rows(of: UInt8(truncatingIfNeeded: number), values, count, presence))
            return column.decoded(.all(count))
        }
        let column = try makeColumn(count, children: members, presence)
        column.values(as: UInt8.self).update(from: values, count: count)
        return column
    }

    private func rows(
        of tag: UInt8, _ tags: UnsafePointer<UInt8>, _ count: Int, _ presence: Presence
    ) -> ValidityBitmap {
        let bits = presence.validity.map(ValidityBitmap.init(copying:)) ?? ValidityBitmap(count: count)
        for row in 0..<count where tags[row] != tag { bits.clear(row) }
        return bits
    }

    override func seekData(_ positions: inout ORCPositions) throws { try tags.seek(&positions) }
}
