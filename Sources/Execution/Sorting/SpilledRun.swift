import Columnar

/// Rows in order that are in a scratch file, whose room is free when its last run goes.
struct SpilledRun {
    let file: ScratchFile
    /// Where its blocks are.
    let bytes: Range<Int>
    let rowCount: Int
    /// Bytes of the rows before they were compressed.
    let byteCount: Int
    /// What a merge holds of it at most, about.
    let mergeBytes: Int
}

/// Rows in order, wherever they are.
enum SortedSource {
    case inMemory(SortedBlock)
    case spilled(SpilledRun)

    var rowCount: Int {
        switch self {
        case .inMemory(let block): block.count
        case .spilled(let run): run.rowCount
        }
    }

    /// Bytes that a merge reads.
    var byteCount: Int {
        switch self {
        case .inMemory: 0
        case .spilled(let run): run.byteCount
        }
    }

    /// What a merge holds of it at most, beside what is held already.
    var mergeBytes: Int {
        switch self {
        case .inMemory: 0
        case .spilled(let run): run.mergeBytes
        }
    }
}

/// Writes rows that are in order as blocks of a scratch file.
final class SortedRunWriter {
    private let file: ScratchFile
    private let specification: SortSpecification
    private let blockBytes: Int
    private let check: () throws -> Void
    /// The block at hand, which is a small part of what was charged for the rows.
    private let buffer = ByteBuffer()
    private let begin: Int
    private var rowCount = 0
    private var byteCount = 0
    private var mergeBytes = 0
    /// Rows of the next block.
    private var blockRows = 64
    private let rowBytes: Int

    private static let mostBlockRows = 1 << 16

    /// - Parameters:
    ///   - blockBytes: about as large are the blocks; a block with one row may be larger.
    ///   - check: throws when the statement is to end.
    init(_ file: ScratchFile, _ specification: SortSpecification, blockBytes: Int, check: @escaping () throws -> Void) {
        self.file = file
        self.specification = specification
        self.blockBytes = blockBytes
        self.check = check
        begin = file.byteCount
        rowBytes = specification.types.reduce(0) { $0 + $1.physical.stride }
    }

    /// Appends rows of `columns`.
    /// - Parameters:
    ///   - order: the rows' numbers, in order.
    ///   - keys: the encoded keys, by the rows of `columns`.
    ///   - morsels: where the rows came from, by the rows of `columns`.
    func append(
        _ order: UnsafePointer<Int32>, count: Int, of columns: [Column], keys: UnsafePointer<UInt8>,
        morsels: UnsafePointer<Int32>
    ) throws {
        var done = 0
        while done < count {
            try check()
            let size = min(blockRows, count - done)
            encode(order + done, size, columns, keys, morsels)
            // Rows became longer than those before.
            if buffer.count > 2 * blockBytes, size > 1 {
                blockRows = max(size / 4, 1)
                continue
            }
            try file.append(UnsafeRawBufferPointer(buffer.bytes))
            done += size
            rowCount += size
            byteCount += buffer.count
            // Its bytes before and after they are decompressed, and its columns.
            mergeBytes = max(mergeBytes, 2 * buffer.count + size * rowBytes)
            blockRows = min(max(size * blockBytes / max(buffer.count, 1), 1), Self.mostBlockRows)
        }
    }

    private func encode(
        _ order: UnsafePointer<Int32>, _ count: Int, _ columns: [Column], _ keys: UnsafePointer<UInt8>,
        _ morsels: UnsafePointer<Int32>
    ) {
        let stride = specification.comparison.stride
        let layout = SortedBlockLayout(rowCount: count, stride: stride)
        buffer.removeAll()
        let start = UnsafeMutableRawPointer(buffer.reserve(layout.columns))
        start.storeBytes(of: UInt64(count), as: UInt64.self)
        for row in 0..<count {
            (start + layout.keys + row * stride).copyMemory(from: keys + Int(order[row]) * stride, byteCount: stride)
            start.storeBytes(of: morsels[Int(order[row])], toByteOffset: layout.morsels + row * 4, as: Int32.self)
        }
        buffer.advance(layout.columns)
        let selection = SelectionVector(capacity: count)
        selection.indices.update(from: order, count: count)
        selection.setCount(count)
        RowBlock.append(columns, rows: RowSelection(selection), to: buffer)
    }

    func finish() -> SpilledRun {
        SpilledRun(
            file: file, bytes: begin..<file.byteCount, rowCount: rowCount, byteCount: byteCount, mergeBytes: mergeBytes)
    }
}

/// Reads the blocks of a spilled run one after the other.
final class SpilledRunReader {
    private let run: SpilledRun
    private let specification: SortSpecification
    private let memory: MergeMemory
    private var offset: Int

    init(_ run: SpilledRun, _ specification: SortSpecification, _ memory: MergeMemory) {
        self.run = run
        self.specification = specification
        self.memory = memory
        offset = run.bytes.lowerBound
    }

    /// nil behind the last block.
    /// - Throws: `ExecutionError`.
    func next() throws -> SortedBlock? {
        guard offset < run.bytes.upperBound else { return nil }
        let share = MergeShare(memory)
        let block = try run.file.readBlock(at: &offset, end: run.bytes.upperBound) { try share.update(to: $0) }
        do { return try SortedBlock(block, specification, share) } catch let error as ExecutionError {
            throw error
        } catch { throw run.file.damaged }
    }
}
