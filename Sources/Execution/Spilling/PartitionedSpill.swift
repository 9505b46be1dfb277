import Columnar
import Platform

/// Rows that left memory, cut into parts by bits of their hashes: equal keys are in one part.
///
/// Workers write to files of their own, a block for each part at a time; of a part's blocks those of one worker are in the
/// order in which they were written. What a part holds may be cut again by other bits (`deeper`).
final class PartitionedSpill: @unchecked Sendable {
    // Unchecked: what varies is behind a lock.
    /// Rows of one part that were written together.
    struct Block: Sendable {
        fileprivate let file: ScratchFile
        fileprivate let offset: Int
        let rowCount: Int
        /// Bytes of the rows before they were compressed.
        let byteCount: Int
        /// Bytes that they take in memory, about.
        let memoryBytes: Int
    }

    static let partCount = 32
    /// Bits of a hash that choose the part. Tables of one part's rows go by the lowest and the highest bits.
    private static let shifts: [UInt64] = [32, 27, 37, 42, 47]

    private let level: Int
    private let shift: UInt64
    fileprivate let query: QueryExecution
    fileprivate let profile: OperatorProfile
    private let space: ScratchSpace
    private let types: Guarded<[SQLType]?>
    private let parts = Guarded<[[Block]]>(Array(repeating: [], count: PartitionedSpill.partCount))
    /// Bytes of a block, about.
    fileprivate let blockBytes: Int

    convenience init(_ query: QueryExecution, _ profile: OperatorProfile) {
        self.init(query, profile, ScratchSpace(folder: query.settings.scratchFolder), level: 0)
    }

    private init(_ query: QueryExecution, _ profile: OperatorProfile, _ space: ScratchSpace, level: Int) {
        self.query = query
        self.profile = profile
        self.space = space
        self.level = level
        shift = Self.shifts[level]
        types = Guarded(nil)
        blockBytes = ScratchSpace.blockBytes(under: query.memory)
    }

    /// For the rows of one part, by other bits; nil when all have been used, so that equal hashes are all that is left.
    func deeper() -> PartitionedSpill? {
        level + 1 < Self.shifts.count ? PartitionedSpill(query, profile, space, level: level + 1) : nil
    }

    /// The part of a hash.
    @inline(__always)
    fileprivate func part(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> shift) & (Self.partCount - 1) }

    /// - Throws: `ExecutionError` naming the scratch folder.
    func makeWriter() throws -> PartitionedSpillWriter { PartitionedSpillWriter(try space.makeFile(), self) }

    /// Blocks know their types from here.
    fileprivate func note(_ columns: [Column]) {
        types.withLock { if $0 == nil { $0 = columns.map(\.type) } }
    }

    fileprivate func append(_ block: Block, to part: Int) { parts.withLock { $0[part].append(block) } }

    func blocks(of part: Int) -> [Block] { parts.withLock { $0[part] } }
    func rowCount(of part: Int) -> Int { blocks(of: part).reduce(0) { $0 + $1.rowCount } }
    func memoryBytes(of part: Int) -> Int { blocks(of: part).reduce(0) { $0 + $1.memoryBytes } }

    /// Blocks by the workers that wrote them, each worker's in the order in which it did.
    static func grouped(_ blocks: [Block]) -> [[Block]] {
        var groups: [ObjectIdentifier: Int] = [:]
        var result: [[Block]] = []
        for block in blocks {
            let key = ObjectIdentifier(block.file)
            if let known = groups[key] {
                result[known].append(block)
            } else {
                groups[key] = result.count
                result.append([block])
            }
        }
        return result
    }

    /// The columns of a block; their strings are kept by them.
    /// - Throws: `ExecutionError` naming the scratch folder when it fails or the file is not what was written.
    func read(_ block: Block) throws -> [Column] {
        try query.check()
        var offset = block.offset
        let bytes = try block.file.readBlock(at: &offset, end: block.file.byteCount) { _ in }
        guard let types = types.value,
            let found = try? RowBlock.columns(of: types, from: UnsafeRawBufferPointer(bytes.bytes), keeping: bytes),
            found.rowCount == block.rowCount
        else { throw block.file.damaged }
        return found.columns
    }
}

