import FeatureTables
import Platform

extension ReportJSON {
    static func metrics(_ metrics: EvaluationMetrics?) -> JSON? {
        switch metrics {
        case nil: nil
        case .classification(let metrics)?:
            object([("rows", count(metrics.rows))] + measures(.classification(metrics)) + [
                ("classes", .array(metrics.classes.map(classMetrics))),
                ("confusion", .array(metrics.confusion.map { numbers($0) })),
            ])
        case .regression(let metrics)?: object([("rows", count(metrics.rows))] + measures(.regression(metrics)))
        case .unsupervised(let metrics)?: object([("rows", count(metrics.rows))] + measures(.unsupervised(metrics)))
        }
    }

    static func measures(_ metrics: EvaluationMetrics) -> [(String, JSON?)] {
        metrics.measures.map { ($0.name, number($0.value)) }
    }

    private static func classMetrics(_ metrics: ClassificationMetrics.ClassMetrics) -> JSON {
        object([
            ("name", .string(metrics.name)), ("support", number(metrics.support)), ("precision", number(metrics.precision)),
            ("recall", number(metrics.recall)), ("f1", number(metrics.f1)),
        ])
    }

    static func hyperparameters(_ values: [String: String]) -> JSON {
        object(values.sorted { $0.key < $1.key }.map { ($0.key, value($0.value)) })
    }

    /// A hyperparameter's text as what it is.
    private static func value(_ text: String) -> JSON {
        switch text {
        case "true": .boolean(true)
        case "false": .boolean(false)
        default: Double(text).flatMap { number($0) } ?? .string(text)
        }
    }

    static func split(_ split: SplitOptions) -> JSON {
        object([
            ("fraction", number(split.fraction)), ("seed", .integer(Int64(bitPattern: split.seed))),
            ("by", .string(split.key.name)),
            ("columns", split.key.columns.isEmpty ? nil : .array(split.key.columns.map { .string($0) })),
            ("stratifiedBy", text(split.stratifiedBy)),
        ])
    }

    static func rows(_ summary: ImportSummary) -> JSON {
        object([
            ("read", count(summary.rowsRead)), ("kept", count(summary.rowsKept)),
            ("withoutLabel", count(summary.rowsWithoutLabel)), ("withoutWeight", count(summary.rowsWithoutWeight)),
            ("withMissingValues", count(summary.rowsWithMissingValues)),
            ("notes", (summary.notes ?? []).isEmpty ? nil : .array((summary.notes ?? []).map { .string($0) })),
            ("columns", .array(summary.columns.map { column in
                object([
                    ("name", .string(column.name)), ("missing", count(column.missing)), ("policy", text(column.policy)),
                    ("unseen", count(column.unseen)), ("rare", column.rare.map { count($0) }),
                    ("leftOut", text(column.leftOut)),
                    ("notes", column.notes.map { .array($0.map { .string($0) }) }),
                ])
            })),
        ])
    }
}

extension ModelReport {
    /// The report as a JSON object; `docs/learners.md` says what its members mean.
    public func json() throws -> String { try tree.written(isIndented: true) + "\n" }

