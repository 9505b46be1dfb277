/// A sum of doubles, or of their squares, that is never rounded: a fixed-point number as wide as the numbers ask for. So
/// it does not depend on the order in which numbers and other sums come.
///
/// It is kept as digits of 32 bits in words of 64, which take a billion additions before carries have to move.
struct ExactSum {
    /// What bit 0 stands for: the smallest double that is not 0, or its square.
    enum Unit: Int, Sendable {
        case smallest = -1074
        case smallestSquared = -2148
    }

    let unit: Unit
    /// Lowest first. The last may be -1: then the number is negative, in two's complement.
    private var digits: [Int64] = []
    /// The place of `digits[0]`: digit `i` counts `2^(32 (first + i))` units.
    private var first = 0
    private var additionsSinceCarry = 0

    private static let digitMask: Int64 = 0xffff_ffff
    /// Digits of all doubles' squares, and some more for carries.
    private static let mostDigits = 140

    init(_ unit: Unit) { self.unit = unit }

    var heapBytes: Int { digits.capacity * MemoryLayout<Int64>.stride }

    /// Adds a finite number, or its square where the unit is one of squares.
    @inline(__always)
    mutating func add(_ value: Double) {
        let exponent = Int(value.exponentBitPattern)
        let significand = value.significandBitPattern | (exponent == 0 ? 0 : 1 << 52)
        guard significand != 0 else { return }
        let place = max(exponent, 1) - 1
        switch unit {
        case .smallest: add(significand, at: place, isNegative: value < 0)
        case .smallestSquared:
            let square = significand.multipliedFullWidth(by: significand)
            add(square.low, at: 2 * place, isNegative: false)
            add(square.high, at: 2 * place + 64, isNegative: false)
        }
    }

    private mutating func add(_ magnitude: UInt64, at bit: Int, isNegative: Bool) {
        let place = bit >> 5
        if place < first || place + 3 > first + digits.count { widen(place..<place + 3) }
        let shifted = UInt128(magnitude) << UInt128(bit & 31)
        let at = place - first
        digits.withUnsafeMutableBufferPointer { digits in
            for step in 0..<3 {
                let digit = Int64(UInt32(truncatingIfNeeded: shifted >> UInt128(32 * step)))
                digits[at + step] += isNegative ? -digit : digit
            }
        }
        additionsSinceCarry += 1
        if additionsSinceCarry == 1 << 30 { carry() }
    }

    private mutating func widen(_ places: Range<Int>) {
        if digits.isEmpty { first = places.lowerBound }
        if places.lowerBound < first {
            digits.insert(contentsOf: repeatElement(0, count: first - places.lowerBound), at: 0)
            first = places.lowerBound
        }
        let missing = places.upperBound - first - digits.count
        if missing > 0 { digits += repeatElement(0, count: missing) }
    }

    mutating func add(_ other: ExactSum) {
        var other = other
        other.carry()
        carry()
        guard !other.digits.isEmpty else { return }
        widen(other.first..<other.first + other.digits.count)
        for (index, digit) in other.digits.enumerated() { digits[other.first - first + index] += digit }
        additionsSinceCarry += 1
    }

    /// Brings equal sums to equal digits.
    mutating func carry() {
        additionsSinceCarry = 0
        var carried: Int64 = 0
        for index in digits.indices {
            let sum = digits[index] + carried
            digits[index] = sum & Self.digitMask
            carried = sum >> 32
        }
        while carried != 0, carried != -1 {
            digits.append(carried & Self.digitMask)
            carried >>= 32
        }
        if carried == -1 { digits.append(-1) }
        while digits.last == 0 { digits.removeLast() }
        while digits.count > 1, digits.last == -1, digits[digits.count - 2] == Self.digitMask {
            digits.removeLast()
            digits[digits.count - 1] = -1
        }
        let zeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(zeros)
        first = digits.isEmpty ? 0 : first + zeros
    }

    /// The sum without its sign, in units.
    private var magnitude: (number: NaturalNumber, isNegative: Bool) {
        var sum = self
        sum.carry()
        let isNegative = sum.digits.last == -1
        guard isNegative else { return (NaturalNumber(sum.digits.map { UInt32(truncatingIfNeeded: $0) }, shift: sum.first), false) }
        var borrow: Int64 = 0
        var result: [UInt32] = []
        for digit in sum.digits.dropLast() {
            let difference = borrow - digit
            result.append(UInt32(truncatingIfNeeded: difference))
            borrow = difference >> 32
        }
        // The -1 at the end, with its sign turned.
        result.append(UInt32(truncatingIfNeeded: 1 + borrow))
        return (NaturalNumber(result, shift: sum.first), true)
    }

    /// The sum divided by `count`, which is above 0, rounded once.
    func divided(by count: Int64) -> Double {
        let (number, isNegative) = magnitude
        let (significand, exponent) = number.divided(by: UInt64(count.magnitude)).rounded
        let quotient = Double(sign: .plus, exponent: exponent + unit.rawValue, significand: significand)
        return isNegative ? -quotient : quotient
    }

