import Columnar

/// Rows in order, with what a merge compares: a block of a spilled run, or all rows of a run in memory.
final class SortedBlock: @unchecked Sendable {
    // Unchecked: only read once it is made.
    let count: Int
    /// What is sorted, flat or constant.
    let columns: [Column]
    let keyColumns: [Column]
    /// The encoded keys, by the rows of `columns`.
    let keys: UnsafePointer<UInt8>
    /// The morsel each row came from, by the rows of `columns`.
    let morsels: UnsafePointer<Int32>
    /// The rows of `columns` in order; nil: as they stand.
    let order: UnsafePointer<Int32>?
    /// What the pointers point into.
    private let owners: [AnyObject]
    /// What charges the block's memory.
    private let charge: AnyObject

    /// All rows of a run.
    /// - Parameter reservation: charges all that is kept.
    init(
        _ run: SortRun, _ columns: [Column], in order: RowOrder, _ specification: SortSpecification,
        _ reservation: MemoryReservation
    ) {
        count = order.count
        self.columns = columns
        keyColumns = specification.keyColumns(columns)
        keys = UnsafePointer(run.keys)
        morsels = UnsafePointer(run.morsels)
        self.order = UnsafePointer(order.rows)
        owners = [run, order]
        charge = reservation
    }

    /// A block as `SortedRunWriter` wrote it.
    /// - Parameter share: of the merge's memory, which charges the bytes already.
    /// - Throws: `RowBlockError` or `SortedBlockLayout.Mismatch` when the bytes are no such block, `ExecutionError.outOfMemory`.
    init(_ block: BlockBytes, _ specification: SortSpecification, _ share: MergeShare) throws {
        let bytes = UnsafeRawBufferPointer(block.bytes)
        let stride = specification.comparison.stride
        guard let start = bytes.baseAddress, bytes.count >= MemoryLayout<UInt64>.size,
            let layout = SortedBlockLayout(rowCount: start.load(as: UInt64.self), stride: stride, byteCount: bytes.count)
        else { throw SortedBlockLayout.Mismatch() }
        count = layout.rowCount
        keys = (start + layout.keys).assumingMemoryBound(to: UInt8.self)
        morsels = (start + layout.morsels).assumingMemoryBound(to: Int32.self)
        let rows = UnsafeRawBufferPointer(rebasing: bytes[layout.columns...])
        let decoded = try RowBlock.columns(of: specification.types, from: rows, keeping: block)
        guard decoded.rowCount == count else { throw SortedBlockLayout.Mismatch() }
        columns = decoded.columns
        keyColumns = specification.keyColumns(columns)
        order = nil
        owners = [block]
        charge = share
        try share.update(to: bytes.count + columns.reduce(0) { $0 + $1.byteCount })
    }
}

/// Where the parts of a block of a spilled run begin: number of rows, keys, morsels, columns (`RowBlock`).
struct SortedBlockLayout {
    /// The bytes are no block.
    struct Mismatch: Error {}

    let rowCount: Int
    let keys = MemoryLayout<UInt64>.size
    let morsels: Int
    let columns: Int

    init(rowCount: Int, stride: Int) {
        self.rowCount = rowCount
        morsels = keys + rowCount * stride
        columns = morsels + rowCount * MemoryLayout<Int32>.size
    }

    /// nil: so many rows do not fit into a block of `byteCount` bytes, or there are none.
    init?(rowCount: UInt64, stride: Int, byteCount: Int) {
        let rowBytes = stride + MemoryLayout<Int32>.size
        guard rowCount > 0, rowCount <= (byteCount - MemoryLayout<UInt64>.size) / rowBytes else { return nil }
        self.init(rowCount: Int(rowCount), stride: stride)
    }
}
