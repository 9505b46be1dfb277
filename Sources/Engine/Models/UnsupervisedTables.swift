import Columnar
import Expressions
import FeatureTables
import Learners
import Planner

/// What models without a label tell as tables, under BigQuery ML's names of columns.
extension TrainedModel {
    /// A row a centroid and column of the query.
    /// - Throws: `PlanError` for another kind of model.
    func centroids() throws -> ModelRelation {
        guard let clusters = model as? KMeansModel else {
            throw PlanError("ML.CENTROIDS is of kmeans, and the model is of \(learner)")
        }
        return positions("centroid_id", (0..<clusters.clusterCount).map(clusters.centroid))
    }

    /// A row a component and column of the query.
    func principalComponents() throws -> ModelRelation {
        positions("principal_component_id", try components("PRINCIPAL_COMPONENTS").components)
    }

    func principalComponentInfo() throws -> ModelRelation {
        let model = try components("PRINCIPAL_COMPONENT_INFO")
        var sum = 0.0
        let rows = zip(model.variances, model.explainedVarianceRatios).enumerated().map { place, one -> [LiteralValue] in
            sum += one.1
            return [.integer(Int64(place + 1)), .floating(one.0), .floating(one.1), .floating(sum)]
        }
        return .rows(
            [
                SchemaColumn(name: "principal_component_id", type: .bigint), SchemaColumn(name: "eigenvalue", type: .double),
                SchemaColumn(name: "explained_variance_ratio", type: .double),
                SchemaColumn(name: "cumulative_explained_variance_ratio", type: .double),
            ], rows)
    }

    private func components(_ function: String) throws -> PrincipalComponentsModel {
        guard let model = model as? PrincipalComponentsModel else {
            throw PlanError("ML.\(function) is of pca, and the model is of \(learner)")
        }
        return model
    }

    /// Points in the space of the features: a number a feature, or of a column of levels an array with each level and its number.
    private func positions(_ identifier: String, _ points: [[Double]]) -> ModelRelation {
        let levelType = SQLType.array(
            .structure([StructField(name: "category", type: .string), StructField(name: "value", type: .double)]))
        var rows: [[LiteralValue]] = []
        for (place, point) in points.enumerated() {
            var next = 0
            for column in encoding.columns {
                let values = point[next..<(next + column.width)]
                next += column.width
                if case .levels(let levels) = column.form, levels.form == .oneHot {
                    rows.append([
                        .integer(Int64(place + 1)), .bytes(Array(column.name.utf8)), .null,
                        Self.levels(levels.slotNames, values, levelType),
                    ])
                } else {
                    rows += zip(column.featureNames, values).map {
                        [.integer(Int64(place + 1)), .bytes(Array($0.utf8)), .floating($1), .null]
                    }
                }
            }
        }
        return .rows(
            [
                SchemaColumn(name: identifier, type: .bigint), SchemaColumn(name: "feature", type: .string),
                SchemaColumn(name: "numerical_value", type: .double), SchemaColumn(name: "categorical_value", type: levelType),
            ], rows)
    }

    private static func levels(_ names: [String], _ values: ArraySlice<Double>, _ type: SQLType) -> LiteralValue {
        let builder = ColumnBuilder(type, capacity: 1)
        let pair = builder.children[0]
        for (name, value) in zip(names, values) {
            pair.children[0].append(name)
            pair.children[1].append(value)
            pair.appendStructure()
        }
        builder.append(listOf: names.count)
        return LiteralValue(builder.finish(), row: 0)
    }
}
