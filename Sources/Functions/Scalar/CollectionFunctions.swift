import Columnar

// Making and reading ARRAY, MAP and STRUCT.

extension Column {
    /// Rows `places[row]` of this column (-1: NULL) as a flat column of `count` rows.
    func gathering(_ places: UnsafePointer<Int32>, rows: RowSelection, count: Int) -> Column {
        guard self.count > 0 else { return .nulls(type, count: count) }
        let safe = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
        defer { safe.deallocate() }
        safe.initialize(repeating: 0, count: max(count, 1))
        var missing = 0
        rows.forEach { row in
            safe[row] = max(places[row], 0)
            missing += places[row] < 0 ? 1 : 0
        }
        let source = isConstant ? flattened(.all(self.count)) : self
        let result = Column.dictionary(source, indices: safe, count: count).decoded(rows)
        guard missing > 0 else { return result }
        let bits = result.validity.map { ValidityBitmap(copying: $0) } ?? ValidityBitmap(count: count)
        rows.forEach { row in if places[row] < 0 { bits.clear(row) } }
        return result.replacingValidity(bits)
    }
}

private func resolveIndex(_ call: FunctionCall) throws -> ResolvedScalar {
    guard call.count == 2 else {
        throw FunctionError(.argumentCount, "The function INDEX accepts exactly 2 arguments.")
    }
    switch call.argumentTypes[0] {
    case .array(let element):
        guard call.argumentTypes[1].isIntegral || call.argumentTypes[1] == .void else {
            throw FunctionError(.argumentType(1), "\"int\" is expected but \"\(call.argumentTypes[1])\" is found")
        }
        return ResolvedScalar(argumentTypes: [call.argumentTypes[0], .int], resultType: element) { input in
            let lists = input.arguments[0], positions = input.arguments[1]
            let numbers = positions.values(as: Int32.self)
            guard let elements = lists.children.first else { return .nulls(element, count: input.count) }
            return try ColumnChoice.withChoices(
                input,
                { row in
                    guard let list = lists.list(row), !positions.isNull(row) else { return -1 }
                    let position = Int(numbers[positions.isConstant ? 0 : row])
                    return position >= 0 && position < list.count ? list.lowerBound + position : -1
                }
            ) { elements.gathering($0, rows: input.rows, count: input.count) }
        }
    case .map(let key, let value):
        guard TypeCoercion.comparisonType(key, call.argumentTypes[1]) != nil else {
            throw FunctionError(.argumentType(1), "\"\(key)\" is expected but \"\(call.argumentTypes[1])\" is found")
        }
        return ResolvedScalar(argumentTypes: [call.argumentTypes[0], key], resultType: value) { input in
            let maps = input.arguments[0], wanted = input.arguments[1]
            guard maps.children.count == 2 else { return .nulls(value, count: input.count) }
            var keys = ListLookup(maps.children[0])
            return try ColumnChoice.withChoices(
                input,
                { row in
                    guard let list = maps.list(row), !wanted.isNull(row) else { return -1 }
                    return keys.place(in: list, of: wanted, row) ?? -1
                }
            ) { maps.children[1].gathering($0, rows: input.rows, count: input.count) }
        }
    case let type:
        throw FunctionError(.argumentType(0), "\"map\" or \"list\" is expected at function INDEX, but \"\(type)\" is found")
    }
}

private func resolveArray(_ call: FunctionCall) throws -> ResolvedScalar {
    var element = SQLType.void
    for (index, type) in call.argumentTypes.enumerated() {
        guard let common = TypeCoercion.commonType(element, type) else {
            throw FunctionError(
                .argumentType(index),
                "Argument type \"\(type)\" is different from preceding arguments. Previous type was \"\(element)\"")
        }
        element = common
    }
    let type = SQLType.array(element == .void ? .string : element)
    let wanted = call.argumentTypes.map { _ in element == .void ? SQLType.string : element }
    return ResolvedScalar(argumentTypes: wanted, resultType: type) { input in
        input.build(type) { row, builder in
            for argument in input.arguments { builder.children[0].append(argument, row: row) }
            builder.append(listOf: input.arguments.count)
        }
    }
}

