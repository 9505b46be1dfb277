/// The places of a program and of a text from which a search for a match has gone on: a backtracking search comes back only
/// when it failed there, so that it need not go there twice. What took exponential time takes time of the program times the
/// text, as long as nothing but place and position decides what follows (no back reference).
///
/// It is a bit a place and position, and made only for a search that has taken so many steps that this is little beside them.
struct FailureMemory: ~Copyable {
    private var words: UnsafeMutablePointer<UInt64>?
    private var capacity = 0
    /// Bits a place: the positions of the text and its end.
    private var positions = 0
    private(set) var isActive = false
    /// 8 MB: longer texts and programs go without.
    private static let mostBits = 1 << 26

    init() {}

    deinit { words?.deallocate() }

    /// Steps after which a memory pays; nil where it would be too large.
    static func usefulSteps(places: Int, positions: Int) -> Int? {
        let (bits, overflow) = places.multipliedReportingOverflow(by: positions)
        return overflow || bits > mostBits ? nil : 2048 + bits / 64
    }

    /// Begins with nothing tried.
    mutating func activate(places: Int, positions: Int) {
        let count = places * positions / 64 + 1
        if count > capacity {
            words?.deallocate()
            words = .allocate(capacity: count)
            capacity = count
        }
        words?.update(repeating: 0, count: count)
        self.positions = positions
        isActive = true
    }

    mutating func deactivate() { isActive = false }

    /// Whether the search goes on from here for the first time; notes that it does.
    @inline(__always)
    mutating func isFirst(_ place: Int, _ position: Int) -> Bool {
        guard isActive, let words else { return true }
        let bit = place &* positions &+ position
        let mask: UInt64 = 1 << UInt64(bit & 63)
        guard words[bit >> 6] & mask == 0 else { return false }
        words[bit >> 6] |= mask
        return true
    }
}
