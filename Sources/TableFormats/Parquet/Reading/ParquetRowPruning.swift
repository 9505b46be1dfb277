import Columnar

/// Finds out which rows of a row group may meet the predicates of a scan, by bloom filters and page indexes.
struct ParquetRowPruning {
    /// A predicate on a stored column that is in no other.
    struct Condition {
        var predicate: ColumnPredicate
        var tableType: SQLType
        /// The ordinal in the file's `schema.leaves`.
        var leaf: Int
    }

    private let file: ParquetFile
    private let conditions: [Condition]

    init(_ file: ParquetFile, _ conditions: [Condition]) {
        self.file = file
        self.conditions = conditions
    }

    /// Nil when all rows may meet the predicates, as far as is known.
    func rows(ofRowGroup group: Int, memory: ParquetMemory) throws -> RowRanges? {
        for condition in conditions where try bloomFilterExcludes(condition, group) { return RowRanges() }
        let all = RowRanges(all: file.rowCount(ofRowGroup: group))
        var rows = all
        for condition in conditions where !rows.isEmpty {
            rows = rows.intersection(try self.rows(meeting: condition, group, memory) ?? all)
        }
        return rows == all ? nil : rows
    }

    private func bloomFilterExcludes(_ condition: Condition, _ group: Int) throws -> Bool {
        let chunk = file.metadata.rowGroups[group].columns[condition.leaf]
        let leaf = file.schema.leaves[condition.leaf]
        guard chunk.bloomFilterOffset != nil,
            let values = try condition.predicate.requiredValues(stored: leaf.type, tableType: condition.tableType),
            let filter = try ParquetBloomFilter(of: chunk, in: file)
        else { return false }
        for value in values {
            guard let hashes = leaf.hashes(of: value) else { return false }
            for hash in hashes where try filter.mayContain(hash) { return false }
        }
        return true
    }

    /// Nil when nothing is known of pages.
    private func rows(meeting condition: Condition, _ group: Int, _ memory: ParquetMemory) throws -> RowRanges? {
        guard file.metadata.rowGroups[group].columns[condition.leaf].columnIndexOffset != nil,
            let offsets = try file.offsetIndex(rowGroup: group, leaf: condition.leaf, memory: memory),
            let bounds = try file.pageBounds(rowGroup: group, leaf: condition.leaf, of: offsets, memory: memory)
        else { return nil }
        var kept = [Bool](repeating: true, count: offsets.pages.count)
        try condition.predicate.exclude(bounds, tableType: condition.tableType, from: &kept)
        var rows = RowRanges()
        for page in kept.indices where kept[page] { rows.append(offsets.rows(of: page)) }
        return rows
    }
}