private func resolveMap(_ call: FunctionCall) throws -> ResolvedScalar {
    guard call.count % 2 == 0 else {
        throw FunctionError(.argumentCount, "Arguments must be in key/value pairs")
    }
    var key = SQLType.void, value = SQLType.void
    for (index, type) in call.argumentTypes.enumerated() {
        let isKey = index % 2 == 0
        if isKey, type.isComplex { throw FunctionError(.argumentType(index), "The key should be a primitive type but \(type) is found") }
        guard let common = TypeCoercion.commonType(isKey ? key : value, type) else {
            throw FunctionError(
                .argumentType(index),
                "\(isKey ? "Key" : "Value") type \"\(type)\" is different from preceding \(isKey ? "key" : "value") types. "
                    + "Previous \(isKey ? "key" : "value") type was \"\(isKey ? key : value)\"")
        }
        if isKey { key = common } else { value = common }
    }
    if key == .void { key = .string }
    if value == .void { value = .string }
    let (keyType, valueType) = (key, value)
    let type = SQLType.map(key: keyType, value: valueType)
    return ResolvedScalar(
        argumentTypes: call.argumentTypes.indices.map { $0 % 2 == 0 ? keyType : valueType }, resultType: type
    ) { input in
        let pairs = input.arguments.count / 2
        var keys = DistinctElements()
        var sources: [Int] = []
        return input.build(type) { row, builder in
            keys.removeAll()
            sources.removeAll(keepingCapacity: true)
            for pair in 0..<pairs {
                // The first of equal keys keeps its place, the last gives the value.
                let (number, isNew) = keys.insert(input.arguments[pair * 2], row)
                if isNew { sources.append(pair) } else { sources[number] = pair }
            }
            for (key, source) in zip(keys.elements, sources) {
                builder.children[0].append(key.column, row: key.place)
                builder.children[1].append(input.arguments[source * 2 + 1], row: row)
            }
            builder.append(listOf: sources.count)
        }
    }
}

/// A STRUCT of the given columns, which become its fields as they are.
func structure(_ type: SQLType, _ fields: [Column], _ input: KernelInput) -> Column {
    Column(flat: type, count: input.count, children: fields.map { $0.flattened(input.rows) })
}

private func resolveStruct(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(atLeast: 1)
    let types = call.argumentTypes.map { $0 == .void ? SQLType.string : $0 }
    let type = SQLType.structure(types.enumerated().map { StructField(name: "col\($0 + 1)", type: $1) })
    return ResolvedScalar(argumentTypes: types, resultType: type) { structure(type, $0.arguments, $0) }
}

private func resolveNamedStruct(_ call: FunctionCall) throws -> ResolvedScalar {
    guard call.count > 0, call.count % 2 == 0 else {
        throw FunctionError(.argumentCount, "NAMED_STRUCT expects an even number of arguments.")
    }
    var fields: [StructField] = []
    var types: [SQLType] = []
    for index in stride(from: 0, to: call.count, by: 2) {
        guard let name = call.constantString(index) else {
            throw FunctionError(
                .argumentType(index), "Even arguments to NAMED_STRUCT must be a constant STRING, got \(call.argumentTypes[index])")
        }
        let type = call.argumentTypes[index + 1] == .void ? SQLType.string : call.argumentTypes[index + 1]
        fields.append(StructField(name: name.lowercased(), type: type))
        types += [.string, type]
    }
    let type = SQLType.structure(fields)
    return ResolvedScalar(argumentTypes: types, resultType: type) { input in
        structure(type, stride(from: 1, to: input.arguments.count, by: 2).map { input.arguments[$0] }, input)
    }
}

private func resolveUnion(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(atLeast: 2)
    try call.expectIntegral(0)
    let members = Array(call.argumentTypes.dropFirst()).map { $0 == .void ? SQLType.string : $0 }
    let type = SQLType.union(members)
    return ResolvedScalar(argumentTypes: [.int] + members, resultType: type) { input in
        let tags = input.arguments[0]
        let numbers = tags.values(as: Int32.self)
        let column = Column(
            flat: type, count: input.count, children: input.arguments.dropFirst().map { $0.flattened(input.rows) })
        let target = column.values(as: UInt8.self)
        input.rows.forEach { row in
            let tag = tags.isNull(row) ? -1 : Int(numbers[tags.isConstant ? 0 : row])
            if members.indices.contains(tag) {
                target[row] = UInt8(truncatingIfNeeded: tag)
            } else {
                target[row] = 0
                column.setNull(row)
            }
        }
        return column
    }
}

private func resolveSize(_ call: FunctionCall) throws -> ResolvedScalar {
    guard call.count == 1 else {
        throw FunctionError(.argumentCount, "The function SIZE only accepts 1 argument.")
    }
    switch call.argumentTypes[0] {
    case .array, .map: break
    case .void: return ResolvedScalar(argumentTypes: [.void], resultType: .int) { .constant(Int32(-1), type: .int, count: $0.count) }
    case let type:
        throw FunctionError(.argumentType(0), "\"map\" or \"list\" is expected at function SIZE, but \"\(type)\" is found")
    }
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: .int) { input in
        let lists = input.arguments[0]
        let result = Column(flat: .int, count: input.count)
        let target = result.values(as: Int32.self)
        input.rows.forEach { row in target[row] = lists.list(row).map { Int32(truncatingIfNeeded: $0.count) } ?? -1 }
        return result
    }
}

