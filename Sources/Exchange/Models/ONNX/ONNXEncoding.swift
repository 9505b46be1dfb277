import FeatureTables

/// The encoding of columns as nodes of a graph, as far as ONNX has it.
struct ONNXEncoding {
    /// Numbers are `double`, a missing one NaN; texts strings, a missing one the empty string.
    private static let onlyInput = "features"

    private let encoding: FeatureEncoding
    /// What a row does not hold is missing and not 0.
    private let absent: Double
    /// Columns whose input is their encoded features.
    let encodedColumns: [String]
    let inputNames: [String]

    /// - Parameter absentIsMissing: the model tells what a sparse row does not hold from 0.
    init(_ encoding: FeatureEncoding, absentIsMissing: Bool) {
        self.encoding = encoding
        absent = absentIsMissing && encoding.layout == .sparse ? .nan : 0
        encodedColumns = encoding.columns.filter { !Self.hasForm($0) }.map(\.name)
        inputNames = Self.isAllNumbers(encoding) ? [Self.onlyInput] : encoding.columns.map(\.name)
    }

    /// Adds inputs and nodes.
    /// - Returns: the matrix of features, `double`.
    func append(to graph: inout ONNXGraph) -> String {
        if Self.isAllNumbers(encoding) {
            let input = graph.input(Self.onlyInput, .double, width: encoding.columns.count)
            let fills = encoding.columns.map { column -> Double in
                if case .number(let fill, _) = column.form, Self.fills(column) { fill } else { .nan }
            }
            return filled(input, fills, &graph)
        }
        let parts = encoding.columns.map { append($0, &graph) }
        return graph.node("Concat", parts, [("axis", .integer(1))])
    }

    private static func isAllNumbers(_ encoding: FeatureEncoding) -> Bool {
        encoding.columns.allSatisfy { if case .number(_, false) = $0.form { true } else { false } }
    }

    private static func hasForm(_ column: ColumnEncoding) -> Bool {
        switch column.form {
        case .number, .levels, .vector: true
        case .dateParts, .statistics, .sparseVector: false
        }
    }

    /// Whether something stands for a missing value.
    private static func fills(_ column: ColumnEncoding) -> Bool { column.missing != .keep && column.missing != .dropRow }

    private func append(_ column: ColumnEncoding, _ graph: inout ONNXGraph) -> String {
        switch column.form {
        case .number(let fill, let indicator):
            let input = graph.input(column.name, .double, width: 1)
            let number = filled(input, [Self.fills(column) ? fill : .nan], &graph)
            guard indicator else { return number }
            let isMissing = graph.node("IsNaN", [input])
            let told = graph.node("Where", [isMissing, graph.constant([1.0], shape: []), graph.constant([absent], shape: [])])
            return graph.node("Concat", [number, told], [("axis", .integer(1))])
        case .vector(let fills):
            let input = graph.input(column.name, .double, width: fills.count)
            return filled(input, fills.map { Self.fills(column) ? $0 : .nan }, &graph)
        case .levels(let levels): return append(levels, column, &graph)
        case .dateParts, .statistics, .sparseVector: return graph.input(column.name, .double, width: column.width)
        }
    }

    private func filled(_ input: String, _ fills: [Double], _ graph: inout ONNXGraph) -> String {
        guard fills.contains(where: { !$0.isNaN }) else { return input }
        let isMissing = graph.node("IsNaN", [input])
        return graph.node("Where", [isMissing, graph.constant(fills, shape: [1, fills.count]), input])
    }

    // MARK: Levels

    private func append(_ levels: LevelEncoding, _ column: ColumnEncoding, _ graph: inout ONNXGraph) -> String {
        let none = -1
        let missing = -2
        let keeps = column.missing == .keep
        let other = levels.groupsRareLevels || encoding.unseenLevels == .ownSlot ? levels.otherSlot : nil
        var known = levels.levels
        var slots = Array(levels.levels.indices)
        if !known.contains("") {
            known.append("")
            slots.append(levels.missingSlot ?? levels.fill ?? (keeps || column.missing == .dropRow ? missing : none))
        }
        let input = graph.input(column.name, .string, width: 1)
        let codes = graph.node(
            "LabelEncoder", [input],
            [("keys_strings", .texts(known)), ("values_int64s", .integers(slots)), ("default_int64", .integer(other ?? none))],
            domain: ONNXGraph.learningDomain)
        let nan = graph.constant([Double.nan], shape: [])
        guard levels.form == .oneHot else {
            // A level without a slot is −1 where a missing value is something else.
            let isNone =
                keeps
                ? graph.node("Less", [codes, graph.constant([0], shape: [])])
                : graph.node("Equal", [codes, graph.constant([missing], shape: [])])
            return graph.node("Where", [isNone, nan, graph.cast(codes, to: .double)])
        }
        let places = graph.constant(Array(0..<levels.slotCount), shape: [1, levels.slotCount])
        let isLevel = graph.node("Equal", [codes, places])
        let told = graph.node("Where", [isLevel, graph.constant([1.0], shape: []), graph.constant([absent], shape: [])])
        let isMissing = graph.node("Equal", [codes, graph.constant([missing], shape: [])])
        return graph.node("Where", [isMissing, nan, told])
    }
}
