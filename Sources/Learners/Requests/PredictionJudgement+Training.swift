extension PredictionJudgement {
    /// What a training measured of its model: on the rows that it did not see, or else on those that it learned from.
    public init(_ report: ModelReport) {
        task = report.task
        label = report.label
        positiveClass = report.positiveClass
        weight = report.weight
        let isHeldOut = report.evaluation != nil
        rows = (isHeldOut ? report.evaluationImport : report.trainingImport)?.rowsKept ?? 0
        rowsJudged = rows
        rowsWithoutPrediction = 0
        hasLabel = report.label != nil
        quality = report.evaluation ?? report.training
        notes = [
            isHeldOut ? "measured by the training, on rows that it did not see" : "measured by the training, on the rows that it learned from",
        ]
    }
}
