/// Counts as a line of bars.
enum Sparkline {
    private static let blocks = Array("▁▂▃▄▅▆▇█")

    /// A character a count; empty where all are zero.
    static func text(_ counts: [Int]) -> String {
        guard let highest = counts.max(), highest > 0 else { return "" }
        return String(counts.map { count -> Character in
            guard count > 0 else { return " " }
            let (level, overflows) = count.multipliedReportingOverflow(by: blocks.count)
            let place = overflows ? count / (highest / blocks.count + 1) : level / (highest + 1)
            return blocks[min(place, blocks.count - 1)]
        })
    }
}
