import Columnar

/// The classes that `reflect` knows, with their static methods, and those of an instance that is made without arguments.
let javaClasses: [String: [String: [JavaMethod]]] = [
    "java.lang.Math": javaMathMethods, "java.lang.StrictMath": javaMathMethods,
    "java.lang.Integer": integerMethods(Int32.self).merging(
        ["parseInt": parsing(Int32.self), "toUnsignedString": [JavaMethod { (x: Int32) -> String? in String(UInt32(bitPattern: x)) }]]
    ) { $1 },
    "java.lang.Long": integerMethods(Int64.self).merging(
        ["parseLong": parsing(Int64.self), "toUnsignedString": [JavaMethod { (x: Int64) -> String? in String(UInt64(bitPattern: x)) }]]
    ) { $1 },
    "java.lang.Double": [
        "parseDouble": [JavaMethod(parsedDouble)],
        "valueOf": [JavaMethod(parsedDouble), JavaMethod { (x: Double) -> Double? in x }],
        "toString": [JavaMethod { (x: Double) -> String? in text(.double(x)) }],
        "isNaN": [JavaMethod { (x: Double) -> Bool? in x.isNaN }],
        "isInfinite": [JavaMethod { (x: Double) -> Bool? in x.isInfinite }],
        "isFinite": [JavaMethod { (x: Double) -> Bool? in x.isFinite }],
        "compare": [JavaMethod { (a: Double, b: Double) -> Int32? in Double.precedes(a, b) ? -1 : Double.precedes(b, a) ? 1 : 0 }],
        "sum": [JavaMethod { (a: Double, b: Double) -> Double? in a + b }],
        "max": doubleExtreme("max"), "min": doubleExtreme("min"),
        "doubleToLongBits": [JavaMethod { (x: Double) -> Int64? in Int64(bitPattern: (x.isNaN ? Double.nan : x).bitPattern) }],
        "longBitsToDouble": [JavaMethod { (x: Int64) -> Double? in Double(bitPattern: UInt64(bitPattern: x)) }],
    ],
    "java.lang.Boolean": [
        "parseBoolean": [JavaMethod { (x: String) -> Bool? in x.lowercased() == "true" }],
        "toString": [JavaMethod { (x: Bool) -> String? in text(.boolean(x)) }],
        "logicalAnd": [JavaMethod { (a: Bool, b: Bool) -> Bool? in a && b }],
        "logicalOr": [JavaMethod { (a: Bool, b: Bool) -> Bool? in a || b }],
        "logicalXor": [JavaMethod { (a: Bool, b: Bool) -> Bool? in a != b }],
    ],
    "java.lang.String": [
        "valueOf": [
            JavaMethod { (x: Int32) -> String? in text(.int(x)) }, JavaMethod { (x: Int64) -> String? in text(.long(x)) },
            JavaMethod { (x: Float) -> String? in text(.float(x)) }, JavaMethod { (x: Double) -> String? in text(.double(x)) },
            JavaMethod { (x: Bool) -> String? in text(.boolean(x)) }, JavaMethod { (x: String) -> String? in x },
        ]
    ],
    "java.net.URLEncoder": ["encode": [JavaMethod { (x: String, charset: String) -> String? in isUTF8(charset) ? encoded(x) : nil }]],
    "java.net.URLDecoder": ["decode": [JavaMethod { (x: String, charset: String) -> String? in isUTF8(charset) ? decoded(x) : nil }]],
]

/// Methods of the values of a type, which come as the first argument: for `reflect2`.
let javaInstanceMethods: [(type: SQLType, name: String, methods: [String: [JavaMethod]])] = [
    (.string, "java.lang.String", javaStringMethods),
    (.int, "java.lang.Integer", numberMethods(Int32.self) { Double($0) }), (.bigint, "java.lang.Long", numberMethods(Int64.self) { Double($0) }),
    (
        .double, "java.lang.Double",
        [
            "intValue": [JavaMethod { (x: Double) -> Int32? in Int32(saturating: x) }],
            "longValue": [JavaMethod { (x: Double) -> Int64? in Int64(saturating: x) }],
            "floatValue": [JavaMethod { (x: Double) -> Float? in Float(x) }],
            "doubleValue": [JavaMethod { (x: Double) -> Double? in x }],
            "isNaN": [JavaMethod { (x: Double) -> Bool? in x.isNaN }],
            "isInfinite": [JavaMethod { (x: Double) -> Bool? in x.isInfinite }],
            "toString": [JavaMethod { (x: Double) -> String? in text(.double(x)) }],
            "compareTo": javaClasses["java.lang.Double"]?["compare"] ?? [],
        ]
    ),
    (.boolean, "java.lang.Boolean", ["booleanValue": [JavaMethod { (x: Bool) -> Bool? in x }], "toString": [JavaMethod { (x: Bool) -> String? in text(.boolean(x)) }]]),
]

private func text(_ value: JavaValue) -> String {
    let buffer = ByteBuffer(capacity: 32)
    value.append(to: buffer)
    return String(decoding: buffer.bytes, as: UTF8.self)
}

// MARK: numbers

