import FeatureTables
import Foundation
import Learners
import Testing

/// Reports on models by rows: curves, thresholds, residuals, comparisons, and what the model gets from columns.
@Suite struct ModelEvaluationTests {
    private let hostile = "<script>alert(\"1\")</script> & 'x'\u{1B}[31m\u{7}"

    private func trained(_ data: ImportData, _ label: String, learner: String = "logistic-regression", features: [String]? = nil) throws -> TrainedModel {
        try TrainingRequest(roles: ColumnRoles(label: label, features: features), learner: learner, split: nil).run(on: data).model
    }

    private func judged(_ model: TrainedModel, _ data: ImportData, name: String = "m") throws -> NamedModel {
        var named = NamedModel(name: name, model: model)
        try named.judge(data)
        return named
    }

    private func report(_ model: TrainedModel, _ data: ImportData) throws -> EvaluationReport {
        try EvaluationRequest().report(on: try judged(model, data), rows: "rows")
    }

    /// The whole curve's area, its ends, and that it never falls.
    @Test func curvesAreWhole() throws {
        let data = try TestTable.payments(rows: 3000)
        let one = try #require(try report(try trained(data, "verdict", features: ["sum", "noise"]), data).evaluation?.classes.first)
        let points = one.curve.rocPoints
        let first = try #require(points.first), last = try #require(points.last)
        #expect(first.x == 0 && first.y == 0)
        #expect(last.x == 1 && last.y == 1)
        #expect(points.count > 100 && points.count < 220)
        var area = 0.0
        for (left, right) in zip(points, points.dropFirst()) {
            #expect(right.x >= left.x && right.y >= left.y)
            area += (right.x - left.x) * (left.y + right.y) / 2
        }
        let whole = try #require(one.areaUnderROC)
        #expect(abs(area - whole) < 0.002)
        let end = try #require(one.curve.points.last)
        #expect(one.curve.lift(end) == 1)
        let shown: Int = one.scores.reduce(0, +) + one.otherScores.reduce(0, +)
        #expect(shown == 3000)
        let binned: Double = one.reliability.bins.map(\.weight).reduce(0, +)
        #expect(binned == 3000)
        #expect(Set(one.choices.map(\.reason)) == [.even, .greatestF1, .greatestDistance])
    }

    /// The threshold of least cost is the best of all, by counting.
    @Test func thresholdsByCost() throws {
        let data = try TestTable.payments(rows: 500)
        let named = try judged(try trained(data, "verdict", features: ["sum", "noise"]), data)
        var request = EvaluationRequest()
        request.costs = MistakeCosts(falsePositive: 1, falseNegative: 6)
        let one = try #require(try request.report(on: named, rows: "rows").evaluation?.classes.first)
        let choice = try #require(one.choices.last)
        let counted: Double = choice.falsePositives + 6 * choice.falseNegatives
        #expect(choice.reason == .leastCost)
        #expect(choice.cost == counted)
        let outcome = try PredictionRequest(model: named.model).run(on: data)
        let position = try #require(outcome.schema.firstIndex { $0.name == "probability_legit" })
        let scores = outcome.columns[position].values(as: Double.self)
        let names = try data.levels(try data.columnIndex("verdict"))
        let isPositive = names.codes.map { names.levels[Int($0)] == "legit" }
        var least = Double.infinity
        for at in 0..<500 {
            var cost = 0.0
            for row in 0..<500 {
                let isTaken = scores[row] >= scores[at]
                if isTaken, !isPositive[row] { cost += 1 } else if !isTaken, isPositive[row] { cost += 6 }
            }
            least = min(least, cost)
        }
        #expect(choice.cost == least)
        let costs = one.choices.compactMap(\.cost)
        #expect(costs.count == 4 && costs.min() == least)
        withExtendedLifetime(outcome) {}
    }

