import Columnar

extension ParquetFile {
    /// Larger indexes are passed over.
    private static let largestIndex = 16 << 20
    /// What an index takes in memory for each of its bytes, at most about.
    private static let bytesHeldPerByte = 32

    /// Where the pages of a column chunk are; nil when the file does not say, or contradicts itself.
    func offsetIndex(rowGroup: Int, leaf: Int, memory: ParquetMemory) throws -> ParquetOffsetIndex? {
        let chunk = metadata.rowGroups[rowGroup].columns[leaf]
        let pages = try index(at: chunk.offsetIndexOffset, chunk.offsetIndexByteCount, memory) {
            try ParquetOffsetIndex.pages(decoding: &$0)
        }
        return pages.flatMap {
            ParquetOffsetIndex($0, rowCount: metadata.rowGroups[rowGroup].rowCount, dataEnd: dataEnd)
        }
    }

    /// What is known of the pages of a column that is in no other, a row a page; nil when the file does not say, or contradicts
    /// itself.
    func pageBounds(
        rowGroup: Int, leaf: Int, of offsets: ParquetOffsetIndex, memory: ParquetMemory
    ) throws -> ColumnBounds? {
        let chunk = metadata.rowGroups[rowGroup].columns[leaf]
        let found = try index(at: chunk.columnIndexOffset, chunk.columnIndexByteCount, memory) {
            try ParquetColumnIndex(decoding: &$0)
        }
        let count = offsets.pages.count
        guard let found, found.nullPages.count == count, found.minimums.count == count, found.maximums.count == count else {
            return nil
        }
        if let nulls = found.nullCounts {
            guard nulls.count == count, zip(nulls, offsets.pages.indices).allSatisfy({ 0...offsets.rows(of: $1).count ~= $0 })
            else { return nil }
            if let stated = chunk.statistics?.nullCount, stated != nulls.reduce(0, +) { return nil }
        }
        let column = schema.leaves[leaf]
        let isOrdered = metadata.typeDefinedOrders.indices.contains(leaf) && metadata.typeDefinedOrders[leaf]
        let minimum = ColumnBuilder(column.type, capacity: count)
        let maximum = ColumnBuilder(column.type, capacity: count)
        var hasNull: [Bool?] = []
        var hasValue: [Bool?] = []
        for page in 0..<count {
            let rows = offsets.rows(of: page).count
            let nulls = found.nullCounts?[page]
            // A page of NULLs whose NULLs are not all its rows is none.
            let isNull = found.nullPages[page] && (nulls == nil || nulls == rows)
            var statistics = ParquetStatistics()
            if !found.nullPages[page] { (statistics.minimum, statistics.maximum) = (found.minimums[page], found.maximums[page]) }
            let (low, high) = column.bounds(statistics, isOrdered: isOrdered)
            _ = column.append(low, to: minimum, isUpper: false)
            _ = column.append(high, to: maximum, isUpper: true)
            hasNull.append(isNull ? rows > 0 : found.nullPages[page] ? nil : nulls.map { $0 > 0 })
            hasValue.append(isNull ? false : found.nullPages[page] || nulls == rows ? nil : rows > 0)
        }
        return ColumnBounds(minimum: minimum.finish(), maximum: maximum.finish(), hasNull: hasNull, hasValue: hasValue)
    }

    /// Decodes an index; nil when it is not there, damaged, or more than memory is left for: pages are then found one by one.
    private func index<Index>(
        at offset: Int?, _ count: Int?, _ memory: ParquetMemory, decode: (inout ThriftCompactReader) throws -> Index
    ) throws -> Index? {
        guard let offset, let count, offset >= 4, offset < dataEnd, count > 0, count <= Self.largestIndex,
            count <= dataEnd - offset
        else { return nil }
        let held = count * Self.bytesHeldPerByte
        do { try memory.grow(by: held) } catch { return nil }
        defer { memory.shrink(by: held) }
        let bytes = try reader.bytes(count, at: offset)
        guard bytes.count == count else {
            throw TableFormatError("the file became shorter while it was read", path: path, offset: offset + bytes.count)
        }
        return bytes.withUnsafeBufferPointer { bytes in
            var reader = ThriftCompactReader(bytes)
            return try? decode(&reader)
        }
    }
}
