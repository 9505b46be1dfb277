import Columnar
import Platform
import FeatureTables
import Learners

/// A number in 0..<1 for each index, the same as in the script that made the reference values.
func uniform(_ index: Int) -> Double { Double(SplitMix.mix(UInt64(index)) >> 11) * 0x1p-53 }

/// Two hundred rows of four features on very different scales, with labels that depend on them.
enum ReferenceData {
    static let rowCount = 200
    static let features: [[Double]] = (0..<rowCount).map { row in
        [
            uniform(4 * row) * 10, uniform(4 * row + 1) * 100 - 50, (uniform(4 * row + 2) - 0.5) * 0.01,
            (uniform(4 * row + 3) * 3).rounded(.down),
        ]
    }
    static let noise = (0..<rowCount).map { uniform(100_000 + $0) }
    static let scores = features.map { x in 0.4 * (x[0] - 5) + 0.03 * x[1] + 150 * x[2] + 0.8 * (x[3] - 1) }
    static let binary = zip(scores, noise).map { 1 / (1 + exponential(-$0)) > $1 ? 1 : 0 }
    static let ternary = zip(scores, noise).map { Int(min(max((($0 + 6 * ($1 - 0.5)) / 2 + 1.5).rounded(.down), 0), 2)) }
    static let numbers = zip(scores, noise).map { $0 * 2 + 7 + ($1 - 0.5) }
    static let weights = (0..<rowCount).map { Double(1 + Int(uniform(200_000 + $0) * 4)) }

    /// Columns a, b, c, d (features), y (0 or 1), z (0, 1 or 2), r (a number), w (a weight), id.
    static func data(rows: Range<Int> = 0..<rowCount) throws -> ImportData {
        let doubles: [(String, (Int) -> Double)] = [
            ("a", { features[$0][0] }), ("b", { features[$0][1] }), ("c", { features[$0][2] }), ("d", { features[$0][3] }),
        ]
        var schema = doubles.map { SchemaColumn(name: $0.0, type: .double) }
        var columns = doubles.map { column in build(.double, rows) { $0.append(column.1($1)) } }
        schema += [SchemaColumn(name: "y", type: .int), SchemaColumn(name: "z", type: .int)]
        columns.append(build(.int, rows) { $0.append(Int32(binary[$1])) })
        columns.append(build(.int, rows) { $0.append(Int32(ternary[$1])) })
        schema += [SchemaColumn(name: "r", type: .double), SchemaColumn(name: "w", type: .double)]
        columns.append(build(.double, rows) { $0.append(numbers[$1]) })
        columns.append(build(.double, rows) { $0.append(weights[$1]) })
        schema.append(SchemaColumn(name: "id", type: .string))
        columns.append(build(.string, rows) { $0.append("row \($1)") })
        return try ImportData(schema: schema, batches: [Batch(columns: columns, capacity: rows.count)])
    }

    private static func build(_ type: SQLType, _ rows: Range<Int>, _ append: (ColumnBuilder, Int) -> Void) -> Column {
        let builder = ColumnBuilder(type)
        for row in rows { append(builder, row) }
        return builder.finish()
    }

    static func table(label: String, kind: LabelKind = .automatic, weighted: Bool = false) throws -> FeatureTable {
        try data().featureTable(
            roles: ColumnRoles(
                label: label, features: ["a", "b", "c", "d"], weight: weighted ? "w" : nil, labelKind: kind))
    }
}

func learnerError(_ body: () throws -> Void) -> LearnerError? {
    do { try body() } catch { return error as? LearnerError }
    return nil
}

/// Whether numbers agree to a relative tolerance.
func agree(_ left: [Double], _ right: [Double], _ tolerance: Double) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance * max(abs($1), 1e-3) }
}

/// All probabilities, or all predicted numbers.
func numbers(_ predictions: Predictions) -> [Double] {
    switch predictions {
    case .classes(let probabilities, _): probabilities
    case .numbers(let values): values
    case .findings: []
    }
}
