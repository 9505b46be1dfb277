import FeatureTables

/// Lloyd's iterations, of which most distances are left out: a row whose nearest centroid cannot have changed, by bounds on
/// its distances from the nearest and the next, is not read (Hamerly, "Making k-means even faster", 2010).
///
/// Sums of the clusters' rows are kept, and only rows that change their cluster change them. Everything a row does depends on
/// the row and the centroids, and sums are added in the order of blocks, so that no result depends on the number of threads.
final class KMeansSearch {
    private let rows: ScaledRows
    private let rowCount: Int
    private let weights: [Double]?
    private let context: TrainingContext
    private let table: CentroidTable
    private let blocks: RowBlocks
    private let groupSize: Int
    private let state: RowStates

    private var sums: [Double]
    /// The weight of each cluster's rows.
    private var clusterWeights: [Double]
    /// How many rows with a weight each cluster has: a whole number, so that it is known whether there are any.
    private var members: [Double]
    /// Σ weight · squared length of the rows.
    private var squaredLength = 0.0
    /// How far each centroid moved last.
    private var moves: [Double]

    struct Outcome {
        var centroids: [[Double]]
        /// The weight of each cluster's rows.
        var weights: [Double]
        var iterations: Int
        var isConverged: Bool
        var reason: String
    }

    /// - Throws: `FeatureError.outOfMemory`.
    init(
        _ rows: ScaledRows, rowCount: Int, weights: [Double]?, from centroids: [[Double]], memory: ImportMemory,
        context: TrainingContext
    ) throws {
        self.rows = rows
        self.rowCount = rowCount
        self.weights = weights
        self.context = context
        let count = centroids.count, width = rows.width
        table = CentroidTable(centroids, width: width)
        // A block's buffer has the size of all centroids.
        let groups = max(1, min(128, 4_194_304 / max(count * width, 1), (rowCount + 1023) / 1024))
        blocks = RowBlocks(groups: groups)
        groupSize = (rowCount + groups - 1) / groups
        state = try RowStates(rowCount, memory)
        sums = [Double](repeating: 0, count: count * width)
        clusterWeights = [Double](repeating: 0, count: count)
        members = clusterWeights
        moves = [Double](repeating: 0, count: count)
    }

    /// - Parameter tolerance: ends the search when the squared moves of all centroids sum to no more.
    /// - Throws: `LearnerError.cancelled`.
    func run(limit: Int, tolerance: Double) throws -> Outcome {
        for iteration in 1...max(limit, 1) {
            let changed = try assign() + fillEmptyClusters()
            let moved = moveCentroids()
            let goesOn = try context.advance(TrainingProgress(iteration: iteration, limit: limit, objective: objective))
            if changed == 0 || (moved <= tolerance && !hasEmptyClusters) {
                try sumAnew()
                return outcome(iteration, true, changed == 0 ? "no row changed its cluster" : "centroids settled")
            }
            if !goesOn {
                try sumAnew()
                return outcome(iteration, false, TrainingContext.interruption)
            }
        }
        try sumAnew()
        return outcome(limit, false, "iteration limit")
    }

    private var hasEmptyClusters: Bool { members.contains(0) }

    private func outcome(_ iterations: Int, _ isConverged: Bool, _ reason: String) -> Outcome {
        let kept = members.indices.filter { members[$0] > 0 }
        return Outcome(
            centroids: kept.map(table.point), weights: kept.map { clusterWeights[$0] }, iterations: iterations,
            isConverged: isConverged, reason: reason)
    }

    /// The sum of squared distances, but for rounding.
    private var objective: Double {
        var explained = 0.0
        for cluster in members.indices where members[cluster] > 0 {
            var square = 0.0
            for feature in 0..<rows.width { square += sums[cluster * rows.width + feature] * sums[cluster * rows.width + feature] }
            explained += square / clusterWeights[cluster]
        }
        return max(0, squaredLength - explained)
    }

    // MARK: Passes over the rows

    private func checkCancellation() throws {
        if context.isCancelled?() == true { throw LearnerError.cancelled }
    }

    private func range(_ group: Int) -> Range<Int> {
        let start = min(group * groupSize, rowCount)
        return start..<min(start + groupSize, rowCount)
    }

