import Columnar

/// The type of a value whose unions became structs of their members.
private func explodedType(_ type: SQLType) -> SQLType {
    switch type {
    case .union(let members):
        .structure(members.enumerated().map { StructField(name: "tag_\($0)", type: explodedType($1)) })
    case .structure(let fields): .structure(fields.map { StructField(name: $0.name, type: explodedType($0.type)) })
    case .array(let element): .array(explodedType(element))
    case .map(let key, let value): .map(key: key, value: explodedType(value))
    default: type
    }
}

/// Appends row `row` of a column to a builder of its exploded type.
private func appendExploded(_ column: Column, _ row: Int, to builder: ColumnBuilder) {
    guard !column.isNull(row) else { return builder.appendNull() }
    let source = column.encoding == .dictionary ? column.base ?? column : column
    let element = column.element(of: row)
    switch source.type {
    case .union:
        let tag = source.values(as: UInt8.self)[element]
        for (index, child) in builder.children.enumerated() {
            if index == Int(tag) {
                appendExploded(source.children[index], element, to: child)
            } else {
                child.appendNull()
            }
        }
        builder.appendStructure()
    case .structure:
        for (child, from) in zip(builder.children, source.children) { appendExploded(from, element, to: child) }
        builder.appendStructure()
    case .array, .map:
        let entry = source.values(as: ListEntry.self)[element]
        for (child, from) in zip(builder.children, source.children) {
            for item in 0..<entry.length { appendExploded(from, entry.offset + item, to: child) }
        }
        builder.append(listOf: entry.length)
    default: builder.append(column, row: row)
    }
}

let extractUnionFunction = ScalarFunction(
    "extract_union",
    documentation: FunctionDocumentation(
        "_FUNC_(union[, tag]) - Returns a union as a struct of its members, or the member of a tag; the others are NULL",
        extended: "Unions inside of structs, arrays and maps become structs too.\n"
            + "Example:\n  > SELECT _FUNC_(create_union(0, 'foo', 1)).tag_0;\n  'foo'")
) { call in
    try call.expect(1...2)
    let type = call.argumentTypes[0]
    if call.count == 1 {
        let exploded = explodedType(type)
        guard exploded != type else { throw FunctionError(.argument, "No unions found in \(type)") }
        return ResolvedScalar(argumentTypes: [type], resultType: exploded) { input in
            input.build(exploded) { row, builder in appendExploded(input.arguments[0], row, to: builder) }
        }
    }
    guard case .union(let members) = type else {
        throw FunctionError(.argumentType(0), "A union is expected, but \(type) is passed")
    }
    guard let tag = call.constantInteger(1), members.indices.contains(Int(tag)) else {
        let given = call.constantInteger(1).map(String.init) ?? "no constant"
        throw FunctionError(
            .argumentType(1),
            "int constant must be a valid union tag for \(type). Expected 0-\(members.count - 1) got: \(given)")
    }
    let member = members[Int(tag)]
    return ResolvedScalar(argumentTypes: [type, call.argumentTypes[1]], resultType: member) { input in
        let unions = input.arguments[0]
        let tags = unions.values(as: UInt8.self)
        return input.build(member) { row, builder in
            let element = unions.element(of: row)
            guard !unions.isNull(row), Int(tags[element]) == Int(tag) else { return builder.appendNull() }
            let values = unions.children[Int(tag)]
            builder.append(values, row: values.isConstant ? 0 : element)
        }
    }
}
