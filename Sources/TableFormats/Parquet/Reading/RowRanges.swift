/// Some rows of a row group: ascending ranges that do not touch each other.
package struct RowRanges: Sendable, Equatable {
    package private(set) var ranges: [Range<Int>] = []

    package init() {}

    package init(all count: Int) { append(0..<count) }

    package var isEmpty: Bool { ranges.isEmpty }

    /// Adds rows behind those that are there, or next to them.
    package mutating func append(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }

    /// The rows that are in both.
    func intersection(_ other: RowRanges) -> RowRanges {
        var result = RowRanges()
        var (own, others) = (0, 0)
        while own < ranges.count, others < other.ranges.count {
            result.append(ranges[own].clamped(to: other.ranges[others]))
            if ranges[own].upperBound < other.ranges[others].upperBound { own += 1 } else { others += 1 }
        }
        return result
    }
}
