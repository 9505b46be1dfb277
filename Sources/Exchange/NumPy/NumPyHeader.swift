/// What stands in front of an array's elements in an `.npy` file: version 1.0, or 2.0 where the header is long.
struct NumPyHeader {
    /// NumPy's description of an element: `<f8`.
    var type: String
    /// Lengths of the axes, the last one the fastest; nil: a length that is not known yet, for which room is left.
    var shape: [Int?]

    /// Bytes of NumPy's format, as many for every `length`. Elements begin at a multiple of 64.
    /// - Parameter length: what is not known yet in `shape`.
    func encoded(length: Int = 0) -> [UInt8] {
        let lengths = shape.map { String($0 ?? length) }
        let text = lengths.joined(separator: ", ") + (shape.count == 1 ? "," : "")
        let dictionary = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(text)), }"
        // As many digits as an Int can have, and one more.
        let room = zip(shape, lengths).reduce(0) { $0 + ($1.0 == nil ? 20 - $1.1.utf8.count : 0) }
        let needed = dictionary.utf8.count + room + 1
        let prefix = needed + 10 > 65_000 ? 12 : 10
        let count = (prefix + needed + 63) / 64 * 64 - prefix
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + (prefix == 10 ? [1, 0] : [2, 0])
        if prefix == 10 {
            bytes.append(littleEndian: UInt16(truncatingIfNeeded: count))
        } else {
            bytes.append(littleEndian: UInt32(truncatingIfNeeded: count))
        }
        bytes += dictionary.utf8
        bytes.append(contentsOf: repeatElement(0x20, count: count - dictionary.utf8.count - 1))
        bytes.append(10)
        return bytes
    }
}
