import Columnar

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where one column's fields lie in a chunk, a row each.
final class FieldSpans {
    private(set) var starts: UnsafeMutablePointer<UInt32>
    /// Bytes of the field; -1 when the line has no such field, or when it stands for NULL.
    private(set) var lengths: UnsafeMutablePointer<Int32>
    private var capacity = 1

    init() {
        starts = .allocate(capacity: 1)
        lengths = .allocate(capacity: 1)
    }

    /// Makes room for so many rows, whose places are lost.
    func reserve(_ count: Int) {
        guard count > capacity else { return }
        starts.deallocate()
        lengths.deallocate()
        capacity = count
        starts = .allocate(capacity: count)
        lengths = .allocate(capacity: count)
    }

    deinit {
        starts.deallocate()
        lengths.deallocate()
    }

    /// Finds the fields with index `ordinal` of the selected lines. `takesRest`: they reach to the end of the line.
    func locate(_ ordinal: Int, in lines: TextLines, rows: RowSelection, takesRest: Bool) {
        let starts = starts
        let lengths = lengths
        let lineStarts = lines.lineStarts
        let firstFields = lines.firstFields
        let fieldCounts = lines.fieldCounts
        let ends = UnsafePointer(lines.fieldEnds)
        if lines.minimumFieldCount > ordinal, !takesRest {
            if ordinal == 0 {
                rows.forEach { row in
                    let start = lineStarts[row]
                    starts[row] = start
                    lengths[row] = Int32(bitPattern: ends[Int(firstFields[row])] &- start)
                }
            } else {
                let own = ends + ordinal
                let before = own - 1
                rows.forEach { row in
                    let first = Int(firstFields[row])
                    let start = before[first] &+ 1
                    starts[row] = start
                    lengths[row] = Int32(bitPattern: own[first] &- start)
                }
            }
            return
        }
        rows.forEach { row in
            let first = Int(firstFields[row])
            let fields = Int(fieldCounts[row])
            if ordinal < fields {
                let start = ordinal == 0 ? lineStarts[row] : ends[first &+ ordinal &- 1] &+ 1
                starts[row] = start
                lengths[row] = Int32(bitPattern: ends[first &+ (takesRest ? fields &- 1 : ordinal)] &- start)
            } else {
                starts[row] = 0
                lengths[row] = -1
            }
        }
    }

    /// Makes fields that equal `sequence` NULL.
    func markNulls(_ sequence: [UInt8], in text: UnsafePointer<UInt8>, rows: RowSelection) {
        let starts = starts
        let lengths = lengths
        let size = Int32(truncatingIfNeeded: sequence.count)
        sequence.withUnsafeBufferPointer { sequence in
            if size == 2 {
                let pair = UInt16(sequence[0]) | UInt16(sequence[1]) << 8
                let bytes = UnsafeRawPointer(text)
                rows.forEach { row in
                    if lengths[row] == 2,
                        bytes.loadUnaligned(fromByteOffset: Int(starts[row]), as: UInt16.self).littleEndian == pair
                    {
                        lengths[row] = -1
                    }
                }
                return
            }
            rows.forEach { row in
                guard lengths[row] == size else { return }
                if size == 0 {
                    lengths[row] = -1
                } else if let first = sequence.baseAddress,
                    equalBytes(text + Int(starts[row]), first, Int(size))
                {
                    lengths[row] = -1
                }
            }
        }
    }
}
