import FeatureTables

/// The nearest rows of each of some rows among these, by Euclid's distance of their features; of equally near ones the first, and never
/// the row itself.
///
/// - Complexity: O(rows² × features).
package struct NearestNeighbors {
    private let rows: [Int32]
    private let count: Int
    /// Places in `rows`: `count` of the first row, the nearest first, then those of the next.
    package let places: [Int32]
    private let reservation: ImportReservation

    private static let rowsTogether = 64

    /// - Precondition: there are more `rows` than `count`.
    /// - Throws: `LearnerError.cancelled`; `FeatureError.outOfMemory`.
    package init(of rows: [Int32], in matrix: FeatureMatrix, count: Int, memory: ImportMemory, context: TrainingContext) throws {
        reservation = try ImportReservation(
            memory, for: "the nearest \(count) of \(rows.count) rows", help: ImportMemory.fewerRows,
            bytes: rows.count * count * MemoryLayout<Int32>.stride)
        var places = [Int32](repeating: 0, count: rows.count * count)
        let blocks = RowBlocks(groups: (rows.count + Self.rowsTogether - 1) / Self.rowsTogether)
        try places.withUnsafeMutableBufferPointer { places in
            guard let first = places.baseAddress else { return }
            let target = SharedPlaces(first: first)
            try blocks.forEachThrowing(threads: context.threads) { block, _ in
                if context.isCancelled?() == true { throw LearnerError.cancelled }
                let range = block * Self.rowsTogether..<min((block + 1) * Self.rowsTogether, rows.count)
                withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { distances in
                    for place in range {
                        Self.find(place, rows, matrix, count, distances, target.first + place * count)
                    }
                }
            }
        }
        self.rows = rows
        self.count = count
        self.places = places
    }

    private struct SharedPlaces: @unchecked Sendable {
        // Unchecked: each block writes what belongs to its rows.
        let first: UnsafeMutablePointer<Int32>
    }

    /// - Parameters:
    ///   - distances: room for `count` squared distances.
    ///   - nearest: room for `count` places.
    private static func find(
        _ place: Int, _ rows: [Int32], _ matrix: FeatureMatrix, _ count: Int, _ distances: UnsafeMutableBufferPointer<Double>,
        _ nearest: UnsafeMutablePointer<Int32>
    ) {
        var found = 0
        for other in rows.indices where other != place {
            let distance = matrix.squaredDistance(Int(rows[place]), Int(rows[other]))
            if found == count, !(distance < distances[count - 1]) { continue }
            var at = min(found, count - 1)
            while at > 0, distance < distances[at - 1] {
                distances[at] = distances[at - 1]
                nearest[at] = nearest[at - 1]
                at -= 1
            }
            distances[at] = distance
            nearest[at] = Int32(other)
            found = min(found + 1, count)
        }
    }

    /// A row between a row and one near it.
    /// - Parameter pair: which of them: `count` pairs have the first row, then as many the next.
    package func row(_ pair: Int, share: Double) -> InterpolatedRow {
        InterpolatedRow(from: rows[pair / count], to: rows[Int(places[pair])], share: share)
    }
}

extension FeatureMatrix {
    /// - Precondition: both are rows of the matrix.
    @inline(__always)
    fileprivate func squaredDistance(_ one: Int, _ other: Int) -> Double {
        switch storage {
        case .dense(let elements):
            return CentroidTable.squaredDistance(elements + one * columnCount, elements + other * columnCount, columnCount)
        case .sparse(let rows):
            var sum = 0.0
            rows.forEachPair(one, other) { _, left, right in sum += (left - right) * (left - right) }
            return sum
        }
    }
}
