import FeatureTables

/// How the classes of the rows that are trained on are made equally many. Rows that are judged stay as they are.
public struct BalancingOptions: Sendable, Equatable {
    public enum Method: String, Sendable, CaseIterable {
        /// Of each class as many rows are drawn as the smallest one has.
        case down
        /// To each class rows of it are added, drawn with repetition, until it has as many as the largest one.
        case up
        /// To each class rows are added that lie between rows of it (Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority
        /// over-sampling technique", 2002).
        case smote
    }

    public var method: Method
    /// Between a row and how many of its nearest ones of the class new rows lie (SMOTE).
    public var neighborCount: Int

    public var seed: UInt64

    public static let usualNeighbors = 5

    public init(method: Method, neighborCount: Int = usualNeighbors, seed: UInt64 = 0) {
        self.method = method
        self.neighborCount = neighborCount
        self.seed = seed
    }
}

/// Makes the classes of a table equally many. What is drawn depends on the seed and the table's rows alone.
package struct ClassBalancing {
    private let options: BalancingOptions

    package init(options: BalancingOptions) { self.options = options }

    private func random(of name: Int) -> RandomNumbers { RandomNumbers(seed: Int(truncatingIfNeeded: options.seed), stream: name) }

    /// The table to train on, and a sentence about it.
    /// - Throws: `LearnerError.cannotBalance`, `.missingValues`, `.cancelled`; `FeatureError.outOfMemory`.
    package func balanced(_ table: FeatureTable, _ context: TrainingContext) throws -> (table: FeatureTable, note: String) {
        let label = table.encoding.label?.name ?? "label"
        guard case .classes(let codes, let names) = table.label else {
            throw LearnerError.cannotBalance("label '\(label)' is learned as a number, and has no classes")
        }
        var members = [[Int32]](repeating: [], count: names.count)
        for (row, code) in codes.enumerated() { members[Int(code)].append(Int32(row)) }
        let counts = members.map(\.count).filter { $0 > 0 }
        guard let least = counts.min(), let most = counts.max() else { return (table, "there are no rows to balance") }
        let result: FeatureTable
        switch options.method {
        case .down:
            var kept: [Int32] = []
            for (name, rows) in members.enumerated() where !rows.isEmpty {
                var random = random(of: name)
                kept += random.distinct(least, below: rows.count).map { rows[Int($0)] }
            }
            result = try table.selecting(kept.sorted())
        case .up:
            var rows = (0..<Int32(table.rowCount)).map { $0 }
            for (name, own) in members.enumerated() where !own.isEmpty {
                var random = random(of: name)
                for _ in own.count..<most { rows.append(own[random.below(own.count)]) }
            }
            result = try table.selecting(rows)
        case .smote:
            try table.matrix.write()
            try table.matrix.requireValues("SMOTE")
            var made: [InterpolatedRow] = []
            for (name, own) in members.enumerated() where !own.isEmpty && own.count < most {
                let count = options.neighborCount
                guard own.count > count else {
                    throw LearnerError.cannotBalance(
                        "SMOTE with \(count) neighbors takes more than \(count) rows of a class, and '\(names[name])' has "
                            + "\(own.count) to train on")
                }
                let neighbors = try NearestNeighbors(
                    of: own, in: table.matrix, count: count, memory: table.source.memory, context: context)
                var random = random(of: name)
                made += (own.count..<most).map { _ in
                    let place = random.below(own.count * count)
                    return neighbors.row(place, share: random.share())
                }
            }
            result = try table.appending(made)
        }
        guard result.rowCount > 0 else { return (table, "there are no rows to balance") }
        let parts = members.indices.filter { !members[$0].isEmpty }.map { name in
            "\(members[name].count) → \(options.method == .down ? least : most) of \(names[name])"
        }
        let shown = parts.prefix(Self.mostShown).joined(separator: ", ") + (parts.count > Self.mostShown ? ", …" : "")
        return (result, "classes balanced (\(options.method.rawValue)) among the rows that are learned from: \(shown)")
    }

    private static let mostShown = 8
}
