import FeatureTables
import Foundation
import Learners
import Testing

/// Classes made equally many: what is drawn, between what new rows lie, and that rows to judge stay as they are.
@Suite struct ClassBalancingTests {
    private struct Recorded: Decodable {
        var rows: [[Double]]
        var count: Int
        var neighbors: [[Int32]]
        var drawn: [Int]
        var steps: [Double]
        var made: [[Double]]
    }

    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/balancing/smote.json")

    private func matrix(_ rows: [[Double]], isSparse: Bool) throws -> FeatureMatrix {
        let names = rows[0].indices.map { "x\($0)" }
        return isSparse ? try FeatureMatrix(sparse: rows, columnNames: names) : try FeatureMatrix(rows: rows, columnNames: names)
    }

    /// scikit-learn's neighbors and imbalanced-learn's rows between them, recorded by `Tests/Peers/balancing.py`.
    @Test(arguments: [false, true]) func rowsBetweenNeighborsAreThoseOfImbalancedLearn(_ isSparse: Bool) throws {
        let recorded = try JSONDecoder().decode(Recorded.self, from: Data(contentsOf: Self.file))
        // Rows of another class stand between them.
        let rows = recorded.rows.flatMap { row -> [[Double]] in [row, [9, 9, 9]] }
        let own = recorded.rows.indices.map { Int32(2 * $0) }
        let matrix = try matrix(rows, isSparse: isSparse)
        let found = try NearestNeighbors(
            of: own, in: matrix, count: recorded.count, memory: ImportMemory(), context: TrainingContext(threads: 3))
        #expect(found.places == recorded.neighbors.flatMap { $0 })
        let label = FeatureLabel.classes(codes: rows.indices.map { Int32($0 % 2) }, names: ["few", "many"])
        let table = try FeatureTable(matrix: matrix, label: label)
            .appending(zip(recorded.drawn, recorded.steps).map { found.row($0, share: $1) })
        #expect(table.rowCount == rows.count + recorded.made.count)
        for (place, expected) in recorded.made.enumerated() {
            for (feature, value) in expected.enumerated() {
                #expect(abs(table.matrix[rows.count + place, feature] - value) < 1e-12)
            }
        }
        guard case .classes(let codes, _) = table.label else {
            Issue.record("no classes")
            return
        }
        #expect(codes.dropFirst(rows.count).allSatisfy { $0 == 0 })
    }

    /// 60, 300 and 40 rows of three classes.
    private func table(isSparse: Bool = false, weights: Bool = false) throws -> FeatureTable {
        let codes = (0..<400).map { row -> Int32 in row % 20 < 3 ? 0 : row % 20 < 18 ? 1 : 2 }
        let rows = codes.enumerated().map { row, code in [uniform(3 * row) + Double(code), code == 1 ? 0 : uniform(5 * row + 1), Double(row)] }
        return try FeatureTable(
            matrix: try matrix(rows, isSparse: isSparse), label: .classes(codes: codes, names: ["a", "b", "c"]),
            weights: weights ? codes.map { Double($0 + 1) } : nil)
    }

    private func counts(_ table: FeatureTable) throws -> [Int] {
        guard case .classes(let codes, let names) = table.label else { return [] }
        return names.indices.map { name in codes.count { Int($0) == name } }
    }

    private func balanced(
        _ table: FeatureTable, _ method: BalancingOptions.Method, seed: UInt64 = 0, threads: Int = 1
    ) throws -> FeatureTable {
        try ClassBalancing(options: BalancingOptions(method: method, seed: seed)).balanced(table, TrainingContext(threads: threads)).table
    }

    private func elements(_ table: FeatureTable) -> [[Double]] {
        (0..<table.rowCount).map { row in (0..<table.matrix.columnCount).map { table.matrix[row, $0] } }
    }

