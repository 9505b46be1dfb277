import Columnar

/// STRUCT, and the rows themselves.
final class ORCStructureWriter: ORCColumnWriter {
    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        for (child, column) in zip(children, source.children) { try child.write(column, rows: elements) }
    }

    /// Appends rows, which are never NULL.
    func writeRows(_ columns: [Column], _ rows: UnsafeBufferPointer<Int>) throws {
        statistics.add(values: rows.count, nulls: 0)
        for (child, column) in zip(children, columns) { try child.write(column, rows: rows) }
    }
}

/// ARRAY and MAP.
final class ORCListWriter: ORCColumnWriter {
    private lazy var lengths = ORCIntegerEncoder(makeStream(), signed: false)
    private let scratch = ORCScratch()
    private let items = ORCElementList()

    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        let entries = source.values(as: ListEntry.self)
        let target = scratch.room(elements.count)
        var total = 0
        for index in 0..<elements.count {
            let length = entries[elements[index]].length
            target[index] = Int64(length)
            total += length
        }
        try lengths.write(target, count: elements.count)
        let rows = items.fill(total) { target in
            var used = 0
            for element in elements {
                let entry = entries[element]
                for item in 0..<entry.length { target[used + item] = entry.offset + item }
                used += entry.length
            }
            return used
        }
        for (child, column) in zip(children, source.children) { try child.write(column, rows: rows) }
    }

    override func flushValues() throws { try lengths.flush() }

    override func appendDataPosition() {
        var positions: [UInt64] = []
        lengths.appendPosition(to: &positions)
        dataPositions.append(positions)
    }

    override func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] {
        [(.length, lengths.stream)]
    }

    override var encoding: ORCStripeFooter.Encoding { .init(kind: .directV2) }
    override var bufferedBytes: Int { lengths.stream.byteCount }
    override func removeStripe() { lengths.stream.removeAll() }
}

/// UNIONTYPE.
final class ORCUnionWriter: ORCColumnWriter {
    private lazy var tags = ORCByteEncoder(makeStream())
    private let own = ORCElementList()

    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        let values = source.values(as: UInt8.self)
        for element in elements { try tags.write(values[element]) }
        for (number, child) in children.enumerated() {
            let rows = own.fill(elements.count) { target in
                var used = 0
                for element in elements where Int(values[element]) == number {
                    target[used] = element
                    used += 1
                }
                return used
            }
            try child.write(source.children[number], rows: rows)
        }
    }

    override func flushValues() throws { try tags.flush() }

    override func appendDataPosition() {
        var positions: [UInt64] = []
        tags.appendPosition(to: &positions)
        dataPositions.append(positions)
    }

    override func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] {
        [(.data, tags.stream)]
    }

    override var bufferedBytes: Int { tags.stream.byteCount }
    override func removeStripe() { tags.stream.removeAll() }
}
