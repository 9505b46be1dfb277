/// An array of plain values that is charged to a query's memory before it is allocated, and freed with this object.
final class ChargedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    // Unchecked: those who share it write ranges that do not meet, or only read.
    let pointer: UnsafeMutablePointer<Element>
    let count: Int
    private let reservation: MemoryReservation

    /// - Throws: `ExecutionError.outOfMemory`; nothing is allocated then. The elements are not initialized.
    init(_ count: Int, _ query: QueryExecution, for operation: String) throws {
        reservation = try MemoryReservation(
            query.memory, for: operation, bytes: count * MemoryLayout<Element>.stride)
        self.count = count
        pointer = LargeAllocation.elements(Element.self, count)
    }

    deinit { pointer.deallocate() }

    var byteCount: Int { count * MemoryLayout<Element>.stride }
}
