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
    /// - Parameter rows: of a dense matrix those that are wanted; nil: all.
    /// - Throws: `LearnerError.notFinite` when a value does not fit a `Float`; `.library`.
    init(_ matrix: FeatureMatrix, rows: Range<Int>? = nil, threads: Int) throws {
        // Who asks for some rows after the other has all of them looked at once.
        if rows == nil || rows?.lowerBound == 0 { try Self.check(matrix) }
        library = try XGBoostLibrary.shared()
        let options = #"{"missing": NaN, "nthread": \#(threads)}"#
        var made: DMatrixHandle?
        switch matrix.storage {
        case .dense(let elements):
            let rows = rows ?? 0..<matrix.rowCount
            let first = elements + rows.lowerBound * matrix.columnCount
            try library.check(
                library.matrixFromDense(Self.array(first, "\(rows.count), \(matrix.columnCount)", "<f8"), options, &made))
            rowCount = rows.count
        case .sparse(let rows):
            // What a row does not have is missing here, not 0.
            let count = rows.rowStarts[matrix.rowCount]
            try library.check(
                library.matrixFromSparse(
                    Self.array(rows.rowStarts, "\(matrix.rowCount + 1)", "<i8"), Self.array(rows.columns, "\(count)", "<i4"),
                    Self.array(rows.values, "\(count)", "<f8"), bst_ulong(matrix.columnCount), options, &made))
            rowCount = matrix.rowCount
        }
        withExtendedLifetime(matrix) {}
        guard let made else { throw LearnerError.library("no matrix was made") }
        handle = made
    }

    /// A matrix to train on. Of dense rows it holds the bins of the values alone, a byte each instead of eight; trees are the same.
    /// - Parameters:
    ///   - labels: one a row, as the library takes them.
    ///   - bins: as the booster is told.
    /// - Throws: `LearnerError.notFinite` when a value does not fit a `Float`; `.library`.
    convenience init(
        training matrix: FeatureMatrix, labels: [Float], weights: [Float]?, bins: Int, threads: Int
    ) throws {
        let library = try XGBoostLibrary.shared()
        guard case .dense(let elements) = matrix.storage, let quantiles = library.quantiles else {
            try self.init(matrix, threads: threads)
            try set("label", labels)
            if let weights { try set("weight", weights) }
            return
        }
        try Self.check(matrix)
        let rows = try XGBoostRows(
            library, quantiles, Self.array(elements, "\(matrix.rowCount), \(matrix.columnCount)", "<f8"), labels, weights)
        let options = #"{"missing": NaN, "nthread": \#(threads), "max_bin": \#(bins)}"#
        var made: DMatrixHandle?
        let status = quantiles.create(
            Unmanaged.passUnretained(rows).toOpaque(), rows.proxy, nil,
            { rows in rows.map { Unmanaged<XGBoostRows>.fromOpaque($0).takeUnretainedValue().reset() } },
            { rows in rows.map { Unmanaged<XGBoostRows>.fromOpaque($0).takeUnretainedValue().next() } ?? 0 }, options, &made)
        try library.check(rows.status)
        try library.check(status)
        withExtendedLifetime((matrix, rows)) {}
        guard let made else { throw LearnerError.library("no matrix was made") }
        self.init(library, made, rowCount: matrix.rowCount)
    }

    private init(_ library: XGBoostLibrary, _ handle: DMatrixHandle, rowCount: Int) {
        self.library = library
        self.handle = handle
        self.rowCount = rowCount
    }

    deinit { _ = library.matrixFree(handle) }

    /// The library's own words on such values do not say which feature it is.
    private static func check(_ matrix: FeatureMatrix) throws {
        guard let place = matrix.firstColumn(above: greatest) else { return }
        throw LearnerError.notFinite(
            "feature '\(matrix.columnNames[place])', in the single precision that XGBoost calculates in,")
    }

    /// NumPy's array interface, in JSON.
    private static func array(_ first: UnsafeRawPointer, _ shape: String, _ type: String) -> String {
        #"{"data": [\#(UInt(bitPattern: first)), true], "shape": [\#(shape)], "typestr": "\#(type)", "version": 3}"#
    }

    func set(_ field: String, _ values: [Float]) throws {
        try library.check(library.matrixSetFloats(handle, field, values, bst_ulong(values.count)))
    }
}

