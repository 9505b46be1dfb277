import Columnar
import Functions

/// Sums, averages, counts and extremes over frames, in constant time a row.
struct SlidingAggregate {
    private enum Operation {
        case count
        case integerSum
        case floatingSum
        case floatingAverage
        case least, greatest
    }

    private let operation: Operation
    private let argument: Column?
    private let type: SQLType

    /// nil for an argument type that has no such way.
    init?(_ form: AggregateTraits.SlidingForm, _ arguments: [Column], type: SQLType) {
        self.type = type
        argument = arguments.first
        let input = arguments.first?.type
        switch (form, type) {
        case (.count, .bigint) where arguments.count <= 1: operation = .count
        case (.sum, .bigint) where input?.isIntegral == true: operation = .integerSum
        case (.sum, .double) where Self.isFloating(input): operation = .floatingSum
        case (.average, .double) where Self.isFloating(input) || input?.isIntegral == true: operation = .floatingAverage
        case (.least, _) where input == type && Self.isOrdered(type): operation = .least
        case (.greatest, _) where input == type && Self.isOrdered(type): operation = .greatest
        default: return nil
        }
    }

    private static func isFloating(_ type: SQLType?) -> Bool { type == .double || type == .float }

    private static func isOrdered(_ type: SQLType) -> Bool {
        switch type.physical {
        case .int8, .int16, .int32, .int64, .float, .double, .int128, .string, .timestamp: true
        default: false
        }
    }

    func column(_ bounds: FrameBounds, _ task: WindowTask) throws -> Column {
        let count = task.count
        let rows = RowSelection.all(count)
        guard let argument = argument?.flattened(rows) else {
            let result = Column(flat: .bigint, count: count)
            let target = result.values(as: Int64.self)
            for row in 0..<count { target[row] = Int64(max(bounds.ends[row] - bounds.starts[row], 0)) }
            return result
        }
        switch operation {
        case .count: return counts(argument, bounds, count)
        case .integerSum:
            switch argument.type.physical {
            case .int8: return integerSums(Int8.self, argument, bounds, count)
            case .int16: return integerSums(Int16.self, argument, bounds, count)
            case .int32: return integerSums(Int32.self, argument, bounds, count)
            default: return integerSums(Int64.self, argument, bounds, count)
            }
        case .floatingSum, .floatingAverage:
            switch argument.type.physical {
            case .int8: return try floatingSums(Int8.self, argument, bounds, task) { Double($0) }
            case .int16: return try floatingSums(Int16.self, argument, bounds, task) { Double($0) }
            case .int32: return try floatingSums(Int32.self, argument, bounds, task) { Double($0) }
            case .int64: return try floatingSums(Int64.self, argument, bounds, task) { Double($0) }
            case .float: return try floatingSums(Float.self, argument, bounds, task) { Double($0) }
            default: return try floatingSums(Double.self, argument, bounds, task) { $0 }
            }
        case .least, .greatest:
            switch argument.type.physical {
            case .int8: return try extremes(Int8.self, argument, bounds, task) { $0 < $1 }
            case .int16: return try extremes(Int16.self, argument, bounds, task) { $0 < $1 }
            case .int32: return try extremes(Int32.self, argument, bounds, task) { $0 < $1 }
            case .int64: return try extremes(Int64.self, argument, bounds, task) { $0 < $1 }
            case .int128: return try extremes(Int128.self, argument, bounds, task) { $0 < $1 }
            case .timestamp: return try extremes(Timestamp.self, argument, bounds, task) { $0 < $1 }
            case .string: return try extremes(StringView.self, argument, bounds, task) { $0 < $1 }
            case .float:
                return try extremes(Float.self, argument, bounds, task) { $0 < $1 || ($1 != $1 && $0 == $0) }
            default:
                return try extremes(Double.self, argument, bounds, task) { $0 < $1 || ($1 != $1 && $0 == $0) }
            }
        }
    }

    /// How many valid rows stand before each row, and before the end.
    private func validBefore(_ argument: Column, _ count: Int) -> [Int32] {
        var result = [Int32](repeating: 0, count: count + 1)
        let bits = argument.validity
        result.withUnsafeMutableBufferPointer { target in
            var sum: Int32 = 0
            for row in 0..<count {
                target[row] = sum
                sum &+= bits.map { $0[row] } ?? true ? 1 : 0
            }
            target[count] = sum
        }
        return result
    }

    private func counts(_ argument: Column, _ bounds: FrameBounds, _ count: Int) -> Column {
        let before = validBefore(argument, count)
        let result = Column(flat: .bigint, count: count)
        let target = result.values(as: Int64.self)
        for row in 0..<count {
            let start = Int(bounds.starts[row])
            let end = max(Int(bounds.ends[row]), start)
            target[row] = Int64(before[end] - before[start])
        }
        return result
    }

