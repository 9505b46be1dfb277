/// The smallest and the largest of some values in plain bytes; nil where none is kept.
struct LeafBounds {
    var minimum: [UInt8]?
    var maximum: [UInt8]?
}

/// What is known of the values of a row group.
struct LeafChunkBounds {
    var bounds = LeafBounds()
    /// How the bounds of the pages follow each other.
    var order = ParquetColumnIndex.Order.unordered
    /// Whether there is no value that bounds do not count, as NaN.
    var coverAll = true
}

/// Finds out how the bounds of pages follow each other.
struct PageOrder {
    private var ascends = true
    private var descends = true

    /// - Parameters: how the bounds of a page compare with those of the page before it.
    mutating func add(minimum: Int, maximum: Int) {
        if minimum < 0 || maximum < 0 { ascends = false }
        if minimum > 0 || maximum > 0 { descends = false }
    }

    var order: ParquetColumnIndex.Order { ascends ? .ascending : descends ? .descending : .unordered }
}

/// Bounds of strings that need not be values: short ones serve as well.
enum ShortBound {
    /// Bytes that parquet-mr leaves of a bound too.
    static let length = 64

    /// The beginning of a lower bound.
    static func minimum(_ bytes: [UInt8]) -> [UInt8] {
        bytes.count <= length ? bytes : Array(bytes[..<characterStart(bytes, length)])
    }

    /// The beginning of an upper bound, made larger; the bound itself when that cannot be.
    static func maximum(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > length else { return bytes }
        var end = characterStart(bytes, length)
        while end > 0 {
            let start = characterStart(bytes, end - 1)
            guard let text = String(validating: bytes[start..<end], as: UTF8.self), text.unicodeScalars.count == 1,
                let scalar = text.unicodeScalars.first
            else { return bytes }
            // Behind the last scalar before the surrogates come those after them.
            let next = scalar.value == 0xD7FF ? 0xE000 : scalar.value + 1
            if let larger = Unicode.Scalar(next) { return bytes[..<start] + Array(String(Character(larger)).utf8) }
            end = start
        }
        return bytes
    }

    /// Where the last character that begins before `limit`, or there, begins.
    private static func characterStart(_ bytes: [UInt8], _ limit: Int) -> Int {
        var end = limit
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}