    @Test(arguments: BalancingOptions.Method.allCases, [false, true])
    func classesAreEquallyMany(_ method: BalancingOptions.Method, _ isSparse: Bool) throws {
        let table = try table(isSparse: isSparse, weights: true)
        let made = try balanced(table, method)
        #expect(try counts(made) == (method == .down ? [40, 40, 40] : [300, 300, 300]))
        #expect(made.sourceRows.count == made.rowCount && made.weights?.count == made.rowCount && made.matrix.layout == table.matrix.layout)
        let known = Set(elements(table))
        let rows = elements(made)
        switch method {
        case .down: #expect(known.isSuperset(of: rows) && Set(rows).count == 120)
        case .up: #expect(known == Set(rows) && Array(rows.prefix(400)) == elements(table))
        case .smote:
            #expect(Array(rows.prefix(400)) == elements(table))
            // The third feature is the row's number, which is no whole number between two rows.
            #expect(rows.dropFirst(400).count { $0[2] != $0[2].rounded() } > 490)
            let classes = made.weights?.dropFirst(400).map { $0 } ?? []
            #expect(Set(classes) == [1, 3])
        }
    }

    @Test(arguments: BalancingOptions.Method.allCases) func seedsDrawAndThreadsDoNot(_ method: BalancingOptions.Method) throws {
        let table = try table()
        let once = elements(try balanced(table, method, seed: 4))
        #expect(elements(try balanced(table, method, seed: 4, threads: 5)) == once)
        #expect(elements(try balanced(table, method, seed: 5)) != once)
    }

    @Test func whatCannotBeBalancedIsSaid() throws {
        let numbers = try FeatureTable(matrix: try FeatureMatrix(rows: [[1], [2]], columnNames: ["x"]), label: .numbers([1, 2]))
        #expect(learnerError { _ = try balanced(numbers, .down) } == .cannotBalance("label 'label' is learned as a number, and has no classes"))
        let few = try FeatureTable(
            matrix: try FeatureMatrix(rows: (0..<12).map { [Double($0)] }, columnNames: ["x"]),
            label: .classes(codes: (0..<12).map { $0 < 5 ? 0 : 1 }, names: ["few", "many"]))
        #expect(
            learnerError { _ = try balanced(few, .smote) }
                == .cannotBalance("SMOTE with 5 neighbors takes more than 5 rows of a class, and 'few' has 5 to train on"))
        #expect(try counts(try balanced(few, .up)) == [7, 7])
        let missing = try FeatureTable(
            matrix: try FeatureMatrix(rows: [[.nan], [2]], columnNames: ["x"]), label: .classes(codes: [0, 1], names: ["a", "b"]))
        #expect(learnerError { _ = try balanced(missing, .smote) } == .missingValues(features: ["x"], learner: "SMOTE"))
    }

    /// A whole training: the rarer class is found, what is judged is as it was, and rows to judge have no say.
    @Test(arguments: BalancingOptions.Method.allCases) func trainingsAreBalancedAndJudgementsAreNot(_ method: BalancingOptions.Method) throws {
        var request = TrainingRequest(
            roles: ColumnRoles(label: "verdict", features: ["sum", "noise"]), learner: "logistic-regression", positiveClass: "fraud")
        let data = try TestTable.payments(rows: 2000)
        func recall(_ outcome: TrainingOutcome) throws -> Double {
            guard case .classification(let metrics) = try #require(outcome.report.evaluation).unweighted else { return -1 }
            return try #require(metrics.classes.first { $0.name == "fraud" }).recall
        }
        let plain = try request.run(on: data)
        request.balancing = BalancingOptions(method: method, seed: 3)
        let outcome = try request.run(on: data)
        #expect(try recall(outcome) > recall(plain) + 0.3)
        // What is measured of training rows is of those that there are.
        guard case .classification(let after) = outcome.report.training.unweighted,
            case .classification(let before) = plain.report.training.unweighted
        else {
            Issue.record("no classes")
            return
        }
        #expect(after.rows == before.rows)
        #expect(outcome.report.fit.notes.contains { $0.hasPrefix("classes balanced (\(method.rawValue))") })
    }
}
