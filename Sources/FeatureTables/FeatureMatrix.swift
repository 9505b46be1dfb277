#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How a matrix is laid out in memory. A property of the fitted encoding, so that training and prediction have the same.
public enum MatrixLayout: String, Codable, Sendable, CaseIterable {
    /// Every element; a missing value is NaN.
    case dense
    /// The elements that are there, by row. What is absent is 0, and to boosted trees missing.
    case sparse
}

/// Rows of numbers with names for their columns. A missing value is NaN. Written by whoever makes it and immutable once
/// shared.
public final class FeatureMatrix: @unchecked Sendable {
    // Unchecked: whoever makes a matrix writes it before it is shared, nobody afterwards but who finds rows unwritten, which is
    // behind a lock.
    public let rowCount: Int
    public let columnCount: Int
    public let columnNames: [String]
    /// Where the elements are, all of them once they are asked for.
    public var storage: Storage {
        unwritten?.finish(places)
        return places
    }
    private let places: Storage
    /// What writes the rows of a matrix that was made without them.
    let unwritten: UnwrittenRows?
    /// False where whoever made the matrix knows that no value is missing.
    private let mayLackValues: Bool
    private let reservation: ImportReservation?

    /// Valid as long as the matrix.
    public enum Storage {
        /// Row-major: row `r` is the `columnCount` elements from `r * columnCount`.
        case dense(UnsafeMutablePointer<Double>)
        case sparse(SparseRows)
    }

    /// Compressed rows: the elements of row `r` are those from `rowStarts[r]` up to `rowStarts[r + 1]`, their columns
    /// ascending. What is absent is 0.
    public struct SparseRows: @unchecked Sendable {
        // Unchecked: as the matrix.
        /// `rowCount + 1` places.
        public let rowStarts: UnsafePointer<Int>
        public let columns: UnsafePointer<Int32>
        public let values: UnsafePointer<Double>

        /// Where a row's elements are in `columns` and `values`.
        @inlinable public func range(_ row: Int) -> Range<Int> { rowStarts[row]..<rowStarts[row + 1] }
    }

    /// The elements of a dense matrix; nil for a sparse one.
    public var dense: UnsafeMutablePointer<Double>? {
        if case .dense(let elements) = storage { elements } else { nil }
    }

    public var layout: MatrixLayout {
        if case .dense = places { .dense } else { .sparse }
    }

    /// A dense matrix of zeros.
    /// - Throws: `FeatureError.tooLarge` when its size in bytes does not fit an `Int`, `.outOfMemory` when it is more than
    ///   `memory` has or the system gives.
    public convenience init(rowCount: Int, columnNames: [String], memory: ImportMemory = ImportMemory()) throws {
        try self.init(rowCount: rowCount, columnNames: columnNames, mayLackValues: true, memory: memory)
    }

    /// - Parameters:
    ///   - mayLackValues: false promises that no value will be missing.
    ///   - writing: writes the rows when they are asked for, and is charged for them then; nil: whoever makes the matrix does.
    init(
        rowCount: Int, columnNames: [String], mayLackValues: Bool, memory: ImportMemory, writing: MatrixWriting? = nil
    ) throws {
        let (count, overflow) = rowCount.multipliedReportingOverflow(by: columnNames.count)
        guard !overflow, count < Int.max / 16 else {
            throw FeatureError.tooLarge(rows: rowCount, columns: columnNames.count)
        }
        let what = "a matrix of \(rowCount) rows and \(columnNames.count) features"
        let reservation = try ImportReservation(
            memory, for: what, help: Self.fewerFeatures, bytes: writing == nil ? count * 8 : 0)
        self.reservation = reservation
        unwritten = writing.map { UnwrittenRows($0, memory, reservation, bytes: count * 8) }
        // The system's zeros cost nothing until they are written, which several threads do.
        guard let zeros = calloc(max(count, 1), 8) else {
            throw FeatureError.outOfMemory(
                what: what, requested: count * 8, used: memory.bytesUsed, limit: memory.limit, help: Self.fewerFeatures)
        }
        self.rowCount = rowCount
        columnCount = columnNames.count
        self.columnNames = columnNames
        self.mayLackValues = mayLackValues
        self.places = .dense(zeros.bindMemory(to: Double.self, capacity: max(count, 1)))
    }

    /// A sparse matrix whose rows `fill` writes once their lengths are known.
    /// - Parameters:
    ///   - lengths: how many elements each row has.
    ///   - mayLackValues: false promises that no value will be missing.
    ///   - fill: writes all columns and values; gets where each row begins.
    /// - Throws: `FeatureError.outOfMemory`; what `fill` throws.
    init(
        columnNames: [String], lengths: [Int32], mayLackValues: Bool = true, memory: ImportMemory,
        fill: (
            _ rowStarts: UnsafePointer<Int>, _ columns: UnsafeMutablePointer<Int32>, _ values: UnsafeMutablePointer<Double>
        ) throws -> Void
    ) throws {
        let count = lengths.reduce(0) { $0 + Int($1) }
        let what = "a sparse matrix of \(lengths.count) rows with \(count) elements"
        reservation = try ImportReservation(
            memory, for: what, help: Self.fewerFeatures, bytes: count * 12 + (lengths.count + 1) * 8)
        let blocks = [(lengths.count + 1) * 8, max(count * 4, 16), max(count * 8, 16)].map { malloc($0) }
        guard let starts = blocks[0], let places = blocks[1], let numbers = blocks[2] else {
            for block in blocks { free(block) }
            throw FeatureError.outOfMemory(
                what: what, requested: count * 12, used: memory.bytesUsed, limit: memory.limit, help: Self.fewerFeatures)
        }
        let rowStarts = starts.bindMemory(to: Int.self, capacity: lengths.count + 1)
        let columns = places.bindMemory(to: Int32.self, capacity: max(count, 4))
        let values = numbers.bindMemory(to: Double.self, capacity: max(count, 2))
        var next = 0
        for (row, length) in lengths.enumerated() {
            rowStarts[row] = next
            next += Int(length)
        }
        rowStarts[lengths.count] = next
        rowCount = lengths.count
        columnCount = columnNames.count
        self.columnNames = columnNames
        self.mayLackValues = mayLackValues
        unwritten = nil
        self.places = .sparse(SparseRows(rowStarts: rowStarts, columns: columns, values: values))
        try fill(rowStarts, columns, values)
    }

