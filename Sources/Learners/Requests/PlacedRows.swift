import Columnar
import FeatureTables

/// What is told of the rows of a feature table as columns beside the query's rows, of which the table may lack some.
struct PlacedRows {
    /// The table's row of each row of the query; −1: none.
    private let places: [Int]

    init(_ table: FeatureTable, of data: ImportData) {
        var places = [Int](repeating: -1, count: data.rowCount)
        for (place, row) in table.sourceRows.enumerated() { places[Int(row)] = place }
        self.places = places
    }

    /// - Parameter body: takes the table's row of each of the query's rows, nil where there is none.
    func forEach(_ body: (Int?) -> Void) {
        for place in places { body(place < 0 ? nil : place) }
    }

    /// - Parameter value: of a row of the table.
    func numbers(_ value: (Int) -> Double) -> Column {
        let builder = ColumnBuilder(.double, capacity: places.count)
        forEach { place in if let place { builder.append(value(place)) } else { builder.appendNull() } }
        return builder.finish()
    }

    /// - Parameter predicted: the position in `names` of each row of the table.
    func classes(_ predicted: [Int32], _ names: [String], _ type: SQLType) -> Column {
        let builder = ColumnBuilder(type, capacity: places.count)
        forEach { place in
            if let place { TrainedModel.append(class: names[Int(predicted[place])], to: builder) } else { builder.appendNull() }
        }
        return builder.finish()
    }
}

extension TrainedModel {
    /// Rows as the model takes them.
    /// - Parameter transformed: what its TRANSFORM made of them, where it has one.
    /// - Throws: `LearnerError.needsTransform` where that is missing.
    func rows(of data: ImportData, _ transformed: ImportData?) throws -> ImportData {
        guard transform != nil else { return data }
        guard let transformed else { throw LearnerError.needsTransform }
        guard transformed.rowCount == data.rowCount else { throw LearnerError.inconsistentModel }
        return transformed
    }

    /// The columns that stand beside what is told of rows: identifiers as far as they are there, and what was asked for.
    /// - Parameter told: names of the others.
    /// - Throws: `FeatureError` for a column that is not there, or has the name of one of the others.
    func carriedPositions(_ carried: [String], in data: ImportData, beside told: [String]) throws -> [Int] {
        var positions: [Int] = []
        for name in encoding.identifiers where data.schema.contains(where: { $0.name.lowercased() == name.lowercased() }) {
            positions.append(try data.columnIndex(name))
        }
        for name in carried {
            let position = try data.columnIndex(name)
            if !positions.contains(position) { positions.append(position) }
        }
        for name in positions.map({ data.schema[$0].name }) where told.contains(name) {
            throw FeatureError.conflictingRoles(column: name, "kept beside the predictions", "one of their columns")
        }
        return positions
    }
}
