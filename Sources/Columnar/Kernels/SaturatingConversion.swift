// Java's narrowing of a floating-point number to `int` and `long`: cut towards zero, saturated at the type's limits, 0 for
// NaN. Swift's own conversions end the process for what does not fit, so values of data are never given to them.

extension Int32 {
    @inlinable @inline(__always)
    package init(saturating value: Double) {
        self = value != value ? 0 : value >= 2_147_483_647 ? .max : value <= -2_147_483_648 ? .min : Int32(value)
    }
}

extension Int64 {
    @inlinable @inline(__always)
    package init(saturating value: Double) {
        self = value != value ? 0 : value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int64(value)
    }
}
