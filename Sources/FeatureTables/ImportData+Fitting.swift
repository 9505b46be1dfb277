import Columnar
import Platform

/// An encoding and what is to be said of columns: why they were left out of it, what becomes of their values.
public struct FittedEncoding: Sendable {
    public var encoding: FeatureEncoding
    public var leftOut: [ImportSummary.ColumnSummary]
    /// By the place of their column in the encoding: what levels' numbers were for the rows that it was fitted on, each fold's
    /// learned from the others.
    var outOfFold: [Int: LevelNumbers] = [:]

    /// With some of the columns alone.
    /// - Precondition: `columns` are places in the encoding.
    package func keeping(_ columns: [Int]) -> FittedEncoding {
        var kept = self
        kept.encoding.columns = columns.map { encoding.columns[$0] }
        kept.encoding.layout = ImportData.layout(of: kept.encoding.columns)
        kept.outOfFold = [:]
        for (place, column) in columns.enumerated() { kept.outOfFold[place] = outOfFold[column] }
        return kept
    }
}

extension ImportData {
    /// Learns from `rows` (nil: all) how to encode the columns: levels, fill values, which columns can be used.
    ///
    /// Class names come from every row of the table, so that a split cannot hide a class.
    /// - Parameters:
    ///   - label: how the label is read; nil: as `labelEncoding` says.
    ///   - folding: by what rows are cut into the folds of numbers that are learned from the label, and the seed.
    /// - Throws: `FeatureError` for roles that name no column or contradict each other, a column that cannot be a
    ///   feature, a policy that does not fit its column, no rows, or no features.
    /// - Complexity: O(rows × columns).
    public func fitEncoding(
        roles: ColumnRoles, options: ImportOptions = ImportOptions(), rows: [Int32]? = nil, label: LabelEncoding? = nil,
        folding: SplitOptions = SplitOptions()
    ) throws -> FittedEncoding {
        let assigned = try assignRoles(roles, options)
        let label = try label ?? labelEncoding(assigned, roles, options)
        let rows = rows ?? (0..<Int32(rowCount)).map { $0 }
        guard !rows.isEmpty else { throw FeatureError.noRows("there are no rows to learn an encoding from") }
        let policies = try missingPolicies(options)
        let statistics = try statisticsFitting(assigned, options, label, folding, rows)
        var leftOut = assigned.leftOut
        var encodings: [ColumnEncoding] = []
        var outOfFold: [Int: LevelNumbers] = [:]
        for fitted in try fit(assigned, options, policies, rows, statistics) {
            switch fitted {
            case .encoding(let encoding, let notes, let numbers):
                if let numbers { outOfFold[encodings.count] = numbers }
                encodings.append(encoding)
                if !notes.isEmpty { leftOut.append(.init(name: encoding.name, notes: notes)) }
            case .leftOut(let name, let missing, let reason):
                leftOut.append(.init(name: name, missing: missing, leftOut: reason))
            }
        }
        guard !encodings.isEmpty else { throw FeatureError.noFeatures }
        var names: Set<String> = []
        for name in encodings.flatMap(\.featureNames) where !names.insert(name).inserted {
            throw FeatureError.duplicateFeature(name)
        }
        let encoding = FeatureEncoding(
            columns: encodings, label: label, weight: assigned.weight.map { schema[$0].name },
            identifiers: assigned.identifiers.map { schema[$0].name }, unseenLevels: options.unseenLevels,
            layout: Self.layout(of: encodings))
        return FittedEncoding(encoding: encoding, leftOut: leftOut, outOfFold: outOfFold)
    }

    /// How the label will be read; nil when no column is one.
    /// - Throws: `FeatureError` for roles that do not fit, and for a type that can be no label.
    public func labelEncoding(roles: ColumnRoles, options: ImportOptions = ImportOptions()) throws -> LabelEncoding? {
        try labelEncoding(try assignRoles(roles, options), roles, options)
    }

    private func labelEncoding(
        _ assigned: AssignedRoles, _ roles: ColumnRoles, _ options: ImportOptions
    ) throws -> LabelEncoding? {
        try assigned.label.map { try labelEncoding($0, roles.labelKind, options) }
    }