extension PartitionedSpill {
    /// Pushes the rows of a block in batches.
    /// - Parameter prepare: hears of the first row of each before it is pushed.
    func push(_ block: Block, _ morsel: Int, into stage: Stage, prepare: (Int) -> Void) throws -> Flow {
        let columns = try read(block)
        var begin = 0
        var position = 0
        while begin < block.rowCount {
            try query.check()
            let range = begin..<min(begin + query.batchSize, block.rowCount)
            prepare(begin)
            let flow = try stage.push(
                Batch(
                    columns: columns.map { $0.slice(range) }, capacity: range.count,
                    sequence: BatchSequence(morsel: morsel, position: position)))
            if flow != .more { return flow }
            begin = range.upperBound
            position += 1
        }
        return .more
    }

    /// Pushes the rows of a block whose last column is the morsel that they came from.
    func push(_ block: Block, byMorselInto stage: Stage) throws {
        let columns = try read(block)
        var sources = SourceRuns()
        sources.append(morsels: columns[columns.count - 1], count: block.rowCount)
        try sources.push(Array(columns.dropLast()), query, into: stage)
    }
}

/// One worker's way into a `PartitionedSpill`.
final class PartitionedSpillWriter: @unchecked Sendable {
    // Unchecked: one worker uses it.
    private let file: ScratchFile
    private let spill: PartitionedSpill
    private let buffer = ByteBuffer()
    /// Rows of a block, by what those before took.
    private var blockRows = 256

    private static let mostBlockRows = 1 << 16

    fileprivate init(_ file: ScratchFile, _ spill: PartitionedSpill) {
        self.file = file
        self.spill = spill
    }

    /// Writes rows `0..<count` of columns, whose types are the same in every call.
    /// - Parameter hashes: of each row's key.
    func write(_ columns: [Column], hashes: UnsafePointer<UInt64>, count: Int) throws {
        guard count > 0 else { return }
        spill.note(columns)
        let begin = file.byteCount
        let parts = PartitionedSpill.partCount
        let rows = SelectionVector(capacity: count)
        var ends = [Int](repeating: 0, count: parts + 1)
        for row in 0..<count { ends[spill.part(of: hashes[row]) + 1] += 1 }
        for part in 0..<parts { ends[part + 1] += ends[part] }
        let starts = ends
        // Lengths and places of nested values take more than they do in a file.
        let rowBytes = columns.reduce(0) { $0 + ($1.type.isComplex ? $1.byteCount / count : $1.type.physical.stride) }
        for row in 0..<count {
            let part = spill.part(of: hashes[row])
            rows.indices[ends[part]] = Int32(truncatingIfNeeded: row)
            ends[part] += 1
        }
        for part in 0..<parts where starts[part + 1] > starts[part] {
            try write(
                columns, UnsafePointer(rows.indices + starts[part]), starts[part + 1] - starts[part], rowBytes: rowBytes, to: part)
        }
        spill.profile.add(spilledRun: file.byteCount - begin)
    }

    private func write(
        _ columns: [Column], _ rows: UnsafePointer<Int32>, _ count: Int, rowBytes: Int, to part: Int
    ) throws {
        var done = 0
        while done < count {
            try spill.query.check()
            let size = min(blockRows, count - done)
            let chosen = SelectionVector(capacity: size)
            chosen.indices.update(from: rows + done, count: size)
            chosen.setCount(size)
            buffer.removeAll()
            RowBlock.append(columns, rows: RowSelection(chosen), to: buffer)
            // Rows became longer than those before.
            if buffer.count > 2 * spill.blockBytes, size > 1 {
                blockRows = max(size / 4, 1)
                continue
            }
            let offset = file.byteCount
            try file.append(UnsafeRawBufferPointer(buffer.bytes))
            spill.append(
                PartitionedSpill.Block(
                    file: file, offset: offset, rowCount: size, byteCount: buffer.count,
                    memoryBytes: buffer.count + size * rowBytes),
                to: part)
            done += size
            // A block with few rows says little of how many fit.
            if size >= min(blockRows, 64) {
                blockRows = min(max(size * spill.blockBytes / max(buffer.count, 1), 1), Self.mostBlockRows)
            }
        }
    }
}
