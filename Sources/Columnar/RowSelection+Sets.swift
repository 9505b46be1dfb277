extension RowSelection {
    package static var none: RowSelection { RowSelection(SelectionVector(capacity: 0)) }

    /// These rows without those of `taken`, which is a subset.
    package func subtracting(_ taken: RowSelection) -> RowSelection {
        if taken.isEmpty { return self }
        if taken.count == count { return .none }
        // One more than is used: every row is written before it is known whether it stays.
        let left = SelectionVector(capacity: count)
        let target = left.indices
        guard let others = taken.selection else { return .none }
        // Without a branch a row: which rows are taken, nothing foretells. Behind the last taken row none is equal to it.
        let takenRows = UnsafePointer(others.indices)
        let last = taken.count &- 1
        var used = 0
        var next = 0
        forEach { row in
            let position = Int32(truncatingIfNeeded: row)
            let isTaken = takenRows[next < last ? next : last] == position ? 1 : 0
            target[used] = position
            used &+= 1 &- isTaken
            next &+= isTaken
        }
        withExtendedLifetime(others) {}
        left.setCount(used)
        return RowSelection(left)
    }

    /// The rows of disjoint subsets of `superset`, ascending.
    package static func union(_ pieces: [RowSelection], within superset: RowSelection) -> RowSelection {
        if pieces.isEmpty { return .none }
        if pieces.count == 1 { return pieces[0] }
        let total = pieces.reduce(0) { $0 + $1.count }
        if total == superset.count { return superset }
        let length = superset.isEmpty ? 0 : superset[superset.count - 1] + 1
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { marks in
            guard let marked = marks.baseAddress else { return .none }
            marked.initialize(repeating: 0, count: length)
            for piece in pieces { piece.forEach { marked[$0] = 1 } }
            return superset.filtered(capacity: superset.count) { marked[$0] != 0 }
        }
    }

    /// The rows as a list that outlives the selection.
    package func copy(into target: UnsafeMutablePointer<Int32>) {
        var used = 0
        forEach { row in
            target[used] = Int32(truncatingIfNeeded: row)
            used &+= 1
        }
    }
}

extension RowSelection {
    /// The rows of `range`.
    package static func range(_ range: Range<Int>) -> RowSelection {
        let rows = SelectionVector(capacity: range.count)
        for ordinal in 0..<range.count { rows.indices[ordinal] = Int32(truncatingIfNeeded: range.lowerBound &+ ordinal) }
        rows.setCount(range.count)
        return RowSelection(rows)
    }

    /// The first `length` rows.
    package func prefix(_ length: Int) -> RowSelection {
        if length >= count { return self }
        if isAll { return .all(max(length, 0)) }
        return dropFirst(0, length: max(length, 0))
    }

    /// The rows behind the first `skipped`.
    package func dropFirst(_ skipped: Int) -> RowSelection {
        skipped <= 0 ? self : dropFirst(skipped, length: max(count - skipped, 0))
    }

    private func dropFirst(_ skipped: Int, length: Int) -> RowSelection {
        let kept = SelectionVector(capacity: length)
        for ordinal in 0..<length { kept.indices[ordinal] = Int32(truncatingIfNeeded: self[ordinal + skipped]) }
        kept.setCount(length)
        return RowSelection(kept)
    }
}
