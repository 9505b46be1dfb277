import FeatureTables

extension LinearModel {
    /// Weight times value; the baseline is the intercept. Of calibrated models both are of the log-odds.
    public func contributions(_ matrix: FeatureMatrix, threads: Int) throws -> FeatureContributions {
        try check(matrix)
        let width = featureNames.count
        let outputs = scores
        let stride = (width + 1) * outputs.count
        var values = [Double](repeating: 0, count: matrix.rowCount * stride)
        values.withUnsafeMutableBufferPointer { values in
            guard let first = values.baseAddress else { return }
            for row in 0..<matrix.rowCount {
                for (position, output) in outputs.enumerated() {
                    let target = first + row * stride + position * (width + 1)
                    switch matrix.storage {
                    case .dense(let elements):
                        for feature in 0..<width { target[feature] = output.weights[feature] * elements[row * width + feature] }
                    case .sparse(let rows):
                        for place in rows.range(row) {
                            let feature = Int(rows.columns[place])
                            target[feature] = output.weights[feature] * rows.values[place]
                        }
                    }
                    target[width] = output.intercept
                }
            }
        }
        withExtendedLifetime(matrix) {}
        return FeatureContributions(outputCount: outputs.count, featureCount: width, values: values)
    }
}
