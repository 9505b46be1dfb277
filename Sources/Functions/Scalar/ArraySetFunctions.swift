import Columnar

// Hive 4's functions of one array and a value, or of two arrays.

func arrayType(_ call: FunctionCall, _ index: Int) throws -> SQLType {
    guard case .array(let element) = call.argumentTypes[index] else {
        throw FunctionError(
            .argumentType(index), "\"array\" expected at function \(call.name), but \"\(call.argumentTypes[index])\" is found")
    }
    return element
}

/// `array_min` and `array_max`: NULL elements do not count.
private func arrayExtreme(_ name: String, isMaximum: Bool, _ usage: String) -> ScalarFunction {
    ScalarFunction(name, documentation: FunctionDocumentation(usage)) { call in
        try call.expect(1)
        let element = try arrayType(call, 0)
        return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: element) { input in
            let lists = input.arguments[0]
            guard let elements = lists.children.first else { return .nulls(element, count: input.count) }
            return try ColumnChoice.withChoices(
                input,
                { row in
                    guard let list = lists.list(row) else { return -1 }
                    var best = -1
                    for place in list where !elements.isNull(place) {
                        let order = best < 0 ? 0 : RowComparator.compare(elements, place, elements, best)
                        if best < 0 || (isMaximum ? order > 0 : order < 0) { best = place }
                    }
                    return best
                }
            ) { elements.gathering($0, rows: input.rows, count: input.count) }
        }
    }
}

private enum ArraySetOperation: Sendable { case union, intersection, difference }

private func arraySet(_ name: String, _ operation: ArraySetOperation, _ usage: String) -> ScalarFunction {
    ScalarFunction(name, documentation: FunctionDocumentation(usage)) { call in
        try call.expect(2)
        let left = try arrayType(call, 0), right = try arrayType(call, 1)
        guard let element = TypeCoercion.commonType(left, right) else { throw call.mismatch(1, "array<\(left)>") }
        let type = SQLType.array(element)
        return ResolvedScalar(argumentTypes: [type, type], resultType: type) { input in
            let first = input.arguments[0], second = input.arguments[1]
            var kept = DistinctElements(), others = DistinctElements()
            return try input.buildValid(type) { row, builder in
                let a = first.children[0], b = second.children[0]
                let left = first.list(row) ?? 0..<0, right = second.list(row) ?? 0..<0
                kept.removeAll()
                others.removeAll()
                for place in right {
                    if place & 0x3FF == 0 { try input.context.checkCancellation() }
                    if operation != .union { others.insert(b, place) }
                }
                for place in left {
                    if place & 0x3FF == 0 { try input.context.checkCancellation() }
                    switch operation {
                    case .union: kept.insert(a, place)
                    case .intersection: if others.contains(a, place) { kept.insert(a, place) }
                    case .difference: if !others.contains(a, place) { kept.insert(a, place) }
                    }
                }
                if operation == .union { for place in right { kept.insert(b, place) } }
                for (column, place) in kept.elements { builder.children[0].append(column, row: place) }
                builder.append(listOf: kept.count)
            }
        }
    }
}

private let arrayRemove = ScalarFunction(
    "array_remove", documentation: FunctionDocumentation("_FUNC_(array, value) - Returns the array without the elements that equal value")
) { call in
    try call.expect(2)
    let element = try arrayType(call, 0)
    let type = call.argumentTypes[0]
    return ResolvedScalar(argumentTypes: [type, element], resultType: type) { input in
        let lists = input.arguments[0], value = input.arguments[1]
        return input.build(type) { row, builder in
            guard let list = lists.list(row), list.isEmpty || !value.isNull(row) else { return builder.appendNull() }
            let elements = lists.children[0]
            var kept = 0
            for place in list where compareElements(elements, place, value, row) != 0 {
                builder.children[0].append(elements, row: place)
                kept += 1
            }
            builder.append(listOf: kept)
        }
    }
}

private let arrayAppend = ScalarFunction(
    "array_append", documentation: FunctionDocumentation("_FUNC_(array, value) - Returns the array with value as its last element")
) { call in
    try call.expect(2)
    let element = try arrayType(call, 0)
    let type = call.argumentTypes[0]
    return ResolvedScalar(argumentTypes: [type, element], resultType: type) { input in
        let lists = input.arguments[0], value = input.arguments[1]
        return input.build(type) { row, builder in
            guard let list = lists.list(row) else { return builder.appendNull() }
            for place in list { builder.children[0].append(lists.children[0], row: place) }
            builder.children[0].append(value, row: row)
            builder.append(listOf: list.count + 1)
        }
    }
}

private let arrayPosition = ScalarFunction(
    "array_position",
    documentation: FunctionDocumentation("_FUNC_(array, value) - Returns the first place of value in the array, from 1; 0 when it is not there")
) { call in
    try call.expect(2)
    let element = try arrayType(call, 0)
    return ResolvedScalar(argumentTypes: [call.argumentTypes[0], element], resultType: .int) { input in
        let lists = input.arguments[0], value = input.arguments[1]
        return input.buildValid(.int) { row, builder in
            let elements = lists.children[0], list = lists.list(row) ?? 0..<0
            let found = list.firstIndex { !elements.isNull($0) && compareElements(elements, $0, value, row) == 0 }
            builder.append(found.map { Int32(truncatingIfNeeded: list.distance(from: list.startIndex, to: $0) + 1) } ?? 0)
        }
    }
}

