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
    private var table = CodeTable()
    private var entries: UnsafeMutablePointer<StringView>
    private var entryCapacity = 256
    private var heap = StringHeap()
    private var dictionaryBytes = 0
    private var codes = PageCodes()
    private var codedBytes = 0
    private var plain = ByteList()
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
        entries = .allocate(capacity: entryCapacity)
    }

    deinit {
        table.deallocate()
        entries.deallocate()
        codes.deallocate()
        plain.deallocate()
    }

    var byteCount: Int { table.byteCount + entryCapacity * 16 + heap.byteCount + plain.capacity }

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
                let entries = entries
                let (code, isNew) = table.code(Hashing.hash(view)) { entries[$0] == view }
                codes.append(code)
                codedBytes &+= view.count &+ 4
                done += 1
                guard isNew else { continue }
                add(view)
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

    private func add(_ view: StringView) {
        let count = table.count
        if count > entryCapacity {
            let grown = UnsafeMutablePointer<StringView>.allocate(capacity: entryCapacity * 2)
            grown.update(from: entries, count: entryCapacity)
            entries.deallocate()
            entries = grown
            entryCapacity *= 2
        }
        entries[count - 1] = heap.copy(view)
        if let bloomFilter { insert(view, into: bloomFilter) }
        dictionaryBytes += view.count + 4
        let entries = entries
        table.makeRoom { Hashing.hash(entries[$0]) }
    }

    private func giveUpDictionary() {
        for index in 0..<codes.count { appendPlain(entries[Int(codes.elements[index])]) }
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
        if isCoded, !isDictionaryUsed, dictionaryBytes + codes.byteCount(entries: table.count) >= codedBytes {
            giveUpDictionary()
        }
        if isCoded {
            isDictionaryUsed = true
            codes.encode(entries: table.count, to: &bytes)
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
            table.removeAll()
            heap = StringHeap()
            dictionaryBytes = 0
            isCoded = mayUseDictionary
            isDictionaryUsed = false
        }
        guard isDictionaryUsed else { return nil }
        var list = ByteList()
        defer { list.deallocate() }
        for code in 0..<table.count {
            list.append(length: entries[code].count)
            list.append(entries[code].pointer, entries[code].count)
        }
        return (Array(list.buffer), table.count)
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
