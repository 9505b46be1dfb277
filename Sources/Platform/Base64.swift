/// Base64 of RFC 4648.
package enum Base64 {
    /// What a byte means.
    private enum Code {
        static let foreign: UInt8 = 255
        static let blank: UInt8 = 64
        static let padding: UInt8 = 65
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let codes: [UInt8] = {
        var codes = [UInt8](repeating: Code.foreign, count: 256)
        for (value, byte) in alphabet.enumerated() { codes[Int(byte)] = UInt8(truncatingIfNeeded: value) }
        // The URL-safe alphabet is read as well.
        codes[Int(UInt8(ascii: "-"))] = 62
        codes[Int(UInt8(ascii: "_"))] = 63
        for byte: UInt8 in [0x20, 0x09, 0x0A, 0x0D] { codes[Int(byte)] = Code.blank }
        codes[Int(UInt8(ascii: "="))] = Code.padding
        return codes
    }()

    /// Whether there is nothing in `bytes` but the alphabet, padding and blanks.
    package static func isPlausible(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let codes = codes
        return bytes.allSatisfy { codes[Int($0)] != Code.foreign }
    }

    /// Writes what `bytes` stand for, up to the first padding, and returns how many bytes that are. What is not of the
    /// alphabet is passed over.
    /// - Precondition: `target` has room for `bytes.count` bytes.
    package static func decode(_ bytes: UnsafeBufferPointer<UInt8>, into target: UnsafeMutablePointer<UInt8>) -> Int {
        codes.withUnsafeBufferPointer { codes in
            var used = 0
            var bits: UInt32 = 0
            var held = 0
            for byte in bytes {
                let code = codes[Int(byte)]
                if code >= 64 {
                    if code == Code.padding { break }
                    continue
                }
                bits = bits << 6 | UInt32(code)
                held += 6
                if held >= 8 {
                    held -= 8
                    target[used] = UInt8(truncatingIfNeeded: bits >> UInt32(held))
                    used += 1
                }
            }
            return used
        }
    }

    /// Appends the standard form with padding.
    package static func encode(_ bytes: UnsafeBufferPointer<UInt8>, _ append: (UInt8) -> Void) {
        alphabet.withUnsafeBufferPointer { alphabet in
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(3, bytes.count - start)
                var word: UInt32 = 0
                for index in 0..<3 { word = word << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
                for digit in 0..<4 {
                    append(digit <= count ? alphabet[Int(word >> UInt32(18 - digit * 6) & 63)] : UInt8(ascii: "="))
                }
            }
        }
    }
}
