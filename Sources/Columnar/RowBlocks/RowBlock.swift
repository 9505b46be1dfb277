/// Rows of columns as bytes, for rows that leave memory for a while: what one process wrote, the same process reads.
///
/// A block begins with its number of rows (`UInt32`); column follows column. Types are not written: whoever reads knows them.
/// A column is a byte that says its form, a bit an element where elements are NULL (1: a value), and then
///
/// - of fixed width: the values; of a TIMESTAMP all seconds, then all nanoseconds; of a DECIMAL 8 or 16 bytes;
/// - strings: all lengths, as narrow as the longest allows, then all bytes;
/// - ARRAY and MAP: all lengths, then the child columns of all elements;
/// - STRUCT: the child columns; UNION: the tags, then the child columns, each with values where the tag says so.
///
/// Constant columns stay constant, dictionaries are written flat. Numbers are in the machine's byte order.
package enum RowBlock {
    /// What the byte before a column says of it.
    struct Form: OptionSet {
        let rawValue: UInt8

        /// One element for all rows.
        static let constant = Form(rawValue: 1)
        static let hasNulls = Form(rawValue: 2)
        /// Values of 16 bytes are written as 8.
        static let isNarrow = Form(rawValue: 4)
        static let all = Form(rawValue: 0b0011_0111)

        /// Bytes of a length: 1, 2, 4 or 8.
        var lengthWidth: Int { 1 << Int(rawValue >> 4 & 3) }

        static func lengths(upTo largest: Int) -> Form {
            Form(rawValue: (largest < 1 << 8 ? 0 : largest < 1 << 16 ? 1 : largest < 1 << 32 ? 2 : 3) << 4)
        }
    }

    /// Appends the selected rows, which may be in any order.
    /// - Complexity: O(rows · columns) and the bytes written; buffers of 8 bytes a row meanwhile.
    package static func append(_ columns: [Column], rows: RowSelection, to buffer: ByteBuffer) {
        var count = UInt32(truncatingIfNeeded: rows.count)
        buffer.append(bytes: &count, count: 4)
        guard let selection = rows.selection else {
            let writer = RowBlockWriter(buffer)
            for column in columns { writer.append(column, ChosenElements(first: 0, count: rows.count)) }
            return
        }
        withUnsafeTemporaryAllocation(of: Int.self, capacity: max(rows.count, 1)) { places in
            guard let start = places.baseAddress else { return }
            let indices = UnsafePointer(selection.indices)
            for row in 0..<rows.count { start[row] = Int(indices[row]) }
            let writer = RowBlockWriter(buffer)
            for column in columns { writer.append(column, ChosenElements(places: start, count: rows.count)) }
        }
    }

    /// The columns of a block, flat or constant.
    /// - Parameters:
    ///   - bytes: the whole block. Strings are views into it.
    ///   - owner: keeps the bytes as long as it lives; the columns keep it.
    /// - Throws: `RowBlockError` when the bytes are no block of these types.
    package static func columns(
        of types: [SQLType], from bytes: UnsafeRawBufferPointer, keeping owner: AnyObject
    ) throws -> (columns: [Column], rowCount: Int) {
        var reader = RowBlockReader(bytes: bytes, owner: owner)
        let count = Int(try reader.number(UInt32.self))
        let columns = try types.map { try reader.column(of: $0, count: count) }
        guard reader.isAtEnd else { throw RowBlockError("bytes are left over") }
        return (columns, count)
    }
}

/// Why bytes are no block of rows.
package struct RowBlockError: Error, Sendable, CustomStringConvertible {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    package var description: String { "damaged block of rows: \(reason)" }
}

/// Which elements of a column's storage are meant, in which order.
struct ChosenElements {
    let count: Int
    /// Without `places`: where elements that follow one another begin.
    let first: Int
    /// An element each; -1 for NULL.
    let places: UnsafePointer<Int>?

    init(first: Int, count: Int) {
        self.first = first
        self.count = count
        places = nil
    }

    init(places: UnsafePointer<Int>, count: Int) {
        first = 0
        self.count = count
        self.places = places
    }

    @inline(__always)
    subscript(ordinal: Int) -> Int { places.map { $0[ordinal] } ?? first &+ ordinal }
}

extension ByteBuffer {
    /// Appends bytes as they are in memory.
    func append(bytes: UnsafeRawPointer, count: Int) {
        append(bytes.assumingMemoryBound(to: UInt8.self), count: count)
    }
}
