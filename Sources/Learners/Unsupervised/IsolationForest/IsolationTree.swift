#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A tree that cuts rows apart at random: a row's depth says how soon it is alone.
struct IsolationTree: Sendable, Equatable {
    /// A cut, whose sides are `next` and the node behind it, or a leaf, which leads to itself: a row that is in one stays there.
    struct Node: Sendable, Equatable {
        /// Rows go to `next` where the feature is no greater; infinite in a leaf.
        var threshold: Double
        var feature: Int32
        var next: Int32
    }

    private(set) var nodes: [Node] = []
    /// In a leaf the depth that its rows would have if it were cut further.
    private(set) var depths: [Double] = []
    /// Steps that reach a leaf from the root.
    private(set) var steps = 0

    // MARK: Growing

    /// - Parameters:
    ///   - columns: the values of `rowCount` rows, feature after feature.
    ///   - limit: the depth from which on nothing is cut.
    init(
        _ columns: UnsafePointer<Double>, rowCount: Int, width: Int, limit: Int, _ random: inout RandomNumbers
    ) {
        var rows = (0..<rowCount).map { Int32($0) }
        // Features that differ in a node stand in front.
        var features = (0..<width).map { Int32($0) }
        struct Task {
            var node: Int
            var rows: Range<Int>
            var depth: Int
            var features: Int
        }
        appendLeaf()
        var waiting = [Task(node: 0, rows: 0..<rowCount, depth: 0, features: width)]
        while var task = waiting.popLast() {
            steps = max(steps, task.depth)
            guard task.depth < limit, task.rows.count > 1,
                let cut = Self.cut(columns, rowCount, rows[task.rows], &features, &task.features, &random)
            else {
                depths[task.node] = Double(task.depth) + Self.expectedDepth(task.rows.count)
                continue
            }
            let column = columns + Int(cut.feature) * rowCount
            var middle = task.rows.lowerBound
            for place in task.rows where column[Int(rows[place])] <= cut.threshold {
                rows.swapAt(place, middle)
                middle += 1
            }
            let next = nodes.count
            nodes[task.node] = Node(threshold: cut.threshold, feature: cut.feature, next: Int32(truncatingIfNeeded: next))
            appendLeaf()
            appendLeaf()
            waiting.append(
                Task(node: next + 1, rows: middle..<task.rows.upperBound, depth: task.depth + 1, features: task.features))
            waiting.append(
                Task(node: next, rows: task.rows.lowerBound..<middle, depth: task.depth + 1, features: task.features))
        }
    }

    private mutating func appendLeaf() {
        nodes.append(Node(threshold: .infinity, feature: 0, next: Int32(truncatingIfNeeded: nodes.count)))
        depths.append(0)
    }

    /// A feature in which rows differ, each as likely, and a number between its least and its greatest value; nil when the rows
    /// are equal.
    private static func cut(
        _ columns: UnsafePointer<Double>, _ rowCount: Int, _ rows: ArraySlice<Int32>, _ features: inout [Int32],
        _ differing: inout Int, _ random: inout RandomNumbers
    ) -> (feature: Int32, threshold: Double)? {
        while differing > 0 {
            let place = random.below(differing)
            let feature = features[place]
            let column = columns + Int(feature) * rowCount
            var low = Double.infinity, high = -Double.infinity
            for row in rows {
                let value = column[Int(row)]
                if value < low { low = value }
                if value > high { high = value }
            }
            if low < high {
                let share = random.share()
                let threshold = low * (1 - share) + high * share
                // Rounded up to the greatest value it would cut nothing off.
                return (feature, threshold >= high || threshold < low ? low : threshold)
            }
            differing -= 1
            features.swapAt(place, differing)
        }
        return nil
    }

    /// The mean depth of a row among `count` that are cut apart to the last: that of an unsuccessful search in a binary tree.
    static func expectedDepth(_ count: Int) -> Double {
        guard count > 2 else { return count == 2 ? 1 : 0 }
        let others = Double(count - 1)
        return 2 * (log(others) + 0.577_215_664_901_532_9) - 2 * others / Double(count)
    }

    // MARK: Saved

    /// Two words a node: the threshold and the feature with the next node, or a leaf's depth and all bits.
    var words: [UInt64] {
        nodes.indices.flatMap { node -> [UInt64] in
            let one = nodes[node]
            if isLeaf(node) { return [depths[node].bitPattern, .max] }
            return [one.threshold.bitPattern, UInt64(UInt32(bitPattern: one.feature)) << 32 | UInt64(UInt32(bitPattern: one.next))]
        }
    }

    func isLeaf(_ node: Int) -> Bool { nodes[node].next == Int32(truncatingIfNeeded: node) }

    /// - Throws: `LearnerError.inconsistentModel` for words that are no tree over so many features.
    init(words: ArraySlice<UInt64>, width: Int) throws {
        let count = words.count / 2
        guard count > 0, count <= Int(Int32.max), words.count == 2 * count else { throw LearnerError.inconsistentModel }
        var places = [Int](repeating: 0, count: count)
        for node in 0..<count {
            let value = Double(bitPattern: words[words.startIndex + 2 * node]), link = words[words.startIndex + 2 * node + 1]
            appendLeaf()
            steps = max(steps, places[node])
            guard value.isFinite else { throw LearnerError.inconsistentModel }
            if link == .max {
                depths[node] = value
                continue
            }
            let feature = Int(link >> 32), next = Int(link & 0xFFFF_FFFF)
            // Children stand behind their parent, so that every way ends.
            guard feature < width, next > node, next < count - 1 else { throw LearnerError.inconsistentModel }
            nodes[node] = Node(threshold: value, feature: Int32(feature), next: Int32(next))
            for child in [next, next + 1] { places[child] = max(places[child], places[node] + 1) }
        }
    }
}
