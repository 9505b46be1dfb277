import Columnar
import Expressions
import Functions
import Planner

/// One window function over one part.
struct WindowEvaluation {
    let task: WindowTask
    let function: WindowPlan.Function

    init(_ task: WindowTask, _ function: WindowPlan.Function) {
        self.task = task
        self.function = function
    }

    private var type: SQLType { function.named.output.type }

    /// The function's values in the order of the windows.
    func column() throws -> Column {
        switch function.named.function {
        case .aggregate(let definition, let aggregate, let isDistinct):
            return try WindowAggregation(
                task, function, aggregate, slidingForm: definition.traits.slidingForm, isDistinct: isDistinct
            ).column()
        case .window(let kind, let ignoreNulls):
            switch kind {
            case .rowNumber, .rank, .denseRank, .ntile: return try ranking(kind)
            case .percentRank, .cumulativeDistribution: return distribution(kind)
            case .lag: return try shifted(by: -1, ignoreNulls)
            case .lead: return try shifted(by: 1, ignoreNulls)
            case .firstValue, .lastValue, .nthValue: return try positional(kind, ignoreNulls)
            }
        }
    }

    // MARK: ranking

    private func ranking(_ kind: WindowFunctionKind) throws -> Column {
        let ranks = UnsafeMutablePointer<Int64>.allocate(capacity: task.count)
        defer { ranks.deallocate() }
        let buckets = kind == .ntile ? function.arguments.first.map { task.values($0) } : nil
        for partition in task.partitions {
            try task.query.check()
            let low = partition.lowerBound
            switch kind {
            case .rowNumber: for row in partition { ranks[row] = Int64(row - low + 1) }
            case .rank: for row in partition { ranks[row] = Int64(Int(task.peerStarts[row]) - low + 1) }
            case .denseRank:
                var rank: Int64 = 0
                for row in partition {
                    if Int(task.peerStarts[row]) == row { rank += 1 }
                    ranks[row] = rank
                }
            default:
                let tiles = try Tiles(buckets.flatMap { Self.integer($0, low) }, rowCount: partition.count)
                for row in partition { ranks[row] = Int64(tiles.tile(of: row - low)) }
            }
        }
        let result = Column(flat: type, count: task.count)
        if type.physical == .int64 {
            result.values(as: Int64.self).update(from: ranks, count: task.count)
        } else {
            let target = result.values(as: Int32.self)
            for row in 0..<task.count { target[row] = Int32(truncatingIfNeeded: ranks[row]) }
        }
        return result
    }

    /// NTILE's buckets of a partition of so many rows.
    func tiles(of rowCount: Int) throws -> Tiles {
        try Tiles(function.arguments.first.flatMap { Self.integer(task.values($0), 0) }, rowCount: rowCount)
    }

    /// Cuts a partition into buckets, of which the first ones have a row more where they do not come out even.
    struct Tiles {
        private let size: Int
        private let larger: Int

        init(_ wanted: Int64?, rowCount: Int) throws {
            guard let wanted, wanted > 0 else { throw ExecutionError.message("NTILE needs a positive number of buckets") }
            size = rowCount / Int(wanted)
            larger = rowCount % Int(wanted)
        }

        /// The bucket of the row at a place in the partition's order.
        func tile(of place: Int) -> Int {
            let inLarger = larger * (size + 1)
            return place < inLarger ? place / (size + 1) + 1 : larger + (place - inLarger) / max(size, 1) + 1
        }
    }

    private func distribution(_ kind: WindowFunctionKind) -> Column {
        let result = Column(flat: type, count: task.count)
        let target = result.values(as: Double.self)
        for partition in task.partitions {
            let low = partition.lowerBound
            let size = partition.count
            for row in partition {
                if kind == .percentRank {
                    target[row] = size > 1 ? Double(Int(task.peerStarts[row]) - low) / Double(size - 1) : 0
                } else {
                    target[row] = Double(Int(task.peerEnds[row]) - low) / Double(size)
                }
            }
        }
        return result
    }

    /// An integer of any width; nil for NULL.
    private static func integer(_ column: Column, _ row: Int) -> Int64? {
        guard !column.isNull(row) else { return nil }
        let element = column.element(of: row)
        return switch column.type.physical {
        case .int8: Int64(column.values(as: Int8.self)[element])
        case .int16: Int64(column.values(as: Int16.self)[element])
        case .int32: Int64(column.values(as: Int32.self)[element])
        case .int64: column.values(as: Int64.self)[element]
        default: nil
        }
    }

    // MARK: values of other rows

