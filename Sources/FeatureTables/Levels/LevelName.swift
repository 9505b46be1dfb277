import Columnar

/// Texts as names of levels and classes.
enum LevelName {
    /// The text itself. Bytes that are no UTF-8 are written `\xE9`: repaired alike they would make one level of many.
    static func of(_ text: StringView) -> String {
        if let name = String(validating: text.bytes, as: UTF8.self) { return name }
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var name = String.UnicodeScalarView()
        var at = 0
        let bytes = text.bytes
        while at < bytes.count {
            let scalar = (1...4).lazy.filter { at + $0 <= bytes.count }.compactMap { length in
                String(validating: bytes[at..<at + length], as: UTF8.self).map { (length: length, text: $0) }
            }.first
            if let scalar {
                name.append(contentsOf: scalar.text.unicodeScalars)
                at += scalar.length
            } else {
                name.append(contentsOf: ["\\", "x", digits[Int(bytes[at] >> 4)], digits[Int(bytes[at] & 15)]])
                at += 1
            }
        }
        return String(name)
    }

    /// Names by their bytes: Swift holds texts for equal that only look the same, which SQL tells apart.
    static func numbers(_ names: [String]) -> [[UInt8]: Int32] {
        var numbers: [[UInt8]: Int32] = [:]
        for (number, name) in names.enumerated() { numbers[Array(name.utf8)] = Int32(number) }
        return numbers
    }
}
