/// Finds keywords by the bytes of a word, in any case, without making a `String`.
struct KeywordTable: Sendable {
    static let shared = KeywordTable()

    /// Open addressing; an empty slot ends a probe.
    private let slots: [Entry?]
    private let longest: Int

    private struct Entry: Sendable {
        let keyword: Keyword
        let spelling: [UInt8]
    }

    private init() {
        var slots = [Entry?](repeating: nil, count: 2048)
        var longest = 0
        for keyword in Keyword.allCases {
            let spelling = Array(keyword.spelling.utf8)
            longest = max(longest, spelling.count)
            var slot = KeywordTable.hash(spelling[...]) & (slots.count - 1)
            while slots[slot] != nil { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Entry(keyword: keyword, spelling: spelling)
        }
        self.slots = slots
        self.longest = longest
    }

    func keyword(_ word: ArraySlice<UInt8>) -> Keyword? {
        guard word.count <= longest else { return nil }
        var slot = KeywordTable.hash(word) & (slots.count - 1)
        while let candidate = slots[slot] {
            if candidate.spelling.count == word.count, zip(candidate.spelling, word).allSatisfy({ $0 == upper($1) }) {
                return candidate.keyword
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// FNV-1a over the upper-case bytes.
    private static func hash(_ word: ArraySlice<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in word {
            hash = (hash ^ UInt64(upper(byte))) &* 0x0000_0100_0000_01B3
        }
        return Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & 0x7FFF_FFFF)
    }
}
