/// The rows that a tree of a forest is grown from, drawn with replacement.
struct RowBag: Sendable {
    /// Those that were drawn, ascending.
    let rows: [Int32]
    /// Of all rows, times how often they were drawn.
    let weights: WorkBuffer<Double>

    /// - Parameter share: of the rows that weigh something.
    init(_ source: TreeRows, share: Double, _ random: inout TreeRandom) {
        let all = source.weighty
        let times = WorkBuffer<UInt16>(all.count, filledWith: 0)
        let draws = max(1, Int((share * Double(all.count)).rounded()))
        for _ in 0..<draws {
            let place = random.below(all.count)
            // Sixty thousand times the same row of many does not happen.
            times.start[place] &+= 1
        }
        var rows: [Int32] = []
        rows.reserveCapacity(all.count)
        let weights = WorkBuffer<Double>(source.rowCount, filledWith: 0)
        for (place, row) in all.enumerated() where times.start[place] > 0 {
            rows.append(row)
            weights.start[Int(row)] = Double(times.start[place]) * source.weights.start[Int(row)]
        }
        withExtendedLifetime(times) {}
        self.rows = rows
        self.weights = weights
    }
}
