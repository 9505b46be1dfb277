import Columnar
import Platform

// Hexadecimal, base 64, number bases, character sets.

private let upperDigits: StaticString = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/// Appends bytes as two hexadecimal digits each.
private func appendHexadecimal(_ bytes: some Sequence<UInt8>, _ digits: StaticString, to buffer: ByteBuffer) {
    for byte in bytes {
        buffer.append(digits.utf8Start[Int(byte >> 4)])
        buffer.append(digits.utf8Start[Int(byte & 15)])
    }
}

/// The type bytes are taken from: BINARY as it is, all else as text.
func bytesType(_ type: SQLType) -> SQLType { type == .binary ? .binary : .string }

private let hex = ScalarFunction(
    "hex",
    documentation: FunctionDocumentation(
        "_FUNC_(n | str | bin) - Returns a number, or each byte of a text, in hexadecimal",
        extended: "Example:\n  > SELECT _FUNC_('Facebook');\n  '46616365626F6F6B'")
) { call in
    try call.expect(1)
    try call.expectPrimitive(0)
    if call.argumentTypes[0].isIntegral {
        return ResolvedScalar(argumentTypes: [.bigint], resultType: .string) { input in
            input.format(Int64.self) { number, buffer in
                appendNumber(UInt64(bitPattern: number), base: 16, to: buffer)
                return true
            }
        }
    }
    return ResolvedScalar(argumentTypes: [bytesType(call.argumentTypes[0])], resultType: .string) { input in
        input.format(StringView.self) { text, buffer in
            appendHexadecimal(text.bytes, upperDigits, to: buffer)
            return true
        }
    }
}

/// Appends the digits of a number, in upper case.
private func appendNumber(_ number: UInt64, base: UInt64, to buffer: ByteBuffer) {
    var digits: [UInt8] = []
    var rest = number
    repeat {
        digits.append(upperDigits.utf8Start[Int(rest % base)])
        rest /= base
    } while rest > 0
    for digit in digits.reversed() { buffer.append(digit) }
}

/// The value of a digit in bases up to 36; nil for other bytes.
@inline(__always)
private func digitValue(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 48...57: UInt64(byte - 48)
    case 65...90: UInt64(byte - 55)
    case 97...122: UInt64(byte - 87)
    default: nil
    }
}

/// Hive's quotient of a number of 64 bits without sign, which is one too large for some of those that are negative with one.
private func hiveQuotient(_ number: Int64, _ divisor: Int64) -> Int64 {
    if number >= 0 { return number / divisor }
    let (most, mostRest) = Int64.max.quotientAndRemainder(dividingBy: divisor)
    let rest = number % divisor &+ 2 &* mostRest &+ 2 % divisor
    return number / divisor &+ 2 &* most &+ 2 / divisor &+ rest / divisor
}

/// `conv`: reads digits up to the first that is none and writes them in another base (negative: as a signed number). What
/// Hive finds to be beyond 64 bits is the greatest number; what it overlooks, since it looks at signed numbers, keeps its
/// lowest bits.
private func convert(_ text: StringView, _ from: Int, _ to: Int, _ buffer: ByteBuffer) -> Bool {
    guard (2...36).contains(from), (2...36).contains(to.magnitude) else { return false }
    let bytes = text.bytes
    var isNegative = bytes.first == 45
    let base = Int64(from)
    let bound = hiveQuotient(-1 - base, base)
    var value: Int64 = 0
    for index in (isNegative ? 1 : 0)..<bytes.count {
        guard let digit = digitValue(bytes[index]).map({ Int64($0) }), digit < base else { break }
        if value >= bound, hiveQuotient(-1 - digit, base) < value {
            value = -1
            break
        }
        value = value &* base &+ digit
    }
    if to > 0 {
        if isNegative { value = value < 0 ? -1 : -value }
    } else {
        if value < 0 {
            value = 0 &- value
            isNegative = true
        }
        if isNegative { buffer.append(45) }
    }
    appendNumber(UInt64(bitPattern: value), base: UInt64(to.magnitude), to: buffer)
    return true
}

private let conv = ScalarFunction(
    "conv",
    documentation: FunctionDocumentation(
        "_FUNC_(num, from_base, to_base) - Converts a number between bases of 2 to 36; a negative to_base takes it as signed",
        extended: "Example:\n  > SELECT _FUNC_('100', 2, 10);\n  '4'\n  > SELECT _FUNC_(-10, 16, -10);\n  '-16'")
) { call in
    try call.expect(3)
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: [.string, .int, .int], resultType: .string) { input in
        let heap = StringHeap()
        let buffer = ByteBuffer(capacity: 80)
        return input.compute(.string, heap: heap) { (text: StringView, from: Int32, to: Int32) -> StringView? in
            buffer.removeAll()
            return convert(text, Int(from), Int(to), buffer) ? heap.copy(buffer.bytes) : nil
        }
    }
}

