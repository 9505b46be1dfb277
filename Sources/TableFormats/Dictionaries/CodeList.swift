/// Codes of a dictionary, one a value.
struct CodeList {
    private(set) var elements: UnsafeMutablePointer<UInt32>
    private(set) var count = 0
    private var capacity = 4096

    init() { elements = .allocate(capacity: 4096) }

    func deallocate() { elements.deallocate() }

    mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(count + more, capacity * 2)
        let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
        grown.update(from: elements, count: count)
        elements.deallocate()
        elements = grown
    }

    @inline(__always)
    mutating func append(_ code: Int) {
        elements[count] = UInt32(truncatingIfNeeded: code)
        count &+= 1
    }

    mutating func removeAll() { count = 0 }
}
