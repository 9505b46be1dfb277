import Columnar

/// An encoding and the columns that were left out of it.
public struct FittedEncoding: Sendable {
    public var encoding: FeatureEncoding
    public var leftOut: [ImportSummary.ColumnSummary]
}

extension ImportData {
    /// Learns from `rows` (nil: all) how to encode the columns: levels, fill values, which columns can be used.
    ///
    /// Class names come from every row of the table, so that a split cannot hide a class.
    /// - Throws: `FeatureError` for roles that name no column or contradict each other, a column that cannot be a
    ///   feature, a policy that does not fit its column, no rows, or no features.
    /// - Complexity: O(rows × columns).
    public func fitEncoding(
        roles: ColumnRoles, options: ImportOptions = ImportOptions(), rows: [Int32]? = nil
    ) throws -> FittedEncoding {
        let assigned = try assignRoles(roles)
        let rows = rows ?? (0..<Int32(rowCount)).map { $0 }
        guard !rows.isEmpty else { throw FeatureError.noRows("there are no rows to learn an encoding from") }
        let policies = try missingPolicies(options)
        var leftOut: [ImportSummary.ColumnSummary] = []
        var encodings: [ColumnEncoding] = []
        for position in assigned.features {
            let name = schema[position].name
            let policy = policies[position]
            let fitted: Result
            if assigned.categorical.contains(position) {
                fitted = try fitLevels(position, options, policy, rows)
            } else if Self.isVector(schema[position].type) {
                fitted = try fitArray(position, options, policy, rows)
            } else {
                fitted = try fitNumber(position, options, policy, rows)
            }
            switch fitted {
            case .encoding(let encoding): encodings.append(encoding)
            case .leftOut(let missing, let reason):
                leftOut.append(.init(name: name, missing: missing, leftOut: reason))
            }
        }
        guard !encodings.isEmpty else { throw FeatureError.noFeatures }
        let label = try assigned.label.map { try labelEncoding($0, roles.labelKind, options) }
        let encoding = FeatureEncoding(
            columns: encodings, label: label, weight: assigned.weight.map { schema[$0].name },
            identifiers: assigned.identifiers.map { schema[$0].name }, unseenLevels: options.unseenLevels)
        return FittedEncoding(encoding: encoding, leftOut: leftOut)
    }

    private enum Result {
        case encoding(ColumnEncoding)
        case leftOut(missing: Int, reason: String)
    }

    private struct AssignedRoles {
        var label: Int?
        var weight: Int?
        var identifiers: [Int] = []
        var features: [Int] = []
        var categorical: Set<Int> = []
    }

    private func assignRoles(_ roles: ColumnRoles) throws -> AssignedRoles {
        var taken: [Int: String] = [:]
        func take(_ name: String, _ role: String) throws -> Int {
            let position = try columnIndex(name)
            if let other = taken[position], other != role {
                throw FeatureError.conflictingRoles(column: schema[position].name, other, role)
            }
            taken[position] = role
            return position
        }
        var result = AssignedRoles()
        result.label = try roles.label.map { try take($0, "the label") }
        result.weight = try roles.weight.map { try take($0, "the weight") }
        for name in roles.identifiers {
            let position = try take(name, "an identifier")
            if !result.identifiers.contains(position) { result.identifiers.append(position) }
        }
        for name in roles.excluded { _ = try take(name, "excluded") }
        if let named = roles.features {
            for name in named {
                let position = try take(name, "a feature")
                if !result.features.contains(position) { result.features.append(position) }
            }
        } else {
            result.features = schema.indices.filter { taken[$0] == nil }
        }
        let forcedNumbers = Set(try roles.numeric.map { try columnIndex($0) })
        let forcedLevels = Set(try roles.categorical.map { try columnIndex($0) })
        if let both = forcedNumbers.intersection(forcedLevels).min() {
            throw FeatureError.conflictingRoles(column: schema[both].name, "numeric", "categorical")
        }
        for position in result.features {
            let type = schema[position].type
            if type.isCharacter {
                if !forcedNumbers.contains(position) { result.categorical.insert(position) }
            } else if Self.isQuantity(type) {
                if forcedLevels.contains(position) { result.categorical.insert(position) }
            } else if !Self.isVector(type) {
                throw FeatureError.unsupportedType(column: schema[position].name, type: "\(type)", use: "a feature")
            }
        }
        return result
    }

