import Columnar

/// Counts the rows whose condition is TRUE.
private final class TrueCountAccumulator: FixedStateAccumulator {
    let storage = StateStorage<Int64>(empty: 0)

    func combine(_ state: inout Int64, _ addition: Int64) { state &+= addition }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        foldGroups(UInt8.self, arguments[0], rows, groups, states) { $0 &+= $1 != 0 ? 1 : 0 }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        foldOne(UInt8.self, arguments[0], rows, &states[group]) { $0 &+= $1 != 0 ? 1 : 0 }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        return .results(.bigint, groups) { states[$0] }
    }
}

private func conditionArgument(_ call: FunctionCall) throws {
    guard call.count == 1 else { throw FunctionError(.argumentCount, "Exactly one argument is expected.") }
    guard call.argumentTypes[0] == .boolean || call.argumentTypes[0] == .void else {
        throw FunctionError(.argumentType(0), "\(call.name) takes a BOOLEAN, but \(call.argumentTypes[0]) was passed as parameter 1.")
    }
}

/// Whether all, or any, of the conditions hold: the least, or the greatest, of them.
private func quantifier(_ names: [String], isMaximum: Bool, _ usage: String) -> AggregateFunction {
    AggregateFunction(
        names: names,
        documentation: FunctionDocumentation(usage, extended: "NULLs do not count.\nExample:\n  > SELECT _FUNC_(fare > 0) FROM trips;"),
        traits: AggregateTraits(isDistinctSensitive: false, slidingForm: isMaximum ? .greatest : .least),
        resolve: { call in
            try conditionArgument(call)
            return ResolvedAggregate(argumentTypes: [.boolean], resultType: .boolean) { _ in
                IntegerExtremeAccumulator(.boolean, isMaximum: isMaximum)
            }
        })
}

let conditionAggregates: [AggregateFunction] = [
    AggregateFunction(
        "count_if",
        documentation: FunctionDocumentation(
            "_FUNC_(condition) - Returns the number of rows in which a condition holds",
            extended: "Example:\n  > SELECT _FUNC_(fare > 10) FROM trips;"),
        traits: AggregateTraits(valueOfNoRows: .zero),
        resolve: { call in
            try conditionArgument(call)
            return ResolvedAggregate(argumentTypes: [.boolean], resultType: .bigint) { _ in TrueCountAccumulator() }
        }),
    quantifier(["bool_and", "every"], isMaximum: false, "_FUNC_(condition) - Returns whether a condition holds in all rows"),
    quantifier(["bool_or", "some"], isMaximum: true, "_FUNC_(condition) - Returns whether a condition holds in any row"),
]

/// Some value that is not NULL: the smallest, so that it does not depend on how the work was parted.
let anyValueFunction = AggregateFunction(
    "any_value",
    documentation: FunctionDocumentation(
        "_FUNC_(expr) - Returns some value of expr that is not NULL", extended: "Example:\n  > SELECT _FUNC_(city) FROM trips;"),
    traits: AggregateTraits(isDistinctSensitive: false, slidingForm: .least),
    resolve: minimumFunction.resolve)

let approximateCountFunction = AggregateFunction(
    "approx_count_distinct", "approx_distinct",
    documentation: FunctionDocumentation(
        "_FUNC_(expr) - Returns the number of different values of expr that are not NULL",
        extended: "Exact here.\nExample:\n  > SELECT _FUNC_(city) FROM trips;"),
    traits: AggregateTraits(isAlwaysDistinct: true, valueOfNoRows: .zero),
    resolve: { call in
        guard call.count == 1 else { throw FunctionError(.argumentCount, "Exactly one argument is expected.") }
        return ResolvedAggregate(argumentTypes: call.argumentTypes, resultType: .bigint) { _ in CountAccumulator() }
    })

/// The value that comes most often; of several that the smallest.
let modeFunction = AggregateFunction(
    "mode",
    documentation: FunctionDocumentation(
        "_FUNC_(expr) - Returns the value of expr that comes most often",
        extended: "Of several such values the smallest. NULLs do not count.\nExample:\n  > SELECT _FUNC_(city) FROM trips;"),
    resolve: { call in
        guard call.count == 1 else { throw FunctionError(.argumentCount, "Exactly one argument is expected.") }
        let type = call.argumentTypes[0] == .void ? SQLType.string : call.argumentTypes[0]
        guard type.isOrdered else {
            throw FunctionError(.argumentType(0), "Cannot support comparison of map<> type or complex type containing map<>.")
        }
        return ResolvedAggregate(argumentTypes: [type], resultType: type) { _ in
            CountingAccumulator(
                call.name, type,
                encode: { arguments, row, buffer, add in
                    guard !arguments[0].isNull(row) else { return }
                    buffer.removeAll()
                    ElementCoding.encode(arguments[0], row, to: buffer, equality: .canonical)
                    try add(buffer.view())
                },
                finish: { values, builder in
                    guard let most = values.map(\.count).max() else { return builder.appendNull() }
                    let candidates = ColumnBuilder(type)
                    for (value, count) in values where count == most { ElementCoding.decode(value, to: candidates) }
                    let column = candidates.finish()
                    let least = (0..<column.count).min { RowComparator.compare(column, $0, column, $1) < 0 }
                    builder.append(column, row: least ?? 0)
                })
        }
    })
