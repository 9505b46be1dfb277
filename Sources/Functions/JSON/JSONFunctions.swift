import Columnar

private let getJSONObject = ScalarFunction(
    "get_json_object",
    documentation: FunctionDocumentation(
        "_FUNC_(json, path) - Returns what a path leads to in a JSON text",
        extended: "$ is the root, .key a member, [n] and [*] elements; NULL when the text is no JSON or the path leads nowhere."),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, joint: .jsonPaths)
) { call in
    try call.expect(2)
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: .string) { input in
        let heap = StringHeap()
        var known: (path: [UInt8], extractor: JSONExtractor)?
        return input.compute(.string, heap: heap) { (text: StringView, path: StringView) -> StringView? in
            let extractor: JSONExtractor
            // Nearly always the path is a constant.
            if let known, JSONString.same(path.bytes, known.path) {
                extractor = known.extractor
            } else {
                extractor = JSONExtractor([JSONPath(path)])
                known = (Array(path.bytes), extractor)
            }
            return extractor.read(text) ? extractor.value(0, heap) : nil
        }
    }
}

let jsonFunctions: [ScalarFunction] = [getJSONObject]

/// `get_json_object` for several constant paths: a STRUCT of what each leads to, from one walk over the text. It has no
/// name in the language.
let jsonPathsFunction = ScalarFunction(
    "json_paths", documentation: FunctionDocumentation("_FUNC_(json, path1, path2, ...) - Returns what each path leads to"),
    traits: ScalarTraits(cost: .dear)
) { call in
    try call.expect(atLeast: 2)
    let type = SQLType.structure((1..<call.count).map { StructField(name: "path\($0)", type: .string) })
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .string }, resultType: type) { input in
        let paths = input.arguments.dropFirst()
        let heap = StringHeap()
        let extractor = JSONExtractor(paths.map { $0.isNull(0) ? nil : JSONPath($0.string(0)) })
        let texts = KernelInput(
            arguments: [input.arguments[0]], rows: input.rows, count: input.count, context: input.context)
        // Without a frame no text has a value.
        let frames = paths.compactMap { _ in texts.frame(.string, heap: heap) }
        guard let first = frames.first else { return .nulls(type, count: input.count) }
        let values = input.arguments[0].values(as: StringView.self)
        let targets = frames.map { $0.column.values(as: StringView.self) }
        first.forEach { row in
            let isJSON = extractor.read(values[row])
            for index in frames.indices {
                frames[index].store(isJSON ? extractor.value(index, heap) : nil, at: row, in: targets[index])
            }
        }
        return structure(type, frames.map(\.column), input)
    }
}

/// Table functions that give one row a row: columns of strings taken out of a text.
private func tupleFunction(
    _ name: String, _ usage: String, _ appendRows: @escaping @Sendable (KernelInput, [ColumnBuilder]) -> Void
) -> TableFunction {
    TableFunction(name, documentation: FunctionDocumentation(usage)) { call in
        guard call.count >= 2 else {
            throw FunctionError(
                .argumentCount, "\(name)() takes at least two arguments: the \(name == "json_tuple" ? "json" : "url") string and a path expression")
        }
        for type in call.argumentTypes where !type.isCharacter && type != .void {
            throw FunctionError(.argument, "\(name)()'s arguments have to be string type")
        }
        let columns = (0..<(call.count - 1)).map { SchemaColumn(name: "c\($0)", type: .string) }
        return ResolvedTableFunction(argumentTypes: call.argumentTypes.map { _ in .string }, columns: columns) { input in
            let builders = columns.map { _ in ColumnBuilder(.string, capacity: input.rows.count) }
            var sources: [Int32] = []
            sources.reserveCapacity(input.rows.count)
            input.rows.forEach { row in sources.append(Int32(truncatingIfNeeded: row)) }
            appendRows(input, builders)
            return GeneratedRows(columns: builders.map { $0.finish() }, count: sources.count, sources: sources)
        }
    }
}

/// A row's keys as paths; nil for a key that is NULL.
private func memberPaths(_ input: KernelInput, row: Int) -> [JSONPath?] {
    input.arguments.dropFirst().map { $0.isNull(row) ? nil : JSONPath(member: $0.string(row)) }
}

private func appendMembers(_ input: KernelInput, _ builders: [ColumnBuilder]) {
    let texts = input.arguments[0]
    let areKeysConstant = input.arguments.dropFirst().allSatisfy(\.isConstant)
    var extractor: JSONExtractor?
    let heap = StringHeap()
    input.rows.forEach { row in
        if extractor == nil || !areKeysConstant { extractor = JSONExtractor(memberPaths(input, row: row)) }
        guard let extractor, !texts.isNull(row), extractor.read(texts.string(row)) else {
            for builder in builders { builder.appendNull() }
            return
        }
        for (index, builder) in builders.enumerated() {
            if let value = extractor.value(index, heap) { builder.append(value) } else { builder.appendNull() }
        }
    }
}

private func appendURLParts(_ input: KernelInput, _ builders: [ColumnBuilder]) {
    let texts = input.arguments[0]
    input.rows.forEach { row in
        let parts = texts.isNull(row) ? nil : URLParts(texts.string(row).string)
        for (index, builder) in builders.enumerated() {
            let argument = input.arguments[index + 1]
            let name = argument.isNull(row) ? nil : argument.string(row).string
            let value = name.flatMap { name in
                name.hasPrefix("QUERY:") ? parts?.queryValue(String(name.dropFirst(6))) : parts?.part(name)
            }
            if let value { builder.append(value) } else { builder.appendNull() }
        }
    }
}

let tupleFunctions: [TableFunction] = [
    tupleFunction(
        "json_tuple", "_FUNC_(json, key1, key2, ...) - Makes a column of each key's value in a JSON object", appendMembers),
    tupleFunction(
        "parse_url_tuple",
        "_FUNC_(url, part1, part2, ...) - Makes a column of each part of a URL; 'QUERY:key' gives a query's value",
        appendURLParts),
]
