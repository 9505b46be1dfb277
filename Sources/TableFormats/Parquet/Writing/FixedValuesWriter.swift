import Columnar

/// Numbers, dates and timestamps: codes of a dictionary as long as that pays, then plain. The loop over rows is a closure, made
/// where the type is known: methods of a generic class that are called through a protocol are compiled once for all types.
final class FixedValuesWriter<Storage: FixedStorage>: LeafValuesWriter {
    private let storage: Storage
    private let dictionaryLimit: Int
    private let mayUseDictionary: Bool

    private var isCoded: Bool
    // Asked and appended to for every value, by one worker.
    @exclusivity(unchecked) private var table = CodeTable()
    @exclusivity(unchecked) private var keys: UnsafeMutablePointer<Storage.Key>
    private var keyCapacity = 256
    @exclusivity(unchecked) private var codes = CodeList()
    private var plain = ByteList()
    /// Whether a page of the row group refers to the dictionary.
    private var isDictionaryUsed = false

    private let bloomFilter: BloomFilterBuilder?

    // Bounds of the page, of the one before it, of the row group and of the file.
    private var minimum: Storage.Source?
    private var maximum: Storage.Source?
    private var previous: (minimum: Storage.Source, maximum: Storage.Source)?
    private var order = PageOrder()
    private var boundsCoverAll = true
    private var groupMinimum: Storage.Source?
    private var groupMaximum: Storage.Source?
    private var wholeMinimum: Storage.Source?
    private var wholeMaximum: Storage.Source?
    private let appendRows: (FixedValuesWriter, Column, UnsafePointer<Int>, Int) -> Void

    init(_ storage: Storage, options: ParquetWriteOptions, bloomFilter: BloomFilterBuilder? = nil) {
        self.storage = storage
        self.bloomFilter = bloomFilter
        appendRows = { $0.appendEach($1, $2, count: $3) }
        mayUseDictionary = options.usesDictionaries
        dictionaryLimit = options.dictionaryBytes
        isCoded = mayUseDictionary
        keys = .allocate(capacity: keyCapacity)
    }

    deinit {
        table.deallocate()
        keys.deallocate()
        codes.deallocate()
        plain.deallocate()
    }

    var byteCount: Int { table.byteCount + keyCapacity * MemoryLayout<Storage.Key>.stride + plain.capacity }

    var pageBytes: Int { isCoded ? codes.count * storage.width : plain.count }

    func append(_ column: Column, _ elements: UnsafePointer<Int>, count: Int) { appendRows(self, column, elements, count) }

    @inline(__always)
    private func appendEach(_ column: Column, _ elements: UnsafePointer<Int>, count: Int) {
        let source = UnsafePointer(column.values(as: Storage.Source.self))
        if storage.hasBounds { bound(source, elements, count) }
        var done = 0
        if isCoded {
            codes.reserve(count)
            while done < count {
                let key = storage.key(source[elements[done]])
                let keys = keys
                let (code, isNew) = table.code(Self.hash(key)) { keys[$0] == key }
                codes.append(code)
                done += 1
                guard isNew else { continue }
                add(key)
                if table.count * storage.width > dictionaryLimit {
                    giveUpDictionary()
                    break
                }
            }
        }
        guard done < count else { return }
        let storage = storage
        let width = storage.width
        // A whole key is written each time, and the next one over what is too much of it.
        let target = UnsafeMutableRawPointer(plain.room((count - done) * width + MemoryLayout<Storage.Key>.size))
        var offset = 0
        for index in done..<count {
            target.storeBytes(of: storage.key(source[elements[index]]).littleEndian, toByteOffset: offset, as: Storage.Key.self)
            offset &+= width
        }
        bloomFilter?.insert(UnsafeRawPointer(target), count: count - done, width: width)
        plain.advance(offset)
    }

    @inline(__always)
    private static func hash(_ key: Storage.Key) -> UInt64 {
        var bits = UInt64(truncatingIfNeeded: key)
        if Storage.Key.bitWidth > 64 { bits ^= UInt64(truncatingIfNeeded: key >> 64) &* 0x9E37_79B9_7F4A_7C15 }
        bits = (bits ^ bits &>> 32) &* 0xD6E8_FEB8_6659_FD93
        return (bits ^ bits &>> 32) &* 0xD6E8_FEB8_6659_FD93
    }

