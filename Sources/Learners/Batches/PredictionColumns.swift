import Columnar

/// Predictions as the columns of a batch: elements are written in place, classes are picked from a column of all of them.
struct PredictionColumns: Sendable {
    let type: SQLType
    /// A row a class; nil for numbers.
    private let classes: Column?
    var classCount: Int { classes?.count ?? 0 }

    init(_ model: TrainedModel) {
        let predicted = "predicted_\(model.encoding.label?.name ?? "label")"
        guard let names = model.encoding.label?.classes else {
            type = .structure([StructField(name: predicted, type: .double)])
            classes = nil
            return
        }
        let classType = model.classType
        type = .structure([
            StructField(name: predicted, type: classType),
            StructField(
                name: "\(predicted)_probs",
                type: .array(.structure([StructField(name: "label", type: classType), StructField(name: "prob", type: .double)]))),
        ])
        let builder = ColumnBuilder(classType, capacity: names.count)
        for name in names { TrainedModel.append(class: name, to: builder) }
        classes = builder.finish()
    }

    /// - Parameter places: for each row of the batch its row among the predictions; −1: NULL.
    func column(of numbers: [Double], places: [Int32]) -> Column {
        let column = Column(flat: .double, count: places.count)
        let target = column.values(as: Double.self)
        for (row, place) in places.enumerated() { target[row] = place < 0 ? 0 : numbers[Int(place)] }
        return structure([column], places)
    }

    /// - Parameters:
    ///   - predicted: the class of each row of the predictions.
    ///   - probabilities: of every class, by rows.
    func column(of predicted: [Int32], probabilities: [Double], places: [Int32]) -> Column {
        guard let classes, classes.count > 0 else { return Column.nulls(type, count: places.count) }
        let codes = places.map { $0 < 0 ? 0 : predicted[Int($0)] }
        return structure([picked(classes, codes), lists(classes, probabilities, places)], places)
    }

    private func lists(_ classes: Column, _ probabilities: [Double], _ places: [Int32]) -> Column {
        let width = classes.count
        let prob = Column(flat: .double, count: probabilities.count)
        probabilities.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { prob.values(as: Double.self).update(from: first, count: source.count) }
        }
        let codes = (0..<probabilities.count).map { Int32(truncatingIfNeeded: $0 % width) }
        guard case .structure(let fields) = type, case .array(let pair) = fields[1].type else { return .nulls(.void, count: 0) }
        let pairs = Column(flat: pair, count: probabilities.count, children: [picked(classes, codes), prob])
        let list = Column(flat: fields[1].type, count: places.count, children: [pairs])
        let entries = list.values(as: ListEntry.self)
        for (row, place) in places.enumerated() {
            entries[row] = place < 0 ? ListEntry(offset: 0, length: 0) : ListEntry(offset: Int(place) * width, length: width)
        }
        return list
    }

    private func picked(_ classes: Column, _ codes: [Int32]) -> Column {
        codes.withUnsafeBufferPointer { codes in
            guard let first = codes.baseAddress else { return Column.empty(classes.type) }
            return Column.dictionary(classes, indices: first, count: codes.count).decoded(.all(codes.count))
        }
    }

    private func structure(_ fields: [Column], _ places: [Int32]) -> Column {
        let result = Column(flat: type, count: places.count, children: fields)
        guard places.contains(where: { $0 < 0 }) else { return result }
        for (row, place) in places.enumerated() where place < 0 {
            result.setNull(row)
            for field in fields { field.setNull(row) }
        }
        return result
    }
}
