import Columnar

extension ByteBuffer {
    /// Appends a coordinate as Esri's texts and JSON have it: the shortest digits that read back, without zeros at the end; below
    /// 10^-4 and from 10^17 with an exponent behind seventeen digits (`1.0000000000000000e-07`).
    func append(coordinate value: Double) {
        if value.isNaN { return append("NaN") }
        if value.isInfinite { return append(value < 0 ? "-Infinity" : "Infinity") }
        if value.sign == .minus { append(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        guard magnitude != 0 else { return append(UInt8(ascii: "0")) }
        let (digits, point) = Self.digits(magnitude)
        guard magnitude < 1e-4 || magnitude >= 1e17 else {
            if point <= 0 {
                append("0.")
                append(repeating: UInt8(ascii: "0"), count: -point)
                return digits.withUnsafeBufferPointer { append($0) }
            }
            for place in 0..<max(point, digits.count) {
                if place == point { append(UInt8(ascii: ".")) }
                append(place < digits.count ? digits[place] : UInt8(ascii: "0"))
            }
            return
        }
        append(digits[0])
        append(UInt8(ascii: "."))
        for place in 1..<17 { append(place < digits.count ? digits[place] : UInt8(ascii: "0")) }
        let exponent = point - 1
        append(exponent < 0 ? "e-" : "e+")
        if abs(exponent) < 10 { append(UInt8(ascii: "0")) }
        append(String(abs(exponent)))
    }

    /// The digits of a positive number, without zeros at either end, and where its point stands: 0 before the first of them.
    private static func digits(_ value: Double) -> (digits: [UInt8], point: Int) {
        let text = ByteBuffer(capacity: 32)
        NumberFormatter.append(value, to: text)
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        let bytes = text.bytes
        for (place, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: ".") {
                point = digits.count
            } else if byte == UInt8(ascii: "E") {
                exponent = Int(String(decoding: bytes[(place + 1)...], as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        var start = (point ?? digits.count) + exponent
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        start -= zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, start)
    }
}
