import Columnar

/// Strings and BINARY. Where all values of a batch come from the dictionary, its column is a dictionary too.
final class StringValues: LeafValues {
    private let type: SQLType
    private let memory: ParquetMemory
    private let keepsDictionary: Bool
    private var slots: LeafSlots<StringView>
    private var source: BytesSource
    private var dictionaryPage: PageBuffer?
    /// The entries, and behind them a NULL.
    private var dictionary: Column
    private var dictionaryCount = 0
    private var codes: HybridDecoder?
    private var page: PageBuffer?
    /// Whether the batch's heap keeps the page, and the dictionary.
    private var isPageKept = false
    private var isDictionaryKept = false
    private var heap = StringHeap()
    /// Whether all slots of the batch so far are codes.
    private var isCoded = false
    private var codeBuffer = CodeBuffer()
    private var chargedHeap = 0

    /// - Parameter keepsDictionary: whether columns may be dictionaries.
    init(_ leaf: ParquetLeaf, keepsDictionary: Bool, memory: ParquetMemory) {
        type = leaf.type
        self.memory = memory
        self.keepsDictionary = keepsDictionary
        slots = LeafSlots(type: leaf.type)
        source = BytesSource(leaf.physical, width: leaf.typeLength)
        dictionary = Column(flat: leaf.type, count: 1)
        dictionary.values(as: StringView.self)[0] = StringView()
        dictionary.setNull(0)
    }

    deinit {
        slots.deallocate()
        codeBuffer.deallocate()
        memory.shrink(by: dictionaryCount * MemoryLayout<StringView>.stride)
    }

    func begin(capacity: Int, isExact: Bool) {
        slots.begin(capacity: capacity, isExact: isExact)
        heap = StringHeap()
        source.heap = heap
        isPageKept = false
        isDictionaryKept = false
        isCoded = keepsDictionary
        _ = codeBuffer.room(capacity)
    }

    func reserve(_ count: Int) {
        slots.reserve(count)
        _ = codeBuffer.room(count)
    }

    func setDictionary(
        _ page: PageBuffer, _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding
    ) throws {
        // Each takes four bytes at least, or its width.
        guard count <= bytes.count else { throw CorruptParquet("a dictionary of \(count) strings in \(bytes.count) bytes") }
        let stride = MemoryLayout<StringView>.stride
        try memory.grow(by: (count - dictionaryCount) * stride)
        dictionaryCount = count
        dictionaryPage = page
        let heap = StringHeap()
        heap.retain(page)
        let column = Column(flat: type, count: count + 1, heap: heap)
        let views = column.values(as: StringView.self)
        try source.begin(bytes, count: count, encoding: .plain, page: page, memory: memory)
        try source.take(count, into: views)
        views[count] = StringView()
        column.setNull(count)
        dictionary = column
    }

    func beginPage(
        _ page: PageBuffer, _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding
    ) throws {
        if let codes = try CodeBuffer.decoder(bytes, count: count, encoding: encoding) {
            self.codes = codes.decoder
            self.page = nil
        } else {
            codes = nil
            self.page = page
            isPageKept = false
            try source.begin(bytes, count: count, encoding: encoding, page: page, memory: memory)
        }
    }

    func endPage() { page = nil }

    func read(_ count: Int, at slot: Int) throws {
        if codes != nil {
            let target = codeBuffer.room(slot + count) + slot
            try codes?.decode(into: target, count: count)
            try CodeBuffer.check(target, count, dictionaryCount + (count == 0 ? 1 : 0))
            if !isCoded { look(up: count, at: slot) }
            return
        }
        if isCoded {
            look(up: slot, at: 0)
            isCoded = false
        }
        guard count > 0 else { return }
        if !source.isBuilt, !isPageKept, let page {
            heap.retain(page)
            isPageKept = true
        }
        try source.take(count, into: slots.elements + slot)
    }

    /// Puts the entries in place of codes.
    private func look(up count: Int, at slot: Int) {
        guard count > 0 else { return }
        if !isDictionaryKept {
            heap.retain(dictionary)
            isDictionaryKept = true
        }
        let entries = dictionary.values(as: StringView.self)
        let codes = codeBuffer.room(slot + count) + slot
        let target = slots.elements + slot
        for index in 0..<count { target[index] = entries[Int(codes[index])] }
    }

    func skip(_ count: Int) throws {
        guard codes == nil else {
            try codes?.skip(count)
            return
        }
        var left = count
        let views = UnsafeMutablePointer<StringView>.allocate(capacity: min(max(count, 1), 2048))
        defer { views.deallocate() }
        while left > 0 {
            let taken = min(left, 2048)
            try source.take(taken, into: views)
            left -= taken
        }
    }

    func spread(_ levels: UnsafePointer<UInt8>, maximum: UInt8, present: Int, at slot: Int, count: Int) {
        if isCoded {
            spreadElements(
                codeBuffer.room(slot + count) + slot, levels, maximum: maximum, present: present, count: count,
                placeholder: Int32(dictionaryCount))
        } else {
            spreadElements(
                slots.elements + slot, levels, maximum: maximum, present: present, count: count, placeholder: StringView())
        }
    }

    func finish(_ count: Int, validity: ValidityBitmap?) -> Column {
        if isCoded {
            _ = slots.finish(0)
            return Column.dictionary(dictionary, indices: codeBuffer.room(count), count: count)
        }
        let column = slots.finish(count, heap: heap)
        column.setValidity(validity)
        return column
    }
}