private func mapPartFunction(_ name: String, child: Int, _ usage: String) -> ScalarFunction {
    ScalarFunction(
        name, documentation: FunctionDocumentation(usage), traits: ScalarTraits(part: child == 0 ? .keys : .values)
    ) { call in
        guard call.count == 1 else {
            throw FunctionError(.argumentCount, "The function \(name.uppercased()) only accepts one argument.")
        }
        guard case .map(let key, let value) = call.argumentTypes[0] else {
            throw FunctionError(
                .argumentType(0), "\"map\" is expected at function \(name.uppercased()), but \"\(call.argumentTypes[0])\" is found")
        }
        let type = SQLType.array(child == 0 ? key : value)
        return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: type) { input in
            let maps = input.arguments[0]
            guard maps.children.count == 2 else { return .nulls(type, count: input.count) }
            let result = Column(flat: type, count: input.count, children: [maps.children[child]])
            let target = result.values(as: ListEntry.self)
            let source = maps.values(as: ListEntry.self)
            input.rows.forEach { row in
                if maps.isNull(row) {
                    // NULL has no keys: an empty array, as in Hive.
                    target[row] = .placeholder
                } else {
                    target[row] = source[maps.element(of: row)]
                }
            }
            return result
        }
    }
}

private let arrayContains = ScalarFunction(
    "array_contains",
    documentation: FunctionDocumentation(
        "_FUNC_(array, value) - Returns TRUE if the array contains value",
        extended: "Example:\n  > SELECT _FUNC_(array(1, 2, 3), 2);\n  true")
) { call in
    guard call.count == 2 else {
        throw FunctionError(.argumentCount, "The function ARRAY_CONTAINS accepts 2 arguments.")
    }
    guard case .array(let element) = call.argumentTypes[0] else {
        throw FunctionError(
            .argumentType(0), "\"array\" expected at function ARRAY_CONTAINS, but \"\(call.argumentTypes[0])\" is found")
    }
    let other = call.argumentTypes[1]
    guard element == other || other == .void || (element.isCharacter && other.isCharacter) || (element.isNumeric && other.isNumeric)
    else {
        throw FunctionError(
            .argumentType(1), "\"\(element)\" expected at function ARRAY_CONTAINS, but \"\(other)\" is found")
    }
    return ResolvedScalar(argumentTypes: [call.argumentTypes[0], element], resultType: .boolean) { input in
        let lists = input.arguments[0], wanted = input.arguments[1]
        let result = Column(flat: .boolean, count: input.count)
        let target = result.values(as: UInt8.self)
        guard let elements = lists.children.first else { return .nulls(.boolean, count: input.count) }
        var lookup = ListLookup(elements)
        input.rows.forEach { row in
            // NULL lists and values are contained nowhere.
            guard let list = lists.list(row), !wanted.isNull(row) else {
                target[row] = 0
                return
            }
            target[row] = lookup.place(in: list, of: wanted, row) != nil ? 1 : 0
        }
        return result
    }
}

/// The order of two elements, NULL first.
func compareElements(_ left: Column, _ a: Int, _ right: Column, _ b: Int) -> Int {
    switch (left.isNull(a), right.isNull(b)) {
    case (true, true): 0
    case (true, false): -1
    case (false, true): 1
    case (false, false): RowComparator.compare(left, a, right, b)
    }
}

/// A function from the elements of an array to places in it, in result order.
private func rearrangement(
    _ names: [String], _ usage: String, _ body: @escaping @Sendable (Column, Range<Int>) -> [Int]
) -> ScalarFunction {
    ScalarFunction(names: names, documentation: FunctionDocumentation(usage)) { call in
        try call.expect(1)
        guard case .array = call.argumentTypes[0] else {
            throw FunctionError(
                .argumentType(0),
                "Argument 1 of function \(names[0].uppercased()) must be array, and element type should be either primitive, list, struct, or map, but \(call.argumentTypes[0]) was found.")
        }
        let type = call.argumentTypes[0]
        return ResolvedScalar(argumentTypes: [type], resultType: type) { input in
            let lists = input.arguments[0]
            return input.buildValid(type) { row, builder in
                let places = lists.list(row).map { body(lists.children[0], $0) } ?? []
                for place in places { builder.children[0].append(lists.children[0], row: place) }
                builder.append(listOf: places.count)
            }
        }
    }
}