    /// Each column on its own, several at a time.
    private func fit(
        _ assigned: AssignedRoles, _ options: ImportOptions, _ policies: [Int: MissingPolicy], _ rows: [Int32],
        _ statistics: LevelStatisticsFitting?
    ) throws -> [Result] {
        // Levels are found by all workers together, a column after the other.
        var hasTooMany: Set<Int> = []
        for position in assigned.features where assigned.forms[position] != nil {
            if options.overLevelLimit == .leaveOut, !assigned.forms[position, default: .oneHot].isStatistic, hasTooManyTexts(position, rows, limit: options.levelLimit) {
                hasTooMany.insert(position)
            } else {
                _ = try distinct(position)
            }
        }
        let many = hasTooMany
        let results = Guarded<[Int: Result]>([:])
        try RowBlocks(groups: assigned.features.count).forEachThrowing(threads: threads) { place, _ in
            guard assigned.features.indices.contains(place) else { return }
            let position = assigned.features[place]
            let policy = policies[position]
            let fitted: Result
            if many.contains(position) {
                let column = columns[position]
                fitted = .leftOut(
                    name: schema[position].name, missing: rows.count { column.isNull(Int($0)) },
                    reason: "more than \(Self.countedLevels) levels, over the limit of \(options.levelLimit)")
            } else if let form = assigned.forms[position] {
                if form.isStatistic, let statistics {
                    fitted = try fitStatistics(position, form, statistics, options, policy, rows)
                } else {
                    fitted = try fitLevels(position, form, options, policy, rows)
                }
            } else if Self.isVector(schema[position].type) {
                fitted = try fitArray(position, options, policy, rows, isNamed: assigned.areNamed)
            } else if SparseVectors.areHeld(by: schema[position].type) {
                fitted = try fitSparseVector(position, options, policy, rows)
            } else if !options.dateParts.isEmpty, DatePartReader.hasParts(schema[position].type) {
                fitted = try fitDateParts(position, options, policy, rows)
            } else {
                fitted = try fitNumber(position, options, policy, rows)
            }
            results.withLock { $0[place] = fitted }
        }
        let all = results.value
        return assigned.features.indices.compactMap { all[$0] }
    }

    /// Sparse where rows have few of many features.
    fileprivate static func layout(of columns: [ColumnEncoding]) -> MatrixLayout {
        var width = 0, elements = 0
        for column in columns {
            width += column.width
            switch column.form {
            case .levels(let levels) where levels.form == .oneHot: elements += 1
            case .sparseVector: elements += 1
            default: elements += column.width
            }
        }
        return width >= 64 && elements * 8 <= width ? .sparse : .dense
    }

    enum Result {
        case encoding(ColumnEncoding, notes: [String] = [], outOfFold: LevelNumbers? = nil)
        case leftOut(name: String, missing: Int, reason: String)
    }

    // MARK: Numbers

    private func fitNumber(
        _ position: Int, _ options: ImportOptions, _ own: MissingPolicy?, _ rows: [Int32]
    ) throws -> Result {
        let name = schema[position].name
        var policy = own ?? options.missing ?? .mean
        if policy == .ownLevel {
            if own != nil {
                throw FeatureError.invalidPolicy(column: name, policy: policy.name, reason: "the column holds numbers")
            }
            policy = .mean
        }
        var constant: Double?
        if case .constant(let text) = policy {
            constant = Double(text)
            if constant == nil || constant?.isFinite == false {
                throw FeatureError.invalidPolicy(column: name, policy: policy.name, reason: "'\(text)' is not a number")
            }
        }
        let reader = try NumberReader(columns[position], name)
        let statistics = NumberStatistics(reader, rows, keepsValues: policy == .median || policy == .mode)
        let missing = rows.count - statistics.count
        if statistics.count == 0 { return .leftOut(name: name, missing: missing, reason: "it has no values") }
        if policy == .dropColumn, missing > 0 {
            return .leftOut(name: name, missing: missing, reason: "\(missing) missing value(s) (drop-column)")
        }
        let fill: Double
        switch policy {
        case .median: fill = statistics.median
        case .mode: fill = statistics.mode
        case .constant: fill = constant ?? 0
        default: fill = statistics.mean
        }
        return .encoding(
            ColumnEncoding(
                name: name, type: "\(schema[position].type)", missing: policy,
                form: .number(fill: fill, indicator: policy == .indicator)),
            notes: conversionNotes(position, reader, statistics, options, rows))
    }

