import Columnar

/// How a stored value of one width becomes an element.
protocol FixedConversion: Sendable {
    associatedtype Target: ColumnElement
    /// Bytes of a plain value.
    var width: Int { get }
    func convert(_ source: UnsafeRawPointer) -> Target
    /// Whether plain values are elements, bit for bit.
    static var isCopy: Bool { get }
    /// Whether the elements are ones that the column's type may have.
    func holds(_ elements: UnsafePointer<Target>, _ count: Int) -> Bool
}

extension FixedConversion {
    @inline(__always) static var isCopy: Bool { false }
    @inline(__always) func holds(_: UnsafePointer<Target>, _: Int) -> Bool { true }
}

/// The bits as they are.
struct SameBits<Target: ColumnElement & BitwiseCopyable>: FixedConversion {
    @inline(__always) static var isCopy: Bool { true }
    @inline(__always) var width: Int { MemoryLayout<Target>.size }
    @inline(__always) func convert(_ source: UnsafeRawPointer) -> Target { source.loadUnaligned(as: Target.self) }
}

/// An integer as one of another width; what does not fit loses its upper bits.
struct IntegerBits<Source: FixedWidthInteger & BitwiseCopyable, Target: FixedWidthInteger & ColumnElement>: FixedConversion {
    @inline(__always) var width: Int { MemoryLayout<Source>.size }
    @inline(__always) func convert(_ source: UnsafeRawPointer) -> Target {
        Target(truncatingIfNeeded: source.loadUnaligned(as: Source.self))
    }
}

/// NULLs alone: whatever is stored means nothing.
struct NoValue: FixedConversion {
    let width: Int
    func convert(_: UnsafeRawPointer) -> UInt8 { 0 }
}

/// A DECIMAL's unscaled value, big-endian.
struct BigEndianDecimal: FixedConversion {
    let width: Int

    @inline(__always) func convert(_ source: UnsafeRawPointer) -> Int128 { Self.value(source, count: width) }

    @inline(__always) func holds(_ elements: UnsafePointer<Int128>, _ count: Int) -> Bool {
        Self.holds(elements, count)
    }

    /// No DECIMAL is as large: stands for one that does not fit.
    static let unfit = Int128.max

    @inline(__always)
    static func holds(_ elements: UnsafePointer<Int128>, _ count: Int) -> Bool {
        let limit = Decimals.powerOfTen(38)
        var isHeld = true
        for index in 0..<count { isHeld = isHeld && elements[index] < limit && elements[index] > -limit }
        return isHeld
    }

    @inline(__always)
    static func value(_ source: UnsafeRawPointer, count: Int) -> Int128 {
        let bytes = source.assumingMemoryBound(to: UInt8.self)
        if count <= 0 { return 0 }
        var value = Int128(Int8(bitPattern: bytes[0]))
        if count <= 8 {
            var narrow = Int64(Int8(bitPattern: bytes[0]))
            for index in 1..<max(count, 1) { narrow = narrow << 8 | Int64(bytes[index]) }
            return Int128(narrow)
        }
        for index in 1..<count {
            // More than 16 bytes are fine as long as they only repeat the sign.
            if index > 15, value >> 119 != 0, value >> 119 != -1 { return unfit }
            value = value << 8 | Int128(bytes[index])
        }
        return value
    }
}

/// IEEE 754's half precision.
struct HalfFloat: FixedConversion {
    @inline(__always) var width: Int { 2 }
    @inline(__always) func convert(_ source: UnsafeRawPointer) -> Float { Self.value(source.loadUnaligned(as: UInt16.self)) }

    static func value(_ half: UInt16) -> Float {
        let sign = UInt32(half & 0x8000) << 16
        let exponent = UInt32(half >> 10 & 0x1F)
        let fraction = UInt32(half & 0x3FF)
        switch exponent {
        case 0: return (sign == 0 ? 1 : -1) * Float(fraction) * 0x1p-24
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}

/// How many units of a timestamp a second has; a constant each, because dividing by a variable takes ten times as long.
protocol SecondParts: Sendable {
    static var perSecond: Int64 { get }
}

enum Milliseconds: SecondParts {
    @inline(__always) static var perSecond: Int64 { 1000 }
}

enum Microseconds: SecondParts {
    @inline(__always) static var perSecond: Int64 { 1_000_000 }
}

enum Nanoseconds: SecondParts {
    @inline(__always) static var perSecond: Int64 { 1_000_000_000 }
}

/// Units since 1970.
struct EpochTimestamp<Unit: SecondParts>: FixedConversion {
    @inline(__always) var width: Int { 8 }
    @inline(__always) func convert(_ source: UnsafeRawPointer) -> Timestamp {
        let value = source.loadUnaligned(as: Int64.self)
        var seconds = value / Unit.perSecond
        var rest = value &- seconds &* Unit.perSecond
        if rest < 0 {
            seconds &-= 1
            rest &+= Unit.perSecond
        }
        return Timestamp(
            seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: rest &* (1_000_000_000 / Unit.perSecond)))
    }
}

/// INT96: nanoseconds of the day, then the Julian day, at which the file's writer had midnight of UTC.
struct JulianTimestamp: FixedConversion {
    /// The Julian day of 1970-01-01.
    static let epoch: Int64 = 2_440_588

    @inline(__always) var width: Int { 12 }
    @inline(__always) func convert(_ source: UnsafeRawPointer) -> Timestamp {
        let nanoseconds = source.loadUnaligned(as: Int64.self)
        let day = Int64(Int32(bitPattern: source.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        var seconds = nanoseconds / 1_000_000_000
        var rest = nanoseconds &- seconds &* 1_000_000_000
        if rest < 0 {
            seconds &-= 1
            rest &+= 1_000_000_000
        }
        return Timestamp(
            seconds: (day &- Self.epoch) &* 86_400 &+ seconds, nanoseconds: Int32(truncatingIfNeeded: rest))
    }
}
