import FeatureTables

/// The rows of a training: divided, with the encoding that was fitted on those to train on.
public struct PreparedTraining: Sendable {
    /// The rows to train on, encoded.
    public let training: FeatureTable
    /// How the rows were divided; nil: all are trained on.
    public let split: SplitOptions?
    private let data: ImportData
    private let validationRows: [Int32]
    private let evaluationRows: [Int32]
    /// Whether rows need not be written before somebody reads them.
    private let canWait: Bool

    public var encoding: FeatureEncoding { training.encoding }

    fileprivate init(training: FeatureTable, split: SplitOptions?, data: ImportData, parts: RowSplit, canWait: Bool) {
        self.training = training
        self.split = split
        self.data = data
        validationRows = parts.validation
        evaluationRows = parts.second
        self.canWait = canWait
    }

    /// The rows to stop by, encoded each time it is asked for; nil: there are none.
    public func validation() throws -> FeatureTable? {
        try validationRows.isEmpty ? nil : table(of: validationRows)
    }

    /// The rows to judge by, encoded each time it is asked for; nil where no row is left.
    public func evaluation() throws -> FeatureTable? {
        guard !evaluationRows.isEmpty else { return nil }
        do { return try table(of: evaluationRows) } catch FeatureError.noRows { return nil }
    }

    private func table(of rows: [Int32]) throws -> FeatureTable {
        try data.featureTable(encoding: encoding, rows: rows, needsLabel: encoding.label != nil, canWait: canWait)
    }
}

extension TrainingRequest {
    /// Divides the rows and fits the encoding on those to train on. Without a label, for whoever wants features alone, all rows
    /// are divided.
    /// - Parameters:
    ///   - divided: as in `run`.
    ///   - isCancelled: asked while columns are selected.
    /// - Throws: `FeatureError`, `LearnerError`.
    public func prepare(
        _ data: ImportData, divided: RowSplit? = nil, isCancelled: (@Sendable () -> Bool)? = nil
    ) throws -> PreparedTraining {
        try prepare(data, divided: divided, isCancelled: isCancelled, canWait: false)
    }

    /// - Parameter canWait: whether rows need not be written before somebody reads them (`FeatureMatrix.isWritten`).
    func prepare(
        _ data: ImportData, divided: RowSplit?, isCancelled: (@Sendable () -> Bool)?, canWait: Bool
    ) throws -> PreparedTraining {
        let kind = try LearnerCatalog.kind(named: learner)
        let learner = try kind.learner(hyperparameters, task: task)
        var roles = roles
        if let labelKind = kind.labelKind(task) { roles.labelKind = labelKind }
        var options = options
        if kind.takesMissingValues, options.missing == nil { options.missing = .keep }
        options.isSinglePrecision = kind.isSinglePrecision
        let found = try self.parts(of: data, divided)
        let used = found.used
        var parts = found.parts
        if let used {
            parts.notes += roles.excludeSplitColumns(of: used.key, in: data)
            if !parts.validation.isEmpty, !learner.usesValidation {
                parts.notes.append("\(parts.validation.count) row(s) for validation are not used: there is no early stopping")
            }
        }
        var label = try data.labelEncoding(roles: roles, options: options)
        if let positiveClass { try label?.putLast(positiveClass) }
        var fitted = try data.fitEncoding(
            roles: roles, options: options, rows: parts.first, label: label, folding: used ?? SplitOptions())
        if task == .binaryClassification, let classes = fitted.encoding.label?.classes, classes.count > 2 {
            throw LearnerError.wrongTask(learner: kind.name, task: "binary classification of \(classes.count) classes")
        }
        if let selection {
            let choice = try selection.choice(
                from: try data.trainingTable(fitted, rows: parts.first), isCancelled: isCancelled)
            fitted = fitted.keeping(choice.kept)
            fitted.leftOut += choice.leftOut
            parts.notes += choice.notes
        }
        let table = try data.trainingTable(fitted, rows: parts.first, canWait: canWait)
            .countingUnlabelled(data.rowCount - found.labelled, notes: parts.notes)
        return PreparedTraining(training: table, split: used, data: data, parts: parts, canWait: canWait)
    }

    /// The rows that have the label (without one all), in the parts that they are divided into, how many they are, and by what they
    /// were divided.
    func parts(of data: ImportData, _ divided: RowSplit?) throws -> (parts: RowSplit, labelled: Int, used: SplitOptions?) {
        guard data.rowCount > 0 else { throw FeatureError.noRows("the query gives no rows") }
        let labelled = try roles.label.map { try data.rowsWithValue($0) } ?? (0..<Int32(data.rowCount)).map { $0 }
        guard !labelled.isEmpty else { throw FeatureError.noRows("no row has a value in label '\(roles.label ?? "")'") }
        guard var used = split else { return (RowSplit(first: labelled, second: []), labelled.count, nil) }
        if isStratified { used.stratifiedBy = roles.label }
        let parts = try divided?.keeping(labelled) ?? data.split(used, rows: labelled)
        guard !parts.first.isEmpty else {
            throw FeatureError.noRows("a split of \(used.fraction) leaves no row to train on")
        }
        return (parts, labelled.count, used)
    }
}
