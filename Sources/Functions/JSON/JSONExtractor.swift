import Columnar

/// Takes what paths lead to out of JSON texts. A text is walked once for all paths; nothing is allocated for a text beside
/// the results. One worker's own.
final class JSONExtractor {
    private struct Key {
        var bytes: UnsafePointer<UInt8>
        var count: Int
        var node: Int
    }

    /// A node of the tree of paths with everything behind plain pointers, so that a walk counts no references.
    private struct Node {
        var keys: UnsafeBufferPointer<Key>
        /// For many keys: their numbers by hash, -1 where there is none.
        var slots: UnsafeBufferPointer<Int>
        var places: UnsafeBufferPointer<(place: Int, node: Int)>
        var ends: UnsafeBufferPointer<Int>
        var paths: UnsafeBufferPointer<Int>
        var memberPaths: UnsafeBufferPointer<Int>
        var depth: Int
    }

    private let tree: JSONPathTree
    private let pathCount: Int
    private let nodes: UnsafeMutablePointer<Node>
    private var memory: [UnsafeMutableRawPointer] = []
    /// For each path the value that the walk came to, -1 for none, and how many edges it took.
    private let positions: UnsafeMutablePointer<Int>
    private let depths: UnsafeMutablePointer<Int>
    /// For each path how many edges lead to its very end; fewer: `JSONSelector` follows the rest.
    private let lengths: [Int]
    private let roots: [JSONPath.Root]
    private var text = StringView()
    private let scratch = ByteBuffer(capacity: 256)
    private let output = ByteBuffer(capacity: 256)
    private let writer = JSONWriter()

    /// nil stands for a path that leads nowhere.
    init(_ paths: [JSONPath?]) {
        tree = JSONPathTree(paths)
        pathCount = paths.count
        lengths = paths.map { path in path?.steps.reduce(0) { $0 + ($1.key == nil ? 0 : 1) + $1.subscripts.count } ?? 0 }
        roots = paths.map { $0?.root ?? .any }
        positions = .allocate(capacity: max(pathCount, 1))
        positions.initialize(repeating: -1, count: pathCount)
        depths = .allocate(capacity: max(pathCount, 1))
        depths.initialize(repeating: 0, count: pathCount)
        nodes = .allocate(capacity: tree.nodes.count)
        for (index, node) in tree.nodes.enumerated() {
            let keys = node.keys.map { Key(bytes: UnsafePointer(hold($0.key).baseAddress.unsafelyUnwrapped), count: $0.key.count, node: $0.node) }
            (nodes + index).initialize(
                to: Node(
                    keys: hold(keys), slots: hold(Self.slots(keys.map { Self.hash($0.bytes, $0.count) })), places: hold(node.places),
                    ends: hold(node.ends), paths: hold(node.paths), memberPaths: hold(node.memberPaths), depth: node.depth))
        }
    }

    deinit {
        for block in memory { block.deallocate() }
        nodes.deallocate()
        positions.deallocate()
        depths.deallocate()
    }

    /// A copy that lives as long as the extractor.
    private func hold<T>(_ values: [T]) -> UnsafeBufferPointer<T> {
        let copy = UnsafeMutablePointer<T>.allocate(capacity: max(values.count, 1))
        for (index, value) in values.enumerated() { (copy + index).initialize(to: value) }
        memory.append(UnsafeMutableRawPointer(copy))
        return UnsafeBufferPointer(start: copy, count: values.count)
    }

    private static func slots(_ hashes: [Int]) -> [Int] {
        guard hashes.count > 8 else { return [] }
        var size = 32
        while size < hashes.count * 2 { size *= 2 }
        var slots = [Int](repeating: -1, count: size)
        for (number, hash) in hashes.enumerated() {
            var slot = hash & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = number
        }
        return slots
    }

