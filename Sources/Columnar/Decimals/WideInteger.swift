/// An unsigned 256-bit integer: intermediate results of DECIMAL arithmetic, whose operands have up to 38 digits
/// (127 bits) and are scaled by up to 10^38.
struct WideInteger: Comparable {
    var high: UInt128
    var low: UInt128

    static let zero = WideInteger(high: 0, low: 0)

    init(high: UInt128, low: UInt128) {
        self.high = high
        self.low = low
    }

    init(_ low: UInt128) { self.init(high: 0, low: low) }

    init(product left: UInt128, _ right: UInt128) {
        let (high, low) = left.multipliedFullWidth(by: right)
        self.init(high: high, low: low)
    }

    static func < (left: WideInteger, right: WideInteger) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    static func &+ (left: WideInteger, right: WideInteger) -> WideInteger {
        let (low, carry) = left.low.addingReportingOverflow(right.low)
        return WideInteger(high: left.high &+ right.high &+ (carry ? 1 : 0), low: low)
    }

    static func &- (left: WideInteger, right: WideInteger) -> WideInteger {
        let (low, borrow) = left.low.subtractingReportingOverflow(right.low)
        return WideInteger(high: left.high &- right.high &- (borrow ? 1 : 0), low: low)
    }

    /// - Precondition: `divisor` is not 0.
    func quotientAndRemainder(dividingBy divisor: UInt128) -> (quotient: WideInteger, remainder: UInt128) {
        if high == 0 {
            let (quotient, remainder) = low.quotientAndRemainder(dividingBy: divisor)
            return (WideInteger(quotient), remainder)
        }
        let (top, rest) = high.quotientAndRemainder(dividingBy: divisor)
        let (bottom, remainder) = divisor.dividingFullWidth((rest, low))
        return (WideInteger(high: top, low: bottom), remainder)
    }

    /// Divides by 10^`digits`, halves away from zero.
    func dividedByPowerOfTen(_ digits: Int) -> WideInteger {
        guard digits > 0 else { return self }
        // Cutting digits off composes, rounding does not: round at the last digit only.
        var value = self
        var left = digits - 1
        while left > 0 {
            let step = min(left, 38)
            value = value.quotientAndRemainder(dividingBy: UInt128(truncatingIfNeeded: Decimals.powersOfTen[step])).quotient
            left -= step
        }
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
        return remainder >= 5 ? quotient &+ WideInteger(1) : quotient
    }
}