    private func integerSums<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ argument: Column, _ bounds: FrameBounds, _ count: Int
    ) -> Column {
        let before = validBefore(argument, count)
        let values = argument.values(as: T.self)
        let bits = argument.validity
        var sums = [Int64](repeating: 0, count: count + 1)
        for row in 0..<count {
            sums[row + 1] = sums[row] &+ (bits.map { $0[row] } ?? true ? Int64(values[row]) : 0)
        }
        let result = Column(flat: type, count: count)
        let target = result.values(as: Int64.self)
        for row in 0..<count {
            let start = Int(bounds.starts[row])
            let end = max(Int(bounds.ends[row]), start)
            target[row] = sums[end] &- sums[start]
            if before[end] == before[start] { result.setNull(row) }
        }
        return result
    }

    /// Short frames are summed anew; long ones slide, with the error of each addition kept.
    private func floatingSums<T: ColumnElement>(
        _: T.Type, _ argument: Column, _ bounds: FrameBounds, _ task: WindowTask, _ convert: (T) -> Double
    ) throws -> Column {
        let count = task.count
        let before = validBefore(argument, count)
        let values = UnsafePointer(argument.values(as: T.self))
        let bits = argument.validity
        let result = Column(flat: type, count: count)
        let target = result.values(as: Double.self)
        var isAverage = false
        if case .floatingAverage = operation { isAverage = true }
        try before.withUnsafeBufferPointer { before in
            for partition in task.partitions {
                var sliding = SlidingSum()
                var (low, high) = (partition.lowerBound, partition.lowerBound)
                for row in partition {
                    if row & 0xffff == 0 { try task.query.check() }
                    let start = Int(bounds.starts[row])
                    let end = max(Int(bounds.ends[row]), start)
                    let valid = before[end] - before[start]
                    if valid == 0 {
                        target[row] = 0
                        result.setNull(row)
                        continue
                    }
                    var sum = 0.0
                    if end - start <= 32 {
                        if let bits {
                            for index in start..<end where bits[index] { sum += convert(values[index]) }
                        } else {
                            for index in start..<end { sum += convert(values[index]) }
                        }
                    } else {
                        if start >= high {
                            sliding = SlidingSum()
                            (low, high) = (start, start)
                        }
                        while high < end {
                            if bits.map({ $0[high] }) ?? true { sliding.add(convert(values[high])) }
                            high += 1
                        }
                        while low < start {
                            if bits.map({ $0[low] }) ?? true { sliding.remove(convert(values[low])) }
                            low += 1
                        }
                        sum = sliding.value
                    }
                    target[row] = isAverage ? sum / Double(valid) : sum
                }
            }
        }
        withExtendedLifetime(argument) {}
        return result
    }

    /// The rows that may still become a frame's extreme wait in a queue, best first. Frames only move forward.
    private func extremes<T: ColumnElement>(
        _: T.Type, _ argument: Column, _ bounds: FrameBounds, _ task: WindowTask, _ isLess: (T, T) -> Bool
    ) throws -> Column {
        let count = task.count
        let values = UnsafePointer(argument.values(as: T.self))
        let bits = argument.validity
        var wantsLeast = false
        if case .least = operation { wantsLeast = true }
        let queue = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
        let sources = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
        defer {
            queue.deallocate()
            sources.deallocate()
        }
        var (head, tail, next) = (0, 0, 0)
        for row in 0..<count {
            if row & 0xffff == 0 { try task.query.check() }
            let start = Int(bounds.starts[row])
            let end = Int(bounds.ends[row])
            if start >= next {
                next = start
                head = tail
            }
            if head == tail {
                head = 0
                tail = 0
            }
            while next < end {
                if bits.map({ $0[next] }) ?? true {
                    let value = values[next]
                    while tail > head {
                        let last = values[Int(queue[tail - 1])]
                        let isBeaten = wantsLeast ? !isLess(last, value) : !isLess(value, last)
                        guard isBeaten else { break }
                        tail -= 1
                    }
                    queue[tail] = Int32(truncatingIfNeeded: next)
                    tail += 1
                }
                next += 1
            }
            while head < tail, Int(queue[head]) < start { head += 1 }
            sources[row] = head < tail && Int(queue[head]) < end ? queue[head] : -1
        }
        withExtendedLifetime(argument) {}
        return argument.gatheringRows(sources, count: count, otherwise: nil)
    }
}

/// A sum that values are added to and taken from, with the rounding errors kept beside it.
private struct SlidingSum {
    private var sum = 0.0
    private var error = 0.0
    private var (notNumbers, positive, negative) = (0, 0, 0)

    mutating func add(_ value: Double) {
        if value.isFinite { accumulate(value) } else { note(value, 1) }
    }

    mutating func remove(_ value: Double) {
        if value.isFinite { accumulate(-value) } else { note(value, -1) }
    }

    private mutating func accumulate(_ value: Double) {
        let total = sum + value
        error += abs(sum) >= abs(value) ? (sum - total) + value : (value - total) + sum
        sum = total
    }

    private mutating func note(_ value: Double, _ change: Int) {
        if value.isNaN { notNumbers += change } else if value > 0 { positive += change } else { negative += change }
    }

    var value: Double {
        if notNumbers > 0 || (positive > 0 && negative > 0) { return .nan }
        if positive > 0 { return .infinity }
        if negative > 0 { return -.infinity }
        return sum + error
    }
}
