import Columnar

/// Rows, or rows in which no argument is NULL.
final class CountAccumulator: FixedStateAccumulator {
    let storage = StateStorage<Int64>(empty: 0)

    func combine(_ state: inout Int64, _ addition: Int64) { state &+= addition }

    /// The rows of several arguments that count: those with no NULL.
    private func validity(_ arguments: [Column]) -> ValidityBitmap? {
        guard let count = arguments.first?.count else { return nil }
        return ValidityBitmap.intersection(arguments, count: count)
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        let states = states
        if arguments.allSatisfy({ !$0.mayHaveNulls }) {
            for ordinal in 0..<rows.count { states[Int(groups[ordinal])] &+= 1 }
        } else {
            forEachRow(rows, validity: validity(arguments)) { ordinal, _ in states[Int(groups[ordinal])] &+= 1 }
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        if arguments.allSatisfy({ !$0.mayHaveNulls }) {
            states[group] &+= Int64(rows.count)
        } else if arguments.count == 1 {
            states[group] &+= Int64(validCount(arguments[0], rows))
        } else {
            var count: Int64 = 0
            forEachRow(rows, validity: validity(arguments)) { _, _ in count &+= 1 }
            states[group] &+= count
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        return .results(.bigint, groups) { states[$0] }
    }
}

let countFunction = AggregateFunction(
    "count",
    documentation: FunctionDocumentation(
        "_FUNC_(*) - Returns the number of rows, those with NULL values included\n"
            + "_FUNC_(expr) - Returns the number of rows in which expr is not NULL\n"
            + "_FUNC_(DISTINCT expr[, expr...]) - Returns the number of different non-NULL values",
        extended: "Example:\n  > SELECT _FUNC_(*), _FUNC_(DISTINCT city) FROM trips;"),
    traits: AggregateTraits(acceptsStar: true, valueOfNoRows: .zero, slidingForm: .count),
    resolve: { call in
        guard call.count < 2 || call.isDistinct else {
            throw FunctionError(.argument, "DISTINCT keyword must be specified")
        }
        return ResolvedAggregate(argumentTypes: call.argumentTypes, resultType: .bigint) { _ in CountAccumulator() }
    })
