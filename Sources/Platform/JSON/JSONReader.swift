extension JSON {
    /// Reads a whole text.
    /// - Parameter depth: Arrays and objects inside each other, at most.
    /// - Throws: `JSONError` for anything that RFC 8259 does not allow, bytes that are no UTF-8, and text after the value.
    package init(_ bytes: [UInt8], depth: Int = 512) throws(JSONError) {
        var result = Result<JSON, JSONError>.success(.null)
        bytes.withUnsafeBufferPointer { buffer in
            result = Result { () throws(JSONError) in
                var reader = JSONReader(bytes: buffer, depth: depth)
                return try reader.document()
            }
        }
        self = try result.get()
    }
}

private struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Levels that may still be opened.
    var depth: Int
    var at = 0

    init(bytes: UnsafeBufferPointer<UInt8>, depth: Int) {
        self.bytes = bytes
        self.depth = depth
    }

    private func error(_ reason: String, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? at, reason: at >= bytes.count && offset == nil ? "the text is cut short" : reason)
    }

    private mutating func skipBlanks() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 { at += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: byte) else { return false }
        at += 1
        return true
    }

    mutating func document() throws(JSONError) -> JSON {
        skipBlanks()
        let value = try value()
        skipBlanks()
        guard at == bytes.count else { throw error("text after the value") }
        return value
    }

    private mutating func value() throws(JSONError) -> JSON {
        guard at < bytes.count else { throw error("") }
        switch bytes[at] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("no value begins so")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for position in 0..<word.utf8CodeUnitCount {
            guard at + position < bytes.count, bytes[at + position] == word.utf8Start[position] else {
                throw error("no value begins so")
            }
        }
        at += word.utf8CodeUnitCount
        return value
    }

    private mutating func open() throws(JSONError) {
        guard depth > 0 else { throw error("nested too deeply") }
        depth -= 1
        at += 1
        skipBlanks()
    }

    private mutating func array() throws(JSONError) -> JSON {
        try open()
        defer { depth += 1 }
        var elements: [JSON] = []
        if take("]") { return .array(elements) }
        while true {
            skipBlanks()
            elements.append(try value())
            skipBlanks()
            if take("]") { return .array(elements) }
            guard take(",") else { throw error("',' or ']' is missing") }
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        try open()
        defer { depth += 1 }
        var members: [JSON.Member] = []
        if take("}") { return .object(members) }
        while true {
            skipBlanks()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw error("a member's name is missing") }
            let name = try string()
            skipBlanks()
            guard take(":") else { throw error("':' is missing") }
            skipBlanks()
            members.append(JSON.Member(name, try value()))
            skipBlanks()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("',' or '}' is missing") }
        }
    }

    private mutating func string() throws(JSONError) -> String {
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\"), bytes[at] >= 0x20 { at += 1 }
        if take("\"") {
            // Most strings have no escapes.
            guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes[start..<at - 1]), as: UTF8.self) else {
                throw error("the string is no UTF-8", at: start)
            }
            return text
        }
        var decoded = Array(bytes[start..<at])
        while true {
            guard at < bytes.count else { throw error("") }
            let byte = bytes[at]
            guard byte >= 0x20 else { throw error("a control character in a string") }
            at += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") { try escape(into: &decoded) } else { decoded.append(byte) }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw error("the string is no UTF-8", at: start)
        }
        return text
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        guard at < bytes.count else { throw error("") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"):
            let start = at - 2
            var code = try hexadecimal()
            if code & 0xFC00 == 0xD800, take("\\"), take("u") {
                let low = try hexadecimal()
                guard low & 0xFC00 == 0xDC00 else { throw error("half a surrogate pair", at: start) }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair", at: start) }
            decoded.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error("no such escape", at: at - 1)
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard bytes.count - at >= 4 else {
            at = bytes.count
            throw error("")
        }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue, bytes[at] < 0x80 else {
                throw error("four hexadecimal digits are missing")
            }
            code = code << 4 | UInt32(digit)
            at += 1
        }
        return code
    }

    /// Moves over digits.
    private mutating func digits() throws(JSONError) {
        let start = at
        while at < bytes.count, bytes[at] &- 0x30 <= 9 { at += 1 }
        guard at > start else { throw error("a digit is missing") }
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = at
        let isNegative = take("-")
        let first = at
        try digits()
        guard at - first == 1 || bytes[first] != UInt8(ascii: "0") else { throw error("a number begins with 0", at: first) }
        var isInteger = true
        if take(".") {
            isInteger = false
            try digits()
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            at += 1
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        // −0 is a number that no integer holds.
        if isInteger, let value = Int64(text), !(isNegative && value == 0) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw error("a number out of range", at: start) }
        return .number(value)
    }
}
