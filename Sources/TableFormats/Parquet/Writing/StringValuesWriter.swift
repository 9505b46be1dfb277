import Columnar

/// Strings and BINARY: codes of a dictionary as long as that pays, then plain.
final class StringValuesWriter: LeafValuesWriter {
    /// Longer bounds are left out, as other writers do.
    private static let longestBound = 1024

    private let dictionaryLimit: Int
    private let mayUseDictionary: Bool
    private let hasBounds: Bool
    /// CHAR is stored without its padding.
    private let cutsPadding: Bool

    private var isCoded: Bool
    private let dictionary = StringDictionary()
    // Appended to for every value, by one worker.
    @exclusivity(unchecked) private var codes = CodeList()
    @exclusivity(unchecked) private var codedBytes = 0
    @exclusivity(unchecked) private var plain = ByteList()
    private var isDictionaryUsed = false

    private let bloomFilter: BloomFilterBuilder?

    // Bounds of the page, of the one before it, of the row group and of the file.
    private var minimum: [UInt8]?
    private var maximum: [UInt8]?
    private var previous: (minimum: [UInt8], maximum: [UInt8])?
    private var order = PageOrder()
    private var groupMinimum: [UInt8]?
    private var groupMaximum: [UInt8]?
    private var wholeMinimum: [UInt8]?
    private var wholeMaximum: [UInt8]?

    init(_ type: SQLType, options: ParquetWriteOptions, bloomFilter: BloomFilterBuilder? = nil) {
        self.bloomFilter = bloomFilter
        mayUseDictionary = options.usesDictionaries
        dictionaryLimit = options.dictionaryBytes
        isCoded = mayUseDictionary
        hasBounds = type != .binary
        if case .char = type { cutsPadding = true } else { cutsPadding = false }
    }

    deinit {
        codes.deallocate()
        plain.deallocate()
    }

    var byteCount: Int { dictionary.byteCount + plain.capacity }

    /// As the dictionary's page has them.
    private var dictionaryBytes: Int { dictionary.textByteCount + 4 * dictionary.count }

    var pageBytes: Int { isCoded ? codedBytes : plain.count }

    @inline(__always)
    private func stored(_ view: StringView) -> StringView {
        guard cutsPadding else { return view }
        var length = view.count
        while length > 0, view.pointer[length - 1] == 0x20 { length -= 1 }
        return length == view.count ? view : StringView(view.pointer, length: length)
    }

    func append(_ column: Column, _ elements: UnsafePointer<Int>, count: Int) {
        let source = UnsafePointer(column.values(as: StringView.self))
        if hasBounds { bound(source, elements, count) }
        var done = 0
        if isCoded {
            codes.reserve(count)
            while done < count {
                let view = stored(source[elements[done]])
                let (code, isNew) = dictionary.code(of: view)
                codes.append(code)
                codedBytes &+= view.count &+ 4
                done += 1
                guard isNew else { continue }
                if let bloomFilter { insert(view, into: bloomFilter) }
                if dictionaryBytes > dictionaryLimit {
                    giveUpDictionary()
                    break
                }
            }
        }
        while done < count {
            let view = stored(source[elements[done]])
            appendPlain(view)
            if let bloomFilter { insert(view, into: bloomFilter) }
            done += 1
        }
    }

    private func insert(_ view: StringView, into filter: BloomFilterBuilder) {
        filter.insert(UnsafeRawPointer(view.pointer), count: 1, width: view.count)
    }

    @inline(__always)
    private func appendPlain(_ view: StringView) {
        plain.append(length: view.count)
        plain.append(view.pointer, view.count)
    }

    private func giveUpDictionary() {
        for index in 0..<codes.count { appendPlain(dictionary[Int(codes.elements[index])]) }
        codes.removeAll()
        codedBytes = 0
        isCoded = false
    }

    private func bound(_ source: UnsafePointer<StringView>, _ elements: UnsafePointer<Int>, _ count: Int) {
        guard count > 0 else { return }
        var low = stored(source[elements[0]])
        var high = low
        for index in 1..<max(count, 1) {
            let view = stored(source[elements[index]])
            if view < low { low = view }
            if high < view { high = view }
        }
        Self.widen(&minimum, by: low, isUpper: false)
        Self.widen(&maximum, by: high, isUpper: true)
    }

