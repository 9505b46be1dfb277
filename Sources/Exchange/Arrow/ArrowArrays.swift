import Columnar

/// Columns of a batch as Arrow's arrays: of each a node (length, NULLs) and its buffers, each from a multiple of 64 bytes on.
struct ArrowArrays {
    /// What is wrong with a value.
    struct Invalid: Error {
        let reason: String
    }

    /// Buffers begin at multiples of it.
    static let alignment = 64

    let rowCount: Int
    /// Length and NULLs of each array.
    private(set) var nodeWords: [Int64] = []
    /// Offset and length of each buffer.
    private(set) var bufferWords: [Int64] = []
    private(set) var buffers: [[UInt8]] = []
    /// Bytes of all buffers with what is between them.
    private(set) var byteCount = 0
    private let formatter = TextFormatter(.output)

    /// - Throws: `Invalid`, with the column's position in `failed`.
    init(_ batch: Batch, _ types: [ArrowType], failed: inout Int) throws {
        rowCount = batch.rowCount
        let rows = (0..<batch.rowCount).map { batch.rows[$0] }
        for (position, (column, type)) in zip(batch.columns, types).enumerated() {
            failed = position
            try append(column.decoded(batch.rows), type, rows)
        }
    }

    /// - Parameter rows: of the column, in order; −1 where a value around it is NULL.
    private mutating func append(_ column: Column, _ type: ArrowType, _ rows: [Int]) throws {
        let bits = column.validity
        let isConstant = column.isConstant
        var elements = rows
        var nulls = 0
        for (place, row) in rows.enumerated() {
            let element = row < 0 ? -1 : isConstant ? 0 : row
            let isNull = element < 0 || bits.map { !$0[element] } ?? false
            elements[place] = isNull ? -1 : element
            nulls += isNull ? 1 : 0
        }
        if case .null = type {
            nodeWords += [Int64(rows.count), Int64(rows.count)]
            return
        }
        nodeWords += [Int64(rows.count), Int64(nulls)]
        append(nulls == 0 ? [] : Self.bits(elements) { $0 >= 0 })
        switch type {
        case .null: break
        case .boolean:
            let values = column.values(as: UInt8.self)
            append(Self.bits(elements) { $0 >= 0 && values[$0] != 0 })
        case .integer(bits: 8): append(Self.fixed(column.values(as: Int8.self), elements))
        case .integer(bits: 16): append(Self.fixed(column.values(as: Int16.self), elements))
        case .integer(bits: 32), .date: append(Self.fixed(column.values(as: Int32.self), elements))
        case .integer: append(Self.fixed(column.values(as: Int64.self), elements))
        case .float: append(Self.fixed(column.values(as: Float.self), elements))
        case .double: append(Self.fixed(column.values(as: Double.self), elements))
        case .decimal: append(Self.fixed(column.values(as: Int128.self), elements))
        case .timestamp: try appendTimes(column, elements)
        case .utf8(isFormatted: true): try appendTexts(formatter.format(column, rows: .all(column.count), count: column.count), elements)
        case .utf8, .binary: try appendTexts(column, elements)
        case .list(let element): try appendLists(column, elements) { try $0.append($1, element, $2) }
        case .map(let key, let value):
            try appendLists(column, elements) { arrays, _, items in
                // The entries are a structure without a bitmap.
                arrays.nodeWords += [Int64(items.count), 0]
                arrays.append([])
                for (child, type) in zip(column.children, [key, value]) {
                    try arrays.append(child.decoded(.all(child.count)), type, items)
                }
            }
        case .structure(let fields):
            for (child, field) in zip(column.children, fields) {
                try append(child.decoded(.all(child.count)), field.type, elements)
            }
        }
        withExtendedLifetime(column) {}
    }

    // MARK: Buffers

    private mutating func append(_ buffer: [UInt8]) {
        bufferWords += [Int64(byteCount), Int64(buffer.count)]
        byteCount += (buffer.count + Self.alignment - 1) / Self.alignment * Self.alignment
        buffers.append(buffer)
    }

    private static func bits(_ elements: [Int], _ isSet: (Int) -> Bool) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (elements.count + 7) / 8)
        for (place, element) in elements.enumerated() where isSet(element) { bytes[place >> 3] |= 1 << UInt8(place & 7) }
        return bytes
    }

    /// The elements' own bytes; zeros for NULL.
    private static func fixed<Element>(_ values: UnsafePointer<Element>, _ elements: [Int]) -> [UInt8] {
        let size = MemoryLayout<Element>.size
        return [UInt8](unsafeUninitializedCapacity: elements.count * size) { target, count in
            count = elements.count * size
            guard let start = target.baseAddress else { return }
            let raw = UnsafeMutableRawPointer(start)
            for (place, element) in elements.enumerated() {
                if element < 0 {
                    (raw + place * size).initializeMemory(as: UInt8.self, repeating: 0, count: size)
                } else {
                    (raw + place * size).copyMemory(from: values + element, byteCount: size)
                }
            }
        }
    }

    private mutating func appendTimes(_ column: Column, _ elements: [Int]) throws {
        let values = column.values(as: Timestamp.self)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(elements.count * 8)
        for element in elements {
            let time = element < 0 ? Timestamp(seconds: 0) : values[element]
            let (seconds, overflow) = time.seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (nanoseconds, carry) = seconds.addingReportingOverflow(Int64(time.nanoseconds))
            guard !overflow, !carry else {
                throw Invalid(reason: "holds a time outside 1677-09-22 to 2262-04-11, which nanoseconds of 64 bits have not: cast it to STRING")
            }
            bytes.append(littleEndian: nanoseconds)
        }
        append(bytes)
    }

    private mutating func appendTexts(_ column: Column, _ elements: [Int]) throws {
        let values = column.values(as: StringView.self)
        let size = elements.reduce(0) { $1 < 0 ? $0 : $0 + values[$1].count }
        guard size <= Int(Int32.max) else { throw Invalid(reason: "has texts of more than 2 GB among \(rowCount) rows") }
        var offsets: [UInt8] = []
        offsets.reserveCapacity(4 * (elements.count + 1))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        offsets.append(littleEndian: Int32(0))
        for element in elements {
            if element >= 0 { bytes.append(contentsOf: values[element].bytes) }
            offsets.append(littleEndian: Int32(truncatingIfNeeded: bytes.count))
        }
        append(offsets)
        append(bytes)
        withExtendedLifetime(column) {}
    }

    private mutating func appendLists(
        _ column: Column, _ elements: [Int], _ appendItems: (inout ArrowArrays, Column, [Int]) throws -> Void
    ) throws {
        let entries = column.values(as: ListEntry.self)
        var offsets: [UInt8] = []
        var items: [Int] = []
        offsets.append(littleEndian: Int32(0))
        for element in elements {
            if element >= 0 {
                let (start, length) = (entries[element].offset, max(entries[element].length, 0))
                guard items.count + length <= Int(Int32.max) else {
                    throw Invalid(reason: "has more than two billion elements among \(rowCount) rows")
                }
                items.append(contentsOf: start..<(start + length))
            }
            offsets.append(littleEndian: Int32(truncatingIfNeeded: items.count))
        }
        append(offsets)
        guard let child = column.children.first else { return }
        try appendItems(&self, child.decoded(.all(child.count)), items)
    }
}
