import Columnar

/// STRING, VARCHAR, CHAR and BINARY: codes of a dictionary while enough values are the same, else one behind the other.
final class ORCStringWriter: ORCColumnWriter {
    private let data: ORCOutputStream
    private let lengths: ORCIntegerEncoder
    private let scratch = ORCScratch()
    private let threshold: Double
    /// nil: strings stand one behind the other, from this stripe on.
    private var dictionary: StringDictionary?
    /// The values of the stripe as codes of the dictionary.
    @exclusivity(unchecked) private var codes = CodeList()
    /// How many values came before each row group, and whether the first one has ended.
    private var groupStarts: [Int] = []
    private var isChecked = false
    /// Of the stripe that is being written.
    private var stripeEncoding = ORCStripeFooter.Encoding(kind: .directV2)
    private var indexStream: ORCIntegerEncoder?

    init(id: Int, type: SQLType, compressor: ORCCompressor?, dictionaryThreshold: Double) {
        threshold = dictionaryThreshold
        if type != .binary, dictionaryThreshold > 0 { dictionary = StringDictionary() }
        data = ORCOutputStream(compressor)
        lengths = ORCIntegerEncoder(ORCOutputStream(compressor), signed: false)
        super.init(id: id, type: type, compressor: compressor)
    }

    deinit { codes.deallocate() }

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
            codes.reserve(elements.count)
            for element in elements { codes.append(dictionary.code(of: views[element]).code) }
        } else {
            try writeDirect(elements.count) { views[elements[$0]] }
        }
        withExtendedLifetime(values) {}
    }

    private func writeDirect(_ count: Int, _ view: (Int) -> StringView) throws {
        let sizes = scratch.room(count)
        let data = data
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
        if !isChecked, codes.count > 1000 {
            isChecked = true
            if !paysOff { try becomeDirect() }
        }
    }

    private var paysOff: Bool { dictionary.map { Double($0.count) <= threshold * Double(codes.count) } ?? false }

    /// Writes the values so far one behind the other, and those to come.
    private func becomeDirect() throws {
        guard let dictionary else { return }
        self.dictionary = nil
        let values = codes.elements
        let starts = groupStarts + [codes.count]
        dataPositions = []
        for group in 0..<groupStarts.count {
            appendDirectPosition()
            let first = starts[group]
            try writeDirect(starts[group + 1] - first) { dictionary[Int(values[first + $0])] }
            try lengths.flush()
        }
        codes.removeAll()
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
        groupStarts.append(codes.count)
        dataPositions.append([])
    }

    override func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] {
        if dictionary != nil, !paysOff, codes.count > 0 { try becomeDirect() }
        guard let dictionary else {
            stripeEncoding = .init(kind: .directV2)
            try lengths.flush()
            return [(.data, data), (.length, lengths.stream)]
        }
        let indices = ORCIntegerEncoder(makeStream(), signed: false)
        let values = codes.elements
        let starts = groupStarts + [codes.count]
        dataPositions = []
        for group in 0..<groupStarts.count {
            var positions: [UInt64] = []
            indices.appendPosition(to: &positions)
            dataPositions.append(positions)
            let first = starts[group]
            let count = starts[group + 1] - first
            let wide = scratch.room(max(count, 1))
            for index in 0..<count { wide[index] = Int64(values[first + index]) }
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
        let ofDictionary = dictionary.map { $0.textByteCount + $0.count * 4 } ?? 0
        return data.byteCount + lengths.stream.byteCount + codes.count * 2 + ofDictionary
    }

    override func removeStripe() {
        data.removeAll()
        lengths.stream.removeAll()
        codes.removeAll()
        groupStarts = []
        dictionary?.removeAll()
    }
}
