import Columnar

/// What an interval is counted in.
package enum IntervalUnit: String, Sendable, CaseIterable {
    case year, quarter, month, week, day, hour, minute, second

    /// The type of an interval of the unit, and how many months or seconds the unit has.
    fileprivate var measure: (type: SQLType, factor: Int64) {
        switch self {
        case .year: (.intervalYearMonth, 12)
        case .quarter: (.intervalYearMonth, 3)
        case .month: (.intervalYearMonth, 1)
        case .week: (.intervalDayTime, 7 * 86_400)
        case .day: (.intervalDayTime, 86_400)
        case .hour: (.intervalDayTime, 3_600)
        case .minute: (.intervalDayTime, 60)
        case .second: (.intervalDayTime, 1)
        }
    }
}

private let intervals = Dictionary(
    uniqueKeysWithValues: IntervalUnit.allCases.map { ($0, ScalarFunction.makeInterval($0)) })

extension FunctionDefinition where Family == ScalarFamily {
    /// `INTERVAL (amount) unit`: an interval whose amount is computed. It has no name in SQL.
    package static func interval(_ unit: IntervalUnit) -> ScalarFunction { intervals[unit] ?? makeInterval(unit) }

    fileprivate static func makeInterval(_ unit: IntervalUnit) -> ScalarFunction {
        let (type, factor) = unit.measure
        return ScalarFunction(
            "interval_\(unit.rawValue)",
            documentation: FunctionDocumentation("INTERVAL (n) \(unit.rawValue) - Returns an interval of n units"),
            traits: .strict
        ) { call in
            try call.expect(1)
            return ResolvedScalar(argumentTypes: [.bigint], resultType: type) { input in
                type == .intervalYearMonth
                    ? input.compute(type) { (amount: Int64) -> Int32? in
                        let (months, overflow) = amount.multipliedReportingOverflow(by: factor)
                        return overflow ? nil : Int32(exactly: months)
                    }
                    : input.compute(type) { (amount: Int64) -> Timestamp? in
                        let (seconds, overflow) = amount.multipliedReportingOverflow(by: factor)
                        return overflow ? nil : Timestamp(seconds: seconds)
                    }
            }
        }
    }
}

/// `interval_day_time`, `interval_year_month`: a text as an interval, NULL when it is none.
private func intervalOfText(_ name: String, _ type: SQLType, _ usage: String, _ example: String) -> ScalarFunction {
    ScalarFunction(
        name, documentation: FunctionDocumentation(usage, extended: "Example:\n  > SELECT _FUNC_(\(example)"), traits: .strict
    ) { call in
        guard call.count == 1 else {
            throw FunctionError(.argumentCount, "The function \(name) requires at least one argument, got \(call.count)")
        }
        let from = call.argumentTypes[0]
        guard from == type || from.isCharacter || from == .void else {
            throw FunctionError(.argumentType(0), "Cannot convert to \(type) from: \(from)")
        }
        return ResolvedScalar(argumentTypes: [type], resultType: type, kernel: Kernels.identity(type))
    }
}

let intervalFunctions: [ScalarFunction] = [
    intervalOfText(
        "interval_day_time", .intervalDayTime, "_FUNC_(text) - Returns 'days hours:minutes:seconds' as an interval",
        "'2 1:02:03');\n  2 01:02:03.000000000"),
    intervalOfText(
        "interval_year_month", .intervalYearMonth, "_FUNC_(text) - Returns 'years-months' as an interval",
        "'2-3');\n  2-3"),
]