/// Two hexadecimal digits as a byte, or a sign and one: Java reads each pair as a number.
private func hexadecimalPair(_ high: UInt8, _ low: UInt8) -> UInt8? {
    guard let ones = digitValue(low), ones < 16 else { return nil }
    if high == UInt8(ascii: "-") { return 0 &- UInt8(ones) }
    if high == UInt8(ascii: "+") { return UInt8(ones) }
    guard let sixteens = digitValue(high), sixteens < 16 else { return nil }
    return UInt8(sixteens) << 4 | UInt8(ones)
}

private let unhex = ScalarFunction(
    "unhex",
    documentation: FunctionDocumentation("_FUNC_(str) - Reads pairs of hexadecimal digits as bytes; NULL for other text")
) { call in
    try call.expect(1)
    try call.expectPrimitive(0)
    return ResolvedScalar(argumentTypes: [.string], resultType: .binary) { input in
        let heap = StringHeap()
        return input.compute(.binary, heap: heap) { (text: StringView) -> StringView? in
            let bytes = text.bytes
            let odd = bytes.count % 2
            let length = (bytes.count + odd) / 2
            guard length > 0 else { return StringView() }
            let place = heap.allocate(length)
            // An odd number of digits has a zero in front.
            for pair in 0..<length {
                let first = 2 * pair - odd
                guard let byte = hexadecimalPair(first < 0 ? UInt8(ascii: "0") : bytes[first], bytes[first + 1]) else {
                    heap.giveBack(length)
                    return nil
                }
                place[pair] = byte
            }
            return StringView(place, length: length)
        }
    }
}

private let base64 = ScalarFunction(
    "base64", documentation: FunctionDocumentation("_FUNC_(bin) - Returns binary data as a base 64 string")
) { call in
    try call.expect(1)
    guard call.argumentTypes[0] == .binary || call.argumentTypes[0] == .void else { throw call.mismatch(0, "BINARY") }
    return ResolvedScalar(argumentTypes: [.binary], resultType: .string) { input in
        input.format(StringView.self) { data, buffer in
            Base64.encode(data.bytes) { buffer.append($0) }
            return true
        }
    }
}

private let unbase64 = ScalarFunction(
    "unbase64", documentation: FunctionDocumentation("_FUNC_(str) - Reads a base 64 string as binary data")
) { call in
    try call.expect(1)
    try call.expectPrimitive(0)
    return ResolvedScalar(argumentTypes: [.string], resultType: .binary) { input in
        let heap = StringHeap()
        return input.compute(.binary, heap: heap) { (text: StringView) -> StringView? in
            let place = heap.allocate(text.count)
            let written = Base64.decode(text.bytes, into: place)
            heap.giveBack(text.count - written)
            return StringView(place, length: written)
        }
    }
}

/// The character sets of `encode` and `decode`.
private enum CharacterEncoding: Sendable {
    case ascii, latin1, utf8, utf16, utf16BigEndian, utf16LittleEndian

    init?(_ name: String) {
        switch name.uppercased() {
        case "US-ASCII", "ASCII": self = .ascii
        case "ISO-8859-1", "LATIN1", "ISO8859_1", "ISO8859-1": self = .latin1
        case "UTF-8", "UTF8": self = .utf8
        case "UTF-16", "UTF16": self = .utf16
        case "UTF-16BE": self = .utf16BigEndian
        case "UTF-16LE": self = .utf16LittleEndian
        default: return nil
        }
    }

    func encode(_ text: StringView, to buffer: ByteBuffer) throws {
        if case .utf8 = self {
            buffer.append(text)
            return
        }
        if case .utf16 = self {
            buffer.append(0xFE)
            buffer.append(0xFF)
        }
        var isUnmappable = false
        UTF8Text.forEachCharacter(text) { scalar in
            switch self {
            case .ascii, .latin1:
                var limit: UInt32 = 256
                if case .ascii = self { limit = 128 }
                if scalar < limit { buffer.append(UInt8(scalar)) } else { isUnmappable = true }
            default:
                var units = [scalar]
                if scalar >= 0x10000 { units = [0xD800 + (scalar - 0x10000) >> 10, 0xDC00 + (scalar - 0x10000) & 0x3FF] }
                for unit in units {
                    let high = UInt8(truncatingIfNeeded: unit >> 8), low = UInt8(truncatingIfNeeded: unit)
                    if case .utf16LittleEndian = self {
                        buffer.append(low)
                        buffer.append(high)
                    } else {
                        buffer.append(high)
                        buffer.append(low)
                    }
                }
            }
        }
        if isUnmappable { throw FunctionError(.argument, "A character of the string does not exist in the character set") }
    }

