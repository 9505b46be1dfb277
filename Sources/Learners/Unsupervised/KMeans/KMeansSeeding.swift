import FeatureTables

/// Where the centroids begin: k-means++ in its greedy form (Arthur and Vassilvitskii, "k-means++: the advantages of careful
/// seeding", 2007), over rows drawn at equal distances from the table.
///
/// Each further centroid is the one of 2 + log2 k drawn rows that leaves the least sum of squared distances; a row is drawn with
/// a probability that grows with its squared distance from the centroids there are.
struct KMeansSeeding {
    let rows: ScaledRows
    let rowCount: Int
    let weights: [Double]?
    let seed: Int
    let threads: Int
    let memory: ImportMemory

    private static let mostRows = 65_536
    /// Of squared differences, which bounds how many rows are looked at where there are many centroids and features.
    private static let mostSteps = 500_000_000

    /// Up to `count` different points; fewer where the drawn rows have fewer.
    /// - Throws: `FeatureError.outOfMemory`.
    func carefully(_ count: Int) throws -> [[Double]] {
        var random = RandomNumbers(seed: seed)
        let drawn = drawnRows(count, stride: Self.stride(count), &random)
        return try chosen(count, of: try points(drawn), weights: drawn.map { weights?[Int($0)] ?? 1 }, &random)
    }

    /// Rows as points.
    func points(_ drawn: [Int32]) throws -> FeatureMatrix {
        let width = rows.width, sample = try scratch(drawn.count, width)
        guard let elements = sample.dense else { return sample }
        let room = SharedNumbers(elements)
        RowBlocks(rowCount: drawn.count).forEach(threads: threads) { _, places in
            for place in places { rows.read(Int(drawn[place]), into: room.first + place * width) }
        }
        return sample
    }

    /// Candidates for each further centroid.
    private static func trials(_ count: Int) -> Int { 2 + log2Floor(count) }
    private static func stride(_ count: Int) -> Int { (trials(count) + 7) / 8 * 8 }

    /// Up to `count` different ones of some points, by k-means++.
    func chosen(
        _ count: Int, of sample: FeatureMatrix, weights: [Double], _ random: inout RandomNumbers
    ) throws -> [[Double]] {
        let trials = Self.trials(count), stride = Self.stride(count), width = rows.width
        let found = try scratch(sample.rowCount, stride)
        guard let elements = sample.dense, let distances = found.dense else { return [] }
        defer { withExtendedLifetime((sample, found)) {} }
        let room = SharedNumbers(elements), target = SharedNumbers(distances)
        let blocks = RowBlocks(rowCount: sample.rowCount)
        func point(_ place: Int) -> [Double] { (0..<width).map { elements[place * width + $0] } }
        // What draws a row: at first its weight, then times the squared distance from the nearest centroid.
        var shares = weights
        var known = [Double](repeating: .infinity, count: sample.rowCount)
        var chosen: [[Double]] = []
        while chosen.count < count {
            // Of the first centroid there is one candidate, since any would leave something like the same.
            let candidates = (0..<(chosen.isEmpty ? 1 : trials)).compactMap { _ in Self.draw(shares, &random) }
            guard !candidates.isEmpty else { break }
            let table = CentroidTable(candidates.map(point), width: width)
            let left = blocks.sums(width: stride, threads: threads) { places, sums in
                table.withRoom { _, measured in
                    let values = UnsafeRawPointer(measured).assumingMemoryBound(to: Double.self)
                    for place in places {
                        table.measure(room.first + place * width, into: measured)
                        for candidate in 0..<table.count {
                            let value = min(known[place], values[candidate])
                            target.first[place * stride + candidate] = value
                            sums[candidate] += weights[place] * value
                        }
                    }
                }
            }
            let best = candidates.indices.min { left[$0] < left[$1] } ?? 0
            for place in known.indices {
                known[place] = distances[place * stride + best]
                shares[place] = weights[place] * known[place]
            }
            chosen.append(point(candidates[best]))
        }
        return chosen
    }

    func scratch(_ rows: Int, _ width: Int) throws -> FeatureMatrix {
        try FeatureMatrix(rowCount: rows, columnNames: [String](repeating: "", count: width), memory: memory)
    }

    /// `count` different rows, which may be equal.
    func blindly(_ count: Int) -> [[Double]] {
        var random = RandomNumbers(seed: seed)
        return random.distinct(count, below: rowCount).map { row in
            [Double](unsafeUninitializedCapacity: rows.width) { values, used in
                if let target = values.baseAddress { rows.read(Int(row), into: target) }
                used = rows.width
            }
        }
    }

    /// One row of each of many parts of the table.
    private func drawnRows(_ count: Int, stride: Int, _ random: inout RandomNumbers) -> [Int32] {
        let steps = max(count, 1) * max(rows.width, 1) * stride
        let most = max(64 * count, 1024, min(Self.mostRows, Self.mostSteps / max(steps, 1)))
        guard most < rowCount else { return (0..<Int32(rowCount)).map { $0 } }
        return (0..<most).map { part in
            let start = part * rowCount / most, end = (part + 1) * rowCount / most
            return Int32(start + random.below(max(end - start, 1)))
        }
    }

    /// A place, each with a probability in proportion to its share; nil where all are 0.
    private static func draw(_ shares: [Double], _ random: inout RandomNumbers) -> Int? {
        let total = shares.reduce(0, +)
        guard total > 0, total.isFinite else { return nil }
        let wanted = random.share() * total
        var sum = 0.0
        var last: Int?
        for (place, share) in shares.enumerated() where share > 0 {
            sum += share
            last = place
            if sum > wanted { return place }
        }
        return last
    }

    private static func log2Floor(_ count: Int) -> Int { Int.bitWidth - 1 - max(count, 1).leadingZeroBitCount }
}
