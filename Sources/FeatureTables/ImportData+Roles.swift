import Columnar

extension ImportData {
    /// What each column of the table is for, by position.
    struct AssignedRoles {
        var label: Int?
        var weight: Int?
        var identifiers: [Int] = []
        var features: [Int] = []
        /// What becomes of the levels of categorical features.
        var forms: [Int: CategoricalForm] = [:]
        /// Whether somebody asked for the features by name.
        var areNamed = false
        /// Columns that cannot be features and that nobody asked for by name.
        var leftOut: [ImportSummary.ColumnSummary] = []
    }

    func assignRoles(_ roles: ColumnRoles, _ options: ImportOptions) throws -> AssignedRoles {
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
        result.areNamed = roles.features != nil
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
        let namedForms = try forms(options, result.features, numbers: forcedNumbers)
        for position in result.features {
            let type = schema[position].type
            if type.isCharacter || Self.isQuantity(type) {
                let isCategorical = type.isCharacter ? !forcedNumbers.contains(position) : forcedLevels.contains(position)
                result.forms[position] = namedForms[position] ?? (isCategorical ? options.categoricalForm : nil)
            } else if !Self.canBeFeature(type) {
                guard roles.features == nil else {
                    throw FeatureError.unsupportedType(column: schema[position].name, type: "\(type)", use: "a feature")
                }
                result.leftOut.append(.init(name: schema[position].name, leftOut: "type \(type) cannot be a feature"))
            }
        }
        if roles.features == nil {
            result.features.removeAll { position in
                let type = schema[position].type
                return !Self.canBeFeature(type)
            }
        }
        return result
    }

    /// Whether values of a type become numbers somehow.
    package static func canBeFeature(_ type: SQLType) -> Bool {
        type.isCharacter || isQuantity(type) || isVector(type) || SparseVectors.areHeld(by: type)
    }

    /// The forms of columns that have one of their own, which makes them categorical.
    private func forms(_ options: ImportOptions, _ features: [Int], numbers: Set<Int>) throws -> [Int: CategoricalForm] {
        var result: [Int: CategoricalForm] = [:]
        for (name, form) in options.formByColumn.sorted(by: { $0.key < $1.key }) {
            let position = try columnIndex(name)
            let type = schema[position].type
            guard features.contains(position) else {
                throw FeatureError.invalidOption("column '\(schema[position].name)' is no feature, and cannot be encoded")
            }
            guard !numbers.contains(position) else {
                throw FeatureError.conflictingRoles(column: schema[position].name, "numeric", "encoded as \(form.rawValue)")
            }
            guard type.isCharacter || Self.isQuantity(type) else {
                throw FeatureError.unsupportedType(column: schema[position].name, type: "\(type)", use: "read as levels")
            }
            result[position] = form
        }
        return result
    }

    func missingPolicies(_ options: ImportOptions) throws -> [Int: MissingPolicy] {
        var result: [Int: MissingPolicy] = [:]
        for (name, policy) in options.missingByColumn.sorted(by: { $0.key < $1.key }) {
            result[try columnIndex(name)] = policy
        }
        return result
    }
}