    func decode(_ data: StringView, to buffer: ByteBuffer) {
        let bytes = data.bytes
        switch self {
        case .utf8: buffer.append(data.string)
        case .ascii: for byte in bytes { buffer.append(character: byte < 128 ? UInt32(byte) : 0xFFFD) }
        case .latin1: for byte in bytes { buffer.append(character: UInt32(byte)) }
        case .utf16, .utf16BigEndian, .utf16LittleEndian:
            var isLittle = false
            var start = 0
            if case .utf16LittleEndian = self { isLittle = true }
            if case .utf16 = self, bytes.count >= 2 {
                if bytes[0] == 0xFE, bytes[1] == 0xFF { start = 2 }
                if bytes[0] == 0xFF, bytes[1] == 0xFE { (start, isLittle) = (2, true) }
            }
            var units: [UInt16] = []
            for index in stride(from: start, to: bytes.count - 1, by: 2) {
                let a = UInt16(bytes[index]), b = UInt16(bytes[index + 1])
                units.append(isLittle ? b << 8 | a : a << 8 | b)
            }
            buffer.append(String(decoding: units, as: UTF16.self))
        }
    }
}

private func resolveCharacterSet(_ call: FunctionCall, isEncoding: Bool) throws -> ResolvedScalar {
    try call.expect(2)
    let from: SQLType = isEncoding ? .string : .binary
    let to: SQLType = isEncoding ? .binary : .string
    try call.expectPrimitives()
    if !isEncoding, call.argumentTypes[0] != .binary, call.argumentTypes[0] != .void { throw call.mismatch(0, "BINARY") }
    return ResolvedScalar(argumentTypes: [from, .string], resultType: to) { input in
        let heap = StringHeap()
        let buffer = ByteBuffer(capacity: 128)
        return try input.compute(to, heap: heap) { (data: StringView, name: StringView) throws -> StringView? in
            guard let set = CharacterEncoding(name.string) else {
                throw FunctionError(.argument, "Unsupported character set '\(name.string)'")
            }
            buffer.removeAll()
            if isEncoding { try set.encode(data, to: buffer) } else { set.decode(data, to: buffer) }
            return heap.copy(buffer.bytes)
        }
    }
}

let hashFunction = hash("hash", .objects, "_FUNC_(a1, a2, ...) - Returns Hive's hash of the arguments, an INT")

let murmurHashFunction = hash(
    "murmur_hash", .murmur, "_FUNC_(a1, a2, ...) - Returns a hash of the arguments by Murmur3, an INT")

private func hash(_ name: String, _ kind: HiveHash, _ documentation: String) -> ScalarFunction {
    ScalarFunction(name, documentation: FunctionDocumentation(documentation)) { call in
        try call.expect(atLeast: 1)
        return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: .int) { input in
            kind.apply(input.arguments, rows: input.rows, count: input.count)
        }
    }
}

let encodingFunctions: [ScalarFunction] = [
    hex, unhex, conv, base64, unbase64, hashFunction, murmurHashFunction,
    ScalarFunction(
        "bin", documentation: FunctionDocumentation("_FUNC_(n) - Returns n in binary digits")
    ) { call in
        try call.expect(1)
        try call.expectNumericOrString(0)
        return ResolvedScalar(argumentTypes: [.bigint], resultType: .string) { input in
            input.format(Int64.self) { number, buffer in
                appendNumber(UInt64(bitPattern: number), base: 2, to: buffer)
                return true
            }
        }
    },
    ScalarFunction(
        "encode", documentation: FunctionDocumentation("_FUNC_(str, charset) - Returns the bytes of str in a character set"),
        traits: ScalarTraits(canFail: true)
    ) { try resolveCharacterSet($0, isEncoding: true) },
    ScalarFunction(
        "decode", documentation: FunctionDocumentation("_FUNC_(bin, charset) - Reads bytes of a character set as a string"),
        traits: ScalarTraits(canFail: true)
    ) { try resolveCharacterSet($0, isEncoding: false) },
]
