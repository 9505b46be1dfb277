import FeatureTables

/// Features as numbers of bins, a byte each, column by column: what trees are grown over.
final class BinnedMatrix: @unchecked Sendable {
    // Unchecked: written in `init`, by threads that have columns of their own.
    let rowCount: Int
    let columnCount: Int
    let bins: [FeatureBins]
    private let codes: WorkBuffer<UInt8>
    private let reservation: ImportReservation

    /// - Throws: `FeatureError.outOfMemory`; `LearnerError.cancelled`.
    init(_ matrix: FeatureMatrix, limit: Int, memory: ImportMemory, context: TrainingContext) throws {
        rowCount = matrix.rowCount
        columnCount = matrix.columnCount
        let rowCount = matrix.rowCount, columnCount = matrix.columnCount
        let (size, overflow) = rowCount.multipliedReportingOverflow(by: columnCount)
        guard !overflow, size < Int.max / 2 else { throw FeatureError.tooLarge(rows: rowCount, columns: columnCount) }
        let help = "trees need a byte a row and feature, also of a sparse matrix: exclude text columns, lower the limit of "
            + "levels (--max-levels), select fewer rows, or raise hiveql.memory.limit"
        let what = "the bins of \(rowCount) rows and \(columnCount) features"
        reservation = try ImportReservation(memory, for: what, help: help, bytes: size)
        let workers = min(context.threads, max(columnCount, 1))
        // A column's values, the same sorted, and half of them while they are sorted.
        let scratch = try ImportReservation(
            memory, for: what, help: help, bytes: workers * rowCount * 20 + SparseColumns.size(matrix))
        codes = WorkBuffer(size, filledWith: 0)
        let columns = SparseColumns(matrix)
        let start = codes.start
        let bins = RowBlocks(groups: columnCount).map(threads: context.threads) { group, columnsOfGroup -> FeatureBins? in
            guard context.isCancelled?() != true, !columnsOfGroup.isEmpty else { return nil }
            let values = WorkBuffer<Double>(rowCount, filledWith: 0)
            switch matrix.storage {
            case .dense(let elements):
                for row in 0..<rowCount { values.start[row] = elements[row * columnCount + group] }
            case .sparse: columns?.copy(group, to: values.start)
            }
            return withExtendedLifetime(values) {
                FeatureBins(
                    UnsafeBufferPointer(start: values.start, count: rowCount), limit: min(limit, FeatureBins.most),
                    codes: start + group * rowCount)
            }
        }
        withExtendedLifetime((matrix, scratch)) {}
        self.bins = bins.compactMap(\.self)
        guard self.bins.count == columnCount else { throw LearnerError.cancelled }
    }

    /// The numbers of a feature's bins, a row each. Valid as long as the matrix.
    @inline(__always) func column(_ feature: Int) -> UnsafePointer<UInt8> { UnsafePointer(codes.start + feature * rowCount) }
}

/// The elements of a sparse matrix by column.
private struct SparseColumns: Sendable {
    private var starts: [Int]
    private var rows: [Int32]
    private var values: [Double]

    /// In bytes; 0 for a dense matrix.
    static func size(_ matrix: FeatureMatrix) -> Int {
        guard case .sparse(let elements) = matrix.storage else { return 0 }
        return elements.rowStarts[matrix.rowCount] * 12 + matrix.columnCount * 16
    }

    /// nil for a dense matrix.
    init?(_ matrix: FeatureMatrix) {
        guard case .sparse(let elements) = matrix.storage else { return nil }
        let count = elements.rowStarts[matrix.rowCount]
        starts = [Int](repeating: 0, count: matrix.columnCount + 1)
        for place in 0..<count { starts[Int(elements.columns[place]) + 1] += 1 }
        for column in 0..<matrix.columnCount { starts[column + 1] += starts[column] }
        rows = [Int32](repeating: 0, count: count)
        values = [Double](repeating: 0, count: count)
        var next = starts
        for row in 0..<matrix.rowCount {
            for place in elements.range(row) {
                let column = Int(elements.columns[place])
                rows[next[column]] = Int32(truncatingIfNeeded: row)
                values[next[column]] = elements.values[place]
                next[column] += 1
            }
        }
    }

    /// Writes the elements that a column has.
    func copy(_ column: Int, to target: UnsafeMutablePointer<Double>) {
        for place in starts[column]..<starts[column + 1] { target[Int(rows[place])] = values[place] }
    }
}