    @inline(__always)
    private static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var hash = UInt64(truncatingIfNeeded: count)
        for at in 0..<min(count, 24) { hash = (hash ^ UInt64(bytes[at])) &* 0x0000_0100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash &>> 29)
    }

    // MARK: walking

    /// Reads `text`, whose bytes have to live until the values were taken. False when it is no JSON object or array.
    func read(_ text: StringView) -> Bool {
        self.text = text
        for path in 0..<pathCount { positions[path] = -1 }
        let bytes = text.pointer, end = text.count
        let root = JSONText.skipSpace(bytes, 0, end)
        guard root < end, bytes[root] == UInt8(ascii: "{") || bytes[root] == UInt8(ascii: "[") else { return false }
        guard visit(nodes[0], bytes, root, end) >= 0 else {
            for path in 0..<pathCount { positions[path] = -1 }
            return false
        }
        return true
    }

    /// Notes what the paths through `node` select of the value at `at`; behind the value, or `invalid`.
    private func visit(_ node: Node, _ bytes: UnsafePointer<UInt8>, _ at: Int, _ end: Int) -> Int {
        guard at < end else { return JSONText.invalid }
        let next: Int
        if bytes[at] == UInt8(ascii: "{"), !node.keys.isEmpty {
            next = visitMembers(node, bytes, at, end)
        } else if bytes[at] == UInt8(ascii: "["), !node.places.isEmpty || !node.memberPaths.isEmpty {
            next = node.places.isEmpty ? JSONText.valueEnd(bytes, at, end) : visitElements(node, bytes, at, end)
            for path in node.memberPaths {
                positions[path] = at
                depths[path] = node.depth
            }
        } else {
            next = JSONText.valueEnd(bytes, at, end)
        }
        for path in node.ends {
            positions[path] = at
            depths[path] = node.depth
        }
        return next
    }

    private func visitMembers(_ node: Node, _ bytes: UnsafePointer<UInt8>, _ object: Int, _ end: Int) -> Int {
        var at = JSONText.skipSpace(bytes, object &+ 1, end)
        guard at < end else { return JSONText.invalid }
        if bytes[at] == UInt8(ascii: "}") { return at &+ 1 }
        while true {
            let key = JSONText.keyEnd(bytes, at, end)
            guard key.value >= 0 else { return JSONText.invalid }
            let child = child(node, bytes + (at &+ 1), key.quote &- at &- 1, isEscaped: key.isEscaped)
            if child >= 0 {
                // Of members with one key the last counts.
                for path in nodes[child].paths { positions[path] = -1 }
                at = visit(nodes[child], bytes, key.value, end)
            } else {
                at = JSONText.valueEnd(bytes, key.value, end)
            }
            guard at >= 0 else { return JSONText.invalid }
            at = JSONText.skipSpace(bytes, at, end)
            guard at < end else { return JSONText.invalid }
            if bytes[at] == UInt8(ascii: "}") { return at &+ 1 }
            guard bytes[at] == UInt8(ascii: ",") else { return JSONText.invalid }
            at = JSONText.skipSpace(bytes, at &+ 1, end)
        }
    }

    private func visitElements(_ node: Node, _ bytes: UnsafePointer<UInt8>, _ array: Int, _ end: Int) -> Int {
        var at = JSONText.skipSpace(bytes, array &+ 1, end)
        guard at < end else { return JSONText.invalid }
        if bytes[at] == UInt8(ascii: "]") { return at &+ 1 }
        var place = 0
        while true {
            var child = -1
            for known in node.places where known.place == place { child = known.node }
            at = child >= 0 ? visit(nodes[child], bytes, at, end) : JSONText.valueEnd(bytes, at, end)
            guard at >= 0 else { return JSONText.invalid }
            at = JSONText.skipSpace(bytes, at, end)
            guard at < end else { return JSONText.invalid }
            if bytes[at] == UInt8(ascii: "]") { return at &+ 1 }
            guard bytes[at] == UInt8(ascii: ",") else { return JSONText.invalid }
            at = JSONText.skipSpace(bytes, at &+ 1, end)
            place &+= 1
        }
    }

    /// The node that a member's key leads to, or -1.
    @inline(__always)
    private func child(_ node: Node, _ key: UnsafePointer<UInt8>, _ count: Int, isEscaped: Bool) -> Int {
        if isEscaped {
            scratch.removeAll()
            JSONString.appendDecoded(StringView(key, length: count), to: scratch)
            return plainChild(node, scratch.start, scratch.count)
        }
        return plainChild(node, key, count)
    }

    @inline(__always)
    private func plainChild(_ node: Node, _ key: UnsafePointer<UInt8>, _ count: Int) -> Int {
        if node.slots.isEmpty {
            for known in node.keys where known.count == count && equalBytes(known.bytes, key, count) { return known.node }
            return -1
        }
        let mask = node.slots.count &- 1
        var slot = Self.hash(key, count) & mask
        while node.slots[slot] >= 0 {
            let known = node.keys[node.slots[slot]]
            if known.count == count, equalBytes(known.bytes, key, count) { return known.node }
            slot = (slot &+ 1) & mask
        }
        return -1
    }

    // MARK: results

    /// What path number `index` leads to in the text read last: scalars bare, objects and arrays as JSON, nil for `null` and
    /// nothing. Points into the text, or into `heap`.
    func value(_ index: Int, _ heap: StringHeap) -> StringView? {
        let position = positions[index]
        guard position >= 0 else { return nil }
        if roots[index] != .any {
            let root = text.pointer[JSONText.skipSpace(text.pointer, 0, text.count)]
            guard root == (roots[index] == .array ? UInt8(ascii: "[") : UInt8(ascii: "{")) else { return nil }
        }
        if depths[index] == lengths[index] { return extracted(position, heap) }
        guard let path = tree.paths[index] else { return nil }
        let (step, part) = tree.resumption(path, after: depths[index])
        let selector = JSONSelector(text: text.pointer, end: text.count, scratch: scratch)
        switch selector.select(path, from: position, step: step, part: part) {
        case nil: return nil
        case .value(let position): return extracted(position, heap)
        case .list(let elements):
            output.removeAll()
            output.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { output.append(UInt8(ascii: ",")) }
                writer.append(text.pointer, element, text.count, to: output)
            }
            output.append(UInt8(ascii: "]"))
            return heap.copy(output.bytes)
        }
    }

    private func extracted(_ position: Int, _ heap: StringHeap) -> StringView? {
        let bytes = text.pointer, end = text.count
        switch bytes[position] {
        case UInt8(ascii: "\""):
            let (quote, isEscaped) = JSONText.stringEnd(bytes, position &+ 1, end)
            let string = StringView(bytes + (position &+ 1), length: quote &- position &- 1)
            return JSONString.decoded(string, isEscaped: isEscaped, scratch, heap)
        case UInt8(ascii: "n"): return nil
        case UInt8(ascii: "t"): return StringView(bytes + position, length: 4)
        case UInt8(ascii: "f"): return StringView(bytes + position, length: 5)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            output.removeAll()
            writer.append(bytes, position, end, to: output)
            return heap.copy(output.bytes)
        default:
            let number = JSONText.numberEnd(bytes, position, end)
            let view = StringView(bytes + position, length: number.end &- position)
            if number.isWhole, !JSONNumber.isNegativeZero(view) { return view }
            output.removeAll()
            JSONNumber.append(view, to: output)
            return heap.copy(output.bytes)
        }
    }
}
