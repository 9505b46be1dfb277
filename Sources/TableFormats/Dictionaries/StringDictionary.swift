import Columnar

/// Distinct strings and their codes, which are numbered in the order in which the strings came.
final class StringDictionary {
    // It is asked for every value of a column: the run-time check of exclusive access would cost more than the answer.
    @exclusivity(unchecked) private var table = CodeTable()
    @exclusivity(unchecked) private var entries: UnsafeMutablePointer<StringView>
    private var capacity = 256
    private var heap = StringHeap()
    /// Bytes of the strings themselves.
    private(set) var textByteCount = 0

    init() { entries = .allocate(capacity: capacity) }

    deinit {
        table.deallocate()
        entries.deallocate()
    }

    var count: Int { table.count }
    /// What it holds in memory.
    var byteCount: Int { table.byteCount + capacity * MemoryLayout<StringView>.stride + heap.byteCount }

    /// - Precondition: `code` was given out since the last `removeAll`.
    @inline(__always)
    subscript(code: Int) -> StringView { entries[code] }

    /// The code of a string, which is copied when it is new.
    @inline(__always)
    func code(of text: StringView) -> (code: Int, isNew: Bool) {
        let entries = entries
        let found = table.code(Hashing.hash(text)) { entries[$0] == text }
        if found.isNew { add(text) }
        return found
    }

    @inline(never)
    private func add(_ text: StringView) {
        let count = table.count
        if count > capacity {
            let grown = UnsafeMutablePointer<StringView>.allocate(capacity: capacity * 2)
            grown.update(from: entries, count: capacity)
            entries.deallocate()
            entries = grown
            capacity *= 2
        }
        entries[count - 1] = heap.copy(text)
        textByteCount += text.count
        let entries = entries
        table.makeRoom { Hashing.hash(entries[$0]) }
    }

    func removeAll() {
        table.removeAll()
        heap = StringHeap()
        textByteCount = 0
    }
}
