import Columnar

/// Which columns of a query a profile reads, and how.
package struct ProfilePlan: Sendable {
    enum Reading: Sendable {
        case words(WordForm)
        case texts
        /// Of nested values, and of a bare NULL, only whether they are there is told.
        case places
    }

    struct PlannedColumn: Sendable {
        /// Among the query's columns.
        var position: Int
        var name: String
        var type: SQLType
        var reading: Reading
        /// Among the columns whose moments are taken.
        var number: Int?
    }

    let columns: [PlannedColumn]
    /// Of the label, among `columns`.
    let label: Int?
    /// Columns whose moments are taken, the first `paired` of them with each other's.
    let numberCount: Int
    let paired: Int
    /// Numeric columns that are not correlated because there are too many.
    let uncorrelated: Int
    package let options: ProfileOptions

    /// More columns would take longer than reading them.
    package static let mostCorrelated = 64

    /// - Throws: `FeatureError.unknownColumn`, `.duplicateColumn`, and `.unsupportedType` for a label of a nested type.
    package init(_ schema: [SchemaColumn], _ options: ProfileOptions) throws {
        let names = try ColumnName.distinct(schema)
        func position(_ name: String) throws -> Int {
            let wanted = name.lowercased()
            for candidate in [wanted, ColumnName.plain(wanted)] {
                if let found = names.firstIndex(where: { $0.lowercased() == candidate }) { return found }
            }
            throw FeatureError.unknownColumn(name, known: names)
        }
        let labelPosition = try options.label.map(position)
        var positions = try options.columns.map { try $0.map(position) } ?? Array(names.indices)
        if let labelPosition, !positions.contains(labelPosition) { positions.append(labelPosition) }
        var seen = Set<Int>()
        positions = positions.filter { seen.insert($0).inserted }

        var columns = positions.map { position in
            let type = schema[position].type
            let reading: Reading =
                if let form = WordForm(type) { .words(form) } else if type.physical == .string { .texts } else { .places }
            return PlannedColumn(position: position, name: names[position], type: type, reading: reading)
        }
        let label = labelPosition.flatMap { wanted in columns.firstIndex { $0.position == wanted } }
        if let label, case .places = columns[label].reading {
            throw FeatureError.unsupportedType(column: columns[label].name, type: "\(columns[label].type)", use: "a label")
        }
        // With a label that may be a number, times are correlated with it too.
        let labelIsNumber = label.map { Self.isNumber(columns[$0]) } ?? false
        func isPaired(_ index: Int) -> Bool {
            guard options.correlates || label != nil, case .words(let form) = columns[index].reading else { return false }
            return form.isNumeric || form == .boolean || labelIsNumber
        }
        let wanted = columns.indices.filter(isPaired)
        var chosen = wanted.filter { $0 != label }.prefix(Self.mostCorrelated - (labelIsNumber ? 1 : 0)).map { $0 }
        if let label, isPaired(label), chosen.count < Self.mostCorrelated { chosen.append(label) }
        chosen.sort()
        paired = chosen.count
        uncorrelated = wanted.count - chosen.count
        let isChosen = Set(chosen)
        for index in columns.indices where !isChosen.contains(index) {
            if case .words = columns[index].reading { chosen.append(index) }
        }
        for (number, index) in chosen.enumerated() { columns[index].number = number }
        numberCount = chosen.count
        self.columns = columns
        self.label = label
        self.options = options
    }

    static func isNumber(_ column: PlannedColumn) -> Bool {
        if case .words(let form) = column.reading { form.isNumeric } else { false }
    }

    /// Columns of the query that are not read, given how many it has.
    package func unread(of count: Int) -> Set<Int> { Set(0..<count).subtracting(columns.map(\.position)) }

    func makeLabel() -> LabelReader? {
        guard let label else { return nil }
        switch columns[label].reading {
        case .texts: return LabelReader(nil, classLimit: options.classLimit)
        case .words(let form):
            let hasClasses = columns[label].type.isIntegral || form == .boolean
            return LabelReader(form, classLimit: hasClasses ? options.classLimit : form.isNumeric ? 0 : options.classLimit)
        case .places: return nil
        }
    }
}
