/// Entries of a dictionary by their hash: open addressing over their codes.
struct CodeTable {
    private var codes: UnsafeMutablePointer<Int32>
    private var mask: Int
    private(set) var count = 0

    init() {
        mask = 255
        codes = .allocate(capacity: 256)
        codes.initialize(repeating: -1, count: 256)
    }

    func deallocate() { codes.deallocate() }

    var byteCount: Int { (mask + 1) * 4 }

    mutating func removeAll() {
        count = 0
        codes.update(repeating: -1, count: mask + 1)
    }

    /// The code of the entry that `isEqual` knows by its code, or the next one, which is then taken, and true.
    @inline(__always)
    mutating func code(_ hash: UInt64, _ isEqual: (Int) -> Bool) -> (code: Int, isNew: Bool) {
        var slot = Int(truncatingIfNeeded: hash &>> 20) & mask
        while true {
            let code = Int(codes[slot])
            if code < 0 {
                codes[slot] = Int32(truncatingIfNeeded: count)
                count &+= 1
                return (count &- 1, true)
            }
            if isEqual(code) { return (code, false) }
            slot = (slot &+ 1) & mask
        }
    }

    /// To be called after a new entry: keeps half of the slots free.
    @inline(__always)
    mutating func makeRoom(_ hash: (Int) -> UInt64) { if count &* 2 > mask { grow(hash) } }

    private mutating func grow(_ hash: (Int) -> UInt64) {
        codes.deallocate()
        mask = mask * 2 + 1
        codes = .allocate(capacity: mask + 1)
        codes.initialize(repeating: -1, count: mask + 1)
        for code in 0..<count {
            var slot = Int(truncatingIfNeeded: hash(code) &>> 20) & mask
            while codes[slot] >= 0 { slot = (slot &+ 1) & mask }
            codes[slot] = Int32(truncatingIfNeeded: code)
        }
    }
}
