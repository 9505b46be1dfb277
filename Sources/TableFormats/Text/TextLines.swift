import CKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where the lines of a batch and their fields lie in a chunk.
final class TextLines {
    private let capacity: Int
    /// Lines found by the latest `find`.
    private(set) var count = 0
    /// Fields of the line that has fewest.
    private(set) var minimumFieldCount = 0
    /// A field may contain the escape byte.
    private(set) var mayBeEscaped = false
    /// False for lines with quotes that are not regular: each of them is one field then.
    private(set) var areFieldsListed = true
    /// False when no field of quoted text that is listed holds a quote.
    private(set) var mayHaveDoubledQuotes = true

    /// Positions at which fields end, line by line; the last one of a line is the line's end.
    private(set) var fieldEnds: UnsafeMutablePointer<UInt32>
    private var fieldEndLimit: Int
    private let usualFieldEndLimit: Int
    private let memory: ScanMemoryUse
    /// A line's first position.
    let lineStarts: UnsafeMutablePointer<UInt32>
    /// Index in `fieldEnds` of a line's first field.
    let firstFields: UnsafeMutablePointer<UInt32>
    /// How many fields a line has, at least one.
    let fieldCounts: UnsafeMutablePointer<UInt32>
    private let lineEnds: UnsafeMutablePointer<UInt32>
    /// Behind a line's last byte.
    @inline(__always)
    func lineEnd(_ line: Int) -> Int { Int(fieldEnds[Int(firstFields[line] &+ fieldCounts[line] &- 1)]) }

    /// What the vector kernels write behind the limits of their arrays.
    private static let slack = 128

    init(capacity: Int, memory: ScanMemoryUse) {
        self.capacity = capacity
        self.memory = memory
        fieldEndLimit = max(16 * capacity, 1024)
        usualFieldEndLimit = fieldEndLimit
        fieldEnds = .allocate(capacity: fieldEndLimit + Self.slack)
        lineStarts = .allocate(capacity: capacity)
        firstFields = .allocate(capacity: capacity)
        fieldCounts = .allocate(capacity: capacity)
        lineEnds = .allocate(capacity: capacity + Self.slack)
    }

    deinit {
        fieldEnds.deallocate()
        lineStarts.deallocate()
        firstFields.deallocate()
        fieldCounts.deallocate()
        lineEnds.deallocate()
    }

    /// Takes up to `capacity` whole wanted lines from `chunk`. False when it has none.
    /// - Throws: `TableFormatError` when a line has more fields than there is memory for.
    func find(in chunk: TextChunk, structure: LineStructure) throws -> Bool {
        count = 0
        mayBeEscaped = false
        areFieldsListed = true
        while chunk.cursor < chunk.limit {
            let text = chunk.bytes
            if let quote = structure.quote {
                let found = hiveql_list_quoted_structure(
                    text, chunk.cursor, chunk.end, structure.delimiter, quote, structure.escape ?? quote, fieldEnds,
                    fieldEndLimit, lineEnds, capacity)
                if found.saw_carriage_return {
                    areFieldsListed = false
                    return try findByBytes(in: chunk, delimiter: 0x0A, escape: nil)
                }
                mayHaveDoubledQuotes = found.saw_doubled_quote
                if found.line_count > 0 {
                    layOut(chunk, lineCount: min(found.line_count, capacity), fieldEndCount: found.structural_count)
                    return true
                }
                if found.position >= chunk.end { return false }
                try growFieldEnds(chunk.path, chunk.origin + chunk.cursor)
                continue
            }
            let found = hiveql_list_structure(
                text, chunk.cursor, chunk.end, structure.delimiter, fieldEnds, fieldEndLimit, lineEnds, capacity)
            let isEscaped =
                structure.escape.map { memchr(text + chunk.cursor, Int32($0), found.position - chunk.cursor) != nil }
                ?? false
            if found.saw_carriage_return || isEscaped {
                mayBeEscaped = isEscaped
                return try findByBytes(in: chunk, delimiter: structure.delimiter, escape: structure.escape)
            }
            if found.line_count > 0 {
                layOut(chunk, lineCount: min(found.line_count, capacity), fieldEndCount: found.structural_count)
                return true
            }
            if found.position >= chunk.end { return false }
            try growFieldEnds(chunk.path, chunk.origin + chunk.cursor)
        }
        return false
    }

    /// Assigns the listed positions to lines.
    private func layOut(_ chunk: TextChunk, lineCount: Int, fieldEndCount: Int) {
        let fieldEnds = fieldEnds
        let lineEnds = lineEnds
        let lineStarts = lineStarts
        let firstFields = firstFields
        let fieldCounts = fieldCounts
        let limit = chunk.limit
        var start = chunk.cursor
        var first = 0
        // Most lines have as many fields as the one before.
        var fields = 1
        var fewest = Int.max
        var line = 0
        while line < lineCount, start < limit {
            let end = lineEnds[line]
            if first &+ fields > fieldEndCount || fieldEnds[first &+ fields &- 1] != end {
                fields = 1
                while fieldEnds[first &+ fields &- 1] != end { fields &+= 1 }
            }
            lineStarts[line] = UInt32(truncatingIfNeeded: start)
            firstFields[line] = UInt32(truncatingIfNeeded: first)
            fieldCounts[line] = UInt32(truncatingIfNeeded: fields)
            fewest = min(fewest, fields)
            first &+= fields
            start = Int(end) &+ 1
            line &+= 1
        }
        count = line
        minimumFieldCount = fewest
        chunk.cursor = start
    }

