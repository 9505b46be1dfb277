import Columnar
import Platform

/// One column's values under its encoding: numbers, slots of levels, elements of arrays, parts of dates.
struct ColumnReader: Sendable {
    let encoding: ColumnEncoding
    let values: Values
    private let data: ImportData
    private let position: Int

    enum Values: Sendable {
        case numbers(NumberReader)
        /// Which distinct value each row has, −1 where it is missing, and what each of them becomes.
        case levels(codes: [Int32], slots: [LevelSlot])
        case vectors(VectorValues)
        case sparseVectors(SparseFeatures)
        case dateParts(DatePartReader)
        case levelNumbers(LevelNumbers)
    }

    /// - Parameters:
    ///   - outOfFold: the numbers of training rows' levels, where each fold has its own.
    ///   - known: the encoding's levels, where they were looked up before.
    /// - Throws: `FeatureError` for a column that is absent or of a type whose values mean something else.
    init(
        _ encoding: ColumnEncoding, _ data: ImportData, outOfFold: LevelNumbers? = nil, known: KnownLevels? = nil
    ) throws {
        self.encoding = encoding
        self.data = data
        position = try data.columnIndex(encoding.name)
        let found = data.schema[position].type
        guard TypeSignature.accepts(found, for: encoding.type) else {
            throw FeatureError.typeChanged(column: encoding.name, expected: encoding.type, found: "\(found)")
        }
        switch encoding.form {
        case .number: values = .numbers(try NumberReader(data.columns[position], encoding.name))
        case .vector(let fills): values = .vectors(try data.vectors(position, length: fills.count))
        case .sparseVector(let indices):
            guard zip(indices, indices.dropFirst()).allSatisfy({ $0 < $1 }) else {
                throw FeatureError.invalidOption("the encoding of column '\(encoding.name)' has indices that do not ascend")
            }
            values = .sparseVectors(try SparseVectors(data, position).features(indices))
        case .dateParts(let parts, let fills):
            guard parts.count == fills.count else {
                throw FeatureError.invalidOption("the encoding of column '\(encoding.name)' has parts without a fill value")
            }
            values = .dateParts(try DatePartReader(data.columns[position], encoding.name, parts))
        case .levels(let levels):
            if let fill = levels.fill, !levels.levels.indices.contains(fill) {
                throw FeatureError.invalidOption("the encoding of column '\(encoding.name)' names a level it does not have")
            }
            if let known, data.columns[position].type.physical == .string {
                let (codes, slots) = known.codes(of: data.columns[position], count: data.rowCount)
                values = .levels(codes: codes, slots: slots)
            } else {
                let distinct = try data.distinct(position)
                values = .levels(codes: distinct.codes, slots: data.slots(position, distinct, known ?? KnownLevels(levels)))
            }
        case .statistics(let statistics):
            try statistics.check(encoding.name)
            values = .levelNumbers(try outOfFold ?? LevelNumbers(statistics, data, position))
        }
    }

    func levelName(_ row: Int32) -> String { data.levelName(position, row: row) }

    /// Whether rows counted as rare may have a level that is unseen.
    var rareMayBeUnseen: Bool {
        guard case .levels(let levels) = encoding.form else { return false }
        return levels.groupsRareLevels && levels.rareLevels == nil
    }

    func isMissing(_ row: Int) -> Bool {
        switch values {
        case .numbers(let reader): reader.value(row).isNaN
        case .levels(let codes, _): codes[row] < 0
        case .vectors(let vectors): vectors.isMissing(row)
        case .sparseVectors(let vectors): vectors.isMissing[row]
        case .dateParts(let reader): reader.isMissing(row)
        case .levelNumbers(let numbers): numbers.isMissing(row)
        }
    }

    func missingCount(_ rows: [Int32], threads: Int) -> Int {
        if case .numbers(let reader) = values, reader.hasAllValues { return 0 }
        return rows.withUnsafeBufferPointer { rows in
            let parts = RowBlocks(rowCount: rows.count).map(threads: threads) { _, block in
                missingCount(UnsafeBufferPointer(rebasing: rows[block]))
            }
            return parts.reduce(0, +)
        }
    }

    private func missingCount(_ rows: UnsafeBufferPointer<Int32>) -> Int {
        var count = 0
        switch values {
        case .numbers(let reader):
            reader.forEachChunk(rows) { for value in $0 where value.isNaN { count += 1 } }
        case .levels(let codes, _): for row in rows where codes[Int(row)] < 0 { count += 1 }
        case .vectors(let vectors): for row in rows where vectors.isMissing(Int(row)) { count += 1 }
        case .sparseVectors(let vectors): for row in rows where vectors.isMissing[Int(row)] { count += 1 }
        case .dateParts(let reader): for row in rows where reader.isMissing(Int(row)) { count += 1 }
        case .levelNumbers(let numbers): for row in rows where numbers.isMissing(Int(row)) { count += 1 }
        }
        return count
    }
}

/// What a distinct value of a categorical column becomes.
enum LevelSlot: Sendable, Equatable {
    case slot(Int32)
    /// A level that was grouped with others.
    case rare
    case unseen
}

/// Rows with levels that the encoding does not tell apart.
struct LevelCounts: Sendable {
    /// Rows with a level that was not in the training rows.
    var rows = 0
    /// The first such row of the table.
    var first: Int32 = 0
    var rareRows = 0

    mutating func add(_ other: LevelCounts) {
        if rows == 0 { first = other.first }
        rows += other.rows
        rareRows += other.rareRows
    }
}

extension LevelEncoding {
    /// The same in every process and on every machine; not negative.
    static func hash(_ level: String) -> Int {
        var text = level
        return text.withUTF8 { bytes in
            bytes.baseAddress.map { hash(StringView($0, length: bytes.count)) } ?? hash(StringView())
        }
    }

    static func hash(_ level: StringView) -> Int { Int(truncatingIfNeeded: RowHashes.hash(level) >> 1) }

    /// What a level that is none of the encoding's own is.
    func slot(ofOther level: String) -> LevelSlot {
        guard groupsRareLevels else { return .unseen }
        guard let rareLevels else { return .rare }
        return rareLevels.sortedPlace(of: Self.hash(level)) == nil ? .unseen : .rare
    }
}

extension ImportData {
    /// `LevelEncoding.hash` of each distinct value; no `String` is made of a text.
    func levelHashes(_ position: Int, _ distinct: DistinctValues) -> [Int] {
        let column = columns[position]
        guard column.type.physical == .string else {
            return distinct.firstRows.map { LevelEncoding.hash(levelName(position, row: $0)) }
        }
        let views = column.values(as: StringView.self)
        defer { withExtendedLifetime(column) {} }
        return distinct.firstRows.map { LevelEncoding.hash(views[Int($0)]) }
    }

    /// What each distinct value of a column becomes; no `String` is made of a text that is known.
    func slots(_ position: Int, _ distinct: DistinctValues, _ known: KnownLevels) -> [LevelSlot] {
        let column = columns[position]
        guard column.type.physical == .string else {
            return distinct.firstRows.map { known.slot(named: levelName(position, row: $0)) }
        }
        let views = column.values(as: StringView.self)
        defer { withExtendedLifetime(column) {} }
        return distinct.firstRows.map { known.slot(of: views[Int($0)]) }
    }
}
