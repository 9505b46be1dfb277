/// Levels, a byte each.
struct LevelBuffer {
    private(set) var elements: UnsafeMutablePointer<UInt8>
    private(set) var capacity = 64

    init() { elements = .allocate(capacity: 64) }

    /// Makes room for `count` levels and keeps those that are there.
    mutating func reserve(_ count: Int) {
        guard count > capacity else { return }
        let wanted = max(count, capacity * 2)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        grown.update(from: elements, count: capacity)
        elements.deallocate()
        elements = grown
        capacity = wanted
    }

    func deallocate() { elements.deallocate() }
}
