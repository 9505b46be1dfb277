import Columnar

// Arrays as Spark and DuckDB make and read them, beyond Hive.

/// An integer argument of a row, which is not NULL.
private func integer(_ column: Column, _ row: Int) -> Int {
    Int(column.values(as: Int32.self)[column.isConstant ? 0 : row])
}

private let elementAt = ScalarFunction(
    "element_at", "try_element_at",
    documentation: FunctionDocumentation(
        "_FUNC_(array, n) - Returns element n of an array, from 1, or from the end from -1; NULL where there is none\n"
            + "_FUNC_(map, key) - Returns the value of a key of a map; NULL where there is none",
        extended: "Example:\n  > SELECT _FUNC_(array(1, 2, 3), -1);\n  3"),
    traits: ScalarTraits(canFail: true)
) { call in
    try call.expect(2)
    if case .map = call.argumentTypes[0] { return try indexFunction.resolve(call) }
    let element = try arrayType(call, 0)
    try call.expectIntegral(1)
    return ResolvedScalar(argumentTypes: [call.argumentTypes[0], .int], resultType: element) { input in
        let lists = input.arguments[0], places = input.arguments[1]
        guard let elements = lists.children.first else { return .nulls(element, count: input.count) }
        return try ColumnChoice.withChoices(
            input,
            { row in
                guard let list = lists.list(row), !places.isNull(row) else { return -1 }
                let place = integer(places, row)
                guard place != 0 else { throw FunctionError(.argument, "element_at: elements are counted from 1, or from -1 backwards") }
                let offset = place > 0 ? place - 1 : list.count + place
                return offset >= 0 && offset < list.count ? list.lowerBound + offset : -1
            }
        ) { elements.gathering($0, rows: input.rows, count: input.count) }
    }
}

private let get = ScalarFunction(
    "get",
    documentation: FunctionDocumentation(
        "_FUNC_(array, n) - Returns element n of an array, from 0; NULL where there is none",
        extended: "Example:\n  > SELECT _FUNC_(array(1, 2, 3), 0);\n  1")
) { call in
    try call.expect(2)
    _ = try arrayType(call, 0)
    return try indexFunction.resolve(call)
}

private let arrayPrepend = ScalarFunction(
    "array_prepend", documentation: FunctionDocumentation("_FUNC_(array, value) - Returns the array with value as its first element")
) { call in
    try call.expect(2)
    let element = try arrayType(call, 0)
    let type = call.argumentTypes[0]
    return ResolvedScalar(argumentTypes: [type, element], resultType: type) { input in
        let lists = input.arguments[0]
        return input.build(type) { row, builder in
            guard let list = lists.list(row) else { return builder.appendNull() }
            builder.children[0].append(input.arguments[1], row: row)
            for place in list { builder.children[0].append(lists.children[0], row: place) }
            builder.append(listOf: list.count + 1)
        }
    }
}

private let arrayRepeat = ScalarFunction(
    "array_repeat",
    documentation: FunctionDocumentation(
        "_FUNC_(value, n) - Returns an array of n times the same value", extended: "Example:\n  > SELECT _FUNC_('a', 2);\n  [\"a\",\"a\"]"),
    traits: ScalarTraits(canFail: true)
) { call in
    try call.expect(2)
    try call.expectIntegral(1)
    let element = call.argumentTypes[0] == .void ? SQLType.string : call.argumentTypes[0]
    let type = SQLType.array(element)
    return ResolvedScalar(argumentTypes: [element, .int], resultType: type) { input in
        var budget = ResultBudget("array_repeat", input)
        return try input.build(type) { row, builder in
            guard !input.arguments[1].isNull(row) else { return builder.appendNull() }
            let count = max(integer(input.arguments[1], row), 0)
            try budget.takeElements(count, of: max(element.physical.stride, 1))
            if element.physical == .string, !input.arguments[0].isNull(row) { try budget.takeElements(count, of: input.arguments[0].string(row).count) }
            for place in 0..<count {
                // What one nested value takes is not known before.
                if place & 0xFFF == 0xFFF { try budget.checkElements(builder.byteCount) }
                builder.children[0].append(input.arguments[0], row: row)
            }
            builder.append(listOf: count)
        }
    }
}

