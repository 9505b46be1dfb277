import Columnar

// Values to JSON and back, with Spark's answers.

/// How often a loop over texts asks whether the statement goes on: each row of long ones, else now and then.
private func checkCancellation(_ input: KernelInput, _ row: Int, _ byteCount: Int) throws {
    if row & 0xFF == 0 || byteCount > 1 << 12 { try input.context.checkCancellation() }
}

private let toJSON = ScalarFunction(
    "to_json",
    documentation: FunctionDocumentation(
        "_FUNC_(value[, options]) - Returns a struct, array or map as JSON; fields of structs that are NULL are left out",
        extended: "options is a map: dateFormat, timestampFormat, ignoreNullFields ('false' keeps them).\n"
            + "Example:\n  > SELECT _FUNC_(named_struct('a', 1, 'b', array('x', null)));\n  {\"a\":1,\"b\":[\"x\",null]}"),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    try call.expect(1...2)
    let type = call.argumentTypes[0]
    guard type.isComplex || type == .void else { throw call.mismatch(0, "struct, array or map") }
    if let refused = JSONTypedWriter.refused(type) {
        throw FunctionError(.argumentType(0), "to_json: there is no JSON for \(refused)")
    }
    let options = call.count == 2 ? try JSONOptions(call, 1) : .usual
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: .string) { input in
        let values = input.arguments[0]
        let writer = JSONTypedWriter(options: options, zone: input.zone)
        let buffer = ByteBuffer(capacity: 256)
        var budget = ResultBudget("to_json", input)
        return try input.build(.string) { row, builder in
            guard !values.isNull(row) else { return builder.appendNull() }
            buffer.removeAll()
            try writer.append(values, row: row, to: buffer)
            try checkCancellation(input, row, buffer.count)
            try budget.take(buffer.count)
            builder.append(bytes: buffer.bytes)
        }
    }
}

private let fromJSON = ScalarFunction(
    "from_json",
    documentation: FunctionDocumentation(
        "_FUNC_(json, schema[, options]) - Returns the value that a JSON text spells, of a schema's type",
        extended: "schema is constant: columns ('a INT, b STRING'), which make a struct, or a type ('array<struct<a:int>>').\n"
            + "Members are found by their names as the schema spells them. What does not fit is NULL; with the option mode\n"
            + "FAILFAST it fails the query. Further options: dateFormat, timestampFormat, columnNameOfCorruptRecord.\n"
            + "Example:\n  > SELECT _FUNC_('{\"a\":1, \"b\":0.8}', 'a INT, b DOUBLE');\n  {\"a\":1,\"b\":0.8}"),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    try call.expect(2...3)
    try call.expectText(0, called: "STRING")
    guard let text = call.constantString(1) else {
        throw FunctionError(.argumentType(1), "from_json takes a constant text as schema")
    }
    let schema = try JSONSchema(text)
    guard schema.type.isComplex else {
        throw FunctionError(.argumentType(1), "from_json: the schema has to be a struct, an array or a map, not \(schema.type)")
    }
    let options = call.count == 3 ? try JSONOptions(call, 2) : .usual
    let types: [SQLType] = [.string, .string] + call.argumentTypes.dropFirst(2)
    return ResolvedScalar(argumentTypes: types, resultType: schema.type) { input in
        let texts = input.arguments[0]
        let reader = JSONTypedReader(schema, options, zone: input.zone)
        var budget = ResultBudget("from_json", input)
        return try input.build(schema.type) { row, builder in
            guard !texts.isNull(row) else { return builder.appendNull() }
            let text = texts.string(row)
            try checkCancellation(input, row, text.count)
            try budget.take(text.count)
            try reader.append(text, to: builder)
        }
    }
}

/// Hive 4's name. What is no JSON is NULL, where Hive fails the query.
private let readJSON = ScalarFunction(
    "json_read",
    documentation: FunctionDocumentation(
        "_FUNC_(json, type) - Returns the value that a JSON text spells, of a type",
        extended: "type is a constant text. As from_json does; what does not fit is NULL.\n"
            + "Example:\n  > SELECT _FUNC_('[{\"a\":\"x\"}]', 'array<struct<a:string>>');\n  [{\"a\":\"x\"}]"),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    try call.expect(2)
    return try fromJSON.resolve(call)
}

private let schemaOfJSON = ScalarFunction(
    "schema_of_json",
    documentation: FunctionDocumentation(
        "_FUNC_(json) - Returns the type of the value that a JSON text spells, as from_json takes it",
        extended: "Example:\n  > SELECT _FUNC_('{\"a\":[1, 2.5]}');\n  STRUCT<a: ARRAY<DOUBLE>>"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(1)
    try call.expectText(0, called: "STRING")
    return ResolvedScalar(argumentTypes: [.string], resultType: .string) { input in
        let document = JSONDocument()
        return try input.format(StringView.self) { text, buffer in
            switch document.read(text) {
            case .none: buffer.append("STRING")
            case .malformed: throw FunctionError(.argument, "schema_of_json: the text is no JSON")
            case .value: JSONInference(document, 0, StringHeap()).append(to: buffer)
            }
            return true
        }
    }
}

private let jsonArrayLength = ScalarFunction(
    "json_array_length",
    documentation: FunctionDocumentation(
        "_FUNC_(json) - Returns how many elements a JSON array has; NULL for what is none",
        extended: "Example:\n  > SELECT _FUNC_('[1, 2, {\"a\":[5, 6]}]');\n  3"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear)
) { call in
    try call.expect(1)
    try call.expectText(0, called: "STRING")
    return ResolvedScalar(argumentTypes: [.string], resultType: .int) { input in
        let document = JSONDocument()
        return input.compute(.int) { (text: StringView) -> Int32? in
            guard document.read(text) == .value, document.tokens[0].kind == .array else { return nil }
            var count: Int32 = 0
            document.forEachPart(0) { _ in count &+= 1 }
            return count
        }
    }
}

private let jsonObjectKeys = ScalarFunction(
    "json_object_keys",
    documentation: FunctionDocumentation(
        "_FUNC_(json) - Returns the keys of a JSON object; NULL for what is none",
        extended: "Example:\n  > SELECT _FUNC_('{\"a\":1, \"b\":{\"c\":2}}');\n  [\"a\",\"b\"]"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear)
) { call in
    try call.expect(1)
    try call.expectText(0, called: "STRING")
    return ResolvedScalar(argumentTypes: [.string], resultType: .array(.string)) { input in
        let document = JSONDocument()
        return input.buildValid(.array(.string)) { row, builder in
            guard document.read(input.arguments[0].string(row)) == .value, document.tokens[0].kind == .object else {
                return builder.appendNull()
            }
            let heap = StringHeap()
            var count = 0
            document.forEachPart(0) { key in
                builder.children[0].append(document.string(document.tokens[key], heap))
                count += 1
            }
            builder.append(listOf: count)
        }
    }
}

let jsonConversionFunctions: [ScalarFunction] = [toJSON, fromJSON, readJSON, schemaOfJSON, jsonArrayLength, jsonObjectKeys]
