/// Sums over the rows in which two columns have a number, from which their correlation follows: counts, means, and sums of
/// products of the distances from the means. Sums of parts are put together by the formulas of Chan, Golub and LeVeque
/// ("Updating formulae and a pairwise algorithm for computing sample variances", 1979), so that large offsets cost no digits.
package struct PairMoments: Sendable {
    package var count = 0.0
    var leftMean = 0.0
    var rightMean = 0.0
    var leftSquares = 0.0
    var rightSquares = 0.0
    var products = 0.0

    /// Of `count` rows.
    package init(
        count: Double = 0, leftMean: Double = 0, rightMean: Double = 0, leftSquares: Double = 0, rightSquares: Double = 0,
        products: Double = 0
    ) {
        self.count = count
        self.leftMean = leftMean
        self.rightMean = rightMean
        self.leftSquares = leftSquares
        self.rightSquares = rightSquares
        self.products = products
    }

    @inline(__always)
    package mutating func merge(_ other: PairMoments) {
        guard other.count > 0 else { return }
        guard count > 0 else {
            self = other
            return
        }
        let total = count + other.count
        let left = other.leftMean - leftMean, right = other.rightMean - rightMean
        let weight = count * other.count / total
        leftSquares += other.leftSquares + left * left * weight
        rightSquares += other.rightSquares + right * right * weight
        products += other.products + left * right * weight
        leftMean += left * (other.count / total)
        rightMean += right * (other.count / total)
        count = total
    }

    /// Pearson's; nil where one of the columns is constant.
    package var correlation: Double? {
        guard count > 1, leftSquares > 0, rightSquares > 0 else { return nil }
        let result = products / (leftSquares.squareRoot() * rightSquares.squareRoot())
        return result.isFinite ? min(max(result, -1), 1) : nil
    }
}

/// The moments of a column: the number of its values, their mean, and the sum of squares of the distances from it.
struct ColumnMoments: Sendable {
    var count = 0.0
    var mean = 0.0
    var squares = 0.0

    @inline(__always)
    mutating func merge(_ other: ColumnMoments) {
        guard other.count > 0 else { return }
        guard count > 0 else {
            self = other
            return
        }
        let total = count + other.count
        let distance = other.mean - mean
        squares += other.squares + distance * distance * (count * other.count / total)
        mean += distance * (other.count / total)
        count = total
    }

    /// Of a sample: divided by one less than the count.
    var deviation: Double? { count > 1 ? (squares / (count - 1)).squareRoot() : nil }
}

/// Moments of all numeric columns and of pairs of them, over some rows.
///
/// Floating-point sums depend on the order in which they are taken. So a worker makes one of these for each piece of the
/// source, whose rows come in their order, and those are put together in the order of the pieces.
package struct MomentSums: Sendable {
    var columns: [ColumnMoments]
    /// For each column but the first `paired − 1` others: (0, 1), (0, 2) … (1, 2) …
    var pairs: [PairMoments]

    init(columnCount: Int, paired: Int) {
        columns = [ColumnMoments](repeating: ColumnMoments(), count: columnCount)
        pairs = [PairMoments](repeating: PairMoments(), count: paired * max(paired - 1, 0) / 2)
    }

    package var byteCount: Int {
        columns.count * MemoryLayout<ColumnMoments>.stride + pairs.count * MemoryLayout<PairMoments>.stride
    }

    package mutating func merge(_ other: MomentSums) {
        for index in columns.indices { columns[index].merge(other.columns[index]) }
        for index in pairs.indices { pairs[index].merge(other.pairs[index]) }
    }
}

/// Takes the moments of batches.
final class MomentSummer {
    private let columnCount: Int
    /// The first so many columns are paired with each other.
    private let paired: Int
    private(set) var sums: MomentSums
    private var capacity = 0
    /// Of each paired column the distances from its mean in this batch, a row after the other, 0 where it has no number.
    private var distances: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    /// 1 where a column has a number.
    private var masks: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    private var batch: [ColumnMoments]
    private var isComplete: [Bool]

    init(columnCount: Int, paired: Int) {
        self.columnCount = columnCount
        self.paired = paired
        sums = MomentSums(columnCount: columnCount, paired: paired)
        batch = [ColumnMoments](repeating: ColumnMoments(), count: columnCount)
        isComplete = [Bool](repeating: true, count: columnCount)
    }

    deinit {
        distances.deallocate()
        masks.deallocate()
    }

    var byteCount: Int { sums.byteCount + capacity * paired * 16 }

    /// What was summed since the last call.
    func take() -> MomentSums {
        defer { sums = MomentSums(columnCount: columnCount, paired: paired) }
        return sums
    }

    /// Rows are rounded up to whole vectors.
    private static func padded(_ rows: Int) -> Int { (rows + 7) & ~7 }

    func begin(rowCount: Int) {
        guard Self.padded(rowCount) > capacity else { return }
        capacity = Self.padded(rowCount)
        distances.deallocate()
        masks.deallocate()
        distances = .allocate(capacity: max(capacity * paired, 1))
        masks = .allocate(capacity: max(capacity * paired, 1))
    }

