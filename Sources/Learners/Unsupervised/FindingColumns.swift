import Columnar

/// What a model without a label tells of each row, as columns under BigQuery ML's names.
struct FindingColumns: Sendable {
    /// What is told of rows.
    enum Subject: Sendable {
        case prediction
        /// Whether a row is more unusual than `limit`, and how unusual it is.
        case anomaly(limit: Double)
    }

    let fields: [StructField]
    private let model: any UnsupervisedModel
    private let subject: Subject

    init(_ model: any UnsupervisedModel, _ subject: Subject) {
        self.model = model
        self.subject = subject
        let isAnomaly = StructField(name: "is_anomaly", type: .boolean)
        switch (subject, model.task) {
        case (.prediction, .clustering):
            fields = [
                StructField(name: "centroid_id", type: .bigint),
                StructField(
                    name: "nearest_centroids_distance",
                    type: .array(
                        .structure([StructField(name: "centroid_id", type: .bigint), StructField(name: "distance", type: .double)]))),
            ]
        case (.prediction, .dimensionReduction):
            let count = (model as? PrincipalComponentsModel)?.components.count ?? 0
            fields = (0..<count).map { StructField(name: "principal_component_\($0 + 1)", type: .double) }
        case (.anomaly, .clustering):
            fields = [
                isAnomaly, StructField(name: "normalized_distance", type: .double),
                StructField(name: "centroid_id", type: .bigint),
            ]
        case (.anomaly, .dimensionReduction): fields = [isAnomaly, StructField(name: "mean_squared_error", type: .double)]
        default: fields = [isAnomaly, StructField(name: "anomaly_score", type: .double)]
        }
    }

    /// Tells anomalies from other rows.
    /// - Parameter contamination: the share of the training rows that are taken for anomalies; nil: as the model was told.
    /// - Throws: `LearnerError.wrongTask` for a model with a label, `.missingContamination` where nobody has said a share.
    init(anomaliesOf model: TrainedModel, contamination: Double?) throws {
        guard let unsupervised = model.model as? any UnsupervisedModel else {
            throw LearnerError.wrongTask(learner: model.learner, task: LearningTask.anomalyDetection.rawValue)
        }
        let own = (unsupervised as? IsolationForestModel)?.limit
        guard let limit = contamination.map({ unsupervised.thresholds.limit(contamination: $0) }) ?? own else {
            throw LearnerError.missingContamination(learner: model.learner)
        }
        self.init(unsupervised, .anomaly(limit: limit))
    }

    /// Appends to `builders`, one a field, what is told of a row of the matrix.
    /// - Parameter anomalies: `anomalies(of: findings)`.
    func append(_ findings: Findings, _ anomalies: [Double], row: Int, to builders: [ColumnBuilder]) {
        switch (subject, findings) {
        case (.prediction, .clusters(let distances, let count)):
            let own = distances[(row * count)..<((row + 1) * count)]
            let order = own.indices.sorted { own[$0] != own[$1] ? own[$0] < own[$1] : $0 < $1 }
            builders[0].append(Int64((order.first ?? own.startIndex) - own.startIndex + 1))
            let pair = builders[1].children[0]
            for place in order {
                pair.children[0].append(Int64(place - own.startIndex + 1))
                pair.children[1].append(own[place])
                pair.appendStructure()
            }
            builders[1].append(listOf: count)
        case (.prediction, .components(let values, let count, _)):
            for (place, builder) in builders.enumerated() { builder.append(values[row * count + place]) }
        case (.prediction, .scores(let scores, let limit)):
            builders[0].append(scores[row] > limit)
            builders[1].append(scores[row])
        case (.anomaly(let limit), _):
            builders[0].append(anomalies[row] > limit)
            builders[1].append(anomalies[row])
            guard case .clusters(let distances, let count) = findings, let clusters = model as? KMeansModel else { return }
            builders[2].append(Int64(clusters.normalizedDistance(distances[(row * count)..<((row + 1) * count)]).cluster + 1))
        }
    }

    /// What `append` needs of findings besides.
    func anomalies(of findings: Findings) -> [Double] {
        if case .anomaly = subject { model.anomalies(of: findings) } else { [] }
    }
}
