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
    /// What growing from the rows is charged to.
    let memory: ImportMemory
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
        memory = table.source.memory
        reservation = try ImportReservation(
            memory, for: "the labels of \(rowCount) rows for trees", help: "select fewer rows, or raise hiveql.memory.limit",
            bytes: rowCount * 20)
        let given = table.weights
        guard given?.allSatisfy({ $0.isFinite && $0 >= 0 }) ?? true else {
            throw LearnerError.notFinite("the weight of a row", of: "the weights")
        }
        let scale = given?.weightUnit ?? 1
        let scaled = WorkBuffer<Double>(rowCount, filledWith: 1)
        var weighty: [Int32] = []
        weighty.reserveCapacity(rowCount)
        for row in 0..<rowCount {
            if let given { scaled.start[row] = given[row] * scale }
            if scaled.start[row] > 0 { weighty.append(Int32(truncatingIfNeeded: row)) }
        }
        weights = scaled
        self.weighty = weighty
        switch target {
        case .classes(let codes, let names): labels = .classes(WorkBuffer(copying: codes), count: names.count)
        case .numbers(let values):
            var mean = 0.0
            for (row, value) in values.enumerated() { mean += (given?[row] ?? 1) / total * value }
            let centred = WorkBuffer<Double>(rowCount, filledWith: 0)
            var square = 0.0
            for (row, value) in values.enumerated() {
                let difference = value - mean
                centred.start[row] = difference
                square += (given?[row] ?? 1) / total * difference * difference
            }
            guard square.isFinite, square < 1e280 else { throw LearnerError.notFinite("the sum of squared labels", of: "the label") }
            labels = .numbers(centred, mean: mean)
        }
        matrix = try BinnedMatrix(table.matrix, limit: bins, memory: memory, context: context)
    }
}
