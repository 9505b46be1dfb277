import FeatureTables

/// The way of rows through trees.
enum TreeWalk {
    /// Calls `body` with some rows after the other, whose elements are all there, row by row.
    static func forEachPart(
        of rows: Range<Int>, in matrix: FeatureMatrix, _ body: (_ rows: Range<Int>, _ elements: UnsafePointer<Double>) -> Void
    ) {
        let width = matrix.columnCount
        switch matrix.storage {
        case .dense(let elements): body(rows, elements + rows.lowerBound * width)
        case .sparse(let sparse):
            let together = max(1, min(rows.count, 32_768 / max(width, 1)))
            let elements = WorkBuffer<Double>(together * width, filledWith: 0)
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: together) {
                let part = start..<min(start + together, rows.upperBound)
                for row in part {
                    for place in sparse.range(row) {
                        elements.start[(row - start) * width + Int(sparse.columns[place])] = sparse.values[place]
                    }
                }
                body(part, UnsafePointer(elements.start))
                for row in part {
                    for place in sparse.range(row) { elements.start[(row - start) * width + Int(sparse.columns[place])] = 0 }
                }
            }
            withExtendedLifetime(elements) {}
        }
    }

    /// Adds what `tree` says of each row: a share a class, or a number.
    /// - Parameter isWanted: nil: all rows.
    static func addLeaves(
        of tree: TreeStructure, _ rowCount: Int, _ elements: UnsafePointer<Double>, _ width: Int, classCount: Int,
        to sums: UnsafeMutablePointer<Double>, isWanted: ((Int) -> Bool)? = nil
    ) {
        tree.nodes.withUnsafeBufferPointer { nodes in
            tree.distributions.withUnsafeBufferPointer { distributions in
                guard let nodes = nodes.baseAddress else { return }
                for row in 0..<rowCount {
                    if let isWanted, !isWanted(row) { continue }
                    let leaf = TreeStructure.leaf(nodes, elements + row * width)
                    guard classCount > 0 else {
                        sums[row] += leaf.threshold
                        continue
                    }
                    let next = Int(leaf.next)
                    let own = sums + row * classCount
                    if next < classCount {
                        own[next] += 1
                    } else {
                        let start = (next - classCount) * classCount
                        for position in 0..<classCount { own[position] += distributions[start + position] }
                    }
                }
            }
        }
    }
}
