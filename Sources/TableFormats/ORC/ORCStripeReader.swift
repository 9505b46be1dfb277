import Columnar

/// Reads some columns of one stripe, in batches. One worker's own.
///
/// Strings of dictionaries stay dictionary columns; bytes of strings belong to the columns.
package final class ORCStripeReader {
    /// Rows of the stripe.
    package let rowCount: Int
    /// Rows of a group of the row index, the last one's may be fewer; 0: there is no row index.
    package let rowGroupSize: Int
    /// The next row that `next` gives.
    package private(set) var row = 0

    private let file: ORCFile
    private let columns: [Int]
    private let streams: ORCStripeStreams
    private let rows: ORCStructureReader
    private let memory: ORCMemory
    private var indexes: [Int: [ORCRowGroup]] = [:]

    /// - Parameters:
    ///   - stripe: its number in `file.stripes`.
    ///   - columns: ordinals of the file's columns, in the order in which batches shall have them.
    ///   - fields: of each of these columns which parts are needed; others may be NULL. nil: all.
    ///   - defaultZone: where files were written that do not say it.
    ///   - memory: asked for buffers and dictionaries. Its own: it is told what this reader holds.
    package init(
        _ file: ORCFile, stripe: Int, columns: [Int], fields: [FieldSelection]? = nil, defaultZone: ZoneRules = .utc,
        memory: (any ScanMemory)? = nil
    ) throws {
        precondition(file.stripes.indices.contains(stripe), "no such stripe")
        precondition(columns.allSatisfy(file.columns.indices.contains), "no such column")
        self.file = file
        self.columns = columns
        self.memory = ORCMemory(memory)
        rowCount = file.stripes[stripe].rowCount
        rowGroupSize = file.rowIndexStride
        streams = try ORCStripeStreams(file, stripe: file.stripes[stripe], memory: self.memory, defaultZone: defaultZone)
        rows = try streams.rowReader(
            of: file.schema, columns: columns, fields: fields ?? columns.map { _ in .whole })
    }

    /// Bytes in the file of the columns that are read.
    package var byteCount: Int { rows.children.reduce(0) { $0 + streams.byteCount(of: $1) } }

    /// Row groups that the stripe has.
    package var rowGroupCount: Int { rowGroupSize > 0 ? (rowCount + rowGroupSize - 1) / rowGroupSize : 0 }

    /// The next rows, at most `limit`; nil at the end of the stripe.
    package func next(_ limit: Int = Batch.defaultCapacity) throws -> Batch? {
        let count = min(limit, rowCount - row)
        guard count > 0 else { return nil }
        memory.beginBatch()
        let columns = try rows.readFields(count)
        row += count
        return Batch(columns: columns, capacity: count)
    }

    /// Statistics of a column's row groups; empty when the stripe has no index of it.
    /// - Parameter column: an ordinal of the file's columns, read by this reader or not.
    package func rowGroupStatistics(ofColumn column: Int) throws -> [ORCColumnStatistics] {
        try groups(of: file.schema.children[column]).map(\.statistics)
    }

    /// The bloom filters of a column's row groups; empty when there are none that can be used.
    package func bloomFilters(ofColumn column: Int) throws -> [ORCBloomFilter] {
        let node = file.schema.children[column]
        for kind in [ORCStripeFooter.StreamKind.bloomFilterUTF8, .bloomFilter] {
            guard let (bytes, part) = try streams.bytes(kind, node.id) else { continue }
            return try ORCBloomFilter.read(
                bytes, part: part, type: node.type, isUTF8: kind == .bloomFilterUTF8,
                usesProlepticCalendar: file.usesProlepticCalendar)
        }
        return []
    }

    /// Whether the stripe has indexes of all columns that are read, and so knows where their row groups begin.
    package var canSeek: Bool {
        func isIndexed(_ column: ORCColumnReader) -> Bool {
            !column.isRead
                || (streams.footer.stream(.rowIndex, ofColumn: column.node.id) != nil && column.children.allSatisfy(isIndexed))
        }
        return rowGroupSize > 0 && streams.footer.stream(.present, ofColumn: 0) == nil && rows.children.allSatisfy(isIndexed)
    }

    /// Goes to the first row of a row group, without reading what stands before it.
    /// - Throws: `TableFormatError` when a column's index is missing or leads nowhere.
    package func seek(toRowGroup group: Int) throws {
        precondition(group >= 0 && group < rowGroupCount, "no such row group")
        if columns.isEmpty {
            row = group * rowGroupSize
            return
        }
        for child in rows.children { try child.seek(toRowGroup: group) { try positions(ofNode: $0) } }
        // The rows' own bits of presence, where somebody wrote them.
        if streams.footer.stream(.present, ofColumn: 0) != nil {
            throw streams.part(ofColumn: 0).damaged("row groups of rows that may be NULL cannot be skipped")
        }
        row = group * rowGroupSize
    }

    private func positions(ofNode id: Int) throws -> [ORCPositions] {
        let part = streams.part(ofColumn: id)
        return try groups(of: file.node(id)).map { ORCPositions($0.positions, part: part) }
    }

    private func groups(of node: ORCSchemaNode) throws -> [ORCRowGroup] {
        if let known = indexes[node.id] { return known }
        guard let (bytes, part) = try streams.bytes(.rowIndex, node.id) else { return [] }
        let groups = try bytes.withUnsafeBytes {
            try ORCRowGroup.read(
                ProtobufReader($0, part: part), type: node.type, usesProlepticCalendar: file.usesProlepticCalendar)
        }
        indexes[node.id] = groups
        return groups
    }
}

/// An entry of a row index.
struct ORCRowGroup {
    var positions: [UInt64] = []
    var statistics = ORCColumnStatistics()

    static func read(_ message: ProtobufReader, type: SQLType, usesProlepticCalendar: Bool) throws -> [ORCRowGroup] {
        var reader = message
        var groups: [ORCRowGroup] = []
        while let field = try reader.next() {
            guard field.number == 1 else { try reader.skip(field); continue }
            var entry = try reader.message(field)
            var group = ORCRowGroup()
            while let inner = try entry.next() {
                switch inner.number {
                case 1: try entry.appendUnsigned(inner, to: &group.positions)
                case 2:
                    group.statistics = try ORCColumnStatistics(
                        entry.message(inner), type: type, usesProlepticCalendar: usesProlepticCalendar)
                default: try entry.skip(inner)
                }
            }
            groups.append(group)
        }
        return groups
    }
}
