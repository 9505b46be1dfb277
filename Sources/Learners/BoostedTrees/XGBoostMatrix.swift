import CXGBoost
import FeatureTables

/// A matrix in XGBoost's form; NaN is missing.
final class XGBoostMatrix: @unchecked Sendable {
    // Unchecked: the library only reads a matrix once it is made.
    let library: XGBoostLibrary
    let handle: DMatrixHandle
    let rowCount: Int

    /// What the library's numbers hold.
    static let greatest = Double(Float.greatestFiniteMagnitude)

    /// Copies `matrix` (values become `Float`).
    /// - Throws: `LearnerError.notFinite` when a value does not fit a `Float`; `.library`; `FeatureError.outOfMemory`.
    convenience init(_ matrix: FeatureMatrix, threads: Int) throws {
        try matrix.write()
        switch matrix.storage {
        case .dense(let elements):
            try self.init(
                DenseBlocks.Block(rows: 0..<matrix.rowCount, elements: UnsafePointer(elements)), of: matrix, threads: threads)
        case .sparse(let rows):
            let library = try XGBoostLibrary.shared()
            let count = rows.rowStarts[matrix.rowCount]
            try matrix.checkSingle(rows.values, count: count) { Int(rows.columns[$0]) }
            var made: DMatrixHandle?
            // What a row does not have is missing here, not 0.
            try library.check(
                library.matrixFromSparse(
                    Self.array(rows.rowStarts, "\(matrix.rowCount + 1)", "<i8"), Self.array(rows.columns, "\(count)", "<i4"),
                    Self.array(rows.values, "\(count)", "<f8"), bst_ulong(matrix.columnCount), Self.options(threads), &made))
            guard let made else { throw LearnerError.library("no matrix was made") }
            self.init(library, made, rowCount: matrix.rowCount)
        }
        withExtendedLifetime(matrix) {}
    }

    /// Copies some rows of a dense matrix.
    /// - Throws: `LearnerError.notFinite` when a value does not fit a `Float`; `.library`.
    convenience init(_ block: DenseBlocks.Block, of matrix: FeatureMatrix, threads: Int) throws {
        let library = try XGBoostLibrary.shared()
        try matrix.checkSingle(block)
        var made: DMatrixHandle?
        try library.check(library.matrixFromDense(Self.array(block, of: matrix), Self.options(threads), &made))
        guard let made else { throw LearnerError.library("no matrix was made") }
        self.init(library, made, rowCount: block.rows.count)
    }

    /// A matrix to train on. Of dense rows it holds the bins of the values alone, a byte each instead of eight; trees are the same.
    /// - Parameters:
    ///   - labels: one a row, as the library takes them.
    ///   - bins: as the booster is told.
    /// - Throws: `LearnerError.notFinite` when a value does not fit a `Float`; `.library`; `FeatureError.outOfMemory`.
    convenience init(
        training matrix: FeatureMatrix, labels: [Float], weights: [Float]?, bins: Int, threads: Int
    ) throws {
        let library = try XGBoostLibrary.shared()
        guard matrix.layout == .dense, let quantiles = library.quantiles else {
            try self.init(matrix, threads: threads)
            try set("label", labels)
            if let weights { try set("weight", weights) }
            return
        }
        let rows = try XGBoostRows(library, quantiles, matrix, labels, weights)
        let options = #"{"missing": NaN, "nthread": \#(threads), "max_bin": \#(bins)}"#
        var made: DMatrixHandle?
        let status = quantiles.create(
            Unmanaged.passUnretained(rows).toOpaque(), rows.proxy, nil,
            { rows in rows.map { Unmanaged<XGBoostRows>.fromOpaque($0).takeUnretainedValue().reset() } },
            { rows in rows.map { Unmanaged<XGBoostRows>.fromOpaque($0).takeUnretainedValue().next() } ?? 0 }, options, &made)
        try rows.check()
        try library.check(status)
        withExtendedLifetime(rows) {}
        guard let made else { throw LearnerError.library("no matrix was made") }
        self.init(library, made, rowCount: matrix.rowCount)
    }

