import FeatureTables
import Platform

extension KMeansSeeding {
    /// Passes over the rows.
    private static let passes = 5
    /// Candidates that a pass draws, on average, as a multiple of the centroids that are wanted.
    private static let oversampling = 2.0

    /// Up to `count` different points by k-means|| (Bahmani, Moseley, Vattani, Kumar and Vassilvitskii, "Scalable k-means++", 2012): from
    /// one row on, each pass over all rows draws each row by itself, with a probability in proportion to its squared distance from the
    /// candidates there are, twice as many rows as centroids are wanted; of the candidates, each with the weight of the rows that
    /// are nearest to it, k-means++ chooses.
    /// - Throws: `FeatureError.outOfMemory`, `LearnerError.cancelled`.
    func inParallel(_ count: Int, isCancelled: (@Sendable () -> Bool)?) throws -> [[Double]] {
        var random = RandomNumbers(seed: seed)
        // Of each row the squared distance from the nearest candidate, and which that is.
        let state = try scratch(rowCount, 2)
        guard let values = state.dense, rowCount > 0 else { return [] }
        defer { withExtendedLifetime(state) {} }
        let distances = SharedNumbers(values), nearest = SharedNumbers(values + rowCount)
        let weightTotal = weights?.reduce(0, +) ?? Double(rowCount)
        var candidates = [firstRow(weightTotal, &random)]
        var left = try measure(candidates[...], firstPlace: 0, distances, nearest)
        for pass in 1...Self.passes where left > 0 && left.isFinite {
            if isCancelled?() == true { throw LearnerError.cancelled }
            let drawn = self.drawn(share: Self.oversampling * Double(count) / left, pass: pass, distances)
            let known = candidates.count
            candidates += drawn
            left = try measure(candidates[known...], firstPlace: known, distances, nearest)
        }
        var weighed = [Double](repeating: 0, count: candidates.count)
        for row in 0..<rowCount { weighed[Int(nearest.first[row])] += weights?[row] ?? 1 }
        return try chosen(count, of: try points(candidates), weights: weighed, &random)
    }

    /// A row with a probability in proportion to its weight.
    private func firstRow(_ total: Double, _ random: inout RandomNumbers) -> Int32 {
        guard let weights, total > 0 else { return Int32(random.below(rowCount)) }
        let wanted = random.share() * total
        var sum = 0.0
        for (row, weight) in weights.enumerated() where weight > 0 {
            sum += weight
            if sum > wanted { return Int32(row) }
        }
        return Int32(weights.lastIndex { $0 > 0 } ?? 0)
    }

    /// The rows that a pass draws: each by a number of its own, so that threads change nothing.
    private func drawn(share: Double, pass: Int, _ distances: SharedNumbers) -> [Int32] {
        let stream = SplitMix.mix(SplitMix.mix(UInt64(bitPattern: Int64(seed))) ^ UInt64(pass) << 32)
        return RowBlocks(rowCount: rowCount).map(threads: threads) { _, rows in
            rows.compactMap { row -> Int32? in
                let drawn = Double(SplitMix.mix(stream &+ UInt64(row) &* SplitMix.step) >> 11) * 0x1p-53
                return drawn < share * (weights?[row] ?? 1) * distances.first[row] ? Int32(row) : nil
            }
        }.flatMap { $0 }
    }

    /// Takes further candidates into account, some at a time.
    /// - Parameter firstPlace: the place of the first of them among all; 0 forgets what was known.
    /// - Returns: the weighted sum of the squared distances.
    private func measure(
        _ added: ArraySlice<Int32>, firstPlace: Int, _ distances: SharedNumbers, _ nearest: SharedNumbers
    ) throws -> Double {
        let sample = try points(Array(added)), width = rows.width
        guard let elements = sample.dense else { return 0 }
        defer { withExtendedLifetime(sample) {} }
        let places = (0..<added.count).map { place in (0..<width).map { elements[place * width + $0] } }
        let table = CentroidTable(places, width: width)
        let sums = RowBlocks(rowCount: rowCount).sums(width: 1, threads: threads) { block, sums in
            table.withRoom { values, measured in
                for row in block {
                    var best = firstPlace == 0 ? Double.infinity : distances.first[row]
                    var place = firstPlace == 0 ? 0 : nearest.first[row]
                    if table.count > 0 {
                        rows.read(row, into: values)
                        table.measure(values, into: measured)
                        let found = table.nearest(measured)
                        if found.distance < best {
                            best = found.distance
                            place = Double(firstPlace + found.point)
                        }
                    }
                    distances.first[row] = best
                    nearest.first[row] = place
                    sums[0] += (weights?[row] ?? 1) * best
                }
            }
        }
        return sums[0]
    }
}
