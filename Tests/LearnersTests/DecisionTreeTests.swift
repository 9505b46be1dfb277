import FeatureTables
import Learners
import Platform
import Testing

@Suite struct DecisionTreeTests {
    private func table(_ rows: [[Double]], _ label: FeatureLabel, weights: [Double]? = nil) throws -> FeatureTable {
        try FeatureTable(
            matrix: try FeatureMatrix(rows: rows, columnNames: rows[0].indices.map { "x\($0)" }), label: label, weights: weights)
    }

    private func classes(_ codes: [Int]) -> FeatureLabel {
        .classes(codes: codes.map { Int32($0) }, names: (0...(codes.max() ?? 0)).map { ["no", "yes", "perhaps", "later"][$0] })
    }

    private func train(_ table: FeatureTable, _ hyperparameters: [String: String] = [:], threads: Int = 1) throws -> TrainingResult {
        try DecisionTree(hyperparameters: ["min-leaf-rows": "1"].merging(hyperparameters) { $1 })
            .train(table, context: TrainingContext(threads: threads))
    }

    /// Neither feature helps by itself.
    @Test func divisionsWithoutGainLeadOn() throws {
        let rows = (0..<8).map { [Double($0 & 1), Double($0 >> 1 & 1)] }
        let table = try table(rows, classes((0..<8).map { ($0 & 1) ^ ($0 >> 1 & 1) }))
        let result = try train(table)
        #expect(result.fit.objective == 0)
        #expect(result.fit.rules == [
            "x0 <= 0.5 (4 row(s))", "|  x1 <= 0.5: no 1.000 (2 row(s))", "|  x1 > 0.5: yes 1.000 (2 row(s))",
            "x0 > 0.5 (4 row(s))", "|  x1 <= 0.5: yes 1.000 (2 row(s))", "|  x1 > 0.5: no 1.000 (2 row(s))",
        ])
        #expect(try train(table, ["min-gain": "0.001"]).fit.rules == nil)
    }

    @Test func missingValuesGoTheBetterWay() throws {
        // Missing is as small ones are, as large ones are, and by itself.
        for (label, expected) in [
            ([0, 0, 0, 1, 1, 1, 0, 0], ["x0 <= 3.5 or missing: no 1.000 (5 row(s))", "x0 > 3.5: yes 1.000 (3 row(s))"]),
            ([0, 0, 0, 1, 1, 1, 1, 1], ["x0 <= 3.5: no 1.000 (3 row(s))", "x0 > 3.5 or missing: yes 1.000 (5 row(s))"]),
            ([0, 0, 0, 0, 0, 0, 1, 1], ["x0 present: no 1.000 (6 row(s))", "x0 missing: yes 1.000 (2 row(s))"]),
        ] {
            let values = [1, 2, 3, 4, 5, 6, Double.nan, .nan]
            let table = try table(values.map { [$0] }, classes(label))
            let result = try train(table)
            #expect(result.fit.rules == expected)
            #expect(try result.model.predict(table.matrix, threads: 1).predictedClasses == label.map { Int32($0) })
        }
        // Where training lacked none, a missing value goes with most rows.
        let complete = try table([[1], [2], [3], [4], [5]], classes([0, 0, 1, 1, 1]))
        let missing = try FeatureMatrix(rows: [[.nan]], columnNames: ["x0"])
        #expect(try train(complete).model.predict(missing, threads: 1).predictedClasses == [1])
    }

    @Test func infinitiesAreValues() throws {
        let values = [-Double.infinity, -.infinity, -1e308, 0, 1e308, .infinity, .infinity, .nan]
        let codes = [0, 0, 1, 1, 1, 2, 2, 3]
        let table = try table(values.map { [$0] }, classes(codes))
        let model = try train(table).model
        #expect(try model.predict(table.matrix, threads: 1).predictedClasses == codes.map { Int32($0) })
    }

    @Test func leavesAreLimited() throws {
        let table = try ReferenceData.table(label: "r")
        for (limit, count) in [("2", 2), ("7", 7), ("50", 50)] {
            let result = try train(table, ["leaves": limit, "depth": "auto"])
            #expect(result.fit.stopReason.hasPrefix("a tree of \(count) leaves"))
        }
        // What lessens the error most comes first: more leaves are never worse.
        let objectives = try [2, 3, 5, 9, 17].map { try train(table, ["leaves": "\($0)", "depth": "auto"]).fit.objective ?? 0 }
        #expect(objectives == objectives.sorted(by: >))
        let few = try train(table, ["min-leaf-rows": "30", "depth": "auto"])
        let counts = try #require(TreeRules(of: few.model)).rules.map(\.rowCount)
        #expect(counts.allSatisfy { $0 >= 30 } && counts.reduce(0, +) == 200)
        #expect(try train(table, ["depth": "1"]).fit.stopReason == "a tree of 2 leaves, depth 1")
    }

    /// A weight is the row so many times; a weight of 0 is no row.
    @Test(arguments: ["y", "z", "r"], ["gini", "entropy"]) func weightsAreRepeatedRows(_ label: String, _ criterion: String) throws {
        let base = try ReferenceData.table(label: label)
        let times = (0..<base.rowCount).map { $0 * 7 % 4 }
        let repeated = try base.selecting(times.indices.flatMap { row in Array(repeating: Int32(row), count: times[row]) })
        let weighted = try table(
            ReferenceData.features, try #require(base.label), weights: times.map { Double($0) * 0x1p-40 })
        let settings = ["criterion": criterion, "depth": "6"]
        let one = try train(weighted, settings).model, two = try train(repeated, settings).model
        // Of divisions that part the rows alike either may be taken; they differ for rows that weigh nothing.
        let rows = repeated.matrix
        #expect(agree(numbers(try one.predict(rows, threads: 1)), numbers(try two.predict(rows, threads: 1)), 1e-12))
    }

    /// More values than bins: ranges of about as many rows.
    @Test func manyValuesAreBinned() throws {
        let count = 100_000
        let rows = (0..<count).map { row -> [Double] in [uniform(row), Double(row % 3)] }
        let numbers = rows.map { row -> Double in row[0] < 0.3 ? 1 : row[0] < 0.7 ? 5 : -2 }
        let table = try table(rows, .numbers(numbers))
        let result = try train(table, ["leaves": "3", "depth": "auto"], threads: 2)
        let rules = try #require(TreeRules(of: result.model)).rules
        let ends = rules.compactMap { rule in rule.condition.split(separator: "<= ").last.flatMap { Double($0) } }
        #expect(rules.count == 3 && ends.count == 2 && abs(ends[0] - 0.3) < 0.005 && abs(ends[1] - 0.7) < 0.005, "\(rules)")
        let fewer = try train(table, ["leaves": "3", "depth": "auto", "bins": "4"])
        #expect((fewer.fit.objective ?? 0) > (result.fit.objective ?? 1))
        // A value that one row in many thousand has is a bin all the same where there are few values.
        let rare = (0..<200_000).map { row -> Double in row == 77_777 ? 2 : Double(row % 2) }
        let exact = try train(try self.table(rare.map { [$0] }, .numbers(rare.map { $0 == 2 ? 100 : 0 })))
        #expect((exact.fit.objective ?? 1) < 1e-12)
    }

    @Test(arguments: ["y", "z", "r"]) func threadsDoNotMatter(_ label: String) throws {
        // Enough rows for features to be shared among threads.
        let base = try ReferenceData.table(label: label, weighted: true)
        let table = try base.selecting((0..<100_000).map { Int32(uniform($0) * 200) })
        let one = try train(table, ["depth": "auto"]).model.saved(), four = try train(table, ["depth": "auto"], threads: 4).model.saved()
        #expect(one.coded == four.coded && one.parts == four.parts && !one.parts.isEmpty)
    }

    @Test func sparseAndDenseAreTheSame() throws {
        let rows = (0..<3000).map { row -> [Double] in
            (0..<40).map { column -> Double in uniform(row * 40 + column) < 0.1 ? (uniform(row + column) * 5).rounded() : 0 }
        }
        let codes = rows.map { row -> Int32 in row[0] + row[1] + row[2] > 3 ? 1 : 0 }
        let label = FeatureLabel.classes(codes: codes, names: ["no", "yes"])
        let names = (0..<40).map { "x\($0)" }
        let dense = try FeatureTable(matrix: try FeatureMatrix(rows: rows, columnNames: names), label: label)
        let sparse = try FeatureTable(matrix: try FeatureMatrix(sparse: rows, columnNames: names), label: label)
        let one = try train(dense).model.saved(), two = try train(sparse).model.saved()
        #expect(one.coded == two.coded && one.parts == two.parts)
        let model = try train(sparse).model
        #expect(try numbers(model.predict(sparse.matrix, threads: 2)) == numbers(model.predict(dense.matrix, threads: 1)))
    }

    @Test func poorDataIsToldOrTaken() throws {
        // Nothing to divide by.
        for value in [1.5, Double.nan] {
            let result = try train(try table([[value], [value], [value]], classes([0, 1, 1])))
            let model = result.model
            #expect(agree(numbers(try model.predict(try FeatureMatrix(rows: [[3]], columnNames: ["x0"]), threads: 1)), [1 / 3, 2 / 3], 1e-12))
            #expect(result.fit.rules == nil && model.influences.first?.magnitude == 0)
        }
        #expect(learnerError { _ = try train(try table([[1], [2]], .numbers([1, .infinity]))) } == .notFinite("the sum of squared labels", of: "the label"))
        #expect(learnerError { _ = try train(try table([[1], [2]], .numbers([1e200, -1e200]))) } == .notFinite("the sum of squared labels", of: "the label"))
        #expect(learnerError { _ = try train(try table([[1], [2]], .classes(codes: [0, 0], names: ["a"]))) }
            == .singleClass(label: "label", name: "a"))
        #expect(learnerError { _ = try train(try table([[1], [2]], classes([0, 1]), weights: [0, 0])) } == .noWeight)
        #expect(learnerError { _ = try train(try table([[1], [2]], classes([0, 1]), weights: [1, .infinity])) } != nil)
        // Squares of such weights are no numbers any more.
        for scale in [1e-300, 1e300] {
            let table = try table([[1], [2], [3], [4]], classes([0, 1, 1, 0]), weights: [1, 2, 3, 4].map { $0 * scale })
            let objective = try #require(try train(table).fit.objective)
            #expect(objective < 1e-12)
        }
        let regression = try DecisionTree(hyperparameters: [:], task: .regression)
        #expect(learnerError { _ = try regression.train(try table([[1], [2]], classes([0, 1])), context: TrainingContext()) }
            == .labelIsNotNumeric("label"))
        for (name, value) in [("depth", "0"), ("min-leaf-rows", "0"), ("bins", "256"), ("leaves", "1"), ("min-gain", "-1"), ("criterion", "x")] {
            #expect(learnerError { _ = try DecisionTree(hyperparameters: [name: value]) } != nil, "\(name)")
        }
    }

    @Test func trainingsAreCancelled() throws {
        let table = try ReferenceData.table(label: "y")
        let context = TrainingContext(isCancelled: { true })
        #expect(learnerError { _ = try DecisionTree().train(table, context: context) } == .cancelled)
        #expect(learnerError { _ = try RandomForest().train(table, context: context) } == .cancelled)
        #expect(learnerError { _ = try NaiveBayes().train(table, context: context) } == .cancelled)
    }

    @Test func rulesNameEachFeatureOnce() throws {
        let rows = (0..<60).map { row -> [Double] in [Double(row), row % 5 == 0 ? Double.nan : Double(row % 5)] }
        let numbers = rows.map { row -> Double in
            if row[0] < 20 { return 1 }
            if row[0] >= 40 { return 9 }
            return row[1].isNaN ? 7 : 3
        }
        let model = try train(try table(rows, .numbers(numbers))).model
        let rules = try #require(TreeRules(of: model)).rules
        #expect(rules.map(\.condition) == [
            "x0 <= 19.5", "x0 > 19.5 AND x0 <= 39.5 AND x1 IS NOT NULL", "x0 > 19.5 AND x0 <= 39.5 AND x1 IS NULL", "x0 > 39.5",
        ])
        #expect(rules.map(\.predictedNumber) == [1, 3, 7, 9] && rules.map(\.rowCount) == [20, 16, 4, 20])
        let forest = try RandomForest().train(try table(rows, .numbers(numbers)), context: TrainingContext()).model
        #expect(TreeRules(of: forest) == nil)
    }
}
