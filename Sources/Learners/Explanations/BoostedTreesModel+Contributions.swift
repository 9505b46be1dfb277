import FeatureTables

extension BoostedTreesModel {
    /// Shapley values by XGBoost's exact method for trees (Lundberg, Erion and Lee, "Consistent Individualized Feature Attribution
    /// for Tree Ensembles", 2018); the baseline is the mean score of the training rows.
    public func contributions(_ matrix: FeatureMatrix, threads: Int) throws -> FeatureContributions {
        try requireFeatures(of: matrix)
        let outputCount = task == .multiclassClassification ? classes.count : 1
        guard matrix.rowCount > 0 else {
            return FeatureContributions(outputCount: outputCount, featureCount: featureNames.count, values: [])
        }
        let data = try XGBoostMatrix(matrix, threads: threads)
        let values = try withBooster { try $0.contributions(data, threads: threads) }
        guard values.count == matrix.rowCount * outputCount * (featureNames.count + 1) else { throw LearnerError.inconsistentModel }
        return FeatureContributions(
            outputCount: outputCount, featureCount: featureNames.count, values: values.map(Double.init))
    }
}
