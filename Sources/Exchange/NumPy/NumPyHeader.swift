/// What stands in front of an array's elements in an `.npy` file: version 1.0, or 2.0 where the header is long.
struct NumPyHeader {
    /// NumPy's description of an element: `<f8`.
    var type: String
    /// Lengths of the axes, the last one the fastest; nil: a length that is not known yet, for which room is left.
    var shape: [Int?]

    /// Bytes of NumPy's format. Elements begin at a multiple of 64.
    func encoded() -> [UInt8] {
        var dictionary = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shapeText), }"
        // Digits of lengths that are put in later; as many as an Int can have.
        let room = shape.count { $0 == nil } * 19
        let prefix = dictionary.utf8.count + room + 1 + 10 > 65_000 ? 12 : 10
        let length = (prefix + dictionary.utf8.count + room + 1 + 63) / 64 * 64 - prefix
        dictionary += String(repeating: " ", count: length - dictionary.utf8.count - 1) + "\n"
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + (prefix == 10 ? [1, 0] : [2, 0])
        if prefix == 10 {
            bytes.append(littleEndian: UInt16(truncatingIfNeeded: length))
        } else {
            bytes.append(littleEndian: UInt32(truncatingIfNeeded: length))
        }
        return bytes + Array(dictionary.utf8)
    }

    /// The same once the unknown length is known, in as many bytes.
    func completed(_ length: Int) -> [UInt8] {
        let size = encoded().count
        let complete = NumPyHeader(type: type, shape: shape.map { $0 ?? length })
        var bytes = complete.encoded()
        guard let end = bytes.popLast(), bytes.count < size else { return complete.encoded() }
        bytes.append(contentsOf: repeatElement(0x20, count: size - bytes.count - 1))
        bytes.append(end)
        // The length of the header is that of the longer one.
        let isLong = bytes[6] == 2
        let count = size - (isLong ? 12 : 10)
        bytes[8] = UInt8(truncatingIfNeeded: count)
        bytes[9] = UInt8(truncatingIfNeeded: count >> 8)
        if isLong {
            bytes[10] = UInt8(truncatingIfNeeded: count >> 16)
            bytes[11] = UInt8(truncatingIfNeeded: count >> 24)
        }
        return bytes
    }

    private var shapeText: String {
        let lengths = shape.map { $0.map(String.init) ?? "0" }
        return "(" + lengths.joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
    }
}
