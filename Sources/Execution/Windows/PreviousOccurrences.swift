import Columnar

/// Where the arguments of a DISTINCT aggregate were last seen, so that the distinct rows of any frame are found in one pass
/// over it, without a table of its own.
struct PreviousOccurrences {
    /// For each row the last one before it with equal arguments, -1 for none, and the row itself where an argument is
    /// NULL, which is distinct in no frame.
    private let rows: [Int32]
    private let reservation: MemoryReservation

    init(of arguments: [Column], _ task: WindowTask) throws {
        let count = task.count
        reservation = try MemoryReservation(
            task.query.memory, for: "OVER (DISTINCT)", bytes: count * MemoryLayout<Int32>.stride)
        // While the rows are looked up: their hashes and numbers, and the table, as it grows.
        let scratch = try MemoryReservation(
            task.query.memory, for: "OVER (DISTINCT)", bytes: count * (MemoryLayout<UInt64>.stride + MemoryLayout<Int32>.stride))
        var result = (0..<count).map { Int32(truncatingIfNeeded: $0) }
        var valid = RowSelection.all(count)
        for argument in arguments { valid = BooleanLogic.select(validRowsOf: argument, rows: valid) }
        let keys = ComplexKeyCoding.encodeComplex(arguments, rows: valid, count: count)
        let table = KeyTable(KeyLayout(arguments.map(\.type)))
        var last: [Int32] = []
        let step = 1 << 16
        try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(count, 1)) { hashes in
            try withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(count, 1)) { numbers in
                guard let words = hashes.baseAddress, let found = numbers.baseAddress else { return }
                Hashing.hash(keys, rows: valid, count: count, into: words)
                try task.query.check()
                var begin = 0
                while begin < valid.count {
                    try task.query.check()
                    let piece = valid.count <= step ? valid : valid.dropFirst(begin).prefix(step)
                    try table.insert(keys, rows: piece, hashes: words, into: found + begin)
                    begin += piece.count
                    try scratch.update(
                        to: count * (MemoryLayout<UInt64>.stride + MemoryLayout<Int32>.stride) + table.byteCount)
                }
                try scratch.add(table.count * MemoryLayout<Int32>.stride)
                last = [Int32](repeating: -1, count: table.count)
                var ordinal = 0
                valid.forEach { row in
                    let key = Int(found[ordinal])
                    result[row] = last[key]
                    last[key] = Int32(truncatingIfNeeded: row)
                    ordinal += 1
                }
            }
        }
        withExtendedLifetime(scratch) {}
        rows = result
    }

    /// The rows of `range` that are the first of their kind from row `start` on.
    func firstRows(in range: Range<Int>, since start: Int) -> RowSelection {
        rows.withUnsafeBufferPointer { previous in
            let kept = SelectionVector(capacity: range.count)
            let target = kept.indices
            var used = 0
            for row in range {
                target[used] = Int32(truncatingIfNeeded: row)
                used &+= Int(previous[row]) < start ? 1 : 0
            }
            kept.setCount(used)
            return RowSelection(kept)
        }
    }
}
