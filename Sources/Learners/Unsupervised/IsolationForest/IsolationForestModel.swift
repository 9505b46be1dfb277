import FeatureTables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Trees that cut rows apart at random. A row that they soon have alone is an anomaly.
public struct IsolationForestModel: UnsupervisedModel {
    public let featureNames: [String]
    let trees: [IsolationTree]
    /// Above one half, by more than rounding: rows that are all equal have one half.
    static let automaticLimit = 0.5 + 1e-12

    /// Rows that each tree was made of.
    public let sampleSize: Int
    /// The score above which a row is taken for an anomaly.
    public internal(set) var limit: Double
    public internal(set) var thresholds = AnomalyThresholds([])

    public var task: LearningTask { .anomalyDetection }
    public var measureNames: [String] { ["mean_anomaly_score", "anomaly_share"] }

    init(featureNames: [String], trees: [IsolationTree], sampleSize: Int, limit: Double) {
        self.featureNames = featureNames
        self.trees = trees
        self.sampleSize = sampleSize
        self.limit = limit
    }

    /// Which share of the cuts is by each feature.
    public var influences: [FeatureInfluence] {
        var counts = [Int](repeating: 0, count: featureNames.count)
        for tree in trees {
            for node in tree.nodes.indices where !tree.isLeaf(node) { counts[Int(tree.nodes[node].feature)] += 1 }
        }
        let total = max(counts.reduce(0, +), 1)
        return featureNames.indices.map {
            FeatureInfluence(feature: featureNames[$0], magnitude: Double(counts[$0]) / Double(total), splits: counts[$0])
        }.greatestFirst()
    }

    // MARK: Rows

    public func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions {
        .findings(.scores(try scores(matrix, threads: threads), limit: limit))
    }

    public func fits(_ matrix: FeatureMatrix, threads: Int) throws -> RowFits {
        let scores = try scores(matrix, threads: threads)
        return RowFits(first: scores, second: [Double](repeating: 0, count: scores.count))
    }

    /// Rows that go through a tree one after the other, while it is in the cache.
    private static let rowsTogether = 64
    private static let elementsTogether = 65_536

    private func scores(_ matrix: FeatureMatrix, threads: Int) throws -> [Double] {
        try requireValues(of: matrix, "of an isolation forest")
        let width = matrix.columnCount, trees = trees
        let step = max(4, min(Self.rowsTogether, Self.elementsTogether / max(width, 1)))
        let scale = 1 / (Double(trees.count) * IsolationTree.expectedDepth(sampleSize))
        return [Double](unsafeUninitializedCapacity: matrix.rowCount) { scores, used in
            used = matrix.rowCount
            guard let first = scores.baseAddress else { return }
            first.initialize(repeating: 0, count: matrix.rowCount)
            let target = SharedNumbers(first)
            RowBlocks(rowCount: matrix.rowCount).forEach(threads: threads) { _, block in
                let room = matrix.dense == nil ? step * width : 1
                withUnsafeTemporaryAllocation(of: Double.self, capacity: max(room, 1)) { room in
                    for start in Swift.stride(from: block.lowerBound, to: block.upperBound, by: step) {
                        let count = min(step, block.upperBound - start)
                        guard let rows = matrix.rows(start..<(start + count), room.baseAddress) else { return }
                        for tree in trees { tree.addDepths(of: rows, count, width, to: target.first + start) }
                        for row in start..<(start + count) { target.first[row] = exp2(-target.first[row] * scale) }
                    }
                }
            }
            withExtendedLifetime(matrix) {}
        }
    }

    // MARK: Measures

    public func measures(of fits: RowFits, weights: [Double]?) -> UnsupervisedMetrics {
        var total = 0.0, sum = 0.0, above = 0.0
        for row in 0..<fits.count {
            let weight = weights?[row] ?? 1
            total += weight
            sum += weight * fits.first[row]
            if fits.first[row] > limit { above += weight }
        }
        return UnsupervisedMetrics(
            rows: fits.count, names: measureNames, values: [total > 0 ? sum / total : nil, total > 0 ? above / total : nil])
    }

