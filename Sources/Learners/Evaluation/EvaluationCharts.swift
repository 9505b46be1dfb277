import FeatureTables

/// Which charts a report has.
enum EvaluationCharts {
    /// The curves of the classes that are looked at, and of one class those of the other model too.
    static func curves(_ report: EvaluationReport) -> [EvaluationChart] {
        guard let evaluation = report.evaluation else { return [] }
        let others = evaluation.classes.count == 1 ? report.otherEvaluation?.classes ?? [] : []
        func lines(
            hasMarks: Bool = false, _ points: (ClassEvaluation) -> [(x: Double, y: Double)]
        ) -> [EvaluationChart.Line] {
            var lines = evaluation.classes.enumerated().map { place, one in
                EvaluationChart.Line(
                    name: others.isEmpty ? one.name : report.model.name, points: points(one), color: place, hasMarks: hasMarks)
            }
            lines += others.map {
                EvaluationChart.Line(
                    name: report.other?.name ?? "", points: points($0), color: 1, isDashed: true, hasMarks: hasMarks)
            }
            return lines
        }
        let lift = lines { $0.curve.liftPoints }
        let highest = lift.flatMap(\.points).map(\.y).max() ?? 1
        return [
            EvaluationChart(
                title: "ROC", x: "false positive rate", y: "recall", lines: lines { $0.curve.rocPoints },
                reference: [(0, 0), (1, 1)]),
            EvaluationChart(
                title: "Precision and recall", x: "recall", y: "precision", lines: lines { $0.curve.precisionPoints },
                reference: share(evaluation).map { [(0, $0), (1, $0)] } ?? []),
            EvaluationChart(
                title: "Gain", x: "rows taken", y: "recall", lines: lines { $0.curve.gainPoints }, reference: [(0, 0), (1, 1)]),
            EvaluationChart(
                title: "Lift", x: "share of rows taken", y: "lift", lines: lift, reference: [(0, 1), (1, 1)],
                range: 0...max(highest, 1)),
            EvaluationChart(
                title: "Calibration", x: "predicted probability", y: "share that came true",
                lines: lines(hasMarks: true) { $0.reliability.points }, reference: [(0, 0), (1, 1)]),
        ]
    }

    /// What precision is by chance; of one class only.
    private static func share(_ evaluation: ModelEvaluation) -> Double? {
        guard evaluation.classes.count == 1, let curve = evaluation.classes.first?.curve else { return nil }
        let all = curve.positives + curve.negatives
        return all > 0 ? curve.positives / all : nil
    }

    /// How predictions depend on a column that is a quantity: of two classes the positive one's probability.
    static func dependence(_ dependence: PartialDependence, _ report: EvaluationReport) -> EvaluationChart? {
        let numbers = dependence.points.compactMap(\.number)
        guard numbers.count == dependence.points.count, let least = numbers.min(), let greatest = numbers.max(), least < greatest
        else { return nil }
        let lines = report.outputs.map { output in
            EvaluationChart.Line(
                name: output.name, points: dependence.points.map { ($0.number ?? 0, $0.means[output.place]) }, color: output.place,
                hasMarks: true)
        }
        let means = lines.flatMap(\.points).map(\.y)
        guard means.allSatisfy(\.isFinite) else { return nil }
        let low = means.min() ?? 0, high = means.max() ?? 1
        let range = report.positiveClass == nil && report.outputs.count == 1
            ? (low < high ? low...high : (low - 0.5)...(low + 0.5)) : 0...1
        return EvaluationChart(
            title: dependence.column, x: dependence.column, y: report.outputs.count == 1 ? report.outputs[0].name : "mean probability",
            lines: lines, domain: least...greatest, range: range)
    }

    /// Where the rows are by prediction and truth.
    static func density(_ residuals: ResidualEvaluation) -> EvaluationChart {
        let ends = residuals.least...residuals.greatest
        return EvaluationChart(
            title: "Prediction and truth", x: "prediction", y: "truth", lines: [],
            reference: [(ends.lowerBound, ends.lowerBound), (ends.upperBound, ends.upperBound)], domain: ends, range: ends,
            cells: residuals.density,
            caption: residuals.rowsOutside > 0 ? "\(ReportNumber.count(Double(residuals.rowsOutside))) row(s) are outside" : nil)
    }

    /// Mean truth over mean prediction of groups of rows.
    static func groups(_ residuals: ResidualEvaluation) -> EvaluationChart {
        let points = residuals.groups.map { (x: $0.meanPrediction, y: $0.meanTruth) }
        let least = points.flatMap { [$0.x, $0.y] }.min() ?? 0, greatest = points.flatMap { [$0.x, $0.y] }.max() ?? 1
        let ends = least < greatest ? least...greatest : (least - 0.5)...(least + 0.5)
        return EvaluationChart(
            title: "Mean truth of tenths of the rows", x: "mean prediction", y: "mean truth",
            lines: [EvaluationChart.Line(name: "tenths", points: points, color: 0, hasMarks: true)],
            reference: [(ends.lowerBound, ends.lowerBound), (ends.upperBound, ends.upperBound)], domain: ends, range: ends)
    }
}
