import FeatureTables

extension TreeModel {
    private static let treesPart = "trees"

    /// What stands beside the trees.
    private struct Content: Codable {
        var version: Int
        var treeCount: Int
        var gains: TreeGains
    }

    private static let version = 1

    public func saved() throws -> SavedModel {
        var saved = SavedModel(task: task, featureNames: featureNames, classes: classes)
        try saved.setContent(Content(version: Self.version, treeCount: trees.count, gains: gains))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(trees.reduce(0) { $0 + $1.savedSize })
        for tree in trees { tree.write(to: &bytes) }
        saved.setPart(Self.treesPart, bytes)
        return saved
    }

    /// - Throws: `ModelArchive.Invalid`, `LearnerError.inconsistentModel`, `DecodingError`.
    init(_ saved: SavedModel) throws {
        let content = try saved.content(as: Content.self)
        guard content.version == Self.version else {
            throw ModelArchive.Invalid(reason: "its trees are of version \(content.version), this program reads \(Self.version)")
        }
        guard let bytes = saved.part(Self.treesPart) else { throw ModelArchive.Invalid(reason: "it holds no trees") }
        var rest = bytes[...]
        var trees: [TreeStructure] = []
        while !rest.isEmpty {
            guard let tree = TreeStructure(reading: &rest) else { throw ModelArchive.Invalid(reason: "its trees are cut short") }
            trees.append(tree)
        }
        guard trees.count == content.treeCount else { throw ModelArchive.Invalid(reason: "its number of trees is wrong") }
        try self.init(
            task: saved.task, featureNames: saved.featureNames, classes: saved.classes, trees: trees, gains: content.gains)
    }
}

extension TreeStructure {
    private static let nodeSize = 20

    fileprivate var savedSize: Int { 8 + nodes.count * Self.nodeSize + distributions.count * 8 }

    /// The numbers of nodes and of shares, then the nodes (threshold, division, next, rows), then the shares; all in the
    /// order of bytes from least to greatest.
    fileprivate func write(to bytes: inout [UInt8]) {
        bytes.append(UInt32(truncatingIfNeeded: nodes.count))
        bytes.append(UInt32(truncatingIfNeeded: distributions.count))
        for (node, rows) in zip(nodes, rowCounts) {
            bytes.append(node.threshold.bitPattern)
            bytes.append(node.division)
            bytes.append(node.next)
            bytes.append(rows)
        }
        for share in distributions { bytes.append(share.bitPattern) }
    }

    /// Takes a tree off the beginning of `bytes`; nil when these are too few. Whether it is sound is to be asked.
    fileprivate init?(reading bytes: inout ArraySlice<UInt8>) {
        guard bytes.count >= 8 else { return nil }
        let (nodeCount, shareCount) = bytes.withUnsafeBytes { ($0.number(0, UInt32.self), $0.number(4, UInt32.self)) }
        let sharesStart = 8 + Int(nodeCount) * Self.nodeSize
        let size = sharesStart + Int(shareCount) * 8
        guard bytes.count >= size else { return nil }
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 8, to: sharesStart, by: Self.nodeSize) {
                nodes.append(
                    Node(
                        threshold: Double(bitPattern: bytes.number(start, UInt64.self)),
                        division: bytes.number(start + 8, Int32.self), next: bytes.number(start + 12, Int32.self)))
                rowCounts.append(bytes.number(start + 16, UInt32.self))
            }
            for start in stride(from: sharesStart, to: size, by: 8) {
                distributions.append(Double(bitPattern: bytes.number(start, UInt64.self)))
            }
        }
        bytes = bytes.dropFirst(size)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func number<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: Number.Type) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
