import Columnar

/// How elements become stored values of one width, and which bounds they give.
protocol FixedStorage: Sendable {
    associatedtype Source: ColumnElement & Comparable
    /// As wide as the value at least; its lowest bytes are the plain value.
    associatedtype Key: FixedWidthInteger & UnsignedInteger & BitwiseCopyable
    var width: Int { get }
    func key(_ value: Source) -> Key
    /// Whether the order of values is one that bounds may be told in.
    var hasBounds: Bool { get }
    /// Whether a value counts for the bounds.
    func isBounded(_ value: Source) -> Bool
    /// The bound that is written: of the two zeros the outer one.
    func bound(_ value: Source, isUpper: Bool) -> Source
}

extension FixedStorage {
    @inline(__always) var hasBounds: Bool { true }
    @inline(__always) func isBounded(_: Source) -> Bool { true }
    @inline(__always) func bound(_ value: Source, isUpper: Bool) -> Source { value }
}

/// An integer in an integer of another width.
struct IntegerStorage<Source: FixedWidthInteger & ColumnElement, Key: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>:
    FixedStorage
{
    @inline(__always) var width: Int { MemoryLayout<Key>.size }
    @inline(__always) func key(_ value: Source) -> Key { Key(truncatingIfNeeded: value) }
}

struct FloatStorage: FixedStorage {
    @inline(__always) var width: Int { 4 }
    @inline(__always) func key(_ value: Float) -> UInt32 { value.bitPattern }
    @inline(__always) func isBounded(_ value: Float) -> Bool { !value.isNaN }
    func bound(_ value: Float, isUpper: Bool) -> Float { value == 0 ? (isUpper ? 0 : -0.0) : value }
}

struct DoubleStorage: FixedStorage {
    @inline(__always) var width: Int { 8 }
    @inline(__always) func key(_ value: Double) -> UInt64 { value.bitPattern }
    @inline(__always) func isBounded(_ value: Double) -> Bool { !value.isNaN }
    func bound(_ value: Double, isUpper: Bool) -> Double { value == 0 ? (isUpper ? 0 : -0.0) : value }
}

/// The unscaled value in as many bytes as its digits need, the highest first.
struct DecimalStorage: FixedStorage {
    let width: Int

    init(precision: Int) { width = Self.width(precision) }

    static func width(_ precision: Int) -> Int {
        let largest = Decimals.powerOfTen(precision) - 1
        // One bit for the sign.
        return (128 - largest.leadingZeroBitCount + 1 + 7) / 8
    }

    @inline(__always) func key(_ value: Int128) -> UInt128 {
        UInt128(truncatingIfNeeded: value.bigEndian) >> UInt128(8 * (16 - width))
    }
}

/// INT96: nanoseconds of the day and the Julian day.
struct JulianStorage: FixedStorage {
    @inline(__always) var width: Int { 12 }
    @inline(__always) var hasBounds: Bool { false }
    @inline(__always) func key(_ value: Timestamp) -> UInt128 {
        var day = value.seconds / 86_400
        var second = value.seconds % 86_400
        if second < 0 {
            day -= 1
            second += 86_400
        }
        let nanoseconds = second &* 1_000_000_000 &+ Int64(value.nanoseconds)
        return UInt128(UInt64(bitPattern: nanoseconds))
            | UInt128(UInt32(truncatingIfNeeded: day &+ JulianTimestamp.epoch)) << 64
    }
}

/// Units since 1970, rounded down.
struct EpochStorage<Unit: SecondParts>: FixedStorage {
    @inline(__always) var width: Int { 8 }
    @inline(__always) func key(_ value: Timestamp) -> UInt64 {
        UInt64(
            bitPattern: value.seconds &* Unit.perSecond &+ Int64(value.nanoseconds) / (1_000_000_000 / Unit.perSecond))
    }
}
