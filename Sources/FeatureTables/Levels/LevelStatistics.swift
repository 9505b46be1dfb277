import Platform

/// Numbers that stand for the levels of a column: what the training rows say of each.
public struct LevelStatistics: Codable, Sendable, Equatable {
    /// One that `isStatistic`.
    public var form: CategoricalForm
    /// What the features are called behind the column's name: `target`, `count=yes`.
    public var features: [String]
    /// Hashes of the levels of the training rows, ascending: there may be millions, whose names nobody asks for.
    public var levels: [Int]
    /// A number a feature for each of `levels`.
    public var values: [Double]
    /// The numbers of a level that the training rows did not have.
    public var other: [Double]
    /// The numbers of a missing value; nil: those of `other`.
    public var missing: [Double]?

    /// Where a level's numbers begin; nil for a level that the training rows did not have.
    func place(ofHash hash: Int) -> Int? {
        levels.sortedPlace(of: hash).map { $0 * features.count }
    }

    /// - Throws: `FeatureError.invalidOption` for one that was damaged.
    func check(_ column: String) throws {
        let width = features.count
        guard form.isStatistic, width > 0, values.count == levels.count * width, other.count == width,
            missing.map({ $0.count == width }) ?? true
        else { throw FeatureError.invalidOption("the encoding of column '\(column)' lacks numbers of levels") }
    }
}

/// How numbers for levels are learned.
public struct LevelStatisticOptions: Codable, Sendable, Equatable {
    /// So many rows with the label's overall mean are added to those of each level; nil: as many as the spread of the label
    /// in the level and in all rows suggest.
    public var smoothing: Double?
    /// Levels of fewer rows share what all of them say together; nil: 10 for counts, 1 for others.
    public var leastRows: Double?
    /// Training rows are cut into so many folds, and each gets the numbers that the rows of the others give.
    public var folds: Int

    /// Folds where nobody says how many.
    public static let usualFolds = LevelFormula.usualFolds

    public init(smoothing: Double? = nil, leastRows: Double? = nil, folds: Int = LevelStatisticOptions.usualFolds) {
        self.smoothing = smoothing
        self.leastRows = leastRows
        self.folds = folds
    }

    /// The most folds that may be asked for.
    public static let mostFolds = LevelFormula.mostFolds

    func check() throws {
        guard 2...Self.mostFolds ~= folds else {
            throw FeatureError.invalidOption("folds must be 2 to \(Self.mostFolds), not \(folds)")
        }
        guard smoothing.map({ $0 >= 0 && $0.isFinite }) ?? true else {
            throw FeatureError.invalidOption("the smoothing of levels must be a number of at least 0")
        }
        guard leastRows.map({ $0 >= 1 && $0.isFinite }) ?? true else {
            throw FeatureError.invalidOption("the least rows of a level must be a number of at least 1")
        }
    }
}

/// The numbers of a table's rows by their levels.
struct LevelNumbers: Sendable {
    private let distinct: DistinctValues
    let width: Int
    /// The numbers of each distinct value and, behind them, of a missing one; of training rows once a fold.
    private let values: [Double]
    /// The fold of each row of the table; nil: there is one.
    private let folds: [UInt8]?
    /// Which of the distinct values the training rows did not have.
    private let isUnseen: [Bool]
    private let reservation: ImportReservation

    init(
        distinct: DistinctValues, width: Int, values: [Double], folds: [UInt8]? = nil, isUnseen: [Bool] = [],
        _ reservation: ImportReservation
    ) {
        self.reservation = reservation
        self.distinct = distinct
        self.width = width
        self.values = values
        self.folds = folds
        self.isUnseen = isUnseen
    }

    @inline(__always)
    func isMissing(_ row: Int) -> Bool { distinct.codes[row] < 0 }

    /// Writes the numbers of a row.
    @inline(__always)
    func write(_ row: Int32, to target: UnsafeMutablePointer<Double>, keepsMissing: Bool, _ counts: inout LevelCounts) {
        let code = Int(distinct.codes[Int(row)])
        if code < 0, keepsMissing {
            for feature in 0..<width { target[feature] = .nan }
            return
        }
        if code >= 0, !isUnseen.isEmpty, isUnseen[code] {
            if counts.rows == 0 { counts.first = row }
            counts.rows += 1
        }
        let fold = folds.map { Int($0[Int(row)]) } ?? 0
        let first = (fold * (distinct.count + 1) + (code < 0 ? distinct.count : code)) * width
        for feature in 0..<width { target[feature] = values[first + feature] }
    }
}

extension LevelNumbers {
    /// Looks the levels of a table up.
    init(_ statistics: LevelStatistics, _ data: ImportData, _ position: Int) throws {
        let distinct = try data.distinct(position)
        let width = statistics.features.count
        let reservation = try ImportReservation(
            data.memory, for: "the numbers of the \(distinct.count) levels of column '\(data.schema[position].name)'",
            help: ImportMemory.fewerRows, bytes: (distinct.count + 1) * width * MemoryLayout<Double>.stride)
        let hashes = data.levelHashes(position, distinct)
        var values: [Double] = []
        values.reserveCapacity((hashes.count + 1) * width)
        var isUnseen = [Bool](repeating: false, count: hashes.count)
        for (code, hash) in hashes.enumerated() {
            if let place = statistics.place(ofHash: hash) {
                values += statistics.values[place..<place + width]
            } else {
                values += statistics.other
                isUnseen[code] = true
            }
        }
        values += statistics.missing ?? statistics.other
        self.init(
            distinct: distinct, width: width, values: values, isUnseen: isUnseen.contains(true) ? isUnseen : [], reservation)
    }
}
