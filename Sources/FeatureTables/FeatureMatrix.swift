/// A dense matrix of `Double`, row-major: row `r` is the `columnCount` elements from `r * columnCount`. A missing value
/// is NaN. Written by whoever makes it and immutable once shared.
public final class FeatureMatrix: @unchecked Sendable {
    // Unchecked: whoever makes a matrix writes it before it is shared, nobody afterwards.
    public let rowCount: Int
    public let columnCount: Int
    public let columnNames: [String]
    /// `rowCount * columnCount` elements, valid as long as the matrix.
    public let elements: UnsafeMutablePointer<Double>

    /// A matrix of zeros.
    /// - Throws: `FeatureError.tooLarge` when its size in bytes does not fit an `Int`.
    public init(rowCount: Int, columnNames: [String]) throws {
        let (count, overflow) = rowCount.multipliedReportingOverflow(by: columnNames.count)
        guard !overflow, count < Int.max / 16 else {
            throw FeatureError.tooLarge(rows: rowCount, columns: columnNames.count)
        }
        self.rowCount = rowCount
        columnCount = columnNames.count
        self.columnNames = columnNames
        elements = .allocate(capacity: max(count, 1))
        elements.initialize(repeating: 0, count: max(count, 1))
    }

    /// A matrix from its rows, for small data.
    /// - Throws: `FeatureError.invalidOption` when a row has another length than `columnNames`.
    public convenience init(rows: [[Double]], columnNames: [String]) throws {
        try self.init(rowCount: rows.count, columnNames: columnNames)
        for (r, row) in rows.enumerated() {
            guard row.count == columnCount else {
                throw FeatureError.invalidOption("row \(r) has \(row.count) values where \(columnCount) are named")
            }
            for (c, value) in row.enumerated() { elements[r * columnCount + c] = value }
        }
    }

    deinit { elements.deallocate() }

    /// - Precondition: `row` and `column` are inside the matrix.
    public subscript(row: Int, column: Int) -> Double {
        precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount, "outside the matrix")
        return elements[row * columnCount + column]
    }

    /// A copy of one column.
    /// - Precondition: `position` is a column of the matrix.
    public func column(_ position: Int) -> [Double] {
        precondition(position >= 0 && position < columnCount, "outside the matrix")
        return (0..<rowCount).map { elements[$0 * columnCount + position] }
    }

    /// The columns that hold a missing value, in order.
    public func columnsWithMissingValues() -> [Int] {
        var found = [Bool](repeating: false, count: columnCount)
        found.withUnsafeMutableBufferPointer { found in
            for row in 0..<rowCount {
                let values = elements + row * columnCount
                for column in 0..<columnCount where values[column].isNaN { found[column] = true }
            }
        }
        return found.indices.filter { found[$0] }
    }

    /// A copy of the given rows, in the given order.
    /// - Precondition: every element of `rows` is a row of the matrix.
    public func selecting(_ rows: [Int32]) throws -> FeatureMatrix {
        let result = try FeatureMatrix(rowCount: rows.count, columnNames: columnNames)
        for (target, row) in rows.enumerated() {
            precondition(row >= 0 && row < rowCount, "outside the matrix")
            (result.elements + target * columnCount).update(from: elements + Int(row) * columnCount, count: columnCount)
        }
        return result
    }
}
