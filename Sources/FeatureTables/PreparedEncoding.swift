import Columnar

/// An encoding whose levels are ready to be looked up, for applying it to many small tables.
package struct PreparedEncoding: Sendable {
    package let encoding: FeatureEncoding
    let featureNames: [String]
    /// Of each column with levels.
    let knownLevels: [KnownLevels?]

    package init(_ encoding: FeatureEncoding) {
        self.encoding = encoding
        featureNames = encoding.featureNames
        knownLevels = encoding.columns.map { column in
            if case .levels(let levels) = column.form { KnownLevels(levels) } else { nil }
        }
    }
}

/// The levels of an encoding by their bytes.
final class KnownLevels: @unchecked Sendable {
    // Unchecked: the table's texts point into the heap, and neither is written after `init`.
    private let levels: LevelEncoding
    private let table: DistinctTable<StringView>
    /// What a level of each position in the table becomes: its slot.
    private let slots: [LevelSlot]
    /// Keeps the levels' bytes.
    private let heap: StringHeap

    init(_ levels: LevelEncoding) {
        let heap = StringHeap()
        var table = DistinctTable<StringView>()
        var slots: [LevelSlot] = []
        for (slot, name) in levels.levels.enumerated() {
            var name = name
            let view = name.withUTF8 { heap.copy($0) }
            let position = table.position(of: view, hash: view.distinctHash, row: Int32(truncatingIfNeeded: slot))
            if Int(position) == slots.count { slots.append(.slot(Int32(truncatingIfNeeded: slot))) }
        }
        self.levels = levels
        self.heap = heap
        self.table = table
        self.slots = slots
    }

    /// What a text becomes; no `String` is made of a known one.
    func slot(of text: StringView) -> LevelSlot {
        let known = table.position(of: text, hash: text.distinctHash)
        return known < 0 ? slot(ofOther: text) : slots[Int(known)]
    }

    // Ill-formed text became another name when it was fitted.
    private func slot(ofOther text: StringView) -> LevelSlot { slot(named: LevelName.of(text)) }

    /// What a value becomes that has a name.
    func slot(named name: String) -> LevelSlot {
        var name = name
        let known = name.withUTF8 { bytes -> Int32 in
            guard let first = bytes.baseAddress else { return -1 }
            let view = StringView(first, length: bytes.count)
            return table.position(of: view, hash: view.distinctHash)
        }
        return known < 0 ? levels.slot(ofOther: name) : slots[Int(known)]
    }

    /// Which distinct text each row of a column has, −1 where it is missing, and what each of them becomes.
    func codes(of column: Column, count: Int) -> (codes: [Int32], slots: [LevelSlot]) {
        let views = column.values(as: StringView.self)
        let validity = column.validity
        var slots = slots
        var others: [StringView: Int32] = [:]
        func codeOfOther(_ text: StringView) -> Int32 {
            if let code = others[text] { return code }
            let code = Int32(truncatingIfNeeded: slots.count)
            others[text] = code
            slots.append(slot(ofOther: text))
            return code
        }
        let codes = [Int32](unsafeUninitializedCapacity: count) { codes, used in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.recentCount) { recent in
                recent.initialize(repeating: -1)
                table.values.withUnsafeBufferPointer { texts in
                    for row in 0..<count {
                        if let validity, !validity[row] {
                            codes[row] = -1
                            continue
                        }
                        let known = position(of: views[row], texts, recent)
                        codes[row] = known < 0 ? codeOfOther(views[row]) : known
                    }
                }
            }
            used = count
        }
        withExtendedLifetime(column) {}
        return (codes, slots)
    }

    // Columns of few levels, as most are, find them by what a view has beside its bytes, without a hash of these.
    private static let recentCount = 64

    /// Where a text stands in the table, negative where it does not.
    /// - Parameters:
    ///   - texts: the table's.
    ///   - recent: the positions of texts that were found before, negative ones elsewhere.
    @inline(__always)
    private func position(
        of text: StringView, _ texts: UnsafeBufferPointer<StringView>, _ recent: UnsafeMutableBufferPointer<Int32>
    ) -> Int32 {
        let place = Int(truncatingIfNeeded: ((text.prefix &+ text.length) &* 0x9E37_79B1) >> 26)
        let last = recent[place]
        if last >= 0, texts[Int(last)] == text { return last }
        let position = table.position(of: text, hash: text.distinctHash)
        if position >= 0 { recent[place] = position }
        return position
    }
}
