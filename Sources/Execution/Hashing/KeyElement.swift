import Columnar

/// A value that can be a key of grouping and joining.
protocol KeyElement: ColumnElement {
    /// Equality of keys: every NaN is one value, and -0.0 is 0.0.
    static func isSame(_ left: Self, _ right: Self) -> Bool
    /// What stands for all values that are the same.
    var canonical: Self { get }
}

extension KeyElement where Self: Equatable {
    @inline(__always) static func isSame(_ left: Self, _ right: Self) -> Bool { left == right }
    @inline(__always) var canonical: Self { self }
}

extension UInt8: KeyElement {}
extension Int8: KeyElement {}
extension Int16: KeyElement {}
extension Int32: KeyElement {}
extension Int64: KeyElement {}
extension Int128: KeyElement {}
extension Timestamp: KeyElement {}
extension StringView: KeyElement {}

extension Float: KeyElement {
    @inline(__always) static func isSame(_ left: Float, _ right: Float) -> Bool {
        left == right || (left != left && right != right)
    }
    @inline(__always) var canonical: Float { self == 0 ? 0 : self != self ? .nan : self }
}

extension Double: KeyElement {
    @inline(__always) static func isSame(_ left: Double, _ right: Double) -> Bool {
        left == right || (left != left && right != right)
    }
    @inline(__always) var canonical: Double { self == 0 ? 0 : self != self ? .nan : self }
}
