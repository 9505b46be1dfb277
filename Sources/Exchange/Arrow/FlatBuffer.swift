/// Writes a FlatBuffer: from its end to its beginning, so that what is pointed at is there before it is pointed at.
///
/// Places are counted from the end of the buffer. What has the largest alignment decides that of the whole, which is 8.
struct FlatBuffer {
    /// The buffer's last byte first.
    private var reversed: [UInt8] = []

    /// Where something begins, in bytes from the end.
    typealias Place = Int

    /// A field of a table, by its number in the schema.
    enum Value {
        case byte(UInt8)
        case short(Int16)
        case int(Int32)
        case long(Int64)
        case place(Place)

        fileprivate var size: Int {
            switch self {
            case .byte: 1
            case .short: 2
            case .int, .place: 4
            case .long: 8
            }
        }

        static func bool(_ value: Bool) -> Value { .byte(value ? 1 : 0) }
    }

    /// The bytes of the buffer whose root table stands at `root`.
    consuming func finished(root: Place) -> [UInt8] {
        align(8, after: 4)
        push(reference(to: root))
        return reversed.reversed()
    }

    // MARK: Parts

    mutating func string(_ text: String) -> Place {
        let bytes = Array(text.utf8)
        align(4, after: bytes.count + 1)
        reversed.append(0)
        reversed.append(contentsOf: bytes.reversed())
        push(UInt32(truncatingIfNeeded: bytes.count))
        return reversed.count
    }

    mutating func vector(_ places: [Place]) -> Place {
        align(4, after: 4 * places.count)
        for place in places.reversed() { push(reference(to: place)) }
        push(UInt32(truncatingIfNeeded: places.count))
        return reversed.count
    }

    /// A vector of structs that are 64-bit words, row by row.
    mutating func vector(structs words: [Int64], wordsEach: Int) -> Place {
        align(8, after: 8 * words.count)
        for word in words.reversed() { push(word) }
        push(UInt32(truncatingIfNeeded: words.count / max(wordsEach, 1)))
        return reversed.count
    }

    mutating func table(_ fields: [(number: Int, value: Value)] = []) -> Place {
        let start = reversed.count
        var places: [Int: Place] = [:]
        for field in fields.sorted(by: { $0.value.size > $1.value.size }) {
            switch field.value {
            case .byte(let value): push(value)
            case .short(let value): push(value)
            case .int(let value): push(value)
            case .long(let value): push(value)
            case .place(let place):
                align(4)
                push(reference(to: place))
            }
            places[field.number] = reversed.count
        }
        push(Int32(0))
        let table = reversed.count
        let count = (fields.map(\.number).max() ?? -1) + 1
        for number in (0..<count).reversed() {
            push(UInt16(truncatingIfNeeded: places[number].map { table - $0 } ?? 0))
        }
        push(UInt16(truncatingIfNeeded: table - start))
        push(UInt16(truncatingIfNeeded: 4 + 2 * count))
        let toFields = UInt32(truncatingIfNeeded: reversed.count - table)
        for byte in 0..<4 { reversed[table - 1 - byte] = UInt8(truncatingIfNeeded: toFields >> UInt32(8 * byte)) }
        return table
    }

    // MARK: Bytes

    /// Zeros, so that after `more` bytes the place is a multiple of `size`.
    private mutating func align(_ size: Int, after more: Int = 0) {
        while (reversed.count + more) % size != 0 { reversed.append(0) }
    }

    private mutating func push<Integer: FixedWidthInteger>(_ value: Integer) {
        let size = Integer.bitWidth / 8
        align(size)
        for byte in (0..<size).reversed() { reversed.append(UInt8(truncatingIfNeeded: value >> Integer(8 * byte))) }
    }

    /// The distance to `place` from where it is about to be written.
    private func reference(to place: Place) -> UInt32 { UInt32(truncatingIfNeeded: reversed.count + 4 - place) }
}