    private static func widen(_ bound: inout [UInt8]?, by view: StringView, isUpper: Bool) {
        if let bound {
            let order = compare(view, bound)
            guard isUpper ? order > 0 : order < 0 else { return }
        }
        bound = Array(view.bytes)
    }

    private static func compare(_ view: StringView, _ bound: [UInt8]) -> Int {
        bound.withUnsafeBufferPointer { bound in
            bound.baseAddress.map { Int(StringView.compare(view, StringView($0, length: bound.count))) } ?? view.count
        }
    }

    func endPage(to bytes: inout ByteList) -> ParquetEncoding {
        if isCoded, !isDictionaryUsed, dictionaryBytes + codes.byteCount(entries: dictionary.count) >= codedBytes {
            giveUpDictionary()
        }
        if isCoded {
            isDictionaryUsed = true
            codes.encode(entries: dictionary.count, to: &bytes)
            codes.removeAll()
            codedBytes = 0
            return .plainDictionary
        }
        bytes.append(plain.bytes, plain.count)
        plain.removeAll()
        return .plain
    }

    func takeDictionary() -> (bytes: [UInt8], count: Int)? {
        defer {
            dictionary.removeAll()
            isCoded = mayUseDictionary
            isDictionaryUsed = false
        }
        guard isDictionaryUsed else { return nil }
        var list = ByteList()
        defer { list.deallocate() }
        for code in 0..<dictionary.count {
            let text = dictionary[code]
            list.append(length: text.count)
            list.append(text.pointer, text.count)
        }
        return (Array(list.buffer), dictionary.count)
    }

    func takePageBounds() -> LeafBounds {
        guard let low = minimum, let high = maximum else { return LeafBounds() }
        minimum = nil
        maximum = nil
        low.withUnsafeBufferPointer { Self.widen(&groupMinimum, by: Self.view($0), isUpper: false) }
        high.withUnsafeBufferPointer { Self.widen(&groupMaximum, by: Self.view($0), isUpper: true) }
        let bounds = (minimum: ShortBound.minimum(low), maximum: ShortBound.maximum(high))
        if let previous {
            order.add(
                minimum: Self.compare(bounds.minimum, previous.minimum), maximum: Self.compare(bounds.maximum, previous.maximum))
        }
        previous = bounds
        return LeafBounds(minimum: bounds.minimum, maximum: bounds.maximum)
    }

    private static func compare(_ one: [UInt8], _ other: [UInt8]) -> Int {
        one.withUnsafeBufferPointer { compare(view($0), other) }
    }

    func takeBounds() -> LeafChunkBounds {
        defer {
            (groupMinimum, groupMaximum, previous) = (nil, nil, nil)
            order = PageOrder()
        }
        var result = LeafChunkBounds(order: order.order)
        guard let low = groupMinimum, let high = groupMaximum else { return result }
        low.withUnsafeBufferPointer { Self.widen(&wholeMinimum, by: Self.view($0), isUpper: false) }
        high.withUnsafeBufferPointer { Self.widen(&wholeMaximum, by: Self.view($0), isUpper: true) }
        result.bounds = LeafBounds(
            minimum: low.count <= Self.longestBound ? low : nil, maximum: high.count <= Self.longestBound ? high : nil)
        return result
    }

    private static func view(_ bytes: UnsafeBufferPointer<UInt8>) -> StringView {
        bytes.baseAddress.map { StringView($0, length: bytes.count) } ?? StringView()
    }

    func appendBounds(minimum: ColumnBuilder, maximum: ColumnBuilder) {
        guard let low = wholeMinimum, let high = wholeMaximum, max(low.count, high.count) <= Self.longestBound else {
            minimum.appendNull()
            maximum.appendNull()
            return
        }
        low.withUnsafeBufferPointer { minimum.append(bytes: $0) }
        high.withUnsafeBufferPointer { maximum.append(bytes: $0) }
    }
}
