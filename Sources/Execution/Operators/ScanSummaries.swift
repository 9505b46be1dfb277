import Columnar
import Functions
import Planner
import TableFormats

/// The aggregates that a scan gives of parts of files instead of rows: as files say them, or made of their rows.
struct ScanSummaries: Sendable {
    /// An aggregate of the summaries.
    private enum Form {
        case rowCount
        /// Of the column at a place in the scan's columns.
        case valueCount(Int)
        case minimum(Int)
        case maximum(Int)
    }

    private let forms: [Form]
    private let calls: [AggregateCall]

    /// nil: the scan gives rows.
    init?(_ scan: LogicalScan) throws {
        if scan.summaries.isEmpty { return nil }
        calls = scan.summaries.map(\.call)
        forms = try calls.map { call in
            guard let argument = call.arguments.first else { return .rowCount }
            guard case .column(let id) = argument.kind, let place = scan.columns.firstIndex(where: { $0.output.id == id })
            else { throw ExecutionError.invalidPlan("a summary of what is no column") }
            switch call.function.traits.slidingForm {
            case .count: return .valueCount(place)
            case .least: return .minimum(place)
            case .greatest: return .maximum(place)
            case .sum, .average, nil: throw ExecutionError.invalidPlan("no file has a summary \(call.name)")
            }
        }
    }

    /// What a file says, a row for each of its parts; nil when it does not say all.
    func columns(of summary: FileSummary, _ layout: ScanLayout) -> [Column]? {
        func column(_ place: Int) -> FileSummary.ColumnSummary? {
            guard let index = layout.fileColumns.firstIndex(where: { $0.place == place }) else { return nil }
            return summary.columns[index]
        }
        var columns: [Column] = []
        for form in forms {
            let found: Column?
            switch form {
            case .rowCount: found = Self.counts(summary.rowCounts)
            case .valueCount(let place): found = column(place)?.valueCounts.map(Self.counts)
            case .minimum(let place): found = column(place)?.minimum
            case .maximum(let place): found = column(place)?.maximum
            }
            guard let found else { return nil }
            columns.append(found)
        }
        return columns
    }

    private static func counts(_ counts: [Int]) -> Column {
        let column = Column(flat: .bigint, count: counts.count)
        let values = column.values(as: Int64.self)
        for (part, count) in counts.enumerated() { values[part] = Int64(count) }
        return column
    }

    /// The aggregates of rows that are read. One morsel's own.
    final class Aggregation {
        private let arguments: [Int?]
        private let accumulators: [any Accumulator]
        private var rowCount = 0

        init(_ summaries: ScanSummaries, _ context: EvaluationContext) {
            arguments = summaries.forms.map { form in
                switch form {
                case .rowCount: nil
                case .valueCount(let place), .minimum(let place), .maximum(let place): place
                }
            }
            accumulators = summaries.calls.map { $0.resolved.makeAccumulator(context) }
            for accumulator in accumulators { accumulator.resize(groupCount: 1) }
        }

        /// - Parameter batch: the scan's columns.
        func add(_ batch: Batch) throws {
            rowCount += batch.rowCount
            for (accumulator, place) in zip(accumulators, arguments) {
                let columns = place.map { [batch.columns[$0].decoded(batch.rows)] } ?? []
                try accumulator.update(columns, rows: batch.rows, group: 0)
            }
        }

        /// One row; nil when there were none.
        func finish() throws -> [Column]? { rowCount > 0 ? try accumulators.map { try $0.finish(0..<1) } : nil }
    }
}

extension ScanLayout {
    /// Summaries beside the values of the partition.
    func complete(summaries: [Column], count: Int, _ sequence: BatchSequence) -> Batch {
        Batch(columns: constants.map { $0.column.withCount(count) } + summaries, capacity: count, sequence: sequence)
    }
}

/// What a file says of its parts.
struct SummarizedFile: Sendable {
    let layout: ScanLayout
    let columns: [Column]
    let partCount: Int
}