    private func add(_ key: Storage.Key) {
        let count = table.count
        if count > keyCapacity {
            let grown = UnsafeMutablePointer<Storage.Key>.allocate(capacity: keyCapacity * 2)
            grown.update(from: keys, count: keyCapacity)
            keys.deallocate()
            keys = grown
            keyCapacity *= 2
        }
        keys[count - 1] = key
        if let bloomFilter { withUnsafeBytes(of: key.littleEndian) { insert($0, into: bloomFilter) } }
        let keys = keys
        table.makeRoom { Self.hash(keys[$0]) }
    }

    private func insert(_ key: UnsafeRawBufferPointer, into filter: BloomFilterBuilder) {
        if let start = key.baseAddress { filter.insert(start, count: 1, width: storage.width) }
    }

    /// The page becomes plain; pages before it keep their codes.
    private func giveUpDictionary() {
        let width = storage.width
        let target = UnsafeMutableRawPointer(plain.room(codes.count * width + MemoryLayout<Storage.Key>.size))
        for index in 0..<codes.count {
            target.storeBytes(
                of: keys[Int(codes.elements[index])].littleEndian, toByteOffset: index * width, as: Storage.Key.self)
        }
        plain.advance(codes.count * width)
        codes.removeAll()
        isCoded = false
    }

    private func bound(_ source: UnsafePointer<Storage.Source>, _ elements: UnsafePointer<Int>, _ count: Int) {
        let storage = storage
        var first = 0
        if minimum == nil {
            while first < count, !storage.isBounded(source[elements[first]]) { first += 1 }
            if first > 0 { boundsCoverAll = false }
            guard first < count else { return }
            minimum = source[elements[first]]
            maximum = minimum
        }
        guard var low = minimum, var high = maximum else { return }
        var areBounded = true
        for index in first..<count {
            let value = source[elements[index]]
            // NaN is neither.
            if value < low { low = value }
            if value > high { high = value }
            areBounded = areBounded && storage.isBounded(value)
        }
        minimum = low
        maximum = high
        if !areBounded { boundsCoverAll = false }
    }

    func endPage(to bytes: inout ByteList) -> ParquetEncoding {
        if isCoded, !isDictionaryUsed {
            // The first page tells whether the dictionary pays.
            let coded = table.count * storage.width + codes.byteCount(entries: table.count)
            if coded >= codes.count * storage.width { giveUpDictionary() }
        }
        if isCoded {
            isDictionaryUsed = true
            codes.encode(entries: table.count, to: &bytes)
            codes.removeAll()
            return .plainDictionary
        }
        bytes.append(plain.bytes, plain.count)
        plain.removeAll()
        return .plain
    }

    func takeDictionary() -> (bytes: [UInt8], count: Int)? {
        defer {
            table.removeAll()
            isCoded = mayUseDictionary
            isDictionaryUsed = false
        }
        guard isDictionaryUsed else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(table.count * storage.width)
        for code in 0..<table.count { bytes += plainBytes(keys[code]) }
        return (bytes, table.count)
    }

    private func plainBytes(_ key: Storage.Key) -> [UInt8] {
        withUnsafeBytes(of: key.littleEndian) { Array($0.prefix(storage.width)) }
    }

    func takePageBounds() -> LeafBounds {
        guard let low = minimum, let high = maximum else { return LeafBounds() }
        groupMinimum = groupMinimum.map { min($0, low) } ?? low
        groupMaximum = groupMaximum.map { max($0, high) } ?? high
        if let previous { order.add(minimum: Self.compare(low, previous.minimum), maximum: Self.compare(high, previous.maximum)) }
        previous = (low, high)
        minimum = nil
        maximum = nil
        return bounds(low, high)
    }

    private static func compare(_ one: Storage.Source, _ other: Storage.Source) -> Int { one < other ? -1 : one > other ? 1 : 0 }

