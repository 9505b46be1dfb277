import FeatureTables

/// The passes over a stream: those in which a learner learns, and the one in which its model is judged.
struct StreamedPasses {
    let request: TrainingRequest
    let stream: RowStream
    let encoding: FeatureEncoding
    let learner: any StreamedLearner
    let sample: StreamSample
    /// Of the rows that were learned from, in one pass.
    private(set) var summary = ImportSummary()
    /// By what rows were divided.
    private(set) var notes: [String] = []

    init(request: TrainingRequest, stream: RowStream, encoding: FeatureEncoding, learner: any StreamedLearner, sample: StreamSample) {
        self.request = request
        self.stream = stream
        self.encoding = encoding
        self.learner = learner
        self.sample = sample
    }

    /// - Throws: `FeatureError`, `LearnerError`.
    mutating func learn(like table: FeatureTable, _ context: TrainingContext) throws -> TrainingResult {
        let passes = learner.passes(rowCount: sample.rowCount)
        var learning = try learner.learning(like: table, context: context)
        var mean = 0.0
        var done = 0
        for pass in 0..<passes {
            var loss = 0.0, weight = 0.0
            var part = 0
            var goesOn = true
            var found = ImportSummary()
            var told: [String] = []
            var digest: UInt64 = 0
            try stream.forEachPart { data in
                let (parts, unlabelled) = try request.streamedParts(of: data)
                digest = data.sampleKeys(request.split?.seed ?? 0).reduce(digest, &+)
                if part == 0 { told = parts.notes }
                if !parts.validation.isEmpty, !told.contains(Self.unusedValidation) { told.append(Self.unusedValidation) }
                if let table = try encoded(data, parts.first) {
                    loss += try learning.learn(table, pass: pass, part: part, context)
                    weight += table.weights?.reduce(0, +) ?? Double(table.rowCount)
                    found.add(table.summary)
                }
                found.rowsRead += unlabelled
                found.rowsWithoutLabel += unlabelled
                part += 1
                mean = weight > 0 ? loss / weight : 0
                goesOn = try context.advance(
                    TrainingProgress(
                        iteration: pass * sample.partCount + part, limit: passes * sample.partCount, objective: mean))
                return goesOn
            }
            if pass == 0 { (summary, notes) = (found, told) }
            guard digest == sample.digest || !goesOn else {
                throw LearnerError.notStreamed(
                    "the query gives other rows each time it is run, by rand() or of a table that changes: write them into a table first")
            }
            guard goesOn else { break }
            done = pass + 1
        }
        guard summary.rowsKept > 0 else { throw FeatureError.noRows("the stream has no rows to train on") }
        return try learning.result(passes: done, of: passes, loss: mean)
    }

    private static let unusedValidation = "rows for validation are not used: there is no early stopping"

    /// The quality on the rows that were not learned from; nil where there are none.
    func judge(
        _ model: any Model, _ limits: StreamLimits, _ context: TrainingContext
    ) throws -> (quality: ModelQuality, summary: ImportSummary)? {
        var judged = LeastKeys<JudgedRows>(limit: limits.judgedRows) { rows, places in rows.selecting(places.map { Int($0) }) }
        var count = 0
        var summary = ImportSummary()
        try stream.forEachPart { data in
            if context.isCancelled?() == true { throw LearnerError.cancelled }
            let parts = try request.streamedParts(of: data).parts
            guard let table = try encoded(data, parts.second), let label = table.label else { return true }
            let keys = data.sampleKeys(request.split?.seed ?? 0)
            let predictions = try model.predict(table.matrix, threads: context.threads)
            try judged.add(
                JudgedRows(predictions: predictions, label: label, weights: table.weights, rows: []),
                places: (0..<Int32(table.rowCount)).map { $0 }, keys: table.sourceRows.map { keys[Int($0)] })
            count += table.rowCount
            summary.add(table.summary)
            return true
        }
        let pieces = try judged.finished()
        guard var rows = pieces.first else { return nil }
        for piece in pieces.dropFirst() { rows.append(piece) }
        if count > rows.rowCount { summary.notes = ["judged on \(rows.rowCount) of the \(count) row(s)"] }
        return (try ModelQuality(rows.predictions, rows.label, weights: rows.weights), summary)
    }

    /// Rows of a part with their labels; nil where none is left.
    private func encoded(_ data: ImportData, _ rows: [Int32]) throws -> FeatureTable? {
        guard !rows.isEmpty else { return nil }
        do { return try data.featureTable(encoding: encoding, rows: rows) } catch FeatureError.noRows { return nil }
    }
}
