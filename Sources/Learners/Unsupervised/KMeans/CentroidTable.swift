/// Points laid out so that a row's distances from eight of them are computed at once. Whoever makes it may move the points
/// while nobody reads.
final class CentroidTable: @unchecked Sendable {
    // Unchecked: moved between the passes over rows, never during one.
    let count: Int
    let width: Int
    /// Row-major: point `c` is the `width` numbers from `c * width`.
    let points: UnsafeMutablePointer<Double>
    /// Group after group of eight points; of each, feature by feature, the eight values. What stands for no point is infinitely
    /// far from everything.
    private let lanes: UnsafeMutablePointer<SIMD8<Double>>
    private let groups: Int

    init(count: Int, width: Int) {
        self.count = count
        self.width = width
        groups = (count + 7) / 8
        points = .allocate(capacity: max(count * width, 1))
        points.initialize(repeating: 0, count: max(count * width, 1))
        lanes = .allocate(capacity: max(groups * width, 1))
        lanes.initialize(repeating: SIMD8(repeating: .infinity), count: max(groups * width, 1))
    }

    convenience init(_ rows: [[Double]], width: Int) {
        self.init(count: rows.count, width: width)
        for (point, row) in rows.enumerated() { set(point, to: row) }
    }

    deinit {
        points.deallocate()
        lanes.deallocate()
    }

    /// - Precondition: `values` has `width` elements, `point` is one of the points.
    func set(_ point: Int, to values: some Sequence<Double>) {
        for (feature, value) in values.enumerated() {
            points[point * width + feature] = value
            lanes[point / 8 * width + feature][point % 8] = value
        }
    }

    func point(_ place: Int) -> [Double] { (0..<width).map { points[place * width + $0] } }

    /// Writes the squared distances of a row from all points, one behind the other, and infinities up to a whole group.
    @inline(__always)
    func measure(_ row: UnsafePointer<Double>, into distances: UnsafeMutablePointer<SIMD8<Double>>) {
        for group in 0..<groups {
            let values = lanes + group &* width
            var sum = SIMD8<Double>(repeating: 0)
            for feature in 0..<width {
                let difference = SIMD8(repeating: row[feature]) - values[feature]
                sum += difference * difference
            }
            distances[group] = sum
        }
    }

    /// The squared distance of a row from one point.
    @inline(__always)
    func squaredDistance(_ row: UnsafePointer<Double>, _ point: Int) -> Double {
        CentroidTable.squaredDistance(row, points + point &* width, width)
    }

    @inline(__always)
    static func squaredDistance(_ one: UnsafePointer<Double>, _ other: UnsafePointer<Double>, _ width: Int) -> Double {
        var sum0 = 0.0, sum1 = 0.0
        var feature = 0
        while feature &+ 2 <= width {
            let first = one[feature] - other[feature], second = one[feature &+ 1] - other[feature &+ 1]
            sum0 += first * first
            sum1 += second * second
            feature &+= 2
        }
        if feature < width {
            let last = one[feature] - other[feature]
            sum0 += last * last
        }
        return sum0 + sum1
    }

    /// The nearest of the points by what `measure` wrote, the first of equals, and the squared distances of it and the next.
    @inline(__always)
    func nearest(_ distances: UnsafeMutablePointer<SIMD8<Double>>) -> (point: Int, distance: Double, second: Double) {
        let values = UnsafeRawPointer(distances).assumingMemoryBound(to: Double.self)
        var point = 0, best = Double.infinity, second = Double.infinity
        for candidate in 0..<count {
            let value = values[candidate]
            if value < best {
                second = best
                best = value
                point = candidate
            } else if value < second {
                second = value
            }
        }
        return (point, best, second)
    }

    /// Calls `body` with room for a row and for what `measure` writes.
    @inline(__always)
    func withRoom(_ body: (_ row: UnsafeMutablePointer<Double>, _ distances: UnsafeMutablePointer<SIMD8<Double>>) -> Void) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: max(width, 1)) { row in
            withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: max(groups, 1)) { distances in
                guard let row = row.baseAddress, let distances = distances.baseAddress else { return }
                body(row, distances)
            }
        }
    }
}
