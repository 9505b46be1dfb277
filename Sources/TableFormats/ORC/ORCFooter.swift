/// A stripe: rows that are stored together, columns one behind the other.
package struct ORCStripe: Sendable {
    /// Where it begins in the file: first the indexes, then the data, then its footer.
    package var offset = 0
    package var indexLength = 0
    package var dataLength = 0
    package var footerLength = 0
    package var rowCount = 0

    package var byteCount: Int { indexLength + dataLength + footerLength }

    init(offset: Int, rowCount: Int) {
        self.offset = offset
        self.rowCount = rowCount
    }

    init(_ reader: ProtobufReader) throws {
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1: offset = try reader.count(field)
            case 2: indexLength = try reader.count(field)
            case 3: dataLength = try reader.count(field)
            case 4: footerLength = try reader.count(field)
            case 5: rowCount = try reader.count(field)
            default: try reader.skip(field)
            }
        }
    }
}

/// A type of the file's schema as the footer lists it: the tree in pre-order, children by their numbers.
struct ORCType {
    enum Kind: Int {
        case boolean, byte, short, int, long, float, double, string, binary, timestamp, list, map, structure, union
        case decimal, date, varchar, char, timestampInstant
    }

    var kind = Kind.boolean
    var children: [UInt64] = []
    var fieldNames: [String] = []
    var maximumLength = 0
    var precision: Int?
    var scale: Int?

    init(_ reader: ProtobufReader, part: ORCPart) throws {
        var reader = reader
        while let field = try reader.next() {
            switch field.number {
            case 1:
                let number = try reader.count(field)
                guard let known = Kind(rawValue: number) else { throw part.damaged("type \(number) is not known") }
                kind = known
            case 2: try reader.appendUnsigned(field, to: &children)
            case 3: fieldNames.append(try reader.string(field))
            case 4: maximumLength = try reader.count(field)
            case 5: precision = try reader.count(field)
            case 6: scale = try reader.count(field)
            default: try reader.skip(field)
            }
        }
    }
}

/// What the footer says of the whole file.
struct ORCFooter {
    var stripes: [ORCStripe] = []
    var types: [ORCType] = []
    var userMetadata: [String: [UInt8]] = [:]
    var rowCount = 0
    /// Messages, decoded when the types are known.
    var statistics: [[UInt8]] = []
    var rowIndexStride = 0
    /// Which program wrote the file: 0 is Java, 1 C++.
    var writer = 0
    var isEncrypted = false
    /// 0: not said, 1: Julian before 1582, 2: proleptic Gregorian.
    var calendar = 0
    var softwareVersion = ""

    init(_ bytes: UnsafeRawBufferPointer, part: ORCPart) throws {
        var reader = ProtobufReader(bytes, part: part)
        while let field = try reader.next() {
            switch field.number {
            case 3: stripes.append(try ORCStripe(reader.message(field)))
            case 4: types.append(try ORCType(reader.message(field), part: part))
            case 5:
                var entry = try reader.message(field)
                var name = ""
                var value: [UInt8] = []
                while let inner = try entry.next() {
                    switch inner.number {
                    case 1: name = try entry.string(inner)
                    case 2: value = Array(try entry.bytes(inner))
                    default: try entry.skip(inner)
                    }
                }
                userMetadata[name] = value
            case 6: rowCount = try reader.count(field)
            case 7: statistics.append(Array(try reader.bytes(field)))
            case 8: rowIndexStride = try reader.count(field)
            case 9: writer = try reader.count(field)
            case 10:
                isEncrypted = true
                try reader.skip(field)
            case 11: calendar = try reader.count(field)
            case 12: softwareVersion = try reader.string(field)
            default: try reader.skip(field)
            }
        }
    }

    /// Only Java's writer ever counted days by the calendar that was Julian before 1582; it is silent about it where it
    /// does. The others know the proleptic calendar alone.
    var usesProlepticCalendar: Bool { calendar == 2 || (calendar == 0 && writer != 0) }
}
