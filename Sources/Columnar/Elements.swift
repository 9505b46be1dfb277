/// A byte string that somebody else owns: UTF-8 text or BINARY.
///
/// The first four bytes are kept beside the length, so that most unequal strings differ without a memory access.
/// A view is valid while the owner of its bytes lives: for a batch that is pushed through a pipeline, until `push`
/// returns; for a materialized column, as long as the column.
@frozen public struct StringView {
    /// Length in bytes.
    public let length: UInt32
    /// The first four bytes, zero padded.
    public let prefix: UInt32
    public let pointer: UnsafePointer<UInt8>

    @inlinable @inline(__always)
    package init(_ pointer: UnsafePointer<UInt8>, length: Int) {
        self.length = UInt32(truncatingIfNeeded: length)
        self.pointer = pointer
        if length >= 4 {
            prefix = UnsafeRawPointer(pointer).loadUnaligned(as: UInt32.self)
        } else {
            var value: UInt32 = 0
            if length > 0 { value = UInt32(pointer[0]) }
            if length > 1 { value |= UInt32(pointer[1]) << 8 }
            if length > 2 { value |= UInt32(pointer[2]) << 16 }
            prefix = value
        }
    }

    /// The empty string.
    @inlinable public init() {
        length = 0
        prefix = 0
        pointer = emptyStringBytes
    }

    @inlinable public var count: Int { Int(length) }
    @inlinable public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: pointer, count: Int(length)) }

    /// A Swift string; ill-formed UTF-8 is repaired. For messages and the edge of the library, never for loops over rows.
    public var string: String { String(decoding: bytes, as: UTF8.self) }
}

/// Something to point at for strings without bytes.
@usableFromInline nonisolated(unsafe) let emptyStringBytes: UnsafePointer<UInt8> = {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 8)
    bytes.initialize(repeating: 0, count: 8)
    return UnsafePointer(bytes)
}()

extension StringView: Hashable, Comparable {
    @inlinable @inline(__always)
    public static func == (left: StringView, right: StringView) -> Bool {
        guard left.length == right.length, left.prefix == right.prefix else { return false }
        if left.length <= 4 || left.pointer == right.pointer { return true }
        return equalBytes(left.pointer + 4, right.pointer + 4, Int(left.length) - 4)
    }

    /// Byte order, which for UTF-8 is code-point order, as Hive's `Text`.
    @inlinable
    public static func < (left: StringView, right: StringView) -> Bool { compare(left, right) < 0 }

    /// Negative, zero or positive.
    @inlinable
    public static func compare(_ left: StringView, _ right: StringView) -> Int {
        if left.prefix != right.prefix {
            let a = left.prefix.byteSwapped, b = right.prefix.byteSwapped
            return a < b ? -1 : 1
        }
        let shared = Int(min(left.length, right.length))
        if shared > 4 {
            let order = compareBytes(left.pointer, right.pointer, shared)
            if order != 0 { return Int(order) }
        }
        return Int(left.length) - Int(right.length)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytes: UnsafeRawBufferPointer(bytes)) }
}

/// Seconds since 1970-01-01T00:00:00 (may be negative) and nanoseconds 0…999,999,999: a TIMESTAMP, or a day-time
/// interval's length.
@frozen public struct Timestamp: Hashable, Comparable, Sendable {
    public var seconds: Int64
    public var nanoseconds: Int32

    @inlinable public init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    @inlinable public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.seconds != right.seconds ? left.seconds < right.seconds : left.nanoseconds < right.nanoseconds
    }
}

/// Where one row's elements lie in the child columns of an ARRAY or MAP. As wide as memory: all arrays of a column share
/// one child, which may have more than 2^31 elements.
@frozen public struct ListEntry: Sendable {
    public var offset: Int
    public var length: Int

    @inlinable public init(offset: Int, length: Int) {
        self.offset = offset
        self.length = length
    }
}

/// A Swift type that is the element of some physical layout. Code in another module that is generic over it must be
/// specialized there: write the generic function in the module that calls it.
public protocol ColumnElement {
    static var physical: PhysicalType { get }
    /// What rows hold that are NULL; readable, without meaning.
    static var placeholder: Self { get }
}

extension UInt8: ColumnElement {
    @inlinable public static var physical: PhysicalType { .boolean }
    @inlinable public static var placeholder: UInt8 { 0 }
}
extension Int8: ColumnElement {
    @inlinable public static var physical: PhysicalType { .int8 }
    @inlinable public static var placeholder: Int8 { 0 }
}
extension Int16: ColumnElement {
    @inlinable public static var physical: PhysicalType { .int16 }
    @inlinable public static var placeholder: Int16 { 0 }
}
extension Int32: ColumnElement {
    @inlinable public static var physical: PhysicalType { .int32 }
    @inlinable public static var placeholder: Int32 { 0 }
}
extension Int64: ColumnElement {
    @inlinable public static var physical: PhysicalType { .int64 }
    @inlinable public static var placeholder: Int64 { 0 }
}
extension Float: ColumnElement {
    @inlinable public static var physical: PhysicalType { .float }
    @inlinable public static var placeholder: Float { 0 }
}
extension Double: ColumnElement {
    @inlinable public static var physical: PhysicalType { .double }
    @inlinable public static var placeholder: Double { 0 }
}
extension Int128: ColumnElement {
    @inlinable public static var physical: PhysicalType { .int128 }
    @inlinable public static var placeholder: Int128 { 0 }
}
extension StringView: ColumnElement {
    @inlinable public static var physical: PhysicalType { .string }
    @inlinable public static var placeholder: StringView { StringView() }
}
extension Timestamp: ColumnElement {
    @inlinable public static var physical: PhysicalType { .timestamp }
    @inlinable public static var placeholder: Timestamp { Timestamp(seconds: 0) }
}
extension ListEntry: ColumnElement {
    @inlinable public static var physical: PhysicalType { .list }
    @inlinable public static var placeholder: ListEntry { ListEntry(offset: 0, length: 0) }
}