/// - Parameter places: the elements of an array of so many that a call gives, by its start and length; none: an empty array.
private func sliceFunction(
    _ name: String, _ documentation: FunctionDocumentation, canFail: Bool = false,
    places: @escaping @Sendable (_ start: Int, _ length: Int, _ count: Int) throws -> Range<Int>
) -> ScalarFunction {
    ScalarFunction(name, documentation: documentation, traits: ScalarTraits(nulls: .propagated, canFail: canFail)) { call in
        try call.expect(3)
        _ = try arrayType(call, 0)
        try call.expectIntegral(1)
        try call.expectIntegral(2)
        let type = call.argumentTypes[0]
        return ResolvedScalar(argumentTypes: [type, .int, .int], resultType: type) { input in
            let lists = input.arguments[0]
            func integer(_ index: Int, _ row: Int) -> Int {
                Int(input.arguments[index].values(as: Int32.self)[input.arguments[index].isConstant ? 0 : row])
            }
            return try input.buildValid(type) { row, builder in
                let list = lists.list(row) ?? 0..<0
                let kept = try places(integer(1, row), integer(2, row), list.count)
                for place in kept { builder.children[0].append(lists.children[0], row: list.lowerBound + place) }
                builder.append(listOf: kept.count)
            }
        }
    }
}

private let arraySlice = sliceFunction(
    "array_slice",
    FunctionDocumentation(
        "_FUNC_(array, start, length) - Returns length elements from place start, counted from 0",
        extended: "A negative start counts from the end. The array is empty when it has fewer elements from there on.\n"
            + "Example:\n  > SELECT _FUNC_(array(1, 2, 3, 4), 2, 2);\n  [3,4]")
) { start, length, count in
    let first = start < 0 ? start + count : start
    return first >= 0 && length > 0 && first + length <= count ? first..<first + length : 0..<0
}

private let slice = sliceFunction(
    "slice",
    FunctionDocumentation(
        "_FUNC_(array, start, length) - Returns at most length elements from place start, counted from 1, or from the end from -1",
        extended: "Example:\n  > SELECT _FUNC_(array(1, 2, 3, 4), 2, 2);\n  [2,3]"),
    canFail: true
) { start, length, count in
    guard start != 0, length >= 0 else {
        throw FunctionError(.argument, "slice: start counts from 1, or from -1 backwards, and length is not negative")
    }
    let first = start > 0 ? start - 1 : count + start
    return first >= 0 && first < count ? first..<min(first + length, count) : 0..<0
}

private let arrayJoin = ScalarFunction(
    "array_join",
    documentation: FunctionDocumentation(
        "_FUNC_(array, delimiter[, replacement]) - Returns the elements as one string; NULLs are left out or replaced",
        extended: "NULL for an array without elements.\n"
            + "Example:\n  > SELECT _FUNC_(array(1, 2, NULL, 4), ',');\n  '1,2,4'\n"
            + "  > SELECT _FUNC_(array(1, 2, NULL, 4), ',', ':');\n  '1,2,:,4'")
) { call in
    try call.expect(2...3)
    _ = try arrayType(call, 0)
    let types: [SQLType] = [.array(.string), .string] + (call.count == 3 ? [.string] : [])
    return ResolvedScalar(argumentTypes: types, resultType: .string) { input in
        let lists = input.arguments[0]
        let buffer = ByteBuffer(capacity: 256)
        return input.build(.string) { row, builder in
            guard let list = lists.list(row), !list.isEmpty, !input.arguments[1].isNull(row) else { return builder.appendNull() }
            let leavesOutNulls = input.arguments.count < 3 || input.arguments[2].isNull(row)
            buffer.removeAll()
            var isFirst = true
            for place in list {
                let isNull = lists.children[0].isNull(place)
                if isNull, leavesOutNulls { continue }
                if !isFirst { buffer.append(input.arguments[1].string(row)) }
                isFirst = false
                buffer.append(isNull ? input.arguments[2].string(row) : lists.children[0].stringAnyEncoding(place))
            }
            builder.append(bytes: buffer.bytes)
        }
    }
}

let arraySetFunctions: [ScalarFunction] = [
    arrayExtreme("array_min", isMaximum: false, "_FUNC_(array) - Returns the smallest element"),
    arrayExtreme("array_max", isMaximum: true, "_FUNC_(array) - Returns the greatest element"),
    arraySet("array_union", .union, "_FUNC_(a, b) - Returns the elements of both arrays, each once"),
    arraySet("array_intersect", .intersection, "_FUNC_(a, b) - Returns the elements that both arrays have, each once"),
    arraySet("array_except", .difference, "_FUNC_(a, b) - Returns the elements of a that b does not have, each once"),
    arrayRemove, arrayAppend, arrayPosition, arraySlice, slice, arrayJoin,
]
