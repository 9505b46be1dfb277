/// A tree of divisions by one feature each, as predictions walk it.
struct TreeStructure: Sendable, Equatable {
    /// Two words a node, so that a walk reads a line of the cache a step.
    struct Node: Sendable, Equatable, BitwiseCopyable {
        /// Values up to it go left; of a leaf of numbers, the number.
        var threshold: Double
        /// The feature times four, +2 where rows of the training lacked the value, +1 where such go left; −1: a leaf.
        var division: Int32
        /// The left child, with the right one behind it. Of a leaf of classes what `distribution` takes.
        var next: Int32

        static let leaf = Node(threshold: 0, division: -1, next: 0)

        var isLeaf: Bool { division < 0 }
        var feature: Int { Int(division >> 2) }
        var missingGoesLeft: Bool { division & 1 != 0 }
        var sawMissing: Bool { division & 2 != 0 }
    }

    /// The root first; children behind their parents.
    var nodes: [Node] = []
    /// Training rows of each node.
    var rowCounts: [UInt32] = []
    /// The shares of the classes in leaves of several, one after the other.
    var distributions: [Double] = []

    /// Features that fit a node.
    static let featureLimit = 1 << 28

    /// In bytes.
    var size: Int { nodes.count * (MemoryLayout<Node>.size + 4) + distributions.count * 8 }

    /// The shares of the classes at a leaf.
    func distribution(_ leaf: Node, classCount: Int) -> [Double] {
        let next = Int(leaf.next)
        guard next >= classCount else { return (0..<classCount).map { $0 == next ? 1 : 0 } }
        let start = (next - classCount) * classCount
        return Array(distributions[start..<start + classCount])
    }

    /// Whether every index is one, every node but the root has one parent before it, and every value can be predicted; what
    /// comes from a file need not.
    func isSound(featureCount: Int, classCount: Int) -> Bool {
        guard !nodes.isEmpty, rowCounts.count == nodes.count, featureCount < Self.featureLimit else { return false }
        let distributionCount = classCount > 0 ? distributions.count / classCount : 0
        guard distributions.count == distributionCount * classCount, distributions.allSatisfy({ (0...1).contains($0) }) else {
            return false
        }
        for start in stride(from: 0, to: distributions.count, by: max(classCount, 1)) {
            guard abs(distributions[start..<start + classCount].reduce(0, +) - 1) < 1e-6 else { return false }
        }
        var hasParent = [Bool](repeating: false, count: nodes.count)
        for (index, node) in nodes.enumerated() {
            let next = Int(node.next)
            guard !node.isLeaf else {
                let isValue = classCount > 0 ? next >= 0 && next < classCount + distributionCount : node.threshold.isFinite
                guard node.division == -1, isValue else { return false }
                continue
            }
            guard node.feature < featureCount, !node.threshold.isNaN, next > index, next < nodes.count - 1, !hasParent[next],
                !hasParent[next + 1]
            else { return false }
            hasParent[next] = true
            hasParent[next + 1] = true
        }
        return hasParent.dropFirst().allSatisfy(\.self)
    }

    /// The leaf that a row comes to.
    @inline(__always)
    static func leaf(_ nodes: UnsafePointer<Node>, _ row: UnsafePointer<Double>) -> Node {
        var node = nodes[0]
        while node.division >= 0 {
            let value = row[Int(node.division &>> 2)]
            // A comparison with NaN is false, which is right.
            let goesLeft = value <= node.threshold || (value != value && node.missingGoesLeft)
            node = nodes[Int(node.next) &+ (goesLeft ? 0 : 1)]
        }
        return node
    }
}