private let flatten = ScalarFunction(
    "flatten",
    documentation: FunctionDocumentation(
        "_FUNC_(arrays) - Returns the elements of an array of arrays as one array",
        extended: "NULL when one of the arrays is NULL.\nExample:\n  > SELECT _FUNC_(array(array(1, 2), array(3)));\n  [1,2,3]")
) { call in
    try call.expect(1)
    guard case .array(.array(let element)) = call.argumentTypes[0] else { throw call.mismatch(0, "array<array>") }
    let type = SQLType.array(element)
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: type) { input in
        let lists = input.arguments[0]
        return input.build(type) { row, builder in
            guard let list = lists.list(row), !list.contains(where: { lists.children[0].isNull($0) }) else { return builder.appendNull() }
            let inner = lists.children[0]
            let elements = (inner.encoding == .dictionary ? inner.base ?? inner : inner).children[0]
            var count = 0
            for place in list {
                for item in inner.list(place) ?? 0..<0 {
                    builder.children[0].append(elements, row: item)
                    count += 1
                }
            }
            builder.append(listOf: count)
        }
    }
}

private let arraysOverlap = ScalarFunction(
    "arrays_overlap",
    documentation: FunctionDocumentation(
        "_FUNC_(a, b) - Returns whether the arrays have an element in common",
        extended: "NULL when they have none, but one of them has a NULL.\nExample:\n  > SELECT _FUNC_(array(1, 2), array(2, 3));\n  true")
) { call in
    try call.expect(2)
    let left = try arrayType(call, 0), right = try arrayType(call, 1)
    guard let element = TypeCoercion.commonType(left, right) else { throw call.mismatch(1, "array<\(left)>") }
    return ResolvedScalar(argumentTypes: [.array(element), .array(element)], resultType: .boolean) { input in
        let a = input.arguments[0], b = input.arguments[1]
        var others = DistinctElements()
        return try input.buildValid(.boolean) { row, builder in
            let left = a.list(row) ?? 0..<0, right = b.list(row) ?? 0..<0
            others.removeAll()
            var hasNull = false
            for place in right {
                if place & 0x3FF == 0 { try input.context.checkCancellation() }
                if b.children[0].isNull(place) { hasNull = true } else { others.insert(b.children[0], place) }
            }
            for place in left {
                if place & 0x3FF == 0 { try input.context.checkCancellation() }
                if a.children[0].isNull(place) {
                    hasNull = true
                } else if others.contains(a.children[0], place) {
                    return builder.append(true)
                }
            }
            if hasNull, !left.isEmpty, !right.isEmpty { builder.appendNull() } else { builder.append(false) }
        }
    }
}

private let arraysZip = ScalarFunction(
    "arrays_zip",
    documentation: FunctionDocumentation(
        "_FUNC_(a, b, ...) - Returns an array of structs: the first of the first elements, and so on",
        extended: "Fields are named 0, 1, …; what a shorter array lacks is NULL.\n"
            + "Example:\n  > SELECT _FUNC_(array(1, 2), array('a', 'b'));\n  [{\"0\":1,\"1\":\"a\"},{\"0\":2,\"1\":\"b\"}]")
) { call in
    try call.expect(atLeast: 1)
    let fields = try call.argumentTypes.indices.map { StructField(name: "\($0)", type: try arrayType(call, $0)) }
    let type = SQLType.array(.structure(fields))
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: type) { input in
        input.buildValid(type) { row, builder in
            let lists = input.arguments.map { $0.list(row) ?? 0..<0 }
            let count = lists.map(\.count).max() ?? 0
            let structs = builder.children[0]
            for place in 0..<count {
                for (index, list) in lists.enumerated() {
                    if place < list.count {
                        structs.children[index].append(input.arguments[index].children[0], row: list.lowerBound + place)
                    } else {
                        structs.children[index].appendNull()
                    }
                }
                structs.appendStructure()
            }
            builder.append(listOf: count)
        }
    }
}

let arrayBuildingFunctions: [ScalarFunction] = [
    elementAt, get, arrayPrepend, arrayRepeat, flatten, arraysOverlap, arraysZip, sequenceFunction,
]
