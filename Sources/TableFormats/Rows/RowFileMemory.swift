import Columnar

/// What the reader of a file of rows holds beside the columns that it hands out, and large parts of the current batch.
/// Sizes in a file are not believed: nothing is allocated for them before it is asked for here.
final class RowFileMemory {
    private let use: ScanMemoryUse
    private let path: String
    private var batchBytes = 0
    private var uncountedBytes = 0
    /// What is taken without asking.
    static let smallAllocation = 1 << 20

    /// - Parameter limit: in bytes, where nobody else sets one.
    init(_ memory: (any ScanMemory)?, path: String, limit: Int = 2 << 30) {
        use = ScanMemoryUse(memory ?? BoundedScanMemory(limit: limit))
        self.path = path
    }

    /// Asks for what lives as long as the reader.
    func grow(by bytes: Int, for what: String, offset: Int) throws {
        if bytes > 0 { try use.grow(by: bytes, for: what, path: path, offset: offset) }
    }

    func shrink(by bytes: Int) { if bytes > 0 { use.shrink(by: bytes) } }

    /// Asks for elements of the current batch; many small numbers of them are asked for together.
    @inline(__always)
    func growBatch(_ count: Int, bytesEach: Int, offset: Int) throws {
        let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: bytesEach)
        if isTooLarge || bytes > Self.smallAllocation - uncountedBytes {
            try growLargeBatch(isTooLarge ? .max : bytes, offset)
        } else {
            uncountedBytes &+= bytes
        }
    }

    @inline(never)
    private func growLargeBatch(_ bytes: Int, _ offset: Int) throws {
        guard bytes < 1 << 46 else {
            throw TableFormatError("damaged file: a list is longer than memory can hold", path: path, offset: offset)
        }
        let more = bytes + uncountedBytes
        try use.grow(by: more, for: "a batch of rows", path: path, offset: offset)
        batchBytes += more
        uncountedBytes = 0
    }

    /// The batch before the next one is its taker's.
    func beginBatch() {
        if batchBytes > 0 { use.shrink(by: batchBytes) }
        (batchBytes, uncountedBytes) = (0, 0)
    }
}

extension SQLType {
    /// Bytes that a row of this type takes in columns, without elements of lists and bytes of strings.
    var fixedRowBytes: Int {
        switch physical {
        case .structure, .union: childTypes.reduce(physical.stride + 1) { $0 + $1.fixedRowBytes }
        default: physical.stride + 1
        }
    }
}

extension ColumnBuilder {
    /// The same of the parts that are wanted.
    var fixedRowBytes: Int {
        guard isWanted else { return 0 }
        switch type.physical {
        case .structure, .union:
            return wantedChildren.reduce(type.physical.stride + 1) { $0 + children[$1].fixedRowBytes }
        default: return type.fixedRowBytes
        }
    }
}
