import Columnar

/// A value of one of Java's types that SQL has too.
enum JavaValue {
    case boolean(Bool)
    case int(Int32)
    case long(Int64)
    case float(Float)
    case double(Double)
    case string(String)

    /// As `String.valueOf` writes it.
    func append(to buffer: ByteBuffer) {
        switch self {
        case .boolean(let value): buffer.append(value ? "true" : "false")
        case .int(let value): NumberFormatter.append(Int64(value), to: buffer)
        case .long(let value): NumberFormatter.append(value, to: buffer)
        case .float(let value): NumberFormatter.append(value, to: buffer)
        case .double(let value): NumberFormatter.append(value, to: buffer)
        case .string(let value): buffer.append(value)
        }
    }
}

/// A Swift type that stands for one of Java's.
protocol JavaType {
    /// The column type whose values it takes.
    static var sqlType: SQLType { get }
    /// nil for values of other types.
    init?(_ value: JavaValue)
    var javaValue: JavaValue { get }
}

extension Bool: JavaType {
    static var sqlType: SQLType { .boolean }
    init?(_ value: JavaValue) {
        guard case .boolean(let own) = value else { return nil }
        self = own
    }
    var javaValue: JavaValue { .boolean(self) }
}

extension Int32: JavaType {
    static var sqlType: SQLType { .int }
    init?(_ value: JavaValue) {
        guard case .int(let own) = value else { return nil }
        self = own
    }
    var javaValue: JavaValue { .int(self) }
}

extension Int64: JavaType {
    static var sqlType: SQLType { .bigint }
    init?(_ value: JavaValue) {
        guard case .long(let own) = value else { return nil }
        self = own
    }
    var javaValue: JavaValue { .long(self) }
}

extension Float: JavaType {
    static var sqlType: SQLType { .float }
    init?(_ value: JavaValue) {
        guard case .float(let own) = value else { return nil }
        self = own
    }
    var javaValue: JavaValue { .float(self) }
}

extension Double: JavaType {
    static var sqlType: SQLType { .double }
    init?(_ value: JavaValue) {
        guard case .double(let own) = value else { return nil }
        self = own
    }
    var javaValue: JavaValue { .double(self) }
}

extension String: JavaType {
    static var sqlType: SQLType { .string }
    init?(_ value: JavaValue) {
        guard case .string(let own) = value else { return nil }
        self = own
    }
    var javaValue: JavaValue { .string(self) }
}

/// A method by the types of its arguments, of an instance that instance first.
struct JavaMethod: Sendable {
    let parameters: [SQLType]
    let result: SQLType
    /// nil where Java throws an exception.
    let call: @Sendable ([JavaValue]) -> JavaValue?

    init<A: JavaType, R: JavaType>(_ body: @escaping @Sendable (A) -> R?) {
        parameters = [A.sqlType]
        result = R.sqlType
        call = { values in A(values[0]).flatMap { body($0)?.javaValue } }
    }

    init<A: JavaType, B: JavaType, R: JavaType>(_ body: @escaping @Sendable (A, B) -> R?) {
        parameters = [A.sqlType, B.sqlType]
        result = R.sqlType
        call = { values in
            guard let a = A(values[0]), let b = B(values[1]) else { return nil }
            return body(a, b)?.javaValue
        }
    }

    init<A: JavaType, B: JavaType, C: JavaType, R: JavaType>(_ body: @escaping @Sendable (A, B, C) -> R?) {
        parameters = [A.sqlType, B.sqlType, C.sqlType]
        result = R.sqlType
        call = { values in
            guard let a = A(values[0]), let b = B(values[1]), let c = C(values[2]) else { return nil }
            return body(a, b, c)?.javaValue
        }
    }
}