    var tree: JSON {
        var classes: [String] = []
        if case .classification(let metrics) = training.plain { classes = metrics.classes.map(\.name) }
        return ReportJSON.object([
            ("learner", .string(learner)), ("task", .string(task.rawValue)), ("label", ReportJSON.text(label)),
            ("positiveClass", ReportJSON.text(positiveClass)), ("weight", ReportJSON.text(weight)),
            ("hyperparameters", ReportJSON.hyperparameters(hyperparameters)),
            ("split", split.map(ReportJSON.split)), ("trainingRows", ReportJSON.rows(trainingImport)),
            ("evaluationRows", evaluationImport.map(ReportJSON.rows)),
            ("fit", ReportJSON.object([
                ("iterations", ReportJSON.count(fit.iterations)), ("converged", .boolean(fit.converged)),
                ("stopReason", .string(fit.stopReason)), ("objective", ReportJSON.number(fit.objective)),
                ("seconds", ReportJSON.number(seconds)), ("notes", .array(fit.notes.map { .string($0) })),
                ("rules", fit.rules.map { .array($0.map { .string($0) }) }),
            ])),
            ("warnings", .array(warnings.map { warning in
                ReportJSON.object([
                    ("kind", .string(warning.kind.rawValue)), ("feature", ReportJSON.text(warning.feature)),
                    ("text", .string(warning.text)),
                ])
            })),
            ("evaluationMetrics", ReportJSON.metrics(evaluation?.unweighted)),
            ("weightedEvaluationMetrics", ReportJSON.metrics(evaluation?.weighted)),
            ("trainingMetrics", ReportJSON.metrics(training.unweighted)),
            ("weightedTrainingMetrics", ReportJSON.metrics(training.weighted)),
            ("crossValidation", crossValidation.map(\.tree)), ("search", search.map(\.tree)),
            ("globalExplanation", explanation.map(\.tree)),
            ("featureCount", ReportJSON.count(featureCount)),
            ("features", .array(influences.map { feature($0, classes) })),
        ])
    }

    private func feature(_ influence: FeatureInfluence, _ classes: [String]) -> JSON {
        var members: [(String, JSON?)] = [
            ("name", .string(influence.feature)), ("magnitude", ReportJSON.number(influence.magnitude)),
        ]
        if let weights = influence.weights {
            if weights.count == 1 {
                members.append(("weight", ReportJSON.number(weights[0])))
            } else {
                members.append(("weights", ReportJSON.object(zip(classes, weights).map { ($0, ReportJSON.number($1)) })))
            }
        }
        members.append(("gain", ReportJSON.number(influence.gain)))
        members.append(("splits", influence.splits.map { ReportJSON.count($0) }))
        return ReportJSON.object(members)
    }
}

extension GlobalExplanation {
    var tree: JSON {
        ReportJSON.object([
            ("rows", ReportJSON.count(rows)),
            ("columns", Self.tree(columns)),
            ("classes", classes.map { .array($0.map { one in
                ReportJSON.object([
                    ("name", .string(one.name)), ("rows", ReportJSON.count(one.rows)), ("columns", Self.tree(one.columns)),
                ])
            }) }),
        ])
    }

    private static func tree(_ columns: [Column]) -> JSON {
        .array(columns.map { column in
            ReportJSON.object([("name", .string(column.name)), ("attribution", ReportJSON.number(column.attribution))])
        })
    }
}

extension PredictionJudgement {
    /// The judgement as a JSON object, on one line where it is not `isIndented`; `docs/learners.md` says what its members
    /// mean.
    public func json(isIndented: Bool = true) throws -> String { try tree.written(isIndented: isIndented) + "\n" }

    var tree: JSON {
        ReportJSON.object([
            ("task", .string(task.rawValue)), ("label", ReportJSON.text(label)), ("positiveClass", ReportJSON.text(positiveClass)),
            ("weight", ReportJSON.text(weight)), ("rows", ReportJSON.count(rows)),
            ("rowsJudged", ReportJSON.count(rowsJudged)),
            ("rowsWithoutPrediction", ReportJSON.count(rowsWithoutPrediction)),
            ("rowsWithoutLabel", ReportJSON.count(rowsWithoutLabel)),
            ("rowsWithUnknownLabel", ReportJSON.count(rowsWithUnknownLabel)),
            ("unknownLabels", .array(unknownLabels.map { .string($0) })),
            ("rowsWithoutWeight", ReportJSON.count(rowsWithoutWeight)), ("notes", .array(notes.map { .string($0) })),
            ("metrics", ReportJSON.metrics(quality?.unweighted)),
            ("weightedMetrics", ReportJSON.metrics(quality?.weighted)),
        ])
    }
}