    private func fitDateParts(
        _ position: Int, _ options: ImportOptions, _ own: MissingPolicy?, _ rows: [Int32]
    ) throws -> Result {
        let name = schema[position].name
        var policy = own ?? options.missing ?? .mean
        switch policy {
        case .keep, .mean, .dropRow, .dropColumn, .constant: break
        default:
            guard own == nil else {
                throw FeatureError.invalidPolicy(column: name, policy: policy.name, reason: "the column becomes date parts")
            }
            policy = .mean
        }
        var constant: Double?
        if case .constant(let text) = policy {
            guard let value = Double(text), value.isFinite else {
                throw FeatureError.invalidPolicy(column: name, policy: policy.name, reason: "'\(text)' is not a number")
            }
            constant = value
        }
        let parts = options.dateParts.filter { $0.isOfDate || schema[position].type != .date }
        guard !parts.isEmpty else { return .leftOut(name: name, missing: 0, reason: "a date has none of the asked parts") }
        let reader = try DatePartReader(columns[position], name, parts)
        var sums = [Double](repeating: 0, count: parts.count)
        var count = 0
        withUnsafeTemporaryAllocation(of: Double.self, capacity: parts.count) { values in
            guard let first = values.baseAddress else { return }
            for row in rows where !reader.isMissing(Int(row)) {
                reader.read(Int(row), into: first)
                for place in parts.indices { sums[place] += first[place] }
                count += 1
            }
        }
        let missing = rows.count - count
        if count == 0 { return .leftOut(name: name, missing: missing, reason: "it has no values") }
        if policy == .dropColumn, missing > 0 {
            return .leftOut(name: name, missing: missing, reason: "\(missing) missing value(s) (drop-column)")
        }
        return .encoding(
            ColumnEncoding(
                name: name, type: "\(schema[position].type)", missing: policy,
                form: .dateParts(parts, fills: sums.map { constant ?? $0 / Double(count) })))
    }

    private func fitArray(
        _ position: Int, _ options: ImportOptions, _ own: MissingPolicy?, _ rows: [Int32], isNamed: Bool
    ) throws -> Result {
        var policy = own ?? options.missing ?? .mean
        // Policies for all columns that make no sense for arrays become the mean of each element.
        if own == nil, [.median, .mode, .indicator, .ownLevel].contains(policy) { policy = .mean }
        let name = schema[position].name
        let fitted: (fills: [Double], missing: Int)
        do { fitted = try fitVector(position, policy: policy, rows: rows) } catch FeatureError.unevenArrays(_, let one, let other) where !isNamed {
            return .leftOut(name: name, missing: 0, reason: "its arrays are not of one length (\(one), \(other))")
        }
        if fitted.fills.isEmpty { return .leftOut(name: name, missing: fitted.missing, reason: "its arrays are empty") }
        if policy == .dropColumn, fitted.missing > 0 {
            return .leftOut(name: name, missing: fitted.missing, reason: "\(fitted.missing) missing value(s) (drop-column)")
        }
        return .encoding(
            ColumnEncoding(
                name: schema[position].name, type: "\(schema[position].type)", missing: policy,
                form: .vector(fills: fitted.fills)))
    }

    // MARK: Levels