/// Hands rows to the library when it asks for them: all of them at once, as often as it goes over them.
private final class XGBoostRows {
    let proxy: DMatrixHandle
    /// Of the last call to the library.
    private(set) var status: XGBoostLibrary.Status = 0
    private let library: XGBoostLibrary
    private let quantiles: XGBoostLibrary.Quantiles
    private let elements: String
    private let labels: [Float]
    private let weights: [Float]?
    private var isGiven = false

    /// - Parameter elements: NumPy's array interface to them.
    init(
        _ library: XGBoostLibrary, _ quantiles: XGBoostLibrary.Quantiles, _ elements: String, _ labels: [Float], _ weights: [Float]?
    ) throws {
        var made: DMatrixHandle?
        try library.check(quantiles.proxyCreate(&made))
        guard let made else { throw LearnerError.library("no matrix was made") }
        proxy = made
        self.library = library
        self.quantiles = quantiles
        self.elements = elements
        self.labels = labels
        self.weights = weights
    }

    deinit { _ = library.matrixFree(proxy) }

    func reset() { isGiven = false }

    /// - Returns: 1 when there are rows, 0 when there are no more.
    func next() -> CInt {
        guard !isGiven, status == 0 else { return 0 }
        isGiven = true
        status = quantiles.proxySetDense(proxy, elements)
        if status == 0 { status = library.matrixSetFloats(proxy, "label", labels, bst_ulong(labels.count)) }
        if status == 0, let weights { status = library.matrixSetFloats(proxy, "weight", weights, bst_ulong(weights.count)) }
        return status == 0 ? 1 : 0
    }
}

/// An ensemble of trees in XGBoost's form.
///
/// Training changes it and belongs to one thread. Calls are made one at a time by a trained model's owner.
final class XGBoostBooster: @unchecked Sendable {
    // Unchecked: its owner lets one thread at a time call it.
    let library: XGBoostLibrary
    private let handle: BoosterHandle

    init(caching matrices: [XGBoostMatrix]) throws {
        library = try XGBoostLibrary.shared()
        var made: BoosterHandle?
        let handles = matrices.map { Optional($0.handle) }
        try library.check(library.boosterCreate(handles, bst_ulong(handles.count), &made))
        guard let made else { throw LearnerError.library("no booster was made") }
        handle = made
    }

    private init(library: XGBoostLibrary, handle: BoosterHandle) {
        self.library = library
        self.handle = handle
    }

    deinit { _ = library.boosterFree(handle) }

    func set(_ name: String, _ value: String) throws { try library.check(library.boosterSet(handle, name, value)) }

    /// Keeps a text with the model, for whoever loads it.
    func setAttribute(_ name: String, _ value: String) throws {
        try library.check(library.boosterSetAttribute(handle, name, value))
    }

    /// Keeps a text a feature: `field` is `feature_name` or `feature_type`.
    func setTexts(_ field: String, _ texts: [String]) throws {
        let bytes = texts.map { Array($0.utf8CString) }
        let copies = bytes.map { text in
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
            copy.update(from: text, count: text.count)
            return copy
        }
        defer { for copy in copies { copy.deallocate() } }
        var pointers = copies.map { Optional(UnsafePointer($0)) }
        try library.check(library.boosterSetNames(handle, field, &pointers, bst_ulong(texts.count)))
    }

    func update(iteration: Int, _ matrix: XGBoostMatrix) throws {
        try library.check(library.boosterUpdate(handle, CInt(iteration), matrix.handle))
    }

    /// The evaluation metric on each matrix after an iteration.
    func evaluate(iteration: Int, _ matrices: [XGBoostMatrix]) throws -> [Double] {
        var handles = matrices.map { Optional($0.handle) }
        var result: UnsafePointer<CChar>?
        try "m".withCString { name in
            var names = [Optional(name)] + [UnsafePointer<CChar>?](repeating: name, count: max(matrices.count - 1, 0))
            try library.check(
                library.boosterEvaluate(handle, CInt(iteration), &handles, &names, bst_ulong(matrices.count), &result))
        }
        // "[3]\tm-logloss:0.41\tm-logloss:0.52"
        let text = result.map { String(cString: $0) } ?? ""
        return text.split(separator: "\t").dropFirst().compactMap { field in
            field.lastIndex(of: ":").flatMap { Double(field[field.index(after: $0)...]) }
        }
    }

