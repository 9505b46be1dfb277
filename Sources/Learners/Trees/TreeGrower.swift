import FeatureTables

/// A tree as it was grown.
struct GrownTree: Sendable {
    var structure: TreeStructure
    /// By how much divisions by each feature lessened the impurity, each times its share of the rows' weights.
    var gains: [Double]
    /// The impurity of the root.
    var impurity: Double
    /// Of the structure and the gains.
    let reservation: ImportReservation

    var leafCount: Int { structure.nodes.count { $0.isLeaf } }
}

/// Grows one tree, from the root on, with the best division of each node.
///
/// Rows stay in their order within each node, so that memory is read forwards. Sums are taken by one thread a feature in that
/// order: trees do not depend on the number of threads.
struct TreeGrower {
    /// What is left to divide.
    private struct Candidate {
        var node: Int
        var rows: Range<Int>
        var depth: Int
        var split: TreeSplit
    }

    private let source: TreeRows
    private let options: TreeOptions
    /// Leaves at most; then divisions of most gain come first.
    private let leafLimit: Int?
    /// Features that each division chooses among, drawn anew.
    private let drawn: Int
    private var random: TreeRandom
    private let threads: Int
    private let isCancelled: (@Sendable () -> Bool)?

    private let rows: WorkBuffer<Int32>
    private let scratch: WorkBuffer<Int32>
    private let weights: WorkBuffer<Double>
    private let moments: WorkBuffer<SIMD2<Double>>
    private let classes: WorkBuffer<Int32>
    private let nodeWeights: WorkBuffer<Double>
    private let classTotals: WorkBuffer<Double>
    private let presentTotals: WorkBuffer<Double>
    private let searches: [SplitSearch]
    private var features: [Int]
    private let classCount: Int
    private let labelMean: Double

    private var tree = TreeStructure()
    private var gains: [Double]
    private let reservation: ImportReservation
    private var candidates: [Candidate] = []
    private var rootWeight = 0.0
    private var nodesUntilLook = 0

    /// - Parameters:
    ///   - weights: of all rows of `source`.
    ///   - rows: those to grow from, ascending; each weighs more than 0.
    /// - Throws: `FeatureError.outOfMemory`.
    init(
        _ source: TreeRows, rows: [Int32], weights: WorkBuffer<Double>, options: TreeOptions, leafLimit: Int? = nil, drawn: Int,
        random: TreeRandom, threads: Int, isCancelled: (@Sendable () -> Bool)?
    ) throws {
        reservation = try ImportReservation(
            source.memory, for: "a tree", help: "grow fewer or smaller trees (depth, min-leaf-rows), or raise hiveql.memory.limit")
        self.source = source
        self.options = options
        self.leafLimit = leafLimit
        self.drawn = drawn
        self.random = random
        self.threads = threads
        self.isCancelled = isCancelled
        self.rows = WorkBuffer(copying: rows)
        scratch = WorkBuffer(rows.count, filledWith: 0)
        self.weights = weights
        let isNumber: Bool
        switch source.labels {
        case .classes(_, let count): (classCount, labelMean, isNumber) = (count, 0, false)
        case .numbers(_, let mean): (classCount, labelMean, isNumber) = (0, mean, true)
        }
        moments = WorkBuffer(rows.count, filledWith: .zero)
        classes = WorkBuffer(isNumber ? 0 : rows.count, filledWith: 0)
        nodeWeights = WorkBuffer(isNumber ? 0 : rows.count, filledWith: 0)
        classTotals = WorkBuffer(classCount, filledWith: 0)
        presentTotals = WorkBuffer(classCount, filledWith: 0)
        let classCount = classCount
        searches = (0..<max(threads, 1)).map { _ in SplitSearch(rows: rows.count, classes: classCount, options: options) }
        features = Array(0..<source.matrix.columnCount)
        gains = [Double](repeating: 0, count: source.matrix.columnCount)
    }

    /// Bytes that growing from so many rows needs beside the tree.
    static func size(rows: Int, classes: Int, threads: Int) -> Int {
        rows * (8 + 16 + 12) + threads * SplitSearch.size(rows: rows, classes: classes)
    }

    /// - Throws: `LearnerError.cancelled`, `FeatureError.outOfMemory`.
    mutating func grow() throws -> GrownTree {
        let all = 0..<rows.count
        append(all)
        let root = gather(all)
        rootWeight = root.weight
        let impurity = root.weight > 0 ? root.impurity / root.weight : 0
        try consider(0, all, depth: 0, root)
        var leaves = 1
        while leaves < leafLimit ?? .max, let candidate = nextCandidate() {
            try divide(candidate)
            leaves += 1
        }
        for candidate in candidates { setLeaf(candidate.node, gather(candidate.rows)) }
        try reservation.update(to: size)
        return GrownTree(structure: tree, gains: gains, impurity: impurity, reservation: reservation)
    }