    private func fitLevels(
        _ position: Int, _ form: CategoricalForm, _ options: ImportOptions, _ own: MissingPolicy?, _ rows: [Int32]
    ) throws -> Result {
        let name = schema[position].name
        var policy = own ?? options.missing ?? .ownLevel
        switch policy {
        case .mean, .median:
            if own != nil {
                throw FeatureError.invalidPolicy(column: name, policy: policy.name, reason: "the column is categorical")
            }
            policy = .ownLevel
        case .indicator: policy = .ownLevel
        default: break
        }
        let distinct = try distinct(position)
        var counts = [Int](repeating: 0, count: distinct.count)
        var missing = 0
        distinct.codes.withUnsafeBufferPointer { codes in
            counts.withUnsafeMutableBufferPointer { counts in
                for row in rows {
                    let code = Int(codes[Int(row)])
                    if code < 0 { missing += 1 } else { counts[code] += 1 }
                }
            }
        }
        var order = counts.indices.filter { counts[$0] > 0 }
        if order.isEmpty { return .leftOut(name: name, missing: missing, reason: "it has no values") }
        if policy == .dropColumn, missing > 0 {
            return .leftOut(name: name, missing: missing, reason: "\(missing) missing value(s) (drop-column)")
        }
        var groups = false
        var rareLevels: [Int]?
        let limit = max(options.levelLimit, 1)
        if order.count > options.levelLimit {
            switch options.overLevelLimit {
            case .error:
                throw FeatureError.tooManyLevels(column: name, levels: order.count, limit: options.levelLimit)
            case .leaveOut:
                return .leftOut(
                    name: name, missing: missing, reason: "\(order.count) levels, over the limit of \(options.levelLimit)")
            case .groupRare: groups = true
            }
        }
        sortLevels(&order, counts, position, distinct)
        if groups {
            let rare = order.dropFirst(limit)
            if rare.count <= LevelEncoding.rareLevelLimit {
                rareLevels = rare.map { LevelEncoding.hash(levelName(position, row: distinct.firstRows[$0])) }.sorted()
            }
            order = Array(order.prefix(limit))
        }
        var names = order.map { levelName(position, row: distinct.firstRows[$0]) }
        var fill: Int?
        switch policy {
        case .mode: fill = 0
        case .constant(let level):
            if let known = names.firstIndex(of: level) {
                fill = known
            } else if missing > 0 {
                names.append(level)
                fill = names.count - 1
            }
        default: break
        }
        let encoding = LevelEncoding(
            form: form, levels: names, hasMissingSlot: policy == .ownLevel && missing > 0,
            hasOtherSlot: groups || options.unseenLevels == .ownSlot, groupsRareLevels: groups, fill: fill,
            rareLevels: rareLevels)
        return .encoding(
            ColumnEncoding(name: name, type: "\(schema[position].type)", missing: policy, form: .levels(encoding)))
    }

    /// By frequency, then by name.
    private func sortLevels(_ order: inout [Int], _ counts: [Int], _ position: Int, _ distinct: DistinctValues) {
        let column = columns[position]
        if column.type.physical == .string {
            let views = column.values(as: StringView.self)
            order.sort { left, right in
                if counts[left] != counts[right] { return counts[left] > counts[right] }
                return views[Int(distinct.firstRows[left])] < views[Int(distinct.firstRows[right])]
            }
            withExtendedLifetime(column) {}
        } else {
            let names = distinct.firstRows.map { levelName(position, row: $0) }
            order.sort { (counts[$1], names[$0]) < (counts[$0], names[$1]) }
        }
    }

    // MARK: Label

    private func labelEncoding(_ position: Int, _ kind: LabelKind, _ options: ImportOptions) throws -> LabelEncoding {
        let column = schema[position]
        func classes(_ names: [String]) -> LabelEncoding {
            LabelEncoding(name: column.name, type: "\(column.type)", kind: .classes(orderedClasses(names)))
        }
        let number = LabelEncoding(name: column.name, type: "\(column.type)", kind: .number)
        switch kind {
        case .number:
            guard column.type.isCharacter || Self.isQuantity(column.type) else {
                throw FeatureError.unsupportedType(column: column.name, type: "\(column.type)", use: "a numeric label")
            }
            return number
        case .classes: return classes(try levels(position).levels)
        case .automatic:
            if column.type.isCharacter || column.type == .boolean { return classes(try levels(position).levels) }
            guard Self.isQuantity(column.type) else {
                throw FeatureError.unsupportedType(column: column.name, type: "\(column.type)", use: "a label")
            }
            guard column.type.isIntegral else { return number }
            let names = try levels(position).levels
            return names.count <= options.automaticClassLimit ? classes(names) : number
        }
    }

    private func orderedClasses(_ names: [String]) -> [String] {
        let numbers = names.map { Double($0) }
        if numbers.contains(where: { $0 == nil }) {
            return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        }
        return zip(names, numbers).sorted { ($0.1 ?? 0, $0.0) < ($1.1 ?? 0, $1.0) }.map { $0.0 }
    }
}