    private init(_ library: XGBoostLibrary, _ handle: DMatrixHandle, rowCount: Int) {
        self.library = library
        self.handle = handle
        self.rowCount = rowCount
    }

    deinit { _ = library.matrixFree(handle) }

    private static func options(_ threads: Int) -> String { #"{"missing": NaN, "nthread": \#(threads)}"# }

    /// Rows of a dense matrix as the library takes them.
    fileprivate static func array(_ block: DenseBlocks.Block, of matrix: FeatureMatrix) -> String {
        array(block.elements, "\(block.rows.count), \(matrix.columnCount)", "<f8")
    }

    /// NumPy's array interface, in JSON.
    private static func array(_ first: UnsafeRawPointer, _ shape: String, _ type: String) -> String {
        #"{"data": [\#(UInt(bitPattern: first)), true], "shape": [\#(shape)], "typestr": "\#(type)", "version": 3}"#
    }

    func set(_ field: String, _ values: [Float]) throws {
        try library.check(library.matrixSetFloats(handle, field, values, bst_ulong(values.count)))
    }
}

/// Hands rows of a dense matrix to the library when it asks for them, some at a time, as often as it goes over them.
private final class XGBoostRows {
    let proxy: DMatrixHandle
    private let library: XGBoostLibrary
    private let quantiles: XGBoostLibrary.Quantiles
    private let matrix: FeatureMatrix
    private let blocks: DenseBlocks
    private let labels: [Float]
    private let weights: [Float]?
    /// How many rows were found to be fit for single precision.
    private var checkedRows = 0
    /// What ended the rows.
    private var failure: (any Error)?

    init(
        _ library: XGBoostLibrary, _ quantiles: XGBoostLibrary.Quantiles, _ matrix: FeatureMatrix, _ labels: [Float],
        _ weights: [Float]?
    ) throws {
        blocks = try DenseBlocks(matrix)
        var made: DMatrixHandle?
        try library.check(quantiles.proxyCreate(&made))
        guard let made else { throw LearnerError.library("no matrix was made") }
        proxy = made
        self.library = library
        self.quantiles = quantiles
        self.matrix = matrix
        self.labels = labels
        self.weights = weights
    }

    deinit { _ = library.matrixFree(proxy) }

    /// - Throws: what ended the rows before their end.
    func check() throws { if let failure { throw failure } }

    func reset() { blocks.restart() }

    /// - Returns: 1 when there are rows, 0 when there are no more.
    func next() -> CInt {
        guard failure == nil, let block = blocks.nextBlock() else { return 0 }
        do {
            if block.rows.upperBound > checkedRows {
                try matrix.checkSingle(block)
                checkedRows = block.rows.upperBound
            }
            try library.check(quantiles.proxySetDense(proxy, XGBoostMatrix.array(block, of: matrix)))
            try set("label", labels, block.rows)
            if let weights { try set("weight", weights, block.rows) }
            return 1
        } catch {
            failure = error
            return 0
        }
    }

    private func set(_ field: String, _ values: [Float], _ rows: Range<Int>) throws {
        try values.withUnsafeBufferPointer {
            let some = UnsafeBufferPointer(rebasing: $0[rows])
            try library.check(library.matrixSetFloats(proxy, field, some.baseAddress, bst_ulong(some.count)))
        }
    }
}

extension FeatureMatrix {
    /// The library's own words on numbers that are too large for it do not say which feature it is.
    /// - Parameter column: of the element at a place.
    /// - Throws: `LearnerError.notFinite`.
    fileprivate func checkSingle(_ elements: UnsafePointer<Double>, count: Int, column: (Int) -> Int) throws {
        let limit = XGBoostMatrix.greatest
        for place in 0..<count where abs(elements[place]) > limit {
            throw LearnerError.notFinite(
                "feature '\(columnNames[column(place)])', in the single precision that XGBoost calculates in,")
        }
    }

    fileprivate func checkSingle(_ block: DenseBlocks.Block) throws {
        try checkSingle(block.elements, count: block.rows.count * columnCount) { $0 % columnCount }
    }
}