    /// The standard deviation of the sample of `count` numbers that add up to `sum` and whose squares to `squares`: 0 for
    /// less than two. Nothing is rounded before the last steps, so what is far from 0 loses nothing.
    static func deviation(count: Int64, sum: ExactSum, squares: ExactSum) -> Double {
        guard count > 1 else { return 0 }
        let total = squares.magnitude.number.multiplied(by: UInt64(count)), square = sum.magnitude.number.squared
        var (significand, exponent) = total.subtracting(square).rounded
        if exponent % 2 != 0 {
            significand *= 2
            exponent -= 1
        }
        let root = (significand / (Double(count) * Double(count - 1))).squareRoot()
        return Double(sign: .plus, exponent: (exponent + Unit.smallestSquared.rawValue) / 2, significand: root)
    }

    // MARK: bytes

    func write(to writer: inout FittedStateWriter) {
        var sum = self
        sum.carry()
        writer.write(UInt16(sum.first))
        writer.write(UInt16(sum.digits.count))
        for digit in sum.digits { writer.write(digit) }
    }

    init(_ unit: Unit, _ reader: inout FittedStateReader) throws {
        self.unit = unit
        first = Int(try reader.number(UInt16.self))
        let count = Int(try reader.number(UInt16.self))
        guard first + count <= Self.mostDigits else { throw reader.damage }
        for _ in 0..<count {
            let digit = try reader.number(Int64.self)
            guard (-1...Self.digitMask).contains(digit) else { throw reader.damage }
            digits.append(digit)
        }
    }
}

/// A whole number that is not negative, of any size: digits of 32 bits, lowest first, before which there are `shift` zeros.
private struct NaturalNumber {
    var digits: [UInt32]
    var shift: Int

    init(_ digits: [UInt32], shift: Int) {
        self.digits = digits
        self.shift = shift
        while self.digits.last == 0 { self.digits.removeLast() }
    }

    var squared: NaturalNumber {
        var result = [UInt32](repeating: 0, count: digits.count * 2)
        for (place, digit) in digits.enumerated() {
            var carry: UInt64 = 0
            for (index, other) in digits.enumerated() {
                let sum = UInt64(digit) * UInt64(other) + UInt64(result[place + index]) + carry
                result[place + index] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            result[place + digits.count] = UInt32(truncatingIfNeeded: carry)
        }
        return NaturalNumber(result, shift: shift * 2)
    }

    func multiplied(by factor: UInt64) -> NaturalNumber {
        var result: [UInt32] = []
        var carry: UInt128 = 0
        for digit in digits {
            carry += UInt128(digit) * UInt128(factor)
            result.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        while carry != 0 {
            result.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        return NaturalNumber(result, shift: shift)
    }

    /// The quotient to 64 bits and more; its last bit is set when there would be others behind it, so that it rounds as
    /// the whole does.
    func divided(by divisor: UInt64) -> NaturalNumber {
        var quotient = [UInt32](repeating: 0, count: 4) + digits
        var rest: UInt128 = 0
        for place in quotient.indices.reversed() {
            rest = rest << 32 | UInt128(quotient[place])
            quotient[place] = UInt32(truncatingIfNeeded: rest / UInt128(max(divisor, 1)))
            rest %= UInt128(max(divisor, 1))
        }
        if rest != 0 { quotient[0] |= 1 }
        return NaturalNumber(quotient, shift: shift - 4)
    }

    /// - Precondition: `other` is not greater; what it has more is left out.
    func subtracting(_ other: NaturalNumber) -> NaturalNumber {
        let low = min(shift, other.shift)
        let count = max(digits.count + shift, other.digits.count + other.shift) - low
        var result: [UInt32] = []
        result.reserveCapacity(count)
        var borrow: Int64 = 0
        for place in low..<low + count {
            let difference = Int64(self[place]) - Int64(other[place]) + borrow
            result.append(UInt32(truncatingIfNeeded: difference))
            borrow = difference >> 32
        }
        return NaturalNumber(result, shift: low)
    }

    private subscript(place: Int) -> UInt32 {
        digits.indices.contains(place - shift) ? digits[place - shift] : 0
    }

    /// The number as `significand · 2^exponent`, rounded to the nearest.
    var rounded: (significand: Double, exponent: Int) {
        guard let last = digits.last else { return (0, 0) }
        let top = digits.suffix(4)
        var bits = top.reduce(into: UInt128(0)) { $0 = $0 >> 32 | UInt128($1) << 96 }
        bits <<= UInt128(last.leadingZeroBitCount)
        // Bits behind the first 64 only tell a half from more than a half.
        let isMore = UInt64(truncatingIfNeeded: bits) != 0 || digits.dropLast(4).contains { $0 != 0 }
        let leading = UInt64(truncatingIfNeeded: bits >> 64) | (isMore ? 1 : 0)
        return (Double(leading), 32 * (shift + digits.count) - last.leadingZeroBitCount - 64)
    }
}
