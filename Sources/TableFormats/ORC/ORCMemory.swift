/// What the reader of a stripe holds beside the columns that it hands out: buffers of streams, dictionaries, and large
/// parts of the current batch.
///
/// Files say how much they need: nothing is allocated for them before it is asked for here.
final class ORCMemory {
    private let use: ScanMemoryUse
    private var batchBytes = 0
    /// What a batch may take without asking.
    static let smallAllocation = 1 << 20

    /// - Parameter limit: in bytes, where nobody else sets one.
    init(_ memory: (any ScanMemory)?, limit: Int = 2 << 30) { use = ScanMemoryUse(memory ?? BoundedScanMemory(limit: limit)) }

    /// Asks for what lives as long as the reader.
    func grow(by bytes: Int, for part: ORCPart) throws {
        try use.grow(by: bytes, for: "the \(part.name)", path: part.path, offset: part.offset)
    }

    func shrink(by bytes: Int) { use.shrink(by: bytes) }

    /// Asks for `count` elements of the current batch.
    @inline(__always)
    func growBatch(_ count: Int, stride: Int, for part: ORCPart) throws {
        if count > Self.smallAllocation / 32 { try growLargeBatch(count, stride, part) }
    }

    private func growLargeBatch(_ count: Int, _ stride: Int, _ part: ORCPart) throws {
        let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: max(stride, 1))
        guard !isTooLarge, bytes < 1 << 46 else { throw part.damaged("\(count) values are more than memory can hold") }
        try grow(by: bytes, for: part)
        batchBytes += bytes
    }

    /// The batch before the next one is its taker's.
    func beginBatch() {
        if batchBytes > 0 { use.shrink(by: batchBytes) }
        batchBytes = 0
    }
}
