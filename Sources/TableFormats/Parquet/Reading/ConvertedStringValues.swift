import Columnar

/// Strings that stand for something else: a DECIMAL's bytes, the bytes of a UUID.
final class ConvertedStringValues<Target: ColumnElement>: LeafValues {
    private let memory: ParquetMemory
    /// Converts strings; false: one does not fit.
    private let convert: (UnsafePointer<StringView>, Int, UnsafeMutablePointer<Target>, StringHeap) -> Bool
    private var slots: LeafSlots<Target>
    private var source: BytesSource
    private var views = ViewBuffer()
    private var heap = StringHeap()
    private let dictionaryHeap = StringHeap()
    private var dictionary: UnsafeMutablePointer<Target>
    private var dictionaryCount = 0
    private var codes: HybridDecoder?
    private var codeBuffer = CodeBuffer()
    /// Loops, made where the type is known, as in `FixedValues`.
    private let gather: (UnsafeMutablePointer<Target>, UnsafePointer<Target>, UnsafePointer<Int32>, Int) -> Void
    private let spreadRows: (UnsafeMutablePointer<Target>, UnsafePointer<UInt8>, UInt8, Int, Int) -> Void

    init(
        _ leaf: ParquetLeaf, memory: ParquetMemory,
        convert: @escaping (UnsafePointer<StringView>, Int, UnsafeMutablePointer<Target>, StringHeap) -> Bool
    ) {
        self.memory = memory
        self.convert = convert
        gather = { target, dictionary, codes, count in
            for index in 0..<count { target[index] = dictionary[Int(codes[index])] }
        }
        spreadRows = { spreadElements($0, $1, maximum: $2, present: $3, count: $4, placeholder: Target.placeholder) }
        slots = LeafSlots(type: leaf.type)
        source = BytesSource(leaf.physical, width: leaf.typeLength)
        dictionary = .allocate(capacity: 1)
    }

    deinit {
        slots.deallocate()
        views.deallocate()
        dictionary.deallocate()
        codeBuffer.deallocate()
        memory.shrink(by: dictionaryCount * MemoryLayout<Target>.stride)
    }

    func begin(capacity: Int, isExact: Bool) {
        slots.begin(capacity: capacity, isExact: isExact)
        heap = StringHeap()
        heap.retain(dictionaryHeap)
        source.heap = StringHeap()
    }

    func reserve(_ count: Int) { slots.reserve(count) }

    func setDictionary(
        _ page: PageBuffer, _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding
    ) throws {
        guard count <= bytes.count else { throw CorruptParquet("a dictionary of \(count) strings in \(bytes.count) bytes") }
        try memory.grow(by: (count - dictionaryCount) * MemoryLayout<Target>.stride)
        dictionary.deallocate()
        dictionaryCount = count
        dictionary = .allocate(capacity: max(count, 1))
        try source.begin(bytes, count: count, encoding: .plain, page: page, memory: memory)
        try take(count, into: dictionary, heap: dictionaryHeap)
    }

    func beginPage(
        _ page: PageBuffer, _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding
    ) throws {
        codes = try CodeBuffer.decoder(bytes, count: count, encoding: encoding)?.decoder
        if codes == nil { try source.begin(bytes, count: count, encoding: encoding, page: page, memory: memory) }
    }

    func read(_ count: Int, at slot: Int) throws {
        guard count > 0 else { return }
        guard codes != nil else { return try take(count, into: slots.elements + slot, heap: heap) }
        let buffer = codeBuffer.room(count)
        try codes?.decode(into: buffer, count: count)
        try CodeBuffer.check(buffer, count, dictionaryCount)
        gather(slots.elements + slot, dictionary, buffer, count)
    }

    private func take(_ count: Int, into target: UnsafeMutablePointer<Target>, heap: StringHeap) throws {
        let views = views.room(count)
        try source.take(count, into: views)
        guard convert(views, count, target, heap) else { throw CorruptParquet("a value has more than 38 digits") }
    }

    func skip(_ count: Int) throws {
        if codes != nil { try codes?.skip(count) } else { try source.take(count, into: views.room(count)) }
    }

    func spread(_ levels: UnsafePointer<UInt8>, maximum: UInt8, present: Int, at slot: Int, count: Int) {
        spreadRows(slots.elements + slot, levels, maximum, present, count)
    }

    func finish(_ count: Int, validity: ValidityBitmap?) -> Column {
        let column = slots.finish(count, heap: heap)
        column.setValidity(validity)
        return column
    }
}
