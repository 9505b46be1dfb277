/// Bytes before and behind which some more may be read, for loads of whole vectors.
final class PaddedBuffer {
    static let padding = 64

    let bytes: UnsafeMutablePointer<UInt8>
    let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        let start = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + 2 * Self.padding)
        start.initialize(repeating: 0, count: capacity + 2 * Self.padding)
        bytes = start + Self.padding
    }

    deinit { (bytes - Self.padding).deallocate() }
}
