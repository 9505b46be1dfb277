/// Whole numbers of any size, for signs that doubles are too coarse for. Only what those need: no division.
struct ExactInteger {
    private(set) var isNegative: Bool
    /// 32 bits each, the least first; no zeros at the end.
    private var digits: [UInt32]

    init(_ value: Int64 = 0) { self.init(value.magnitude, shiftedBy: 0, isNegative: value < 0) }

    /// `magnitude` · 2^`shift`
    init(_ magnitude: UInt64, shiftedBy shift: Int, isNegative: Bool) {
        digits = []
        self.isNegative = isNegative && magnitude != 0
        guard magnitude != 0 else { return }
        digits = Array(repeating: 0, count: shift / 32)
        let bits = shift % 32
        var rest = magnitude
        var carry: UInt64 = 0
        while rest != 0 || carry != 0 {
            let word = ((rest & 0xFFFF_FFFF) << UInt64(bits)) | carry
            digits.append(UInt32(truncatingIfNeeded: word))
            carry = word >> 32
            rest >>= 32
        }
    }

    private init(isNegative: Bool, digits: [UInt32]) {
        var digits = digits
        while digits.last == 0 { digits.removeLast() }
        self.digits = digits
        self.isNegative = isNegative && !digits.isEmpty
    }

    /// -1, 0 or 1.
    var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    static prefix func - (value: ExactInteger) -> ExactInteger {
        ExactInteger(isNegative: !value.isNegative, digits: value.digits)
    }

    static func + (left: ExactInteger, right: ExactInteger) -> ExactInteger {
        if left.isNegative == right.isNegative {
            return ExactInteger(isNegative: left.isNegative, digits: sum(left.digits, right.digits))
        }
        return isLess(left.digits, right.digits)
            ? ExactInteger(isNegative: right.isNegative, digits: difference(right.digits, left.digits))
            : ExactInteger(isNegative: left.isNegative, digits: difference(left.digits, right.digits))
    }

    static func - (left: ExactInteger, right: ExactInteger) -> ExactInteger { left + -right }

    static func * (left: ExactInteger, right: ExactInteger) -> ExactInteger {
        guard left.sign != 0, right.sign != 0 else { return ExactInteger() }
        var product = [UInt32](repeating: 0, count: left.digits.count + right.digits.count)
        for (place, digit) in left.digits.enumerated() {
            var carry: UInt64 = 0
            for (offset, other) in right.digits.enumerated() {
                let value = UInt64(digit) * UInt64(other) + UInt64(product[place + offset]) + carry
                product[place + offset] = UInt32(truncatingIfNeeded: value)
                carry = value >> 32
            }
            product[place + right.digits.count] = UInt32(truncatingIfNeeded: carry)
        }
        return ExactInteger(isNegative: left.isNegative != right.isNegative, digits: product)
    }

    /// The value as `fraction` · 2^`exponent`, within two units of the last place of `fraction`, which has the sign.
    var approximation: (fraction: Double, exponent: Int) {
        var fraction = 0.0
        let first = max(0, digits.count - 3)
        for place in (first..<digits.count).reversed() { fraction = fraction * 4_294_967_296 + Double(digits[place]) }
        return (isNegative ? -fraction : fraction, first * 32)
    }

    private static func isLess(_ left: [UInt32], _ right: [UInt32]) -> Bool {
        if left.count != right.count { return left.count < right.count }
        for place in left.indices.reversed() where left[place] != right[place] { return left[place] < right[place] }
        return false
    }

    private static func sum(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
        let (long, short) = left.count < right.count ? (right, left) : (left, right)
        var result = long
        var carry: UInt64 = 0
        for place in long.indices {
            if place >= short.count, carry == 0 { break }
            let value = UInt64(long[place]) + (place < short.count ? UInt64(short[place]) : 0) + carry
            result[place] = UInt32(truncatingIfNeeded: value)
            carry = value >> 32
        }
        if carry != 0 { result.append(UInt32(truncatingIfNeeded: carry)) }
        return result
    }

    /// `left` is not less than `right`.
    private static func difference(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
        var result = left
        var borrow: Int64 = 0
        for place in left.indices {
            if place >= right.count, borrow == 0 { break }
            var value = Int64(left[place]) - (place < right.count ? Int64(right[place]) : 0) - borrow
            borrow = value < 0 ? 1 : 0
            if value < 0 { value += 4_294_967_296 }
            result[place] = UInt32(truncatingIfNeeded: value)
        }
        return result
    }
}

/// Turns the finite coordinates of one computation into whole numbers: all are multiples of one power of two.
struct ExactScale {
    private(set) var exponent = Int.max

    /// Takes a coordinate into account; it is finite.
    mutating func include(_ value: Double) {
        guard value != 0 else { return }
        exponent = min(exponent, Self.lowestExponent(value))
    }

    /// The weight of the last bit of a double that is not 0.
    private static func lowestExponent(_ value: Double) -> Int {
        (value.isNormal ? Int(value.exponent) : Int(Double.leastNormalMagnitude.exponent)) - Double.significandBitCount
    }

    /// The coordinate in units of the scale, which it was included in.
    func integer(_ value: Double) -> ExactInteger {
        guard value != 0 else { return ExactInteger() }
        let magnitude =
            value.isNormal ? value.significandBitPattern | (1 << UInt64(Double.significandBitCount)) : value.significandBitPattern
        return ExactInteger(magnitude, shiftedBy: max(0, Self.lowestExponent(value) - exponent), isNegative: value < 0)
    }
}
