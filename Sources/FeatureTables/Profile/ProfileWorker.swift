import Columnar

/// What one worker knows of the rows that it was given. Everything but the moments is the same in whatever order the rows
/// come; the moments are taken out after each piece of the source, to be put together in the pieces' order.
package final class ProfileWorker {
    enum Counter {
        case words(WordCounter)
        case texts(TextCounter)
        case places(nulls: Int)
    }

    let plan: ProfilePlan
    private(set) var rowCount = 0
    private(set) var counters: [Counter]
    let label: LabelReader?
    private let rows: BatchRows
    private let moments: MomentSummer

    /// - Parameter number: tells the worker from the others.
    package init(_ plan: ProfilePlan, number: Int) {
        self.plan = plan
        label = plan.makeLabel()
        rows = BatchRows(worker: number)
        moments = MomentSummer(columnCount: plan.numberCount, paired: plan.paired)
        let labelIsNumber = plan.label.map { ProfilePlan.isNumber(plan.columns[$0]) } ?? false
        counters = plan.columns.indices.map { index in
            switch plan.columns[index].reading {
            case .words(let form): .words(WordCounter(form))
            case .texts: .texts(TextCounter(labelIsNumber: labelIsNumber))
            case .places: .places(nulls: 0)
            }
        }
    }

    package var byteCount: Int {
        counters.reduce(rows.byteCount + moments.byteCount + (label?.byteCount ?? 0)) { sum, counter in
            switch counter {
            case .words(let counter): sum + counter.byteCount
            case .texts(let counter): sum + counter.byteCount
            case .places: sum
            }
        }
    }

    /// Looks at the selected rows of a batch; nothing of it is kept.
    package func add(_ batch: Batch) throws {
        guard batch.rowCount > 0 else { return }
        rows.begin(batch)
        rowCount += rows.rowCount
        if let label, let position = plan.label { label.read(try column(position, batch), rows) }
        moments.begin(rowCount: rows.rowCount)
        for index in plan.columns.indices {
            let column = try column(index, batch)
            // The label says nothing of itself.
            let label = index == plan.label ? nil : label
            switch counters[index] {
            case .words(let counter):
                rows.read(column, as: counter.form)
                counter.add(rows, label)
                if let number = plan.columns[index].number { moments.add(number, rows) }
            case .texts(let counter):
                rows.readTexts(column)
                counter.add(rows, label)
            case .places(let nulls):
                rows.readPlaces(column)
                counters[index] = .places(nulls: nulls + rows.rowCount - rows.count)
            }
        }
        moments.finish(rowCount: rows.rowCount)
    }

    private func column(_ index: Int, _ batch: Batch) throws -> Column {
        let planned = plan.columns[index]
        guard batch.columns.indices.contains(planned.position), batch.columns[planned.position].type.physical == planned.type.physical
        else { throw FeatureError.typeChanged(column: planned.name, expected: "\(planned.type)", found: "another") }
        return batch.columns[planned.position]
    }

    /// The moments of the rows since the last call.
    package func takeMoments() -> MomentSums { moments.take() }

    /// Ends the counting: no rows will come.
    func finish() {
        for counter in counters {
            if case .words(let counter) = counter { counter.flush() }
        }
    }

    /// Adds what another worker knows, but for its moments.
    func merge(_ other: ProfileWorker) {
        rowCount += other.rowCount
        var mapping: [Int]? = []
        if let label, let theirs = other.label { mapping = label.merge(theirs) }
        for index in counters.indices {
            switch (counters[index], other.counters[index]) {
            case (.words(let ours), .words(let theirs)): ours.merge(theirs, mapping)
            case (.texts(let ours), .texts(let theirs)): ours.merge(theirs, mapping)
            case (.places(let ours), .places(let theirs)): counters[index] = .places(nulls: ours + theirs)
            default: break
            }
        }
    }
}
