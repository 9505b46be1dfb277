import Columnar
import Expressions
import Planner

/// For each row of a part the rows of its frame, as a half-open range in the order of the windows. Empty when the start
/// is not before the end.
final class FrameBounds {
    let starts: UnsafeMutablePointer<Int32>
    let ends: UnsafeMutablePointer<Int32>

    init(_ frame: WindowFrame, _ task: WindowTask) throws {
        starts = .allocate(capacity: max(task.count, 1))
        ends = .allocate(capacity: max(task.count, 1))
        switch frame.unit {
        case .rows: try fillRows(frame, task)
        case .range: try fillRange(frame, task)
        }
    }

    deinit {
        starts.deallocate()
        ends.deallocate()
    }

    private func rowOffset(_ value: LiteralValue) throws -> Int {
        guard case .integer(let number) = value, number >= 0 else {
            throw ExecutionError.message("The offset of a ROWS frame must be a constant that is not negative")
        }
        return Int(clamping: min(number, Int64(Int32.max)))
    }

    private func fillRows(_ frame: WindowFrame, _ task: WindowTask) throws {
        // Offsets from the row to the frame's first row and behind its last one; nil: the partition's edge.
        let first: Int? =
            switch frame.start {
            case .unboundedPreceding: nil
            case .preceding(let value, _): try -rowOffset(value)
            case .currentRow: 0
            case .following(let value, _): try rowOffset(value)
            case .unboundedFollowing: throw ExecutionError.message("A frame cannot start with UNBOUNDED FOLLOWING")
            }
        let last: Int? =
            switch frame.end {
            case .unboundedPreceding: throw ExecutionError.message("A frame cannot end with UNBOUNDED PRECEDING")
            case .preceding(let value, _): try 1 - rowOffset(value)
            case .currentRow: 1
            case .following(let value, _): try rowOffset(value) + 1
            case .unboundedFollowing: nil
            }
        for partition in task.partitions {
            let (low, high) = (partition.lowerBound, partition.upperBound)
            for row in partition {
                let start = first.map { min(max(row + $0, low), high) } ?? low
                let end = last.map { min(max(row + $0, low), high) } ?? high
                starts[row] = Int32(truncatingIfNeeded: start)
                ends[row] = Int32(truncatingIfNeeded: end)
            }
        }
    }

    private func fillRange(_ frame: WindowFrame, _ task: WindowTask) throws {
        switch frame.start {
        case .unboundedPreceding:
            for partition in task.partitions {
                (starts + partition.lowerBound).initialize(
                    repeating: Int32(truncatingIfNeeded: partition.lowerBound), count: partition.count)
            }
        case .currentRow: starts.update(from: task.peerStarts, count: task.count)
        case .preceding(let value, let type):
            try fillOffset(starts, value, type, isBefore: true, isEnd: false, task)
        case .following(let value, let type):
            try fillOffset(starts, value, type, isBefore: false, isEnd: false, task)
        case .unboundedFollowing: throw ExecutionError.message("A frame cannot start with UNBOUNDED FOLLOWING")
        }
        switch frame.end {
        case .unboundedFollowing:
            for partition in task.partitions {
                (ends + partition.lowerBound).initialize(
                    repeating: Int32(truncatingIfNeeded: partition.upperBound), count: partition.count)
            }
        case .currentRow: ends.update(from: task.peerEnds, count: task.count)
        case .preceding(let value, let type):
            try fillOffset(ends, value, type, isBefore: true, isEnd: true, task)
        case .following(let value, let type):
            try fillOffset(ends, value, type, isBefore: false, isEnd: true, task)
        case .unboundedPreceding: throw ExecutionError.message("A frame cannot end with UNBOUNDED PRECEDING")
        }
    }

    /// The bound that lies `value` before or behind each row's order key: the first row at it (start) or behind it
    /// (end). Rows whose key is NULL have their peers as frame.
    private func fillOffset(
        _ target: UnsafeMutablePointer<Int32>, _ value: LiteralValue, _ type: SQLType, isBefore: Bool, isEnd: Bool,
        _ task: WindowTask
    ) throws {
        guard let key = task.orderKey, let order = task.plan.orderComparison.normalized.orders.first else {
            throw ExecutionError.message("A RANGE frame with an offset needs ORDER BY one key")
        }
        let count = task.count
        let offset = value.column(type: type, count: count)
        let operation: ArithmeticOperator = isBefore == order.ascending ? .subtract : .add
        guard let boundType = ArithmeticTypes.resultType(operation, key.type, type) else {
            throw ExecutionError.message("A RANGE frame cannot add \(type) to an order key of type \(key.type)")
        }
        let rows = RowSelection.all(count)
        let limits = try Arithmetic.apply(operation, key, offset, resultType: boundType, rows: rows, count: count)
            .flattened(rows)
        let keys = try key.type == boundType
            ? key : Cast.apply(key, to: boundType, rows: rows, count: count, context: task.query.context.castContext)
        let sign = order.ascending ? 1 : -1
        for partition in task.partitions {
            var next = partition.lowerBound
            // Rows without a key stand together at one edge; the others' keys ascend (or descend) steadily.
            while next < partition.upperBound, keys.isNull(next) { next += 1 }
            var end = partition.upperBound
            while end > next, keys.isNull(end - 1) { end -= 1 }
            let valid = next..<end
            for row in partition {
                if row & 0xffff == 0 { try task.query.check() }
                guard valid.contains(row), !limits.isNull(row) else {
                    target[row] = isEnd ? task.peerEnds[row] : task.peerStarts[row]
                    continue
                }
                while next < end {
                    let order = sign * RowComparator.compare(keys, next, limits, row)
                    if isEnd ? order > 0 : order >= 0 { break }
                    next += 1
                }
                target[row] = Int32(truncatingIfNeeded: next)
            }
        }
    }
}