    /// Bytes of what is kept of the tree.
    private var size: Int { tree.size + gains.count * MemoryLayout<Double>.size }

    private mutating func nextCandidate() -> Candidate? {
        guard leafLimit != nil, !candidates.isEmpty else { return candidates.popLast() }
        var best = 0
        for place in candidates.indices where candidates[place].split.gain > candidates[best].split.gain { best = place }
        return candidates.remove(at: best)
    }

    private mutating func append(_ rows: Range<Int>) {
        tree.nodes.append(.leaf)
        tree.rowCounts.append(UInt32(truncatingIfNeeded: rows.count))
    }

    // MARK: A node

    /// What a node's rows have.
    private struct Contents {
        var weight = 0.0
        /// The weight times the impurity.
        var impurity = 0.0
        /// Of numbers, around the mean of all rows.
        var mean = 0.0
        /// Ascending.
        var presentClasses: [Int] = []
        var isPure = false
        var labels: TreeNodeRows.Labels
    }

    /// Puts weights and labels of some rows side by side for the search.
    private func gather(_ range: Range<Int>) -> Contents {
        let own = UnsafePointer(rows.start + range.lowerBound)
        switch source.labels {
        case .numbers(let labels, _): return gather(numbers: labels.start, own, range.count)
        case .classes(let labels, _): return gather(classes: labels.start, own, range.count)
        }
    }

    private func gather(numbers: UnsafePointer<Double>, _ rows: UnsafePointer<Int32>, _ count: Int) -> Contents {
        let weights = weights.start, moments = moments.start
        var weight = 0.0, sum = 0.0
        var least = Double.infinity, greatest = -Double.infinity
        for place in 0..<count {
            let row = Int(rows[place])
            let value = numbers[row]
            weight += weights[row]
            sum += weights[row] * value
            least = value < least ? value : least
            greatest = value > greatest ? value : greatest
        }
        let mean = least == greatest ? least : weight > 0 ? sum / weight : 0
        var total = SIMD2<Double>.zero
        var square = 0.0
        for place in 0..<count {
            let row = Int(rows[place])
            let difference = numbers[row] - mean
            let pair = SIMD2(weights[row], weights[row] * difference)
            moments[place] = pair
            total += pair
            square += pair.y * difference
        }
        return Contents(
            weight: weight, impurity: square, mean: mean, isPure: !(least < greatest),
            labels: .moments(UnsafePointer(moments), total: total, scale: 1))
    }

    private func gather(classes codes: UnsafePointer<Int32>, _ rows: UnsafePointer<Int32>, _ count: Int) -> Contents {
        let weights = weights.start, totals = classTotals.start
        for code in 0..<classCount { totals[code] = 0 }
        for place in 0..<count {
            let row = Int(rows[place])
            totals[Int(codes[row])] += weights[row]
        }
        let present = (0..<classCount).filter { totals[$0] > 0 }
        for (number, code) in present.enumerated() { presentTotals.start[number] = totals[code] }
        let weight = present.reduce(0) { $0 + totals[$1] }
        let purity = SplitSearch.purity(presentTotals.start, present.count, options.criterion)
        var contents = Contents(
            weight: weight, impurity: options.criterion == .entropy ? -purity : weight - purity, presentClasses: present,
            isPure: present.count < 2, labels: .moments(UnsafePointer(moments.start), total: .zero, scale: 2))
        if present.count == 2, options.criterion == .gini {
            let second = Int32(truncatingIfNeeded: present[1])
            let moments = moments.start
            for place in 0..<count {
                let row = Int(rows[place])
                moments[place] = SIMD2(weights[row], codes[row] == second ? weights[row] : 0)
            }
            contents.labels = .moments(UnsafePointer(moments), total: SIMD2(weight, totals[present[1]]), scale: 2)
        } else if present.count > 1 {
            // From here on `totals` says the number of each class.
            for (number, code) in present.enumerated() { totals[code] = Double(number) }
            let classes = classes.start, nodeWeights = nodeWeights.start
            for place in 0..<count {
                let row = Int(rows[place])
                classes[place] = Int32(totals[Int(codes[row])])
                nodeWeights[place] = weights[row]
            }
            contents.labels = .classes(
                UnsafePointer(classes), weights: UnsafePointer(nodeWeights), totals: UnsafePointer(presentTotals.start),
                count: present.count)
        }
        return contents
    }

