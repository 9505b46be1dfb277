/// Several paths as one tree, so that a text is walked once for all of them.
///
/// An edge is a member's key or an element's place. Where a path goes on in a way that a walk cannot follow value by value
/// (`[*]`, or a member of all objects of an array), the walk notes the value it came to and `JSONSelection` goes on there.
struct JSONPathTree {
    struct Node {
        var keys: [(key: [UInt8], node: Int)] = []
        var places: [(place: Int, node: Int)] = []
        /// Paths whose walk ends here.
        var ends: [Int] = []
        /// Edges from the root.
        var depth = 0
        /// All paths through here, those that end here included.
        var paths: [Int] = []
        /// Those of them that go on to a member.
        var memberPaths: [Int] = []
    }

    /// The edges of a path that a walk follows, and where `JSONSelection` goes on from each.
    private static func edges(_ path: JSONPath) -> [(key: [UInt8]?, place: Int)] {
        var result: [(key: [UInt8]?, place: Int)] = []
        for step in path.steps {
            if let key = step.key { result.append((key, 0)) }
            for subscripts in step.subscripts {
                guard case .place(let place) = subscripts else { return result }
                result.append((nil, place))
            }
            // A recursion an edge: what is deeper is found without.
            if result.count >= 200 { return result }
        }
        return result
    }

    let paths: [JSONPath?]
    /// The first node is the root.
    private(set) var nodes: [Node] = [Node()]
    /// How many edges a path's walk has.
    let edgeCounts: [Int]

    /// nil stands for a path that leads nowhere.
    init(_ paths: [JSONPath?]) {
        self.paths = paths
        let edges = paths.map { $0.map(Self.edges) ?? [] }
        edgeCounts = edges.map(\.count)
        for (number, path) in paths.enumerated() where path != nil {
            var node = 0
            nodes[0].paths.append(number)
            for (depth, edge) in edges[number].enumerated() {
                if edge.key != nil { nodes[node].memberPaths.append(number) }
                node = child(of: node, edge.key, edge.place, depth: depth + 1)
                nodes[node].paths.append(number)
            }
            nodes[node].ends.append(number)
        }
    }

    private mutating func child(of node: Int, _ key: [UInt8]?, _ place: Int, depth: Int) -> Int {
        let known =
            key.map { key in nodes[node].keys.first { $0.key == key }?.node }
            ?? nodes[node].places.first { $0.place == place }?.node
        if let known { return known }
        nodes.append(Node(depth: depth))
        if let key {
            nodes[node].keys.append((key, nodes.count - 1))
        } else {
            nodes[node].places.append((place, nodes.count - 1))
        }
        return nodes.count - 1
    }

    /// Where in a path's steps the edge after the first `edges` ones stands: a step, and how many of its parts are done
    /// (its key counts as one).
    func resumption(_ path: JSONPath, after edges: Int) -> (step: Int, part: Int) {
        var left = edges
        for (index, step) in path.steps.enumerated() {
            let parts = (step.key == nil ? 0 : 1) + step.subscripts.count
            if left < parts { return (index, left) }
            left -= parts
        }
        return (path.steps.count, 0)
    }
}