private func parsing<T: FixedWidthInteger & JavaType>(_: T.Type) -> [JavaMethod] {
    [
        JavaMethod { (x: String) -> T? in T(x) },
        JavaMethod { (x: String, radix: Int32) -> T? in (2...36).contains(radix) ? T(x, radix: Int(radix)) : nil },
    ]
}

private func parsedDouble(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { $0.baseAddress.flatMap { TextParsing.double($0, bytes.count) } }
}

private func doubleExtreme(_ name: String) -> [JavaMethod] {
    (javaMathMethods[name] ?? []).filter { $0.result == .double }
}

/// Methods that Integer and Long have alike.
private func integerMethods<T: FixedWidthInteger & SignedInteger & JavaType>(_: T.Type) -> [String: [JavaMethod]] {
    func inRadix(_ radix: Int) -> [JavaMethod] {
        [JavaMethod { (x: T) -> String? in String(T.Magnitude(truncatingIfNeeded: x), radix: radix) }]
    }
    /// The amount counts by its lowest bits.
    @Sendable func rotated(_ x: T, _ amount: Int32) -> T {
        let left = Int(amount) & (T.bitWidth - 1)
        guard left > 0 else { return x }
        let bits = T.Magnitude(truncatingIfNeeded: x)
        return T(truncatingIfNeeded: bits << left | bits >> (T.bitWidth - left))
    }
    return [
        "valueOf": parsing(T.self) + [JavaMethod { (x: T) -> T? in x }],
        "toString": [
            JavaMethod { (x: T) -> String? in String(x) },
            JavaMethod { (x: T, radix: Int32) -> String? in String(x, radix: (2...36).contains(radix) ? Int(radix) : 10) },
        ],
        "toHexString": inRadix(16), "toOctalString": inRadix(8), "toBinaryString": inRadix(2),
        "compare": [JavaMethod { (a: T, b: T) -> Int32? in a < b ? -1 : a > b ? 1 : 0 }],
        "sum": [JavaMethod { (a: T, b: T) -> T? in a &+ b }],
        "max": [JavaMethod { (a: T, b: T) -> T? in max(a, b) }], "min": [JavaMethod { (a: T, b: T) -> T? in min(a, b) }],
        "signum": [JavaMethod { (x: T) -> Int32? in Int32(truncatingIfNeeded: x.signum()) }],
        "bitCount": [JavaMethod { (x: T) -> Int32? in Int32(truncatingIfNeeded: x.nonzeroBitCount) }],
        "numberOfLeadingZeros": [JavaMethod { (x: T) -> Int32? in Int32(truncatingIfNeeded: x.leadingZeroBitCount) }],
        "numberOfTrailingZeros": [JavaMethod { (x: T) -> Int32? in Int32(truncatingIfNeeded: x.trailingZeroBitCount) }],
        "highestOneBit": [JavaMethod { (x: T) -> T? in x == 0 ? 0 : T(truncatingIfNeeded: T.Magnitude(1) << (T.bitWidth - 1 - x.leadingZeroBitCount)) }],
        "lowestOneBit": [JavaMethod { (x: T) -> T? in x & (0 &- x) }],
        "reverse": [JavaMethod { (x: T) -> T? in reversedBits(x) }],
        "reverseBytes": [JavaMethod { (x: T) -> T? in x.byteSwapped }],
        "rotateLeft": [JavaMethod { (x: T, amount: Int32) -> T? in rotated(x, amount) }],
        "rotateRight": [JavaMethod { (x: T, amount: Int32) -> T? in rotated(x, 0 &- amount) }],
    ]
}

private func reversedBits<T: FixedWidthInteger>(_ x: T) -> T {
    (0..<T.bitWidth).reduce(0 as T) { ($0 << 1) | ((x >> T($1)) & 1) }
}

/// Methods of an integer in its object.
private func numberMethods<T: FixedWidthInteger & SignedInteger & JavaType>(
    _: T.Type, _ double: @escaping @Sendable (T) -> Double
) -> [String: [JavaMethod]] {
    [
        "intValue": [JavaMethod { (x: T) -> Int32? in Int32(truncatingIfNeeded: x) }],
        "longValue": [JavaMethod { (x: T) -> Int64? in Int64(x) }],
        "floatValue": [JavaMethod { (x: T) -> Float? in Float(x) }],
        "doubleValue": [JavaMethod { (x: T) -> Double? in double(x) }],
        "toString": [JavaMethod { (x: T) -> String? in String(x) }],
        "compareTo": [JavaMethod { (a: T, b: T) -> Int32? in a < b ? -1 : a > b ? 1 : 0 }],
    ]
}

// MARK: texts

private func isUTF8(_ charset: String) -> Bool { ["utf-8", "utf8"].contains(charset.lowercased()) }

private func encoded(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "_"):
            result.append(byte)
        case 32: result.append(UInt8(ascii: "+"))
        default:
            let digits = Array("0123456789ABCDEF".utf8)
            result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// nil for a `%` without two digits, which Java refuses.
private func decoded(_ text: String) -> String? {
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "+"): result.append(32)
        case UInt8(ascii: "%"):
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            result.append(value)
            rest = rest.dropFirst(2)
        default: result.append(byte)
        }
    }
    return String(decoding: result, as: UTF8.self)
}
