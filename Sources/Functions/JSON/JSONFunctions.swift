import Columnar

private let getJSONObject = ScalarFunction(
    "get_json_object",
    documentation: FunctionDocumentation(
        "_FUNC_(json, path) - Returns what a path leads to in a JSON text",
        extended: "$ is the root, .key a member, [n] and [*] elements; NULL when the text is no JSON or the path leads nowhere.")
) { call in
    try call.expect(2)
    try call.expectPrimitives()
    let constant = call.constantString(1).map { JSONPath($0) }
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: .string) { input in
        let heap = StringHeap()
        return input.compute(.string, heap: heap) { (text: StringView, path: StringView) -> StringView? in
            guard let parsed = constant ?? JSONPath(path.string), let root = JSONReader.read(text),
                var found = parsed.find(in: root)?.extracted
            else { return nil }
            return found.withUTF8 { heap.copy($0) }
        }
    }
}

let jsonFunctions: [ScalarFunction] = [getJSONObject]

/// Table functions that give one row a row: columns of strings taken out of a text.
private func tupleFunction(
    _ name: String, _ usage: String, _ extract: @escaping @Sendable (StringView) -> ((String) -> String?)?
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
            input.rows.forEach { row in
                sources.append(Int32(truncatingIfNeeded: row))
                let part = input.arguments[0].isNull(row) ? nil : extract(input.arguments[0].string(row))
                for (index, builder) in builders.enumerated() {
                    let argument = input.arguments[index + 1]
                    if !argument.isNull(row), let value = part?(argument.string(row).string) {
                        builder.append(value)
                    } else {
                        builder.appendNull()
                    }
                }
            }
            return GeneratedRows(columns: builders.map { $0.finish() }, count: sources.count, sources: sources)
        }
    }
}

let tupleFunctions: [TableFunction] = [
    tupleFunction(
        "json_tuple", "_FUNC_(json, key1, key2, ...) - Makes a column of each key's value in a JSON object"
    ) { text in
        guard let root = JSONReader.read(text), case .object = root else { return nil }
        return { key in root.member(key)?.extracted }
    },
    tupleFunction(
        "parse_url_tuple",
        "_FUNC_(url, part1, part2, ...) - Makes a column of each part of a URL; 'QUERY:key' gives a query's value"
    ) { text in
        guard let parts = URLParts(text.string) else { return nil }
        return { name in name.hasPrefix("QUERY:") ? parts.queryValue(String(name.dropFirst(6))) : parts.part(name) }
    },
]
