import Columnar

/// STRING, VARCHAR, CHAR and BINARY: numbers of a dictionary while enough values are the same, else one behind the other.
final class ORCStringWriter: ORCColumnWriter {
    private lazy var data = makeStream()
    private lazy var lengths = ORCIntegerEncoder(makeStream(), signed: false)
    private let scratch = ORCScratch()
    private let threshold: Double
    /// nil: strings stand one behind the other, from this stripe on.
    private var dictionary: ORCDictionary?
    /// The values of the stripe as numbers of the dictionary.
    private var numbers: [Int32] = []
    /// How many values came before each row group, and whether the first one has ended.
    private var groupStarts: [Int] = []
    private var isChecked = false
    /// Of the stripe that is being written.
    private var stripeEncoding = ORCStripeFooter.Encoding(kind: .directV2)
    private var indexStream: ORCIntegerEncoder?

    init(id: Int, type: SQLType, compressor: ORCCompressor?, dictionaryThreshold: Double) {
        threshold = dictionaryThreshold
        if type != .binary, dictionaryThreshold > 0 { dictionary = ORCDictionary() }
        super.init(id: id, type: type, compressor: compressor)
    }

    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        guard let first = elements.first else { return }
        let values = padded(source, elements)
        let views = values?.views ?? UnsafePointer(source.values(as: StringView.self))
        let elements = values?.elements ?? elements
        var (low, high, size) = (views[values == nil ? first : 0], views[values == nil ? first : 0], 0)
        for element in elements {
            let view = views[element]
            if view < low { low = view }
            if high < view { high = view }
            size &+= view.count
        }
        statistics.add(byteCount: size)
        if type != .binary { statistics.add(minimum: .bytes(Array(low.bytes)), maximum: .bytes(Array(high.bytes))) }
        if let dictionary {
            let before = numbers.count
            numbers.reserveCapacity(before + elements.count)
            for element in elements { numbers.append(dictionary.number(of: views[element])) }
        } else {
            try writeDirect(elements.count) { views[elements[$0]] }
        }
        withExtendedLifetime(values) {}
    }

    private func writeDirect(_ count: Int, _ view: (Int) -> StringView) throws {
        let sizes = scratch.room(count)
        for index in 0..<count {
            let text = view(index)
            sizes[index] = Int64(text.count)
            data.raw.append(text)
            try data.settle()
        }
        try lengths.write(sizes, count: count)
    }

    // MARK: Blanks of CHAR

    private final class Padded {
        let bytes: ByteBuffer
        let views: UnsafePointer<StringView>
        private let own: UnsafeMutablePointer<StringView>
        private let positions: UnsafeMutableBufferPointer<Int>
        var elements: UnsafeBufferPointer<Int> { UnsafeBufferPointer(positions) }

        init(_ source: UnsafePointer<StringView>, _ elements: UnsafeBufferPointer<Int>, length: Int) {
            var size = 0
            for element in elements { size += source[element].count + length }
            bytes = ByteBuffer(capacity: size + 64)
            own = .allocate(capacity: elements.count)
            positions = .allocate(capacity: elements.count)
            for index in 0..<elements.count {
                let text = source[elements[index]]
                let start = bytes.count
                bytes.append(text)
                bytes.append(repeating: 0x20, count: max(length - CharacterText.length(text), 0))
                own[index] = bytes.view(from: start)
                positions[index] = index
            }
            views = UnsafePointer(own)
        }

        deinit {
            own.deallocate()
            positions.deallocate()
        }
    }

    /// CHAR has its blanks in the file.
    private func padded(_ source: Column, _ elements: UnsafeBufferPointer<Int>) -> Padded? {
        guard case .char(let length) = type else { return nil }
        return Padded(source.values(as: StringView.self), elements, length: length)
    }

    // MARK: Row groups and stripes

    override func flushValues() throws {
        if dictionary == nil { return try lengths.flush() }
        // The first row group shows whether a dictionary pays.
        if !isChecked, numbers.count > 1000 {
            isChecked = true
            if !paysOff { try becomeDirect() }
        }
    }

    private var paysOff: Bool { dictionary.map { Double($0.count) <= threshold * Double(numbers.count) } ?? false }

    /// Writes the values so far one behind the other, and those to come.
    private func becomeDirect() throws {
        guard let dictionary else { return }
        self.dictionary = nil
        let starts = groupStarts + [numbers.count]
        dataPositions = []
        for group in 0..<groupStarts.count {
            appendDirectPosition()
            let first = starts[group]
            try writeDirect(starts[group + 1] - first) { dictionary[Int(numbers[first + $0])] }
            try lengths.flush()
        }
        numbers = []
        groupStarts = []
    }

    private func appendDirectPosition() {
        var positions: [UInt64] = []
        data.appendPosition(to: &positions)
        lengths.appendPosition(to: &positions)
        dataPositions.append(positions)
    }

    override func appendDataPosition() {
        if dictionary == nil { return appendDirectPosition() }
        groupStarts.append(numbers.count)
        dataPositions.append([])
    }

    override func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] {
        if dictionary != nil, !paysOff, !numbers.isEmpty { try becomeDirect() }
        guard let dictionary else {
            stripeEncoding = .init(kind: .directV2)
            try lengths.flush()
            return [(.data, data), (.length, lengths.stream)]
        }
        let indices = ORCIntegerEncoder(makeStream(), signed: false)
        let starts = groupStarts + [numbers.count]
        dataPositions = []
        for group in 0..<groupStarts.count {
            var positions: [UInt64] = []
            indices.appendPosition(to: &positions)
            dataPositions.append(positions)
            let count = starts[group + 1] - starts[group]
            let wide = scratch.room(max(count, 1))
            for index in 0..<count { wide[index] = Int64(numbers[starts[group] + index]) }
            try indices.write(wide, count: count)
            try indices.flush()
        }
        try writeDirect(dictionary.count) { dictionary[$0] }
        try lengths.flush()
        stripeEncoding = .init(kind: .dictionaryV2, dictionarySize: dictionary.count)
        return [(.data, indices.stream), (.dictionaryData, data), (.length, lengths.stream)]
    }

    override var encoding: ORCStripeFooter.Encoding { stripeEncoding }

    override var bufferedBytes: Int {
        data.byteCount + lengths.stream.byteCount + numbers.count * 2 + (dictionary?.byteCount ?? 0)
    }

    override func removeStripe() {
        data.removeAll()
        lengths.stream.removeAll()
        numbers.removeAll(keepingCapacity: true)
        groupStarts = []
        if dictionary != nil { dictionary = ORCDictionary() }
    }
}

/// Distinct strings in the order in which they came.
final class ORCDictionary {
    private var heap = StringHeap()
    private var entries: [StringView] = []
    /// Numbers of entries by their hash, -1: free.
    private var slots = [Int32](repeating: -1, count: 1024)
    private var hashes: [UInt64] = []

    var count: Int { entries.count }
    var byteCount: Int { heap.byteCount + entries.count * 20 }

    subscript(number: Int) -> StringView { entries[number] }

    func number(of text: StringView) -> Int32 {
        let hash = Hashing.hash(text)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while true {
            let number = slots[slot]
            if number < 0 { break }
            if hashes[Int(number)] == hash, entries[Int(number)] == text { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = Int32(truncatingIfNeeded: entries.count)
        entries.append(heap.copy(text))
        hashes.append(hash)
        slots[slot] = number
        if entries.count * 2 > slots.count { grow() }
        return number
    }

    private func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: number)
        }
    }
}