    private static let fewerFeatures =
        "exclude text columns, lower the limit of levels (--max-levels), select fewer rows, or raise hiveql.memory.limit"

    /// A dense matrix from its rows, for small data.
    /// - Throws: `FeatureError.invalidOption` when a row has another length than `columnNames`.
    public convenience init(rows: [[Double]], columnNames: [String]) throws {
        try self.init(rowCount: rows.count, columnNames: columnNames)
        guard let elements = dense else { return }
        for (r, row) in rows.enumerated() {
            guard row.count == columnCount else {
                throw FeatureError.invalidOption("row \(r) has \(row.count) values where \(columnCount) are named")
            }
            for (c, value) in row.enumerated() { elements[r * columnCount + c] = value }
        }
    }

    /// A sparse matrix from its rows, for small data: zeros are left out.
    /// - Throws: `FeatureError.invalidOption` when a row has another length than `columnNames`.
    public convenience init(sparse rows: [[Double]], columnNames: [String]) throws {
        if let wrong = rows.firstIndex(where: { $0.count != columnNames.count }) {
            throw FeatureError.invalidOption(
                "row \(wrong) has \(rows[wrong].count) values where \(columnNames.count) are named")
        }
        try self.init(
            columnNames: columnNames, lengths: rows.map { row in Int32(row.count { $0 != 0 }) }, memory: ImportMemory()
        ) { _, columns, values in
            var next = 0
            for row in rows {
                for (column, value) in row.enumerated() where value != 0 {
                    columns[next] = Int32(column)
                    values[next] = value
                    next += 1
                }
            }
        }
    }

    deinit {
        switch places {
        case .dense(let elements): free(elements)
        case .sparse(let rows):
            free(UnsafeMutablePointer(mutating: rows.rowStarts))
            free(UnsafeMutablePointer(mutating: rows.columns))
            free(UnsafeMutablePointer(mutating: rows.values))
        }
    }

    /// - Precondition: `row` and `column` are inside the matrix.
    /// - Complexity: O(1) for a dense matrix, O(elements of the row) for a sparse one.
    public subscript(row: Int, column: Int) -> Double {
        precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount, "outside the matrix")
        switch storage {
        case .dense(let elements): return elements[row * columnCount + column]
        case .sparse(let rows):
            for place in rows.range(row) where rows.columns[place] == column { return rows.values[place] }
            return 0
        }
    }

    /// A copy of one column.
    /// - Precondition: `position` is a column of the matrix.
    public func column(_ position: Int) -> [Double] {
        precondition(position >= 0 && position < columnCount, "outside the matrix")
        return (0..<rowCount).map { self[$0, position] }
    }

    /// The columns that hold a missing value, in order.
    public func columnsWithMissingValues() -> [Int] {
        guard mayLackValues else { return [] }
        var found = [Bool](repeating: false, count: columnCount)
        found.withUnsafeMutableBufferPointer { found in
            switch storage {
            case .dense(let elements):
                for row in 0..<rowCount {
                    let values = elements + row * columnCount
                    for column in 0..<columnCount where values[column].isNaN { found[column] = true }
                }
            case .sparse(let rows):
                for place in 0..<rows.rowStarts[rowCount] where rows.values[place].isNaN {
                    found[Int(rows.columns[place])] = true
                }
            }
        }
        return found.indices.filter { found[$0] }
    }

    /// A copy of the given rows, in the given order and the same layout; of rows that are unwritten no copy, but as unwritten ones.
    /// - Precondition: every element of `rows` is a row of the matrix.
    public func selecting(_ rows: [Int32], memory: ImportMemory = ImportMemory()) throws -> FeatureMatrix {
        precondition(rows.allSatisfy { $0 >= 0 && $0 < rowCount }, "outside the matrix")
        if let unwritten { return try unwritten.writing.selecting(rows).unwrittenMatrix(memory: memory) }
        switch storage {
        case .dense(let elements):
            let result = try FeatureMatrix(rowCount: rows.count, columnNames: columnNames, memory: memory)
            guard let target = result.dense else { return result }
            for (place, row) in rows.enumerated() {
                (target + place * columnCount).update(from: elements + Int(row) * columnCount, count: columnCount)
            }
            return result
        case .sparse(let source):
            let lengths = rows.map { Int32(source.range(Int($0)).count) }
            return try FeatureMatrix(columnNames: columnNames, lengths: lengths, memory: memory) { starts, columns, values in
                for (place, row) in rows.enumerated() {
                    let range = source.range(Int(row))
                    (columns + starts[place]).update(from: source.columns + range.lowerBound, count: range.count)
                    (values + starts[place]).update(from: source.values + range.lowerBound, count: range.count)
                }
            }
        }
    }
}