    private func missingPolicies(_ options: ImportOptions) throws -> [Int: MissingPolicy] {
        var result: [Int: MissingPolicy] = [:]
        for (name, policy) in options.missingByColumn.sorted(by: { $0.key < $1.key }) {
            result[try columnIndex(name)] = policy
        }
        return result
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
        let all = try numbers(position)
        var present: [Double] = []
        present.reserveCapacity(rows.count)
        for row in rows where !all[Int(row)].isNaN { present.append(all[Int(row)]) }
        let missing = rows.count - present.count
        if present.isEmpty { return .leftOut(missing: missing, reason: "it has no values") }
        if policy == .dropColumn, missing > 0 {
            return .leftOut(missing: missing, reason: "\(missing) missing value(s) (drop-column)")
        }
        let fill: Double
        switch policy {
        case .median: fill = median(&present)
        case .mode: fill = mode(&present)
        case .constant: fill = constant ?? 0
        default: fill = mean(present)
        }
        return .encoding(
            ColumnEncoding(
                name: name, type: "\(schema[position].type)", missing: policy,
                form: .number(fill: fill, indicator: policy == .indicator)))
    }

    private func fitArray(
        _ position: Int, _ options: ImportOptions, _ own: MissingPolicy?, _ rows: [Int32]
    ) throws -> Result {
        var policy = own ?? options.missing ?? .mean
        // Policies for all columns that make no sense for arrays become the mean of each element.
        if own == nil, [.median, .mode, .indicator, .ownLevel].contains(policy) { policy = .mean }
        let fitted = try fitVector(position, policy: policy, rows: rows)
        if fitted.fills.isEmpty { return .leftOut(missing: fitted.missing, reason: "its arrays are empty") }
        if policy == .dropColumn, fitted.missing > 0 {
            return .leftOut(missing: fitted.missing, reason: "\(fitted.missing) missing value(s) (drop-column)")
        }
        return .encoding(
            ColumnEncoding(
                name: schema[position].name, type: "\(schema[position].type)", missing: policy,
                form: .vector(fills: fitted.fills)))
    }

    private func mean(_ values: [Double]) -> Double {
        // Around the first value, so that large offsets cost no digits.
        let origin = values[0]
        var sum = 0.0
        for value in values { sum += value - origin }
        let result = origin + sum / Double(values.count)
        return result.isFinite ? result : values.reduce(0) { $0 + $1 / Double(values.count) }
    }

    private func median(_ values: inout [Double]) -> Double {
        values.sort()
        let middle = values.count / 2
        return values.count % 2 == 1 ? values[middle] : values[middle - 1] / 2 + values[middle] / 2
    }

    private func mode(_ values: inout [Double]) -> Double {
        values.sort()
        var best = values[0]
        var bestLength = 0
        var start = 0
        for position in 1...values.count where position == values.count || values[position] != values[start] {
            if position - start > bestLength {
                best = values[start]
                bestLength = position - start
            }
            start = position
        }
        return best
    }

    // MARK: Levels

    private func fitLevels(
        _ position: Int, _ options: ImportOptions, _ own: MissingPolicy?, _ rows: [Int32]
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
        let coded = try levels(position)
        var counts = [Int](repeating: 0, count: coded.levels.count)
        var missing = 0
        for row in rows {
            let code = Int(coded.codes[Int(row)])
            if code < 0 { missing += 1 } else { counts[code] += 1 }
        }
        var order = counts.indices.filter { counts[$0] > 0 }
        if order.isEmpty { return .leftOut(missing: missing, reason: "it has no values") }
        if policy == .dropColumn, missing > 0 {
            return .leftOut(missing: missing, reason: "\(missing) missing value(s) (drop-column)")
        }
        order.sort { (counts[$1], coded.levels[$0]) < (counts[$0], coded.levels[$1]) }
        var groups = false
        if order.count > options.levelLimit {
            switch options.overLevelLimit {
            case .error:
                throw FeatureError.tooManyLevels(column: name, levels: order.count, limit: options.levelLimit)
            case .leaveOut:
                return .leftOut(
                    missing: missing, reason: "\(order.count) levels, over the limit of \(options.levelLimit)")
            case .groupRare:
                groups = true
                order = Array(order.prefix(max(options.levelLimit, 1)))
            }
        }
        var names = order.map { coded.levels[$0] }
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
            form: options.categoricalForm, levels: names, hasMissingSlot: policy == .ownLevel && missing > 0,
            hasOtherSlot: groups || options.unseenLevels == .ownSlot, groupsRareLevels: groups, fill: fill)
        return .encoding(
            ColumnEncoding(name: name, type: "\(schema[position].type)", missing: policy, form: .levels(encoding)))
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
