import Columnar

/// A type that JSON values are read as, and the names of its fields as they are spelled: members are found by these.
struct JSONSchema: Sendable {
    let type: SQLType
    /// Of a structure's fields.
    let names: [[UInt8]]
    let children: [JSONSchema]

    fileprivate init(_ type: SQLType, names: [[UInt8]] = [], children: [JSONSchema] = []) {
        self.type = type
        self.names = names
        self.children = children
    }

    fileprivate static func structure(_ fields: [(name: String, schema: JSONSchema)]) -> JSONSchema {
        JSONSchema(
            .structure(fields.map { StructField(name: $0.name.lowercased(), type: $0.schema.type) }),
            names: fields.map { Array($0.name.utf8) }, children: fields.map(\.schema))
    }

    /// Reads a type (`array<struct<a:int>>`), or columns (`a INT, b STRING`), which are a structure.
    /// - Throws: `FunctionError` for what is none.
    init(_ text: String) throws {
        do {
            var reader = JSONSchemaReader(Array(text.utf8))
            self = try reader.wholeType()
        } catch {
            let start = text.drop { $0.isWhitespace }.prefix { $0 != "<" }.lowercased()
            guard !["array", "map", "struct"].contains(start) || !text.contains("<") else { throw error }
            var reader = JSONSchemaReader(Array(text.utf8))
            self = try reader.wholeColumns()
        }
    }
}

/// Reads the text of a schema.
private struct JSONSchemaReader {
    private let bytes: [UInt8]
    private var at = 0
    private static let deepest = 64

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func failure(_ reason: String) -> FunctionError {
        FunctionError(.argument, "from_json: '\(String(decoding: bytes, as: UTF8.self))' is no schema: \(reason)")
    }

    mutating func wholeType() throws -> JSONSchema {
        let type = try type(depth: 0)
        guard isAtEnd() else { throw failure("something follows the type") }
        return type
    }

    mutating func wholeColumns() throws -> JSONSchema {
        let columns = try fields(depth: 0) { $0.isAtEnd() }
        guard !columns.isEmpty else { throw failure("it names no column") }
        return .structure(columns)
    }

    private mutating func isAtEnd() -> Bool {
        skipSpace()
        return at == bytes.count
    }

    private mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard at < bytes.count, bytes[at] == character.asciiValue else { return false }
        at += 1
        return true
    }

    private mutating func expect(_ character: Character) throws {
        guard take(character) else { throw failure("'\(character)' is expected at character \(at + 1)") }
    }

    /// A name as it stands, or between backquotes.
    private mutating func name() throws -> String {
        skipSpace()
        if take("`") {
            var name: [UInt8] = []
            while at < bytes.count {
                if bytes[at] == UInt8(ascii: "`") {
                    at += 1
                    guard at < bytes.count, bytes[at] == UInt8(ascii: "`") else { return String(decoding: name, as: UTF8.self) }
                }
                name.append(bytes[at])
                at += 1
            }
            throw failure("a name does not end")
        }
        let start = at
        while at < bytes.count, bytes[at] >= 128 || bytes[at] == 0x5F || bytes[at] &- 0x30 < 10 || (bytes[at] | 0x20) &- 0x61 < 26 { at += 1 }
        guard at > start else { throw failure("a name is expected at character \(at + 1)") }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// The next word in lower case, when it is one of `words`.
    private mutating func takeWord(_ word: String) -> Bool {
        let before = at
        guard let found = try? name(), found.lowercased() == word else {
            at = before
            return false
        }
        return true
    }

    private mutating func fields(
        depth: Int, until isEnd: (inout JSONSchemaReader) -> Bool
    ) throws -> [(name: String, schema: JSONSchema)] {
        var fields: [(name: String, schema: JSONSchema)] = []
        while !isEnd(&self) {
            if !fields.isEmpty { try expect(",") }
            let name = try name()
            _ = take(":")
            fields.append((name, try type(depth: depth + 1)))
            if takeWord("not"), !takeWord("null") { throw failure("NOT NULL is expected at character \(at + 1)") }
            if takeWord("comment") { try skipText() }
        }
        return fields
    }

    private mutating func skipText() throws {
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "'") || bytes[at] == UInt8(ascii: "\"") else {
            throw failure("a comment is expected at character \(at + 1)")
        }
        let quote = bytes[at]
        at += 1
        while at < bytes.count, bytes[at] != quote { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        guard at < bytes.count else { throw failure("a comment does not end") }
        at += 1
    }

    private mutating func numbers() throws -> [Int]? {
        guard take("(") else { return nil }
        var found: [Int] = []
        repeat {
            skipSpace()
            let start = at
            while at < bytes.count, bytes[at] &- 0x30 < 10 { at += 1 }
            guard let number = Int(String(decoding: bytes[start..<at], as: UTF8.self)) else {
                throw failure("a number is expected at character \(start + 1)")
            }
            found.append(number)
        } while take(",")
        try expect(")")
        return found
    }

    private mutating func length(upTo most: Int) throws -> Int {
        guard let numbers = try numbers(), numbers.count == 1, (1...most).contains(numbers[0]) else {
            throw failure("a length from 1 to \(most) is expected before character \(at + 1)")
        }
        return numbers[0]
    }

    private mutating func type(depth: Int) throws -> JSONSchema {
        guard depth < Self.deepest else { throw failure("it is nested too deeply") }
        skipSpace()
        let start = at
        switch try name().lowercased() {
        case "boolean": return JSONSchema(.boolean)
        case "tinyint", "byte": return JSONSchema(.tinyint)
        case "smallint", "short": return JSONSchema(.smallint)
        case "int", "integer": return JSONSchema(.int)
        case "bigint", "long": return JSONSchema(.bigint)
        case "float", "real": return JSONSchema(.float)
        case "double": return JSONSchema(.double)
        case "string": return JSONSchema(.string)
        case "binary": return JSONSchema(.binary)
        case "date": return JSONSchema(.date)
        case "timestamp", "timestamp_ntz", "timestamp_ltz": return JSONSchema(.timestamp)
        case "decimal", "dec", "numeric":
            let numbers = try numbers() ?? [10]
            let scale = numbers.count > 1 ? numbers[1] : 0
            guard numbers.count <= 2, (1...38).contains(numbers[0]), (0...numbers[0]).contains(scale) else {
                throw failure("a DECIMAL has 1 to 38 digits, of which no more stand behind the point")
            }
            return JSONSchema(.decimal(precision: numbers[0], scale: scale))
        case "varchar": return JSONSchema(.varchar(length: try length(upTo: 65_535)))
        case "char": return JSONSchema(.char(length: try length(upTo: 255)))
        case "array":
            try expect("<")
            let element = try type(depth: depth + 1)
            try expect(">")
            return JSONSchema(.array(element.type), children: [element])
        case "map":
            try expect("<")
            let key = try type(depth: depth + 1)
            guard key.type == .string else { throw failure("the keys of a map have to be STRING") }
            try expect(",")
            let value = try type(depth: depth + 1)
            try expect(">")
            return JSONSchema(.map(key: key.type, value: value.type), children: [key, value])
        case "struct":
            try expect("<")
            return .structure(try fields(depth: depth) { $0.take(">") })
        case let name: throw failure("'\(name)' at character \(start + 1) is no type that JSON has values of")
        }
    }
}
