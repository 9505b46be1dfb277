import Columnar

extension UTF8Text {
    /// The bytes of the sequence at `offset`, and whether they spell a character. Of an ill-formed one these are the bytes
    /// that Java's decoder replaces by one U+FFFD.
    static func sequence(_ pointer: UnsafePointer<UInt8>, _ offset: Int, _ count: Int) -> (width: Int, isWellFormed: Bool) {
        let lead = pointer[offset]
        if lead < 0x80 { return (1, true) }
        guard lead >= 0xC2, lead <= 0xF4 else { return (1, false) }
        let width = width(lead)
        let left = count - offset
        guard left > 1 else { return (1, false) }
        let second = pointer[offset + 1]
        guard isContinuation(second), (lead, second) >= (0xE0, 0xA0) || lead != 0xE0,
            (lead, second) >= (0xF0, 0x90) || lead != 0xF0, lead != 0xF4 || second < 0x90
        else { return (1, false) }
        for place in 2..<max(width, 2) {
            guard place < left, isContinuation(pointer[offset + place]) else { return (place, false) }
        }
        // Surrogates are no characters.
        return (width, lead != 0xED || second < 0xA0)
    }

    /// Whether the text is UTF-8 throughout.
    static func isWellFormed(_ text: StringView) -> Bool {
        if isASCII(text) { return true }
        var offset = 0
        while offset < text.count {
            let (width, isWellFormed) = sequence(text.pointer, offset, text.count)
            guard isWellFormed else { return false }
            offset += width
        }
        return true
    }

    /// The text itself when it is UTF-8; else a copy in `heap` with U+FFFD for every ill-formed sequence, as Hive's strings
    /// become Java's.
    @inline(__always)
    package static func repaired(_ text: StringView, _ heap: StringHeap) -> StringView {
        isWellFormed(text) ? text : copyRepaired(text, heap)
    }

    @inline(never)
    private static func copyRepaired(_ text: StringView, _ heap: StringHeap) -> StringView {
        let room = text.count * 3
        let copy = heap.allocate(room)
        var used = 0
        var offset = 0
        while offset < text.count {
            let (width, isWellFormed) = sequence(text.pointer, offset, text.count)
            if isWellFormed {
                (copy + used).update(from: text.pointer + offset, count: width)
                used += width
            } else {
                used += encode(0xFFFD, copy + used)
            }
            offset += width
        }
        heap.giveBack(room - used)
        return StringView(copy, length: used)
    }
}
