import FeatureTables

/// Encoded rows with their labels and weights, as trees are grown from.
final class TreeRows: @unchecked Sendable {
    // Unchecked: written in `init` alone.
    let matrix: BinnedMatrix
    let labels: Labels
    /// All above 0 or exactly 0, scaled by a power of two so that no square of theirs leaves the range of numbers.
    let weights: WorkBuffer<Double>
    /// The rows that weigh something, ascending.
    let weighty: [Int32]
    private let reservation: ImportReservation

    enum Labels {
        case classes(WorkBuffer<Int32>, count: Int)
        /// Around their mean, which leaves have added again.
        case numbers(WorkBuffer<Double>, mean: Double)
    }

    var rowCount: Int { matrix.rowCount }

    /// - Throws: `FeatureError.outOfMemory`; `LearnerError` for labels or weights that cannot be calculated with.
    init(_ table: FeatureTable, _ target: TrainingTarget, bins: Int, context: TrainingContext) throws {
        let total = try table.totalWeight()
        let rowCount = table.rowCount
        let memory = table.source.memory
        reservation = try ImportReservation(
            memory, for: "the labels of \(rowCount) rows for trees", help: "select fewer rows, or raise hiveql.memory.limit",
            bytes: rowCount * 20)
        let given = table.weights ?? [Double](repeating: 1, count: rowCount)
        guard given.allSatisfy({ $0.isFinite && $0 >= 0 }) else { throw LearnerError.notFinite("a weight") }
        let largest = given.max() ?? 1
        let scale = Self.inversePowerOfTwo(largest)
        weights = WorkBuffer(given.map { $0 * scale }, orOne: 1)
        var weighty: [Int32] = []
        for row in 0..<rowCount where weights.start[row] > 0 { weighty.append(Int32(truncatingIfNeeded: row)) }
        self.weighty = weighty
        switch target {
        case .classes(let codes, let names): labels = .classes(WorkBuffer(codes, orOne: 0), count: names.count)
        case .numbers(let values):
            var mean = 0.0
            for (row, value) in values.enumerated() { mean += given[row] / total * value }
            let centred = values.map { $0 - mean }
            let square = zip(given, centred).reduce(0) { $0 + $1.0 / total * $1.1 * $1.1 }
            guard square.isFinite, square < 1e280 else { throw LearnerError.notFinite("the sum of squared labels") }
            labels = .numbers(WorkBuffer(centred, orOne: 0), mean: mean)
        }
        matrix = try BinnedMatrix(table.matrix, limit: bins, memory: memory, context: context)
    }

    /// The power of two that brings `value` to between 1 and 2, so that multiplying by it loses no digit; 1 for whole numbers of a
    /// usual size.
    private static func inversePowerOfTwo(_ value: Double) -> Double {
        guard value > 0, value < 1e-3 || value > 1e9 else { return 1 }
        return Double(sign: .plus, exponent: max(-1022, min(1022, -value.exponent)), significand: 1)
    }
}
