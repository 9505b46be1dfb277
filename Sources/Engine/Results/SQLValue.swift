import Columnar

/// A Swift type that values of a SQL type are read into and written from, without boxing.
public protocol SQLValue: Sendable {
    associatedtype Stored: ColumnElement
    /// What a value of this Swift type is in SQL.
    static var sqlType: SQLType { get }
    init(stored: Stored)
    func append(to builder: ColumnBuilder)
}

extension Bool: SQLValue {
    public static var sqlType: SQLType { .boolean }
    public init(stored: UInt8) { self = stored != 0 }
    public func append(to builder: ColumnBuilder) { builder.append(UInt8(self ? 1 : 0)) }
}
extension Int8: SQLValue {
    public static var sqlType: SQLType { .tinyint }
    public init(stored: Int8) { self = stored }
    public func append(to builder: ColumnBuilder) { builder.append(self) }
}
extension Int16: SQLValue {
    public static var sqlType: SQLType { .smallint }
    public init(stored: Int16) { self = stored }
    public func append(to builder: ColumnBuilder) { builder.append(self) }
}
extension Int32: SQLValue {
    public static var sqlType: SQLType { .int }
    public init(stored: Int32) { self = stored }
    public func append(to builder: ColumnBuilder) { builder.append(self) }
}
extension Int64: SQLValue {
    public static var sqlType: SQLType { .bigint }
    public init(stored: Int64) { self = stored }
    public func append(to builder: ColumnBuilder) { builder.append(self) }
}
extension Int: SQLValue {
    public static var sqlType: SQLType { .bigint }
    public init(stored: Int64) { self = Int(stored) }
    public func append(to builder: ColumnBuilder) { builder.append(Int64(self)) }
}
extension Float: SQLValue {
    public static var sqlType: SQLType { .float }
    public init(stored: Float) { self = stored }
    public func append(to builder: ColumnBuilder) { builder.append(self) }
}
extension Double: SQLValue {
    public static var sqlType: SQLType { .double }
    public init(stored: Double) { self = stored }
    public func append(to builder: ColumnBuilder) { builder.append(self) }
}
extension String: SQLValue {
    public static var sqlType: SQLType { .string }
    public init(stored: StringView) { self = stored.string }
    public func append(to builder: ColumnBuilder) {
        var text = self
        text.withUTF8 { bytes in
            if let start = bytes.baseAddress {
                builder.append(StringView(start, length: bytes.count))
            } else {
                builder.append(StringView())
            }
        }
    }
}
extension Timestamp: SQLValue {
    public static var sqlType: SQLType { .timestamp }
    public init(stored: Timestamp) { self = stored }
    public func append(to builder: ColumnBuilder) { builder.append(self) }
}