    /// Makes a leaf of a node that is not to be divided, a candidate of any other.
    private mutating func consider(_ node: Int, _ range: Range<Int>, depth: Int, _ contents: Contents) throws {
        nodesUntilLook -= range.count + 64
        if nodesUntilLook < 0 {
            nodesUntilLook = 100_000
            if isCancelled?() == true { throw LearnerError.cancelled }
        }
        // Ahead of the tree, which asks for twice what it has when it needs more.
        if size > reservation.bytes { try reservation.update(to: 2 * size) }
        guard !contents.isPure, depth < options.depth ?? .max, range.count / 2 >= options.minimumLeafRows,
            let split = bestSplit(
                TreeNodeRows(rows: UnsafePointer(rows.start + range.lowerBound), count: range.count, labels: contents.labels)),
            // What is equal but for the rounding of sums is enough.
            split.gain / rootWeight >= options.minimumGain - 1e-15
        else {
            setLeaf(node, contents)
            return
        }
        candidates.append(Candidate(node: node, rows: range, depth: depth, split: split))
    }

    private mutating func setLeaf(_ node: Int, _ contents: Contents) {
        guard classCount > 0 else {
            tree.nodes[node].threshold = contents.mean + labelMean
            return
        }
        if let only = contents.presentClasses.first, contents.presentClasses.count == 1 {
            tree.nodes[node].next = Int32(truncatingIfNeeded: only)
            return
        }
        tree.nodes[node].next = Int32(truncatingIfNeeded: classCount + tree.distributions.count / classCount)
        var shares = [Double](repeating: 0, count: classCount)
        for (number, code) in contents.presentClasses.enumerated() {
            shares[code] = presentTotals.start[number] / contents.weight
        }
        tree.distributions += shares
    }

    // MARK: The best division

    /// Below so many values a node is searched by one thread.
    private static let sharedWork = 1 << 18

    private mutating func bestSplit(_ node: TreeNodeRows) -> TreeSplit? {
        guard drawn >= features.count else { return bestOfDrawn(node) }
        let matrix = source.matrix, searches = searches
        let workers = node.count * features.count < Self.sharedWork ? 1 : min(threads, features.count)
        let featureCount = features.count
        // Each worker has its features; of equal divisions the first feature's is taken, whoever found it.
        let found = RowBlocks(groups: workers).map(threads: workers) { worker, _ -> TreeSplit? in
            var best: TreeSplit?
            for feature in stride(from: worker, to: featureCount, by: max(workers, 1)) {
                guard let split = searches[worker].best(feature, matrix.column(feature), of: node) else { continue }
                if best.map({ split.gain > $0.gain }) ?? true { best = split }
            }
            return best
        }
        var best: TreeSplit?
        for case let split? in found {
            let isBetter = best.map { split.gain > $0.gain || (split.gain == $0.gain && split.feature < $0.feature) } ?? true
            if isBetter { best = split }
        }
        return best
    }

    /// Draws features until there are enough and one of them divides the node.
    private mutating func bestOfDrawn(_ node: TreeNodeRows) -> TreeSplit? {
        var best: TreeSplit?
        for position in features.indices {
            if position >= drawn, best != nil { break }
            let other = position + random.below(features.count - position)
            features.swapAt(position, other)
            let feature = features[position]
            guard let split = searches[0].best(feature, source.matrix.column(feature), of: node) else { continue }
            if best.map({ split.gain > $0.gain }) ?? true { best = split }
        }
        return best
    }

    // MARK: Dividing

    private mutating func divide(_ candidate: Candidate) throws {
        let split = candidate.split
        let middle = partition(candidate.rows, split)
        let left = candidate.rows.lowerBound..<middle, right = middle..<candidate.rows.upperBound
        let bins = source.matrix.bins[split.feature]
        let child = tree.nodes.count
        tree.nodes[candidate.node] = TreeStructure.Node(
            threshold: split.firstRight.map { bins.threshold(split.lastLeft, $0) } ?? .infinity,
            division: Int32(truncatingIfNeeded: split.feature << 2 | (split.sawMissing ? 2 : 0) | (split.missingGoesLeft ? 1 : 0)),
            next: Int32(truncatingIfNeeded: child))
        gains[split.feature] += max(0, split.gain) / rootWeight
        append(left)
        append(right)
        try consider(child, left, depth: candidate.depth + 1, gather(left))
        try consider(child + 1, right, depth: candidate.depth + 1, gather(right))
    }

    /// Puts the rows of the left side before the others, both in their order.
    private func partition(_ range: Range<Int>, _ split: TreeSplit) -> Int {
        let rows = rows.start, scratch = scratch.start
        let column = source.matrix.column(split.feature)
        let lastLeft = split.lastLeft, missing = Int(FeatureBins.missing)
        let missingGoesLeft = split.missingGoesLeft
        var left = range.lowerBound, right = 0
        for place in range {
            let row = rows[place]
            let code = Int(column[Int(row)])
            // Both are written and one counts, so that nothing is to be predicted.
            rows[left] = row
            scratch[right] = row
            let goesLeft = code <= lastLeft && code != missing || code == missing && missingGoesLeft
            left += goesLeft ? 1 : 0
            right += goesLeft ? 0 : 1
        }
        for place in 0..<right { rows[left + place] = scratch[place] }
        return left
    }
}