    private func shifted(by direction: Int, _ ignoreNulls: Bool) throws -> Column {
        let values = task.values(function.arguments[0])
        let offsets = function.arguments.count > 1 ? task.values(function.arguments[1]) : nil
        let sources = SelectionVector(capacity: task.count)
        let target = sources.indices
        let constant = offsets.map { $0.isConstant ? Self.integer($0, 0) : nil } ?? 1
        for partition in task.partitions {
            for row in partition {
                if row & 0xffff == 0 { try task.query.check() }
                let steps = Int(clamping: constant ?? offsets.flatMap { Self.integer($0, row) } ?? 0)
                if steps < 0 { throw ExecutionError.message("LAG and LEAD need an offset that is not negative") }
                if ignoreNulls, steps > 0 {
                    var left = steps
                    var place = row
                    while left > 0 {
                        place += direction
                        if place & 0xffff == 0 { try task.query.check() }
                        guard partition.contains(place) else { break }
                        if !values.isNull(place) { left -= 1 }
                    }
                    target[row] = left == 0 ? Int32(truncatingIfNeeded: place) : -1
                } else {
                    let (place, overflow) = row.addingReportingOverflow(direction * min(steps, Int(Int32.max)))
                    target[row] = !overflow && partition.contains(place) ? Int32(truncatingIfNeeded: place) : -1
                }
            }
        }
        let otherwise = function.arguments.count > 2 ? task.values(function.arguments[2]) : nil
        return values.gatheringRows(target, count: task.count, otherwise: otherwise)
    }

    private func positional(_ kind: WindowFunctionKind, _ ignoreNulls: Bool) throws -> Column {
        let values = task.values(function.arguments[0])
        let ordinals = kind == .nthValue && function.arguments.count > 1 ? task.values(function.arguments[1]) : nil
        let bounds = try task.bounds(function.named.frame)
        let sources = SelectionVector(capacity: task.count)
        let target = sources.indices
        // For IGNORE NULLS: the valid rows, and how many stand before each row.
        let valid = ignoreNulls ? ValidRows(values, task.count) : nil
        for row in 0..<task.count {
            if row & 0xffff == 0 { try task.query.check() }
            let start = Int(bounds.starts[row])
            let end = Int(bounds.ends[row])
            guard start < end else {
                target[row] = -1
                continue
            }
            var place: Int
            if let valid {
                let first = valid.before[start]
                let behind = valid.before[end]
                switch kind {
                case .firstValue: place = first
                case .lastValue: place = behind - 1
                default: place = first + Self.ordinal(ordinals, row) - 1
                }
                place = place >= first && place < behind ? Int(valid.rows[place]) : -1
            } else {
                switch kind {
                case .firstValue: place = start
                case .lastValue: place = end - 1
                default: place = start + Self.ordinal(ordinals, row) - 1
                }
                if place < start || place >= end { place = -1 }
            }
            target[row] = Int32(truncatingIfNeeded: place)
        }
        return values.gatheringRows(target, count: task.count, otherwise: nil)
    }

    /// NTH_VALUE's number, as far as rows go; 0 for NULL.
    private static func ordinal(_ ordinals: Column?, _ row: Int) -> Int {
        let number = ordinals.flatMap { integer($0, row) } ?? 0
        return Int(max(min(number, Int64(Int32.max)), -Int64(Int32.max)))
    }

    private struct ValidRows {
        var rows: [Int32] = []
        var before: [Int] = []

        init(_ values: Column, _ count: Int) {
            before.reserveCapacity(count + 1)
            for row in 0..<count {
                before.append(rows.count)
                if !values.isNull(row) { rows.append(Int32(truncatingIfNeeded: row)) }
            }
            before.append(rows.count)
        }
    }
}

extension Column {
    /// A flat column of rows `sources[i]`; where that is -1 row `i` of `otherwise`, or NULL.
    func gatheringRows(_ sources: UnsafePointer<Int32>, count: Int, otherwise: Column?) -> Column {
        let found = RowSelection.all(count).filtered(capacity: count) { sources[$0] >= 0 }
        let missing = RowSelection.all(count).subtracting(found)
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(count, 1)) { buffer in
            guard let safe = buffer.baseAddress else { return .nulls(type, count: count) }
            if found.isEmpty && otherwise == nil { return .nulls(type, count: count) }
            for row in 0..<count { safe[row] = max(sources[row], 0) }
            let own = found.isEmpty
                ? Column.nulls(type, count: count)
                : isConstant ? withCount(count) : Column.dictionary(self, indices: safe, count: count).decoded(found)
            var pieces = [(rows: found, column: own)]
            if let otherwise, !missing.isEmpty { pieces.append((missing, otherwise)) }
            return Column.blended(pieces, type: type, rows: .all(count), count: count)
        }
    }
}
