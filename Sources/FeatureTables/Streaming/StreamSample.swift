import Columnar

/// A uniform sample of a stream's rows to learn from, with a row of each class of the label, for what has to be known of the rows before
/// the first of them is learned from: levels, fill values, scales.
///
/// It is the same sample however the stream is cut into parts.
package struct StreamSample {
    /// Rows to learn from that the stream has.
    package private(set) var rowCount = 0
    /// Parts of the stream.
    package private(set) var partCount = 0
    private let label: String?
    private let seed: UInt64
    /// A number of all rows, in whatever order they come: other rows have another one.
    package private(set) var digest: UInt64 = 0
    private var chosen: LeastKeys<ImportData>
    /// First rows of classes that no row to learn from had so far.
    private var others: [ImportData] = []
    /// Whether a row to learn from has the class.
    private var knownClasses: [String: Bool] = [:]

    /// - Parameters:
    ///   - label: whose classes are to be known; nil: it has none.
    ///   - limit: about how many rows are kept at most.
    package init(label: String?, seed: UInt64, limit: Int) {
        self.label = label
        self.seed = seed
        chosen = LeastKeys(limit: limit) { try $0.copying($1) }
    }

    /// - Parameters:
    ///   - training: rows that are learned from, ascending.
    ///   - others: other rows with a label, ascending.
    /// - Throws: `FeatureError`.
    package mutating func add(_ data: ImportData, training: [Int32], others: [Int32]) throws {
        rowCount += training.count
        partCount += 1
        var keys = data.sampleKeys(seed)
        digest = keys.reduce(digest, &+)
        for row in try firstRows(data, training, areTraining: true) { keys[Int(row)] = LeastKeys<ImportData>.always }
        let first = try firstRows(data, others, areTraining: false)
        if !first.isEmpty { self.others.append(try data.copying(first)) }
        try chosen.add(data, places: training, keys: keys)
        while byteCount > data.memory.limit / 4, try chosen.keep(chosen.count / 2) {}
    }

    /// A sample may take a quarter of the memory: its matrix, and a part of the stream with its own, are to be there beside it.
    private var byteCount: Int { chosen.pieces.reduce(0) { $0 + $1.rows.byteCount } }

    /// The first row of each class that is not known yet, or not of rows to learn from.
    private mutating func firstRows(_ data: ImportData, _ rows: [Int32], areTraining: Bool) throws -> [Int32] {
        guard let label, !rows.isEmpty else { return [] }
        let coded = try data.levels(try data.columnIndex(label))
        var isKnown = coded.levels.map { level in knownClasses[level].map { $0 || !areTraining } ?? false }
        var found: [Int32] = []
        for row in rows {
            let code = Int(coded.codes[Int(row)])
            guard code >= 0, !isKnown[code] else { continue }
            guard knownClasses.count < Self.mostClasses else { break }
            isKnown[code] = true
            knownClasses[coded.levels[code]] = areTraining
            found.append(row)
        }
        return found
    }

    /// More are no classes; whoever learns them says so.
    private static let mostClasses = 10_000

    /// The sample, which is not kept here any longer, and which of its rows are to be learned from.
    /// - Throws: `FeatureError.noRows` of no rows.
    package mutating func finished() throws -> (data: ImportData, training: [Int32]) {
        let own = try chosen.finished()
        let all = own + others
        guard let first = own.first else { throw FeatureError.noRows("the stream has no rows to train on") }
        let data = try ImportData.joining(all.map { ($0, .all($0.rowCount)) }, like: first)
        others = []
        return (data, (0..<Int32(own.reduce(0) { $0 + $1.rowCount })).map { $0 })
    }
}
