/// Numbers in ascending order.
enum SortedNumbers {
    /// What a share of the numbers is below, linear between neighbours, as `numpy.quantile`.
    /// - Precondition: `numbers` is ascending and not empty, and `fraction` from 0 to 1.
    static func quantile(_ numbers: [Double], _ fraction: Double) -> Double {
        let place = fraction * Double(numbers.count - 1)
        let below = Int(place.rounded(.down))
        let part = place - Double(below)
        guard part > 0, below + 1 < numbers.count else { return numbers[below] }
        let distance = numbers[below + 1] - numbers[below]
        // Neighbours at both ends of what `Double` holds are further apart than it holds.
        return distance.isFinite ? numbers[below] + distance * part : numbers[below] * (1 - part) + numbers[below + 1] * part
    }

    /// For each number its place among them in ascending order, from 1 on; of equal ones the mean of their places.
    static func midranks(_ numbers: [Double]) -> [Double] {
        let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
        var ranks = [Double](repeating: 0, count: numbers.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, numbers[order[end]] == numbers[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }
}