    private func bounds(_ low: Storage.Source, _ high: Storage.Source) -> LeafBounds {
        LeafBounds(
            minimum: plainBytes(storage.key(storage.bound(low, isUpper: false))),
            maximum: plainBytes(storage.key(storage.bound(high, isUpper: true))))
    }

    func takeBounds() -> LeafChunkBounds {
        defer {
            (groupMinimum, groupMaximum, previous) = (nil, nil, nil)
            order = PageOrder()
            boundsCoverAll = true
        }
        var result = LeafChunkBounds(order: order.order, coverAll: boundsCoverAll)
        guard let low = groupMinimum, let high = groupMaximum else { return result }
        wholeMinimum = wholeMinimum.map { min($0, low) } ?? low
        wholeMaximum = wholeMaximum.map { max($0, high) } ?? high
        result.bounds = bounds(low, high)
        return result
    }

    func appendBounds(minimum: ColumnBuilder, maximum: ColumnBuilder) {
        guard let low = wholeMinimum, let high = wholeMaximum else {
            minimum.appendNull()
            maximum.appendNull()
            return
        }
        minimum.append(storage.bound(low, isUpper: false))
        maximum.append(storage.bound(high, isUpper: true))
    }
}

/// Booleans, a bit each.
final class BooleanValuesWriter: LeafValuesWriter {
    private var values = ByteList()
    private var seen: (no: Bool, yes: Bool) = (false, false)
    private var previous: (no: Bool, yes: Bool)?
    private var order = PageOrder()
    private var groupSeen: (no: Bool, yes: Bool) = (false, false)
    private var everSeen: (no: Bool, yes: Bool) = (false, false)

    deinit { values.deallocate() }

    var byteCount: Int { values.capacity }
    var pageBytes: Int { values.count / 8 }

    func append(_ column: Column, _ elements: UnsafePointer<Int>, count: Int) {
        let source = UnsafePointer(column.values(as: UInt8.self))
        let target = values.room(count)
        var ones = 0
        for index in 0..<count {
            target[index] = source[elements[index]]
            ones &+= Int(target[index])
        }
        values.advance(count)
        if ones > 0 { seen.yes = true }
        if ones < count { seen.no = true }
    }

    func endPage(to bytes: inout ByteList) -> ParquetEncoding {
        let count = values.count
        let target = bytes.room((count + 7) / 8)
        target.update(repeating: 0, count: (count + 7) / 8)
        for index in 0..<count { target[index >> 3] |= values.bytes[index] &<< UInt8(truncatingIfNeeded: index & 7) }
        bytes.advance((count + 7) / 8)
        values.removeAll()
        return .plain
    }

    func takeDictionary() -> (bytes: [UInt8], count: Int)? { nil }

    func takePageBounds() -> LeafBounds {
        defer { seen = (false, false) }
        guard seen.no || seen.yes else { return LeafBounds() }
        groupSeen = (groupSeen.no || seen.no, groupSeen.yes || seen.yes)
        if let previous {
            // True is above false.
            order.add(
                minimum: (seen.no ? 0 : 1) - (previous.no ? 0 : 1), maximum: (seen.yes ? 1 : 0) - (previous.yes ? 1 : 0))
        }
        previous = seen
        return Self.bounds(seen)
    }

    private static func bounds(_ seen: (no: Bool, yes: Bool)) -> LeafBounds {
        seen.no || seen.yes ? LeafBounds(minimum: [seen.no ? 0 : 1], maximum: [seen.yes ? 1 : 0]) : LeafBounds()
    }

    func takeBounds() -> LeafChunkBounds {
        defer {
            (groupSeen, previous) = ((false, false), nil)
            order = PageOrder()
        }
        everSeen = (everSeen.no || groupSeen.no, everSeen.yes || groupSeen.yes)
        return LeafChunkBounds(bounds: Self.bounds(groupSeen), order: order.order)
    }

    func appendBounds(minimum: ColumnBuilder, maximum: ColumnBuilder) {
        guard everSeen.no || everSeen.yes else {
            minimum.appendNull()
            maximum.appendNull()
            return
        }
        minimum.append(!everSeen.no)
        maximum.append(everSeen.yes)
    }
}
