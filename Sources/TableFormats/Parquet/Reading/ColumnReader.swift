import Columnar

/// Reads one column of the table: its stored columns, put together by their levels.
final class ColumnReader {
    private let node: ParquetNode
    private let leaves: [Int: LeafReader]
    private let path: String

    /// - Parameter usesOffsetIndex: whether rows will be passed over for which the file's index of pages may help.
    init(
        _ file: ParquetFile, rowGroup: Int, node: ParquetNode, keepsDictionary: Bool, usesOffsetIndex: Bool, memory: ParquetMemory
    ) throws {
        self.node = node
        path = file.path
        var isLeaf = false
        if case .leaf = node.kind { isLeaf = true }
        var leaves: [Int: LeafReader] = [:]
        for ordinal in node.leafOrdinals {
            leaves[ordinal] = try LeafReader(
                file, rowGroup: rowGroup, leaf: ordinal, keepsDictionary: keepsDictionary && isLeaf,
                usesOffsetIndex: usesOffsetIndex, memory: memory)
        }
        self.leaves = leaves
    }

    var pages: PageCounts { leaves.values.reduce(into: PageCounts()) { $0.add($1.pages.counts) } }

    func skip(_ rows: Int) { for leaf in leaves.values { leaf.skip(rows) } }

    /// The next `rows` rows.
    func read(_ rows: Int) throws -> Column {
        for ordinal in node.leafOrdinals { try leaves[ordinal]?.read(rows) }
        let column = try assemble(node)
        guard column.count == rows else { throw inconsistent(node) }
        return column
    }

    private func inconsistent(_ node: ParquetNode) -> TableFormatError {
        TableFormatError("corrupt Parquet column \(self.node.name): the parts of \(node.name) have different lengths", path: path)
    }

    private func leaf(_ ordinal: Int) throws -> LeafReader {
        guard let leaf = leaves[ordinal] else { throw inconsistent(node) }
        return leaf
    }

    private func assemble(_ node: ParquetNode) throws -> Column {
        switch node.kind {
        case .leaf(let ordinal): return try leaf(ordinal).finish()
        case .structure(let fields):
            let read = try fields.map { try $0.isUnread ? nil : assemble($0) }
            let count = read.lazy.compactMap { $0?.count }.first ?? 0
            guard read.allSatisfy({ $0.map { $0.count == count } ?? true }) else { throw inconsistent(node) }
            let children = Self.complete(read, fields, count: count)
            let column = Column(flat: node.type, count: count, children: children)
            column.setValidity(try validity(of: node, count: count, from: leaf(node.firstLeaf)))
            return column
        case .list(let elements, let definition, let repetition):
            let first = try leaf(node.firstLeaf)
            let read = try elements.map { try $0.isUnread ? nil : assemble($0) }
            let (column, total) = lists(
                node, first, definition: definition, repetition: repetition
            ) { Self.complete(read, elements, count: $0) }
            guard column.children.allSatisfy({ $0.count == total }) else { throw inconsistent(node) }
            return column
        case .unread: throw inconsistent(node)
        }
    }

    /// Columns with NULLs for those that are not read.
    private static func complete(_ read: [Column?], _ nodes: [ParquetNode], count: Int) -> [Column] {
        zip(read, nodes).map { column, node in column ?? .nulls(node.type, count: count) }
    }

    /// Where the structure itself is NULL: by the levels of a column in it.
    private func validity(of node: ParquetNode, count: Int, from leaf: LeafReader) throws -> ValidityBitmap? {
        guard node.definition > node.slotDefinition else { return nil }
        let level = UInt8(node.definition)
        guard leaf.leaf.maximumRepetition > 0 else {
            return leaf.hasLevels ? LeafReader.bitmap(leaf.levels.elements, count, atLeast: level) : nil
        }
        let definitions = leaf.entryDefinitions.elements
        let repetitions = leaf.entryRepetitions.elements
        let (least, most) = (UInt8(node.slotDefinition), UInt8(node.slotRepetition))
        let bitmap = ValidityBitmap(count: count)
        var slot = 0
        for entry in 0..<leaf.entryCount where repetitions[entry] <= most && definitions[entry] >= least {
            guard slot < count else { throw inconsistent(node) }
            if definitions[entry] < level { bitmap.clear(slot) }
            slot += 1
        }
        guard slot == count else { throw inconsistent(node) }
        return bitmap
    }

    /// Arrays or maps, and how many elements they have together. A list begins where the repetition level is that of its
    /// surroundings, and goes on where it is its own.
    private func lists(
        _ node: ParquetNode, _ leaf: LeafReader, definition: Int, repetition: Int, makeChildren: (_ total: Int) -> [Column]
    ) -> (Column, total: Int) {
        let definitions = leaf.entryDefinitions.elements
        let repetitions = leaf.entryRepetitions.elements
        let (least, own) = (UInt8(node.slotDefinition), UInt8(repetition))
        let (filled, present) = (UInt8(definition), UInt8(node.definition))
        var count = 0
        var total = 0
        for entry in 0..<leaf.entryCount {
            let level = definitions[entry]
            if repetitions[entry] < own {
                guard level >= least else { continue }
                count += 1
            } else if repetitions[entry] > own || count == 0 {
                continue
            }
            if level >= filled { total += 1 }
        }
        let column = Column(flat: node.type, count: count, children: makeChildren(total))
        let lists = column.values(as: ListEntry.self)
        var slot = -1
        total = 0
        for entry in 0..<leaf.entryCount {
            let level = definitions[entry]
            if repetitions[entry] < own {
                guard level >= least else { continue }
                slot += 1
                lists[slot] = ListEntry(offset: total, length: level >= filled ? 1 : 0)
                total += level >= filled ? 1 : 0
                if level < present { column.setNull(slot) }
            } else if repetitions[entry] == own, slot >= 0, level >= filled {
                // Only then does the level say that the list goes on.
                lists[slot].length += 1
                total += 1
            }
        }
        return (column, total)
    }
}