    /// Gives each row to the nearest centroid.
    /// - Returns: how many rows have another than before.
    private func assign() throws -> Double {
        let count = table.count, width = rows.width
        let halves = halfDistances(), moves = moves
        let furthest = moves.indices.max { moves[$0] < moves[$1] } ?? 0
        let most = moves[furthest]
        let next = moves.indices.reduce(0.0) { $1 == furthest ? $0 : max($0, moves[$1]) }
        let size = count * width + 2 * count + 2
        let rows = rows, table = table, weights = weights, context = context
        let assigned = state.cluster, upper = state.upper, lower = state.lower
        let changes = blocks.sums(width: size, threads: context.threads) { groups, changes in
            guard context.isCancelled?() != true else { return }
            table.withRoom { row, distances in
                halves.withUnsafeBufferPointer { halves in
                    moves.withUnsafeBufferPointer { moves in
                        for place in range(groups.lowerBound) {
                            let own = Int(assigned[place])
                            if own >= 0 {
                                let near = upper[place] + moves[own]
                                let far = max(halves[own], lower[place] - (own == furthest ? next : most))
                                upper[place] = near
                                lower[place] -= own == furthest ? next : most
                                if near <= far { continue }
                                rows.read(place, into: row)
                                let exact = table.squaredDistance(row, own).squareRoot()
                                upper[place] = exact
                                if exact <= far { continue }
                            } else {
                                rows.read(place, into: row)
                            }
                            table.measure(row, into: distances)
                            let found = table.nearest(distances)
                            upper[place] = found.distance.squareRoot()
                            lower[place] = found.second.squareRoot()
                            guard found.point != own else { continue }
                            assigned[place] = Int32(truncatingIfNeeded: found.point)
                            let weight = weights?[place] ?? 1
                            changes[size - 1] += 1
                            let target = changes + found.point * width
                            for feature in 0..<width { target[feature] += weight * row[feature] }
                            changes[count * width + found.point] += weight
                            changes[count * width + count + found.point] += weight > 0 ? 1 : 0
                            if own >= 0 {
                                let source = changes + own * width
                                for feature in 0..<width { source[feature] -= weight * row[feature] }
                                changes[count * width + own] -= weight
                                changes[count * width + count + own] -= weight > 0 ? 1 : 0
                            } else {
                                changes[size - 2] += weight * dot(row, row, width)
                            }
                        }
                    }
                }
            }
        }
        try checkCancellation()
        for place in sums.indices { sums[place] += changes[place] }
        for cluster in 0..<count {
            clusterWeights[cluster] += changes[count * width + cluster]
            members[cluster] += changes[count * width + count + cluster]
        }
        squaredLength += changes[size - 2]
        return changes[size - 1]
    }

    /// Sums of the clusters' rows, free of what changes left in them.
    private func sumAnew() throws {
        let count = table.count, width = rows.width
        let rows = rows, weights = weights, context = context
        let assigned = state.cluster
        let found = blocks.sums(width: count * width + count, threads: context.threads) { groups, sums in
            guard context.isCancelled?() != true else { return }
            withUnsafeTemporaryAllocation(of: Double.self, capacity: max(width, 1)) { room in
                guard let row = room.baseAddress else { return }
                for place in range(groups.lowerBound) {
                    rows.read(place, into: row)
                    let cluster = Int(assigned[place])
                    let weight = weights?[place] ?? 1
                    let target = sums + cluster * width
                    for feature in 0..<width { target[feature] += weight * row[feature] }
                    sums[count * width + cluster] += weight
                }
            }
        }
        try checkCancellation()
        sums = Array(found[..<(count * width)])
        clusterWeights = Array(found[(count * width)...])
        _ = moveCentroids()
    }

    // MARK: Centroids

    /// Half the distance of each centroid from its nearest neighbour: a row that is nearer has no other.
    private func halfDistances() -> [Double] {
        var halves = [Double](repeating: .infinity, count: table.count)
        table.withRoom { _, distances in
            let values = UnsafeRawPointer(distances).assumingMemoryBound(to: Double.self)
            for one in 0..<table.count {
                table.measure(table.points + one * table.width, into: distances)
                for other in 0..<table.count where other != one { halves[one] = min(halves[one], values[other]) }
            }
        }
        return halves.map { $0.squareRoot() / 2 }
    }

