import TableFormats

/// Says no beyond a number of bytes, and notes what was asked for.
final class LimitedMemory: ScanMemory {
    struct Exceeded: Error {}
    private let limit: Int
    private(set) var held = 0
    private(set) var peak = 0

    init(_ limit: Int) { self.limit = limit }

    func update(to bytes: Int) throws {
        if bytes > limit { throw Exceeded() }
        held = bytes
        peak = max(peak, bytes)
    }
}