    /// The trees of the first `iterations` rounds.
    func prefix(iterations: Int) throws -> XGBoostBooster {
        var made: BoosterHandle?
        try library.check(library.boosterSlice(handle, 0, CInt(iterations), 1, &made))
        guard let made else { throw LearnerError.library("no booster was made") }
        return XGBoostBooster(library: library, handle: made)
    }

    /// Row-major: one value a row, or one a row and class.
    func predict(_ matrix: XGBoostMatrix, threads: Int) throws -> [Float] { try ask(matrix, kind: 0, threads: threads) }

    /// Row-major: for each row, and of each class, what the features add to the score, and the baseline.
    func contributions(_ matrix: XGBoostMatrix, threads: Int) throws -> [Float] { try ask(matrix, kind: 2, threads: threads) }

    /// - Parameter kind: the library's number of what is predicted.
    private func ask(_ matrix: XGBoostMatrix, kind: Int, threads: Int) throws -> [Float] {
        try set("nthread", "\(threads)")
        var shape: UnsafePointer<bst_ulong>?
        var dimensions: bst_ulong = 0
        var values: UnsafePointer<Float>?
        let options =
            #"{"type": \#(kind), "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": true}"#
        try library.check(library.boosterPredict(handle, matrix.handle, options, &shape, &dimensions, &values))
        guard let shape, let values else { return [] }
        let count = (0..<Int(dimensions)).reduce(1) { $0 * Int(shape[$1]) }
        return Array(UnsafeBufferPointer(start: values, count: count))
    }

    enum SavedForm: String {
        case json
        /// Universal Binary JSON.
        case binary = "ubj"
    }

    /// The model in one of XGBoost's forms.
    func saved(_ form: SavedForm = .json) throws -> [UInt8] {
        var count: bst_ulong = 0
        var bytes: UnsafePointer<CChar>?
        try library.check(library.boosterSave(handle, #"{"format": "\#(form.rawValue)"}"#, &count, &bytes))
        guard let bytes else { throw LearnerError.library("the model is empty") }
        return Array(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }

    static func load(_ bytes: [UInt8]) throws -> XGBoostBooster {
        let booster = try XGBoostBooster(caching: [])
        try bytes.withUnsafeBytes {
            try booster.library.check(
                booster.library.boosterLoad(booster.handle, $0.baseAddress, bst_ulong($0.count)))
        }
        return booster
    }

    /// A score of each feature that some tree uses, by its position. `kind`: `gain`, `total_gain` or `weight`.
    func featureScores(_ kind: String) throws -> [Int: Double] {
        var featureCount: bst_ulong = 0
        var features: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        var dimensions: bst_ulong = 0
        var shape: UnsafePointer<bst_ulong>?
        var scores: UnsafePointer<Float>?
        try library.check(
            library.boosterFeatureScore(
                handle, #"{"importance_type": "\#(kind)"}"#, &featureCount, &features, &dimensions, &shape, &scores))
        var result: [Int: Double] = [:]
        guard let features, let scores else { return result }
        // Features without names are called f0, f1, …
        for entry in 0..<Int(featureCount) {
            guard let name = features[entry], let position = Int(String(cString: name).dropFirst()) else { continue }
            result[position] = Double(scores[entry])
        }
        return result
    }
}

extension FeatureMatrix {
    /// The first column that holds a number beyond `limit` on either side.
    fileprivate func firstColumn(above limit: Double) -> Int? {
        switch storage {
        case .dense(let elements):
            for place in 0..<rowCount * columnCount where abs(elements[place]) > limit { return place % columnCount }
        case .sparse(let rows):
            for place in 0..<rows.rowStarts[rowCount] where abs(rows.values[place]) > limit { return Int(rows.columns[place]) }
        }
        return nil
    }
}
