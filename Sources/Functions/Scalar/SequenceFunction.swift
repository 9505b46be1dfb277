import Columnar

/// Every `step`-th integer from `start` to `stop`.
private func integers(_ start: Int64, _ stop: Int64, _ step: Int64, _ budget: inout ResultBudget) throws -> (count: Int, Int64) {
    guard step != 0 || start == stop, start == stop || (step > 0) == (stop > start) else {
        throw FunctionError(.argument, "sequence: the step \(step) does not lead from \(start) to \(stop)")
    }
    let distance = stop.subtractingReportingOverflow(start)
    guard !distance.overflow else { throw FunctionError(.argument, "sequence: \(start) and \(stop) lie too far apart") }
    let steps = start == stop ? 0 : Int(clamping: distance.partialValue.magnitude / step.magnitude)
    try budget.takeElements(min(steps, Int.max - 1) + 1, of: 8)
    return (steps + 1, step)
}

private func resolveIntegers(_ call: FunctionCall) throws -> ResolvedScalar {
    let type = call.argumentTypes.dropFirst().reduce(call.argumentTypes[0]) { TypeCoercion.commonType($0, $1) ?? .bigint }
    let element = type.isIntegral ? type : .int
    let wanted = call.argumentTypes.map { _ in SQLType.bigint }
    return ResolvedScalar(argumentTypes: wanted, resultType: .array(element)) { input in
        var budget = ResultBudget("sequence", input)
        return try input.buildValid(.array(element)) { row, builder in
            func value(_ index: Int) -> Int64 {
                input.arguments[index].values(as: Int64.self)[input.arguments[index].isConstant ? 0 : row]
            }
            let start = value(0), stop = value(1)
            let (count, step) = try integers(start, stop, input.arguments.count == 3 ? value(2) : stop >= start ? 1 : -1, &budget)
            let elements = builder.children[0]
            for place in 0..<count {
                let next = start &+ Int64(place) &* step
                switch element {
                case .tinyint: elements.append(Int8(truncatingIfNeeded: next))
                case .smallint: elements.append(Int16(truncatingIfNeeded: next))
                case .int: elements.append(Int32(truncatingIfNeeded: next))
                default: elements.append(next)
                }
            }
            builder.append(listOf: count)
        }
    }
}

/// Dates by days, or by an interval of months or of whole days.
private func resolveDates(_ call: FunctionCall) throws -> ResolvedScalar {
    let step = call.count == 3 ? call.argumentTypes[2] : .intervalDayTime
    guard step == .intervalDayTime || step == .intervalYearMonth || step == .void else {
        throw FunctionError(.argumentType(2), "sequence of dates takes an interval as its step, got \(step)")
    }
    let types: [SQLType] = [.date, .date] + (call.count == 3 ? [step] : [])
    return ResolvedScalar(argumentTypes: types, resultType: .array(.date)) { input in
        var budget = ResultBudget("sequence", input)
        return try input.buildValid(.array(.date)) { row, builder in
            func day(_ index: Int) -> Int32 {
                input.arguments[index].values(as: Int32.self)[input.arguments[index].isConstant ? 0 : row]
            }
            let start = day(0), stop = day(1)
            var months = 0, days: Int64 = stop >= start ? 1 : -1
            if input.arguments.count == 3 {
                let steps = input.arguments[2]
                if step == .intervalYearMonth {
                    months = Int(day(2))
                    days = 0
                } else {
                    let interval = steps.values(as: Timestamp.self)[steps.isConstant ? 0 : row]
                    guard interval.seconds % 86_400 == 0, interval.nanoseconds == 0 else {
                        throw FunctionError(.argument, "sequence of dates takes steps of whole days")
                    }
                    days = interval.seconds / 86_400
                }
            }
            if months == 0 {
                let (count, step) = try integers(Int64(start), Int64(stop), days, &budget)
                for place in 0..<count { builder.children[0].append(Int32(truncatingIfNeeded: Int64(start) &+ Int64(place) &* step)) }
                return builder.append(listOf: count)
            }
            guard start == stop || (months > 0) == (stop > start) else {
                throw FunctionError(.argument, "sequence: the step does not lead from the first date to the last")
            }
            // Months are added to the first date, so that its day of the month stays where there is one.
            var count = 0, next = start
            while months > 0 ? next <= stop : next >= stop {
                try budget.takeElements(1, of: 4)
                builder.children[0].append(next)
                count += 1
                guard let following = CivilDate.adding(months: count * months, toDay: start) else { break }
                next = following
            }
            builder.append(listOf: count)
        }
    }
}

let sequenceFunction = ScalarFunction(
    "sequence",
    documentation: FunctionDocumentation(
        "_FUNC_(start, stop[, step]) - Returns the integers, or the dates, from start to stop, both included, as an array",
        extended: "The step of dates is an interval. Without a step by one, or by a day, up or down.\n"
            + "Example:\n  > SELECT _FUNC_(1, 5, 2);\n  [1,3,5]"),
    traits: ScalarTraits(nulls: .propagated, canFail: true)
) { call in
    try call.expect(2...3)
    let types = call.argumentTypes
    if types[0] == .date || types[1] == .date { return try resolveDates(call) }
    for index in types.indices { try call.expectIntegral(index) }
    return try resolveIntegers(call)
}
