extension SQLType {
    /// Reads the spelling that `description` writes: `array<struct<a:int,b:decimal(10,2)>>`. Nil for anything else.
    package init?(typeText: String) {
        var reader = TypeTextReader(bytes: Array(typeText.utf8))
        guard let type = reader.type(depth: 0), reader.isAtEnd else { return nil }
        self = type
    }
}

private struct TypeTextReader {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ character: Character) -> Bool {
        guard index < bytes.count, bytes[index] == character.asciiValue else { return false }
        index += 1
        return true
    }

    mutating func text(until isEnd: (UInt8) -> Bool) -> String {
        let start = index
        while index < bytes.count, !isEnd(bytes[index]) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    mutating func type(depth: Int) -> SQLType? {
        guard depth < 64 else { return nil }
        let delimiters = Array("<>(),".utf8)
        let name = text { delimiters.contains($0) }.lowercased()
        switch name {
        case "void": return .void
        case "boolean": return .boolean
        case "tinyint": return .tinyint
        case "smallint": return .smallint
        case "int", "integer": return .int
        case "bigint": return .bigint
        case "float": return .float
        case "double": return .double
        case "string": return .string
        case "binary": return .binary
        case "date": return .date
        case "timestamp": return .timestamp
        case "timestamp with local time zone": return .timestampLocalTimeZone
        case "interval_year_month": return .intervalYearMonth
        case "interval_day_time": return .intervalDayTime
        case "decimal":
            guard let numbers = numbers() else { return .decimal(precision: 10, scale: 0) }
            let scale = numbers.count > 1 ? numbers[1] : 0
            guard let precision = numbers.first, (1...38).contains(precision), (0...precision).contains(scale) else {
                return nil
            }
            return .decimal(precision: precision, scale: scale)
        case "varchar":
            guard let length = numbers()?.first, (1...65535).contains(length) else { return nil }
            return .varchar(length: length)
        case "char":
            guard let length = numbers()?.first, (1...255).contains(length) else { return nil }
            return .char(length: length)
        case "array":
            guard skip("<"), let element = type(depth: depth + 1), skip(">") else { return nil }
            return .array(element)
        case "map":
            guard skip("<"), let key = type(depth: depth + 1), skip(","), let value = type(depth: depth + 1), skip(">")
            else { return nil }
            return .map(key: key, value: value)
        case "struct":
            guard skip("<") else { return nil }
            var fields: [StructField] = []
            while !skip(">") {
                if !fields.isEmpty, !skip(",") { return nil }
                let field = text { $0 == UInt8(ascii: ":") }
                guard skip(":"), let type = type(depth: depth + 1) else { return nil }
                fields.append(StructField(name: field, type: type))
            }
            return .structure(fields)
        case "uniontype":
            guard skip("<") else { return nil }
            var members: [SQLType] = []
            while !skip(">") {
                if !members.isEmpty, !skip(",") { return nil }
                guard let member = type(depth: depth + 1) else { return nil }
                members.append(member)
            }
            return .union(members)
        default: return nil
        }
    }

    private mutating func numbers() -> [Int]? {
        guard skip("(") else { return nil }
        let inside = text { $0 == UInt8(ascii: ")") }
        guard skip(")") else { return nil }
        return inside.split(separator: ",").map { part in
            Int(String(part.filter { $0 != " " })) ?? -1
        }
    }
}