    /// Moves each centroid to the mean of its rows; one without any stays.
    /// - Returns: the sum of the squared moves.
    private func moveCentroids() -> Double {
        let width = table.width
        var total = 0.0
        for cluster in 0..<table.count {
            guard members[cluster] > 0 else {
                moves[cluster] = 0
                continue
            }
            let before = table.point(cluster)
            table.set(cluster, to: (0..<width).lazy.map { self.sums[cluster * width + $0] / self.clusterWeights[cluster] })
            let square = before.withUnsafeBufferPointer { before in
                before.baseAddress.map { table.squaredDistance($0, cluster) } ?? 0
            }
            moves[cluster] = square.squareRoot()
            total += square
        }
        return total
    }

    // MARK: Empty clusters

    /// Gives a centroid without rows the row that is furthest from its own, as long as there is one that is not its centroid.
    /// - Returns: how many rows changed their cluster.
    private func fillEmptyClusters() throws -> Double {
        let empty = members.indices.filter { members[$0] == 0 }
        guard !empty.isEmpty else { return 0 }
        let width = table.width
        var filled = 0.0
        for cluster in empty {
            guard let row = try furthestRow() else { break }
            let weight = weights?[row] ?? 1
            let former = Int(state.cluster[row])
            state.cluster[row] = Int32(truncatingIfNeeded: cluster)
            table.withRoom { values, _ in
                rows.read(row, into: values)
                for feature in 0..<width {
                    sums[former * width + feature] -= weight * values[feature]
                    sums[cluster * width + feature] = weight * values[feature]
                }
                table.set(cluster, to: UnsafeBufferPointer(start: values, count: width))
            }
            clusterWeights[former] -= weight
            clusterWeights[cluster] = weight
            members[former] -= 1
            members[cluster] = 1
            filled += 1
        }
        // Nothing is known of any row's distances.
        if filled > 0 { state.forgetBounds() }
        return filled
    }

    /// The row with the greatest distance from its centroid, of those that are not all of their cluster; nil when all are
    /// where their centroid is, but for rounding.
    private func furthestRow() throws -> Int? {
        let rows = rows, table = table, weights = weights, context = context, members = members
        let assigned = state.cluster
        let least = 1e-20 * squaredLength / max(clusterWeights.reduce(0, +), .leastNormalMagnitude)
        let candidates = blocks.map(threads: context.threads) { group, _ -> (row: Int, square: Double) in
            var best = (row: -1, square: least)
            guard context.isCancelled?() != true else { return best }
            table.withRoom { row, _ in
                for place in range(group) {
                    let weight = weights?[place] ?? 1
                    let own = Int(assigned[place])
                    guard weight > 0, members[own] > 1 else { continue }
                    rows.read(place, into: row)
                    let square = table.squaredDistance(row, own)
                    if square > best.square { best = (place, square) }
                }
            }
            return best
        }
        try checkCancellation()
        var best: (row: Int, square: Double)?
        for candidate in candidates where candidate.row >= 0 && candidate.square > best?.square ?? 0 { best = candidate }
        return best?.row
    }
}

/// What is known of each row: its cluster (−1 at first), at most how far the centroid is, and at least how far all others are.
private final class RowStates: @unchecked Sendable {
    // Unchecked: each block of rows writes its own.
    let cluster: UnsafeMutablePointer<Int32>
    let upper: UnsafeMutablePointer<Double>
    let lower: UnsafeMutablePointer<Double>
    private let count: Int
    private let reservation: ImportReservation

    init(_ count: Int, _ memory: ImportMemory) throws {
        reservation = try ImportReservation(
            memory, for: "the clusters of \(count) rows", help: ImportMemory.fewerRows, bytes: count * 20)
        self.count = count
        cluster = .allocate(capacity: max(count, 1))
        upper = .allocate(capacity: max(count, 1))
        lower = .allocate(capacity: max(count, 1))
        cluster.initialize(repeating: -1, count: count)
        upper.initialize(repeating: .infinity, count: count)
        lower.initialize(repeating: 0, count: count)
    }

    func forgetBounds() {
        upper.update(repeating: .infinity, count: count)
        lower.update(repeating: 0, count: count)
    }

    deinit {
        cluster.deallocate()
        upper.deallocate()
        lower.deallocate()
    }
}
