import Platform

/// Rows of a dense matrix that are written when somebody asks for them.
final class UnwrittenRows: Sendable {
    let writing: MatrixWriting
    let memory: ImportMemory
    private let reservation: ImportReservation
    private let bytes: Int
    private let isWritten = Guarded(false)

    /// - Parameters:
    ///   - reservation: of the matrix, charged with nothing.
    ///   - bytes: what all rows take.
    init(_ writing: MatrixWriting, _ memory: ImportMemory, _ reservation: ImportReservation, bytes: Int) {
        self.writing = writing
        self.memory = memory
        self.reservation = reservation
        self.bytes = bytes
    }

    /// Whether all rows stand in the matrix.
    var isDone: Bool { isWritten.value }

    /// Writes all rows, unless they are written.
    func finish(_ storage: FeatureMatrix.Storage) {
        // Who could not do with less has reserved them; whoever reads them unaware cannot be told.
        isWritten.withLock { isWritten in
            guard !isWritten, case .dense(let elements) = storage else { return }
            try? reservation.update(to: bytes)
            writing.write(0..<writing.rowCount, to: elements)
            isWritten = true
        }
    }

    /// Charges the memory for all rows.
    /// - Throws: `FeatureError.outOfMemory`.
    func reserve() throws { try isWritten.withLock { _ in try reservation.update(to: bytes) } }
}

extension FeatureMatrix {
    /// Whether the rows stand in memory; if not, they are written when `storage` is read, or some at a time by `DenseBlocks`.
    package var isWritten: Bool { unwritten?.isDone ?? true }

    /// Writes all rows, if they are not yet: what reads them from `storage` is to ask for them before.
    /// - Throws: `FeatureError.outOfMemory`.
    package func write() throws {
        guard let unwritten else { return }
        try unwritten.reserve()
        _ = storage
    }
}

/// The rows of a dense matrix in order, some at a time: where they stand or, of a matrix that is not written, in a buffer that
/// the next ones are written into.
package final class DenseBlocks {
    package struct Block {
        package let rows: Range<Int>
        /// Row-major; valid until the next block is asked for.
        package let elements: UnsafePointer<Double>

        package init(rows: Range<Int>, elements: UnsafePointer<Double>) {
            self.rows = rows
            self.elements = elements
        }
    }

    private let matrix: FeatureMatrix
    private let rowsTogether: Int
    private let buffer: UnsafeMutablePointer<Double>?
    private let reservation: ImportReservation?
    private var next = 0

    /// Who takes blocks may go over all rows before at each of them.
    private static let mostBlocks = 64

    /// - Parameter bytesTogether: of a block, unless there would be too many; the usual ones stay in the cache of a processor.
    /// - Precondition: the matrix is dense.
    /// - Throws: `FeatureError.outOfMemory`.
    package init(_ matrix: FeatureMatrix, bytesTogether: Int = 4 << 20) throws {
        precondition(matrix.layout == .dense, "a sparse matrix has no blocks")
        let width = max(matrix.columnCount, 1)
        let rows = max(bytesTogether / (width * 8), (matrix.rowCount + Self.mostBlocks - 1) / Self.mostBlocks, 1)
        self.matrix = matrix
        rowsTogether = min(rows, max(matrix.rowCount, 1))
        guard let unwritten = matrix.unwritten, !unwritten.isDone else {
            buffer = nil
            reservation = nil
            return
        }
        // At most as many elements as the whole matrix has.
        let count = rowsTogether * width
        reservation = try ImportReservation(
            unwritten.memory, for: "\(rowsTogether) rows of \(width) features", help: ImportMemory.fewerRows, bytes: count * 8)
        buffer = .allocate(capacity: count)
    }

    deinit { buffer?.deallocate() }

    /// The next rows; nil when there are no more.
    package func nextBlock() -> Block? {
        guard next < matrix.rowCount else { return nil }
        let rows = next..<min(next + rowsTogether, matrix.rowCount)
        next = rows.upperBound
        guard let buffer, let unwritten = matrix.unwritten else {
            return matrix.dense.map { Block(rows: rows, elements: UnsafePointer($0 + rows.lowerBound * matrix.columnCount)) }
        }
        buffer.initialize(repeating: 0, count: rows.count * matrix.columnCount)
        unwritten.writing.write(rows, to: buffer)
        return Block(rows: rows, elements: UnsafePointer(buffer))
    }

    /// Begins with the first rows again.
    package func restart() { next = 0 }
}