    /// Takes a column's numbers of this batch.
    func add(_ column: Int, _ rows: BatchRows) {
        let numbers = rows.numbers, count = rows.count
        guard count > 0 else {
            batch[column] = ColumnMoments()
            isComplete[column] = false
            if column < paired {
                (distances + column * capacity).update(repeating: 0, count: capacity)
                (masks + column * capacity).update(repeating: 0, count: capacity)
            }
            return
        }
        // Around the first number, so that the sum loses no digits to an offset.
        let origin = numbers[0]
        let mean = origin + VectorSums.sum(numbers, count, minus: origin) / Double(count)
        var moments = ColumnMoments(count: Double(count), mean: mean, squares: VectorSums.squares(numbers, count, minus: mean))
        if !moments.mean.isFinite { moments.squares = .nan }
        batch[column] = moments
        sums.columns[column].merge(moments)
        isComplete[column] = rows.isComplete
        guard column < paired else { return }
        let target = distances + column * capacity
        if rows.isComplete {
            for row in 0..<count { target[row] = numbers[row] - mean }
            (target + count).update(repeating: 0, count: capacity - count)
        } else {
            let mask = masks + column * capacity
            target.update(repeating: 0, count: capacity)
            mask.update(repeating: 0, count: capacity)
            for index in 0..<count {
                let row = Int(rows.places[index])
                target[row] = numbers[index] - mean
                mask[row] = 1
            }
        }
    }

    /// Takes the pairs of this batch, whose columns have all been added.
    func finish(rowCount: Int) {
        guard paired > 1 else { return }
        let length = Self.padded(rowCount)
        var pair = 0
        sums.pairs.withUnsafeMutableBufferPointer { pairs in
            for left in 0..<paired {
                for right in left + 1..<paired {
                    pairs[pair].merge(moments(left, right, length))
                    pair += 1
                }
            }
        }
    }

    private func moments(_ left: Int, _ right: Int, _ length: Int) -> PairMoments {
        let x = distances + left * capacity, y = distances + right * capacity
        let products = VectorSums.products(x, y, length)
        if isComplete[left], isComplete[right] {
            return PairMoments(
                count: batch[left].count, leftMean: batch[left].mean, rightMean: batch[right].mean,
                leftSquares: batch[left].squares, rightSquares: batch[right].squares, products: products)
        }
        // Of rows in which both have a number; what lacks one counts 0.
        let leftMask = isComplete[left] ? nil : masks + left * capacity
        let rightMask = isComplete[right] ? nil : masks + right * capacity
        var common = batch[left].count
        if let leftMask, let rightMask {
            common = VectorSums.products(leftMask, rightMask, length)
        } else if rightMask != nil {
            common = batch[right].count
        }
        guard common > 0 else { return PairMoments() }
        let leftSum = rightMask.map { VectorSums.products(x, $0, length) } ?? 0
        let rightSum = leftMask.map { VectorSums.products(y, $0, length) } ?? 0
        let leftSquares = rightMask.map { VectorSums.squares(x, $0, length) } ?? batch[left].squares
        let rightSquares = leftMask.map { VectorSums.squares(y, $0, length) } ?? batch[right].squares
        return PairMoments(
            count: common, leftMean: batch[left].mean + leftSum / common, rightMean: batch[right].mean + rightSum / common,
            leftSquares: max(leftSquares - leftSum * leftSum / common, 0),
            rightSquares: max(rightSquares - rightSum * rightSum / common, 0),
            products: products - leftSum * rightSum / common)
    }
}

/// Sums of many numbers, eight at a time, always in the same order.
enum VectorSums {
    @inline(__always)
    private static func reduce(_ count: Int, _ part: (Int) -> SIMD8<Double>, _ rest: (Int) -> Double) -> Double {
        var sum = SIMD8<Double>.zero
        var index = 0
        while index &+ 8 <= count {
            sum += part(index)
            index &+= 8
        }
        var total = sum.sum()
        while index < count {
            total += rest(index)
            index &+= 1
        }
        return total
    }

    @inline(__always)
    private static func load(_ numbers: UnsafePointer<Double>, _ index: Int) -> SIMD8<Double> {
        UnsafeRawPointer(numbers + index).loadUnaligned(as: SIMD8<Double>.self)
    }

    static func sum(_ numbers: UnsafePointer<Double>, _ count: Int, minus origin: Double) -> Double {
        reduce(count) { load(numbers, $0) - origin } _: { numbers[$0] - origin }
    }

    static func squares(_ numbers: UnsafePointer<Double>, _ count: Int, minus origin: Double) -> Double {
        reduce(count) { index in
            let distance = load(numbers, index) - origin
            return distance * distance
        } _: { index in
            let distance = numbers[index] - origin
            return distance * distance
        }
    }

    static func products(_ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ count: Int) -> Double {
        reduce(count) { load(left, $0) * load(right, $0) } _: { left[$0] * right[$0] }
    }

    /// The sum of `numbers[i]² · mask[i]`.
    static func squares(_ numbers: UnsafePointer<Double>, _ mask: UnsafePointer<Double>, _ count: Int) -> Double {
        reduce(count) { index in
            let number = load(numbers, index)
            return number * number * load(mask, index)
        } _: { numbers[$0] * numbers[$0] * mask[$0] }
    }
}
