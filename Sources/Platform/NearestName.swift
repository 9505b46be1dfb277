/// Finds the known name that a misspelled one was probably meant to be.
package enum NearestName {
    /// The candidate nearest to `name` by edits (insert, delete, replace, swap of neighbours), ignoring case, when it
    /// is near enough to be a slip: one edit for up to four characters, two for up to eight, three beyond. Of two that are as
    /// near, the one of the same length.
    /// - Complexity: O(candidates · length²).
    package static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= 128 else { return nil }
        let allowed = wanted.count <= 4 ? 1 : wanted.count <= 8 ? 2 : 3
        var best: (name: String, distance: Int, lengths: Int)?
        for candidate in candidates {
            let other = Array(candidate.lowercased().utf8)
            guard abs(other.count - wanted.count) <= allowed else { continue }
            let distance = distance(wanted, other)
            guard distance <= allowed, distance < max(wanted.count, other.count) else { continue }
            let lengths = abs(other.count - wanted.count)
            if let known = best, (known.distance, known.lengths, known.name) <= (distance, lengths, candidate) { continue }
            best = (candidate, distance, lengths)
        }
        return best?.name
    }

    /// `Did you mean 'x'?`, or nil when nothing is near.
    package static func hint(for name: String, among candidates: some Sequence<String>) -> String? {
        find(name, among: candidates).map { "Did you mean '\($0)'?" }
    }

    /// Optimal string alignment distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        if left.isEmpty { return right.count }
        if right.isEmpty { return left.count }
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        var current = previous
        for row in 1...left.count {
            current[0] = row
            for column in 1...right.count {
                let isEqual = left[row - 1] == right[column - 1]
                var cost = min(
                    previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (isEqual ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    cost = min(cost, beforePrevious[column - 2] + 1)
                }
                current[column] = cost
            }
            (beforePrevious, previous, current) = (previous, current, beforePrevious)
        }
        return previous[right.count]
    }
}