    public func anomalies(of findings: Findings) -> [Double] {
        if case .scores(let values, _) = findings { values } else { [] }
    }
}

extension FeatureMatrix {
    /// Some rows with all their elements, in `room` where they do not stand like that.
    fileprivate func rows(_ range: Range<Int>, _ room: UnsafeMutablePointer<Double>?) -> UnsafePointer<Double>? {
        switch storage {
        case .dense(let elements): return UnsafePointer(elements + range.lowerBound * columnCount)
        case .sparse(let rows):
            guard let room else { return nil }
            room.update(repeating: 0, count: range.count * columnCount)
            for row in range {
                let target = room + (row - range.lowerBound) * columnCount
                for place in rows.range(row) { target[Int(rows.columns[place])] = rows.values[place] }
            }
            return UnsafePointer(room)
        }
    }
}

extension IsolationTree {
    /// Adds the depth of each row: four at a time, since each step of one waits for the one before.
    fileprivate func addDepths(
        of rows: UnsafePointer<Double>, _ count: Int, _ width: Int, to sums: UnsafeMutablePointer<Double>
    ) {
        nodes.withUnsafeBufferPointer { nodes in
            depths.withUnsafeBufferPointer { depths in
                guard let node = nodes.baseAddress, let depth = depths.baseAddress else { return }
                @inline(__always) func step(_ place: Int, _ row: UnsafePointer<Double>) -> Int {
                    let here = node[place]
                    return Int(here.next) &+ (row[Int(here.feature)] <= here.threshold ? 0 : 1)
                }
                var row = 0
                while row &+ 4 <= count {
                    let row0 = rows + row &* width, row1 = row0 + width, row2 = row1 + width, row3 = row2 + width
                    var place0 = 0, place1 = 0, place2 = 0, place3 = 0
                    for _ in 0..<steps {
                        place0 = step(place0, row0)
                        place1 = step(place1, row1)
                        place2 = step(place2, row2)
                        place3 = step(place3, row3)
                    }
                    sums[row] += depth[place0]
                    sums[row &+ 1] += depth[place1]
                    sums[row &+ 2] += depth[place2]
                    sums[row &+ 3] += depth[place3]
                    row &+= 4
                }
                while row < count {
                    var place = 0
                    for _ in 0..<steps { place = step(place, rows + row &* width) }
                    sums[row] += depth[place]
                    row &+= 1
                }
            }
        }
    }
}

extension IsolationForestModel {
    private struct Content: Codable {
        var nodeCounts: [Int]
        var sampleSize: Int
        var limit: Double
    }

    private static let treesPart = "trees"

    public func saved() throws -> SavedModel {
        var saved = SavedModel(task: task, featureNames: featureNames)
        try saved.setContent(Content(nodeCounts: trees.map(\.nodes.count), sampleSize: sampleSize, limit: limit))
        saved.setPart(Self.treesPart, NumberBytes.bytes(trees.lazy.flatMap(\.words)))
        saved.setPart(AnomalyThresholds.part, thresholds.bytes)
        return saved
    }

    /// - Throws: `LearnerError.inconsistentModel` for what does not fit together; `DecodingError`.
    init(_ saved: SavedModel) throws {
        let content = try saved.content(as: Content.self)
        guard let words = NumberBytes.words(saved.part(Self.treesPart)), content.sampleSize > 1,
            content.sampleSize <= Int(Int32.max), !content.nodeCounts.isEmpty, !saved.featureNames.isEmpty
        else { throw LearnerError.inconsistentModel }
        var trees: [IsolationTree] = []
        var start = 0
        for count in content.nodeCounts {
            guard count > 0, count <= (words.count - start) / 2 else { throw LearnerError.inconsistentModel }
            trees.append(try IsolationTree(words: words[start..<(start + 2 * count)], width: saved.featureNames.count))
            start += 2 * count
        }
        guard start == words.count else { throw LearnerError.inconsistentModel }
        self.init(
            featureNames: saved.featureNames, trees: trees, sampleSize: content.sampleSize, limit: content.limit)
        thresholds = try AnomalyThresholds(saved)
    }
}