    private func growFieldEnds(_ path: String, _ line: Int) throws {
        let larger = fieldEndLimit * 2
        let stride = MemoryLayout<UInt32>.stride
        // Both lists are held while one is copied.
        try memory.grow(by: larger * stride, path: path, offset: line)
        guard let memory = malloc((larger + Self.slack) * stride) else {
            self.memory.shrink(by: larger * stride)
            throw TableFormatError("there is no memory for a line of more than \(fieldEndLimit) fields", path: path, offset: line)
        }
        self.memory.shrink(by: fieldEndLimit * stride)
        let grown = memory.bindMemory(to: UInt32.self, capacity: larger + Self.slack)
        grown.update(from: fieldEnds, count: fieldEndLimit)
        fieldEnds.deallocate()
        fieldEnds = grown
        fieldEndLimit = larger
    }

    /// Gives back what lines of many fields took.
    func finish() {
        guard fieldEndLimit > usualFieldEndLimit else { return }
        memory.shrink(by: (fieldEndLimit - usualFieldEndLimit) * MemoryLayout<UInt32>.stride)
        fieldEnds.deallocate()
        fieldEndLimit = usualFieldEndLimit
        fieldEnds = .allocate(capacity: fieldEndLimit + Self.slack)
        count = 0
    }

    /// For text with carriage returns or escapes.
    private func findByBytes(in chunk: TextChunk, delimiter: UInt8, escape: UInt8?) throws -> Bool {
        let text = chunk.bytes
        let limit = chunk.limit
        var used = 0
        count = 0
        minimumFieldCount = .max
        while count < capacity, chunk.cursor < limit, let ending = chunk.lineEnd(from: chunk.cursor) {
            try add(
                text, chunk.cursor, ending.end, delimiter: delimiter, escape: escape, used: &used, path: chunk.path,
                offset: chunk.origin + chunk.cursor)
            chunk.cursor = ending.next
        }
        return count > 0
    }

    /// Takes the line text[start..<end] behind the others.
    private func add(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, delimiter: UInt8, escape: UInt8?, used: inout Int,
        path: String, offset: Int
    ) throws {
        let first = used
        var at = start
        while true {
            if used == fieldEndLimit { try growFieldEnds(path, offset) }
            at = Self.fieldEnd(text, at, end, delimiter: delimiter, escape: escape)
            fieldEnds[used] = UInt32(truncatingIfNeeded: at)
            used += 1
            if at >= end { break }
            at += 1
        }
        lineStarts[count] = UInt32(truncatingIfNeeded: start)
        firstFields[count] = UInt32(truncatingIfNeeded: first)
        fieldCounts[count] = UInt32(truncatingIfNeeded: used - first)
        minimumFieldCount = min(minimumFieldCount, used - first)
        count += 1
    }

    /// Takes lines of another text: those of `batch` in another encoding.
    /// - Parameter ends: where each line ends in `text`; the next one begins there.
    /// - Precondition: `batch` has no more lines than there is room for.
    func take(
        _ batch: LineBatch, _ text: UnsafePointer<UInt8>, from begin: Int, ends: UnsafePointer<Int>, structure: LineStructure
    ) throws {
        count = 0
        minimumFieldCount = .max
        mayBeEscaped = structure.escape != nil
        areFieldsListed = structure.quote == nil
        var used = 0
        var start = begin
        for row in 0..<batch.count {
            try add(
                text, start, ends[row], delimiter: areFieldsListed ? structure.delimiter : 0x0A,
                escape: areFieldsListed ? structure.escape : nil, used: &used, path: batch.path, offset: batch.offset(of: row))
            start = ends[row]
        }
    }

    /// Takes records as lines.
    /// - Parameter offset: of them in the file, for errors.
    /// - Precondition: there are no more records than there is room for.
    func take(_ records: RecordBuffer, structure: LineStructure, path: String, offset: Int) throws {
        count = 0
        minimumFieldCount = .max
        mayBeEscaped = structure.escape != nil
        areFieldsListed = structure.quote == nil
        let text = records.bytes
        var used = 0
        for record in 0..<records.count {
            try add(
                text, Int(records.starts[record]), Int(records.ends[record]),
                delimiter: areFieldsListed ? structure.delimiter : 0x0A, escape: areFieldsListed ? structure.escape : nil,
                used: &used, path: path, offset: offset)
        }
    }

    /// The first `delimiter` from `at` that no escape precedes, or `end`.
    @inline(__always)
    static func fieldEnd(
        _ text: UnsafePointer<UInt8>, _ at: Int, _ end: Int, delimiter: UInt8, escape: UInt8?
    ) -> Int {
        var at = at
        guard let escape else {
            while at < end, text[at] != delimiter { at &+= 1 }
            return at
        }
        while at < end {
            if text[at] == delimiter { return at }
            at &+= text[at] == escape && at &+ 1 < end ? 2 : 1
        }
        return at
    }
}