    @Test func residualsAreCounted() throws {
        let data = try ReferenceData.data()
        let model = try trained(data, "r", learner: "linear-regression", features: ["a", "b"])
        let residuals = try #require(try report(model, data).evaluation?.residuals)
        let counted: Int = residuals.counts.reduce(0, +), cells: Int = residuals.density.joined().reduce(0, +)
        let grouped: Int = residuals.groups.map(\.rows).reduce(0, +)
        #expect(counted == ReferenceData.rowCount)
        #expect(residuals.edges.count == residuals.counts.count + 1)
        #expect(cells + residuals.rowsOutside == ReferenceData.rowCount)
        #expect(residuals.groups.count == 10)
        #expect(grouped == ReferenceData.rowCount)
        let means: [Double] = residuals.groups.map(\.meanPrediction), values: [Double] = residuals.quantiles.map(\.residual)
        #expect(means == means.sorted())
        #expect(values == values.sorted())
        #expect(abs(residuals.meanResidual) < 1e-9)
        for count in [1, 2] {
            let few = try report(model, try ReferenceData.data(rows: 0..<count))
            #expect(few.evaluation?.residuals?.counts.reduce(0, +) == count && few.html.contains("</html>"))
        }
    }

    /// Numbers at both ends of what `Double` holds have a report.
    @Test func farNumbersAreShown() throws {
        func table(_ numbers: [Double]) throws -> ImportData { try TestTable.make([("x", .doubles(numbers)), ("y", .doubles(numbers))]) }
        let model = try trained(try table((0..<50).map { Double($0) }), "y", learner: "linear-regression")
        var request = EvaluationRequest()
        request.explains = true
        let report = try request.report(on: try judged(model, try table([-1e308, 1e308])), rows: "rows")
        let residuals = try #require(report.evaluation?.residuals)
        #expect(residuals.least < residuals.greatest)
        #expect(report.html.contains("</html>"))
        #expect(try report.json().contains("\"residuals\""))
    }

    /// No name from data gets out of its place, into a page or past a terminal.
    @Test func namesFromDataStayInTheirPlace() throws {
        let rows = 300
        let data = try TestTable.make([
            (hostile, .doubles((0..<rows).map { uniform($0) })),
            ("kind", .texts((0..<rows).map { $0 % 3 == 0 ? hostile : $0 % 3 == 1 ? "b" : "<c>" })),
            ("y", .texts((0..<rows).map { uniform($0) < 0.3 ? hostile : $0 % 2 == 0 ? "b" : "<c>" })),
        ])
        var request = EvaluationRequest()
        request.explains = true
        let named = try judged(try trained(data, "y"), data, name: hostile)
        let page = try request.report(on: named, rows: hostile).html
        #expect(!page.contains("<script") && !page.contains("<c>") && !page.contains("\u{1B}") && !page.contains("\u{7}"))
        #expect(page.contains("&lt;script&gt;") && !page.contains("alert(\""))
        // What is opened is closed.
        for tag in ["section", "table", "tr", "td", "th", "article", "figure", "svg", "details", "div", "ul", "li", "dl", "span", "h2", "h3"] {
            let opened = page.ranges(of: "<\(tag)>").count + page.ranges(of: "<\(tag) ").count
            #expect(opened == page.ranges(of: "</\(tag)>").count, "\(tag)")
        }
    }

    // MARK: Columns

