import CXGBoost

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
