import FeatureTables
import Platform

extension EvaluationReport {
    /// The report as a JSON object; `docs/report.md` says what its members mean.
    public func json() throws -> String { try tree.written(isIndented: true) + "\n" }

    private var tree: JSON {
        ReportJSON.object([
            ("model", Self.tree(model)), ("rows", ReportJSON.text(rows)), ("evaluation", evaluation.map(\.tree)),
            ("against", other.map(Self.tree)), ("againstEvaluation", otherEvaluation.map(\.tree)),
            ("comparison", comparison.map(\.tree)), ("importance", importance.map(\.tree)),
            ("dependence", dependences.isEmpty ? nil : .array(dependences.map { $0.tree(classes: model.model.encoding.label?.classes) })),
        ])
    }

    private static func tree(_ model: NamedModel) -> JSON {
        ReportJSON.object([
            ("name", .string(model.name)), ("learner", .string(model.model.learner)),
            ("task", .string(model.model.model.task.rawValue)), ("label", ReportJSON.text(model.model.encoding.label?.name)),
            ("transform", model.model.transform.map { .array($0.items.map { .string($0.text) }) }),
            ("training", model.model.report.map(\.tree)),
        ])
    }
}

extension ModelEvaluation {
    fileprivate var tree: JSON {
        ReportJSON.object([
            ("judgement", judgement.tree),
            ("adjustedRSquared", ReportJSON.number(measures.first { $0.name == "adjustedRSquared" }?.value)),
            ("intervals", intervals.isEmpty ? nil : .array(intervals.map { interval in
                ReportJSON.object([
                    ("measure", .string(interval.name)), ("value", ReportJSON.number(interval.value)),
                    ("lower", ReportJSON.number(interval.lower)), ("upper", ReportJSON.number(interval.upper)),
                    ("standardError", ReportJSON.number(interval.standardError)),
                ])
            })),
            ("classes", classes.isEmpty ? nil : .array(classes.map(\.tree))),
            ("classesLeftOut", classesLeftOut > 0 ? ReportJSON.count(classesLeftOut) : nil),
            ("residuals", residuals.map(\.tree)),
        ])
    }
}

extension ClassEvaluation {
    fileprivate var tree: JSON {
        ReportJSON.object([
            ("name", .string(name)), ("areaUnderROC", ReportJSON.number(areaUnderROC)),
            ("areaUnderPR", ReportJSON.number(averagePrecision)), ("kolmogorovSmirnov", ReportJSON.number(kolmogorovSmirnov)),
            ("curve", .array(curve.points.map { point in
                ReportJSON.object([
                    ("threshold", ReportJSON.number(point.threshold)), ("recall", ReportJSON.number(curve.recall(point))),
                    ("falsePositiveRate", ReportJSON.number(curve.falsePositiveRate(point))),
                    ("precision", ReportJSON.number(curve.precision(point))),
                    ("rowsTaken", ReportJSON.number(curve.takenShare(point))), ("lift", ReportJSON.number(curve.lift(point))),
                ])
            })),
            ("calibration", .array(reliability.bins.map { bin in
                ReportJSON.object([
                    ("rows", ReportJSON.number(bin.weight)), ("meanPrediction", ReportJSON.number(bin.meanPrediction)),
                    ("share", ReportJSON.number(bin.share)),
                ])
            })),
            ("scores", ReportJSON.counts(scores)),
            ("otherScores", ReportJSON.counts(otherScores)),
            ("thresholds", choices.isEmpty ? nil : .array(choices.map { choice in
                ReportJSON.object([
                    ("for", .string(choice.reason.rawValue)), ("threshold", ReportJSON.number(choice.threshold)),
                    ("precision", ReportJSON.number(choice.precision)), ("recall", ReportJSON.number(choice.recall)),
                    ("specificity", ReportJSON.number(choice.specificity)), ("f1", ReportJSON.number(choice.f1)),
                    ("accuracy", ReportJSON.number(choice.accuracy)), ("cost", ReportJSON.number(choice.cost)),
                ])
            })),
        ])
    }
}

extension ResidualEvaluation {
    fileprivate var tree: JSON {
        ReportJSON.object([
            ("mean", ReportJSON.number(meanResidual)),
            ("quantiles", .array(quantiles.map { quantile in
                ReportJSON.object([
                    ("fraction", ReportJSON.number(quantile.fraction)), ("residual", ReportJSON.number(quantile.residual)),
                ])
            })),
            ("histogram", ReportJSON.object([
                ("edges", ReportJSON.numbers(edges)), ("counts", ReportJSON.counts(counts)),
            ])),
            ("groups", .array(groups.map { group in
                ReportJSON.object([
                    ("rows", ReportJSON.count(group.rows)), ("meanPrediction", ReportJSON.number(group.meanPrediction)),
                    ("meanTruth", ReportJSON.number(group.meanTruth)),
                ])
            })),
            ("density", ReportJSON.object([
                ("least", ReportJSON.number(least)), ("greatest", ReportJSON.number(greatest)),
                ("counts", .array(density.map { ReportJSON.counts($0) })), ("rowsOutside", ReportJSON.count(rowsOutside)),
            ])),
        ])
    }
}

extension ModelComparison {
    fileprivate var tree: JSON {
        ReportJSON.object([
            ("rows", ReportJSON.count(rows)), ("level", ReportJSON.number(level)), ("verdict", .string(verdict)),
            ("differences", .array(differences.map { difference in
                ReportJSON.object([
                    ("measure", .string(difference.measure.name)), ("value", ReportJSON.number(difference.value)),
                    ("against", ReportJSON.number(difference.otherValue)), ("difference", ReportJSON.number(difference.difference)),
                    ("lower", ReportJSON.number(difference.lower)), ("upper", ReportJSON.number(difference.upper)),
                ])
            })),
            ("deLong", deLong.map { test in
                ReportJSON.object([
                    ("areaUnderROC", ReportJSON.number(test.firstArea)), ("against", ReportJSON.number(test.secondArea)),
                    ("standardError", ReportJSON.number(test.standardError)), ("pValue", ReportJSON.number(test.pValue)),
                ])
            }),
            ("mcNemar", mcNemar.map { test in
                ReportJSON.object([
                    ("onlyModel", ReportJSON.count(test.onlyFirst)), ("onlyAgainst", ReportJSON.count(test.onlySecond)),
                    ("pValue", ReportJSON.number(test.pValue)),
                ])
            }),
        ])
    }
}

extension PermutationImportance {
    fileprivate var tree: JSON {
        ReportJSON.object([
            ("measure", .string(measure.name)), ("value", ReportJSON.number(measure.value)),
            ("columns", .array(columns.map { column in
                ReportJSON.object([
                    ("name", .string(column.name)), ("loss", ReportJSON.number(column.loss)),
                    ("deviation", ReportJSON.number(column.deviation)),
                ])
            })),
        ])
    }
}

extension PartialDependence {
    fileprivate func tree(classes: [String]?) -> JSON {
        ReportJSON.object([
            ("column", .string(column)), ("classes", classes.map { .array($0.map { .string($0) }) }),
            ("points", .array(points.map { point in
                ReportJSON.object([
                    ("value", .string(point.value)), ("number", ReportJSON.number(point.number)),
                    ("means", ReportJSON.numbers(point.means)),
                ])
            })),
        ])
    }
}