private let sortArrayBy = ScalarFunction(
    "sort_array_by",
    documentation: FunctionDocumentation(
        "_FUNC_(array(struct), 'f1'[, 'f2', ...][, 'ASC' | 'DESC']) - Sorts an array of structs by fields",
        extended: "Example:\n  > SELECT _FUNC_(array(struct('b', 1), struct('a', 2)), 'col1', 'ASC');")
) { call in
    try call.expect(atLeast: 2)
    guard case .array(.structure(let fields)) = call.argumentTypes[0] else {
        throw FunctionError(
            .argumentType(0), "Argument[1] of function SORT_ARRAY_BY must be array, but \(call.argumentTypes[0]) was found.")
    }
    var order: [Int] = []
    var isDescending = false
    for index in 1..<call.count {
        guard let name = call.constantString(index)?.lowercased() else {
            throw FunctionError(.argumentType(index), "sort_array_by needs constant field names")
        }
        // A word behind the names of fields is the order, even where a field is called so.
        let isOrder = index == call.count - 1 && index > 1 && (name == "asc" || name == "desc")
        if !isOrder, let field = fields.firstIndex(where: { $0.name == name }) {
            order.append(field)
        } else if index == call.count - 1, name == "asc" || name == "desc" {
            isDescending = name == "desc"
        } else {
            throw FunctionError(
                .argument,
                "Field(s) \(name) of struct column are not exist in array \(fields.map(\.name))")
        }
    }
    let type = call.argumentTypes[0]
    let (keys, descending) = (order, isDescending)
    return ResolvedScalar(argumentTypes: [type] + call.argumentTypes.dropFirst().map { _ in .string }, resultType: type) { input in
        let lists = input.arguments[0]
        return input.only(lists).buildValid(type) { row, builder in
            let structs = lists.children[0]
            let places = (lists.list(row).map { Array($0) } ?? []).enumerated().sorted { left, right in
                for key in keys {
                    let field = structs.children[key]
                    let order = compareElements(field, left.element, field, right.element)
                    if order != 0 { return descending ? order > 0 : order < 0 }
                }
                return left.offset < right.offset
            }
            for place in places { builder.children[0].append(structs, row: place.element) }
            builder.append(listOf: places.count)
        }
    }
}

let indexFunction = ScalarFunction(
    "index", documentation: FunctionDocumentation("_FUNC_(a, n) - Returns element n of an array, from 0, or the value of key n of a map"),
    traits: ScalarTraits(nulls: .propagated, part: .element)
) { try resolveIndex($0) }

let structFunction = ScalarFunction(
    "struct", documentation: FunctionDocumentation("_FUNC_(v1, v2, ...) - Makes a struct with the fields col1, col2, …")
) { try resolveStruct($0) }

let collectionFunctions: [ScalarFunction] = [
    indexFunction,
    ScalarFunction(
        "array", documentation: FunctionDocumentation("_FUNC_(v1, v2, ...) - Makes an array of the values")
    ) { try resolveArray($0) },
    ScalarFunction(
        "map", documentation: FunctionDocumentation("_FUNC_(k1, v1, k2, v2, ...) - Makes a map of the keys and values")
    ) { try resolveMap($0) },
    structFunction,
    ScalarFunction(
        "named_struct", documentation: FunctionDocumentation("_FUNC_(name1, v1, name2, v2, ...) - Makes a struct with the given field names")
    ) { try resolveNamedStruct($0) },
    ScalarFunction(
        "create_union", documentation: FunctionDocumentation("_FUNC_(tag, v0, v1, ...) - Makes a union that holds the value of number tag")
    ) { try resolveUnion($0) },
    ScalarFunction(
        "size", "cardinality", documentation: FunctionDocumentation("_FUNC_(a) - Returns how many elements an array or map has, -1 for NULL"),
        traits: ScalarTraits(part: .length)
    ) { try resolveSize($0) },
    mapPartFunction("map_keys", child: 0, "_FUNC_(map) - Returns the keys of a map as an array"),
    mapPartFunction("map_values", child: 1, "_FUNC_(map) - Returns the values of a map as an array"),
    arrayContains, sortArrayBy,
    rearrangement(["sort_array"], "_FUNC_(array) - Sorts an array in ascending order, NULLs first") { elements, list in
        list.sorted { compareElements(elements, $0, elements, $1) < 0 }
    },
    rearrangement(["array_distinct"], "_FUNC_(array) - Returns the array without repeated elements") { elements, list in
        var kept = DistinctElements()
        for place in list { kept.insert(elements, place) }
        return kept.elements.map(\.place)
    },
    rearrangement(["array_sort"], "_FUNC_(array) - Sorts an array in ascending order, NULLs last") { elements, list in
        list.filter { !elements.isNull($0) }.sorted { RowComparator.compare(elements, $0, elements, $1) < 0 } + list.filter { elements.isNull($0) }
    },
    rearrangement(["array_compact"], "_FUNC_(array) - Returns the array without its NULLs") { elements, list in
        list.filter { !elements.isNull($0) }
    },
    rearrangement(["array_reverse"], "_FUNC_(array) - Returns the elements in reverse order") { _, list in list.reversed() },
]
