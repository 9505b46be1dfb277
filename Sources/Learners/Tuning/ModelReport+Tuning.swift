import FeatureTables
import Platform

extension ModelReport {
    private static let mostTrials = 12

    /// What folds and a search told, for a terminal; begins with an empty line, or is empty.
    package var tuningLines: [String] {
        var lines: [String] = []
        if let crossValidation {
            let rows = crossValidation.summaries.filter(\.measure.isBrief).map { summary in
                [summary.measure.title, EvaluationWords.value(summary.mean), "± \(EvaluationWords.value(summary.deviation))"]
                    + summary.values.prefix(Self.mostTrials).map(EvaluationWords.value)
            }
            let folds = crossValidation.folds.count
            let head = ["\(folds) folds of the training rows", "mean", "deviation"]
                + (1...max(folds, 1)).prefix(Self.mostTrials).map { "fold \($0)" }
            lines += [""] + aligned([head] + rows)
        }
        guard let search else { return lines }
        let names = search.names
        let head = ["trial"] + names + [search.title, "deviation"] + (search.triesFewerRows ? ["rows"] : [])
        let ranking = search.ranking
        let rows = ranking.prefix(Self.mostTrials).map { search.cells(of: $0, names) }
        lines += ["", "search (\(search.method.rawValue)), the best first"] + aligned([head] + rows)
        if ranking.count > rows.count { lines.append("… and \(ranking.count - rows.count) more") }
        return lines
    }
}

extension HyperparameterSearch {
    /// The hyperparameters that were tried.
    package var names: [String] { Set(trials.flatMap(\.hyperparameters.keys)).sorted() }

    package var triesFewerRows: Bool { trials.contains { $0.rowShare < 1 } }

    /// The trial's number and values, as reports show them.
    package func cells(of place: Int, _ names: [String]) -> [String] {
        let trial = trials[place]
        let mean = trial.mean.map(EvaluationWords.value) ?? trial.error ?? ""
        return ["\(place + 1)"] + names.map { trial.hyperparameters[$0] ?? "" }
            + [mean, trial.deviation.map { "± \(EvaluationWords.value($0))" } ?? ""]
            + (triesFewerRows ? [ReportNumber.percent(trial.rowShare)] : [])
    }

    var tree: JSON {
        ReportJSON.object([
            ("method", .string(method.rawValue)), ("objective", .string(objective)), ("folds", ReportJSON.count(folds)),
            ("best", ReportJSON.count(best)),
            ("trials", .array(trials.map { trial in
                ReportJSON.object([
                    ("hyperparameters", ReportJSON.hyperparameters(trial.hyperparameters)),
                    ("rowShare", ReportJSON.number(trial.rowShare)), ("mean", ReportJSON.number(trial.mean)),
                    ("deviation", ReportJSON.number(trial.deviation)),
                    ("values", ReportJSON.numbers(trial.values)), ("error", ReportJSON.text(trial.error)),
                ])
            })),
        ])
    }
}

extension CrossValidation {
    var tree: JSON {
        ReportJSON.object([
            ("folds", .array(folds.map { fold in
                ReportJSON.object([
                    ("trainingRows", ReportJSON.count(fold.trainingRows)), ("metrics", ReportJSON.metrics(fold.metrics)),
                ])
            })),
            ("measures", ReportJSON.object(summaries.map { summary in
                (summary.measure.name, ReportJSON.object([
                    ("mean", ReportJSON.number(summary.mean)), ("deviation", ReportJSON.number(summary.deviation)),
                ]))
            })),
        ])
    }
}
