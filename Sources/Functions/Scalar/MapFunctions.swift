import Columnar

// Maps as Spark makes and reads them, beyond Hive.

private func mapTypes(_ call: FunctionCall, _ index: Int) throws -> (key: SQLType, value: SQLType) {
    guard case .map(let key, let value) = call.argumentTypes[index] else { throw call.mismatch(index, "map") }
    return (key, value)
}

/// The entries of a map that is made: of equal keys the last one gives the value, at the place of the first.
private struct MapEntries {
    private var keys = DistinctElements()
    private var values: [(column: Column, place: Int)] = []
    private let name: String

    init(_ name: String) { self.name = name }

    mutating func removeAll() {
        keys.removeAll()
        values.removeAll(keepingCapacity: true)
    }

    mutating func add(_ keyColumn: Column, _ key: Int, _ valueColumn: Column, _ value: Int) throws {
        guard !keyColumn.isNull(key) else { throw FunctionError(.argument, "\(name): the key of a map must not be NULL") }
        let (number, isNew) = keys.insert(keyColumn, key)
        if isNew { values.append((valueColumn, value)) } else { values[number] = (valueColumn, value) }
    }

    func append(to builder: ColumnBuilder) {
        for (key, value) in zip(keys.elements, values) {
            builder.children[0].append(key.column, row: key.place)
            builder.children[1].append(value.column, row: value.place)
        }
        builder.append(listOf: values.count)
    }
}

private func expectKey(_ type: SQLType, _ index: Int) throws {
    guard !type.isComplex else { throw FunctionError(.argumentType(index), "The key should be a primitive type but \(type) is found") }
}

private let mapFromArrays = ScalarFunction(
    "map_from_arrays",
    documentation: FunctionDocumentation(
        "_FUNC_(keys, values) - Makes a map of an array of keys and one of their values",
        extended: "Example:\n  > SELECT _FUNC_(array('a', 'b'), array(1, 2));\n  {\"a\":1,\"b\":2}"),
    traits: ScalarTraits(nulls: .propagated, canFail: true)
) { call in
    try call.expect(2)
    let key = try arrayType(call, 0), value = try arrayType(call, 1)
    try expectKey(key, 0)
    let type = SQLType.map(key: key, value: value)
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: type) { input in
        let keys = input.arguments[0], values = input.arguments[1]
        var entries = MapEntries("map_from_arrays")
        return try input.buildValid(type) { row, builder in
            let left = keys.list(row) ?? 0..<0, right = values.list(row) ?? 0..<0
            guard left.count == right.count else {
                throw FunctionError(.argument, "map_from_arrays: there are \(left.count) keys and \(right.count) values")
            }
            entries.removeAll()
            for (key, value) in zip(left, right) {
                if key & 0x3FF == 0 { try input.context.checkCancellation() }
                try entries.add(keys.children[0], key, values.children[0], value)
            }
            entries.append(to: builder)
        }
    }
}

private let mapFromEntries = ScalarFunction(
    "map_from_entries",
    documentation: FunctionDocumentation(
        "_FUNC_(entries) - Makes a map of an array of structs of a key and its value",
        extended: "Example:\n  > SELECT _FUNC_(array(struct('a', 1), struct('b', 2)));\n  {\"a\":1,\"b\":2}"),
    traits: ScalarTraits(canFail: true)
) { call in
    try call.expect(1)
    guard case .array(.structure(let fields)) = call.argumentTypes[0], fields.count == 2 else {
        throw call.mismatch(0, "array<struct<key,value>>")
    }
    try expectKey(fields[0].type, 0)
    let type = SQLType.map(key: fields[0].type, value: fields[1].type)
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: type) { input in
        let lists = input.arguments[0]
        var entries = MapEntries("map_from_entries")
        return try input.buildValid(type) { row, builder in
            let list = lists.list(row) ?? 0..<0
            let elements = lists.children[0]
            let structs = elements.encoding == .dictionary ? elements.base ?? elements : elements
            // An entry that is NULL makes the map NULL.
            guard !list.contains(where: { elements.isNull($0) }) else { return builder.appendNull() }
            entries.removeAll()
            for place in list {
                if place & 0x3FF == 0 { try input.context.checkCancellation() }
                let element = elements.element(of: place)
                let keys = structs.children[0], values = structs.children[1]
                try entries.add(keys, keys.isConstant ? 0 : element, values, values.isConstant ? 0 : element)
            }
            entries.append(to: builder)
        }
    }
}

private let mapConcat = ScalarFunction(
    "map_concat",
    documentation: FunctionDocumentation(
        "_FUNC_(map1, map2, ...) - Returns the entries of all maps in one; of equal keys the last one counts",
        extended: "Example:\n  > SELECT _FUNC_(map('a', 1), map('b', 2));\n  {\"a\":1,\"b\":2}"),
    traits: ScalarTraits(nulls: .propagated, canFail: true)
) { call in
    try call.expect(atLeast: 1)
    var (key, value) = try mapTypes(call, 0)
    for index in 1..<max(call.count, 1) {
        let other = try mapTypes(call, index)
        guard let commonKey = TypeCoercion.commonType(key, other.key), let commonValue = TypeCoercion.commonType(value, other.value) else {
            throw call.mismatch(index, "map<\(key),\(value)>")
        }
        (key, value) = (commonKey, commonValue)
    }
    let type = SQLType.map(key: key, value: value)
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in type }, resultType: type) { input in
        var entries = MapEntries("map_concat")
        return try input.buildValid(type) { row, builder in
            entries.removeAll()
            for map in input.arguments {
                for place in map.list(row) ?? 0..<0 {
                    if place & 0x3FF == 0 { try input.context.checkCancellation() }
                    try entries.add(map.children[0], place, map.children[1], place)
                }
            }
            entries.append(to: builder)
        }
    }
}

private let mapEntries = ScalarFunction(
    "map_entries",
    documentation: FunctionDocumentation(
        "_FUNC_(map) - Returns an array of structs of the keys and values of a map",
        extended: "Example:\n  > SELECT _FUNC_(map('a', 1));\n  [{\"key\":\"a\",\"value\":1}]")
) { call in
    try call.expect(1)
    let (key, value) = try mapTypes(call, 0)
    let type = SQLType.array(.structure([StructField(name: "key", type: key), StructField(name: "value", type: value)]))
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: type) { input in
        let maps = input.arguments[0]
        return input.buildValid(type) { row, builder in
            let list = maps.list(row) ?? 0..<0
            let structs = builder.children[0]
            for place in list {
                structs.children[0].append(maps.children[0], row: place)
                structs.children[1].append(maps.children[1], row: place)
                structs.appendStructure()
            }
            builder.append(listOf: list.count)
        }
    }
}

private let mapContainsKey = ScalarFunction(
    "map_contains_key",
    documentation: FunctionDocumentation(
        "_FUNC_(map, key) - Returns whether a map has a key", extended: "Example:\n  > SELECT _FUNC_(map('a', 1), 'a');\n  true")
) { call in
    try call.expect(2)
    let (key, _) = try mapTypes(call, 0)
    return ResolvedScalar(argumentTypes: [call.argumentTypes[0], key], resultType: .boolean) { input in
        let maps = input.arguments[0], wanted = input.arguments[1]
        var keys = ListLookup(maps.children[0])
        return input.buildValid(.boolean) { row, builder in
            builder.append(keys.place(in: maps.list(row) ?? 0..<0, of: wanted, row) != nil)
        }
    }
}

let mapFunctions: [ScalarFunction] = [mapFromArrays, mapFromEntries, mapConcat, mapEntries, mapContainsKey]