    @Test func whatMattersIsFound() throws {
        let rows = 800
        let data = try TestTable.make([
            ("matters", .doubles((0..<rows).map { uniform($0) })), ("noise", .doubles((0..<rows).map { uniform(9_000 + $0) })),
            ("kind", .texts((0..<rows).map { $0 % 4 == 0 ? "high" : "low" })),
            ("y", .doubles((0..<rows).map { 10 * uniform($0) + ($0 % 4 == 0 ? 1 : 0) })),
        ])
        let named = try judged(try trained(data, "y", learner: "linear-regression"), data)
        var request = EvaluationRequest()
        request.explains = true
        let report = try request.report(on: named, rows: "rows")
        let importance = try #require(report.importance)
        let names: [String] = importance.columns.map(\.name)
        #expect(names == ["matters", "kind", "noise"])
        #expect(importance.measure.name == "rootMeanSquaredError")
        #expect(importance.columns[0].loss > 3)
        #expect(abs(importance.columns[2].loss) < 0.01)
        let line = try #require(report.dependences.first)
        #expect(line.column == "matters" && line.points.count == 12)
        for (left, right) in zip(line.points, line.points.dropFirst()) {
            let rise: Double = right.means[0] - left.means[0], run: Double = (right.number ?? 0) - (left.number ?? 0)
            #expect(abs(rise / run - 10) < 0.01)
        }
        let kinds = try #require(report.dependences.first { $0.column == "kind" })
        let values: [String] = kinds.points.map(\.value)
        #expect(values == ["low", "high"])
        let step: Double = kinds.points[1].means[0] - kinds.points[0].means[0]
        #expect(abs(step - 1) < 0.02)
        #expect(try request.report(on: named, rows: "rows").importance == importance)
        request.resampling.seed = 1
        #expect(try request.report(on: named, rows: "rows").importance != importance)
        request.isCancelled = { true }
        #expect(learnerError { _ = try request.report(on: named, rows: "rows") } == .cancelled)
    }

    // MARK: Chance

    /// An interval at 90 % holds the true value in about 90 of 100 draws of rows.
    @Test func intervalsHoldTheTruth() throws {
        var held = 0
        for draw in 0..<100 {
            let data = try TestTable.make([("x", .doubles((0..<150).map { Double($0 % 2) })), ("y", .ints((0..<150).map {
                uniform(draw * 1_000 + 3 * $0) < 0.8 ? $0 % 2 : 1 - $0 % 2
            }))])
            // Predicts x.
            let sure = try TestTable.make([("x", .doubles((0..<40).map { Double($0 % 2) })), ("y", .ints((0..<40).map { $0 % 2 }))])
            var request = EvaluationRequest()
            request.tellsIntervals = true
            request.resampling = Resampling(level: 0.9, count: 200)
            let found = try request.report(on: try judged(try trained(sure, "y"), data), rows: "rows").evaluation?.intervals
            let accuracy = try #require(found?.first { $0.name == "accuracy" })
            if accuracy.lower <= 0.8, accuracy.upper >= 0.8 { held += 1 }
        }
        #expect((82...97).contains(held), "\(held)")
    }

    @Test func comparisonsPairTheRows() throws {
        let data = try ReferenceData.data()
        let good = try judged(try trained(data, "y", features: ["a", "b", "c", "d"]), data, name: "good")
        let poor = try judged(try trained(data, "y", features: ["b"]), data, name: "poor")
        var request = EvaluationRequest()
        request.resampling.count = 300
        let comparison = try #require(try request.report(on: good, against: poor, rows: "rows").comparison)
        #expect(comparison.rows == 200 && comparison.verdict.hasPrefix("good is better than poor: AUC"))
        let other = try #require(try request.report(on: poor, against: good, rows: "rows").comparison)
        #expect(other.verdict.hasPrefix("good is better than poor: AUC"))
        for (one, two) in zip(comparison.differences, other.differences) {
            #expect(one.difference == -two.difference)
            if let lower = one.lower, let upper = two.upper { #expect(abs(lower + upper) < 1e-12) }
        }
        request.threads = 3
        #expect(try request.report(on: good, against: poor, rows: "rows").comparison == comparison)
        let alike = try judged(try trained(data, "y", features: ["a", "c", "d", "b"]), data, name: "alike")
        let verdict = try request.report(on: good, against: alike, rows: "rows").comparison?.verdict ?? ""
        #expect(verdict.contains("as good as each other") || verdict.hasPrefix("The rows do not tell"), "\(verdict)")
        let number = try judged(try trained(data, "r", learner: "linear-regression", features: ["a"]), data, name: "number")
        #expect(learnerError { _ = try request.report(on: good, against: number, rows: "rows") }?.description.contains("same label") == true)
    }
}
