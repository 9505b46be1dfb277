import Columnar

// `xpath` and its kin. A path that is no XPath finds nothing, a text that is no XML is an error: as in Hive.

/// One worker's paths: the last one is kept, as most are constant.
private final class XPaths {
    private var text: [UInt8]?
    private var last: XPathExpression?

    /// nil for what is no path.
    func path(_ text: StringView) throws -> XPathExpression? {
        if let known = self.text, known.elementsEqual(text.bytes) { return last }
        self.text = Array(text.bytes)
        do {
            last = try XPathParser.parse(text)
        } catch is XPathSyntaxError {
            last = nil
        }
        return last
    }
}

/// What `body` makes of the value of a path in a text; nil for an empty text and what is no path.
private func evaluate<R>(
    _ xml: StringView, _ path: StringView, _ paths: XPaths, _ context: EvaluationContext,
    _ body: (XPathEvaluator, XPathValue) throws -> R
) throws -> R? {
    guard xml.count > 0, path.count > 0, let expression = try paths.path(path) else { return nil }
    do {
        let evaluator = XPathEvaluator(try XMLParser.parse(xml, context), context)
        return try body(evaluator, try evaluator.value(expression))
    } catch let error as XMLError {
        throw FunctionError(.argument, "Error loading expression '\(path.string)': \(error.message)")
    } catch is XPathEvaluationError {
        throw FunctionError(.argument, "Invalid expression '\(path.string)'")
    }
}

private func xpathFunction<R: ColumnElement>(
    _ names: String..., type: SQLType, _ what: String, _ example: String,
    _ convert: @escaping @Sendable (XPathEvaluator, XPathValue) -> R
) -> ScalarFunction {
    ScalarFunction(
        names: names,
        documentation: FunctionDocumentation(
            "_FUNC_(xml, xpath) - Returns \(what)", extended: "Example:\n  > SELECT _FUNC_(\(example)"),
        traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
    ) { call in
        try call.expect(2)
        try call.expectPrimitives()
        return ResolvedScalar(argumentTypes: [.string, .string], resultType: type) { input in
            let paths = XPaths()
            return try input.compute(type) { (xml: StringView, path: StringView) throws -> R? in
                try evaluate(xml, path, paths, input.context, convert)
            }
        }
    }
}

private let xpathString = ScalarFunction(
    "xpath_string",
    documentation: FunctionDocumentation(
        "_FUNC_(xml, xpath) - Returns the text of the first node that a path finds in an XML text, or the path's text",
        extended: "Empty when there is no such node.\n"
            + "Example:\n  > SELECT _FUNC_('<a><b>b</b><c>cc</c></a>', 'a/c');\n  'cc'"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(2)
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: .string) { input in
        let paths = XPaths()
        return try input.format(StringView.self, StringView.self) { xml, path, buffer in
            guard let text = try evaluate(xml, path, paths, input.context, { $0.text($1) }) else { return false }
            text.withUnsafeBufferPointer { buffer.append($0) }
            return true
        }
    }
}

private let xpathNodes = ScalarFunction(
    "xpath",
    documentation: FunctionDocumentation(
        "_FUNC_(xml, xpath) - Returns the texts, attributes and comments that a path finds in an XML text, as an array",
        extended: "Elements have no text of their own: ask for text() in them.\n"
            + "Example:\n  > SELECT _FUNC_('<a><b>b1</b><b>b2</b><c>c1</c></a>', 'a/b/text()');\n  [\"b1\",\"b2\"]"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(2)
    try call.expectPrimitives()
    let type = SQLType.array(.string)
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: type) { input in
        let paths = XPaths()
        return try input.buildValid(type) { row, builder in
            var count = 0
            _ = try evaluate(
                input.arguments[0].string(row), input.arguments[1].string(row), paths, input.context
            ) { evaluator, value in
                guard case .nodes(let nodes) = value else { throw XPathEvaluationError() }
                for node in nodes {
                    let found = evaluator.document[node]
                    guard found.kind != .element, found.kind != .root else { continue }
                    let text = evaluator.document.text(found.value).prefix(found.firstPart)
                    text.withUnsafeBufferPointer { builder.children[0].append(bytes: $0) }
                    count += 1
                }
            }
            builder.append(listOf: count)
        }
    }
}

let xpathFunctions: [ScalarFunction] = [
    xpathNodes, xpathString,
    xpathFunction(
        "xpath_boolean", type: .boolean, "whether a path finds a node in an XML text, or its condition holds",
        "'<a><b>1</b></a>', 'a/b = 1');\n  true"
    ) { UInt8($0.boolean($1) ? 1 : 0) },
    xpathFunction(
        "xpath_double", "xpath_number", type: .double, "the DOUBLE that a path finds in an XML text, NaN when it is no number",
        "'<a><b>1.5</b><b>2</b></a>', 'sum(a/b)');\n  3.5"
    ) { $0.number($1) },
    xpathFunction(
        "xpath_float", type: .float, "the FLOAT that a path finds in an XML text, NaN when it is no number",
        "'<a><b>1.5</b></a>', 'a/b');\n  1.5"
    ) { Float($0.number($1)) },
    xpathFunction(
        "xpath_int", type: .int, "the INT that a path finds in an XML text, 0 when it is no number",
        "'<a><b>1</b><b>2</b></a>', 'sum(a/b)');\n  3"
    ) { Int32(saturating: $0.number($1)) },
    xpathFunction(
        "xpath_long", type: .bigint, "the BIGINT that a path finds in an XML text, 0 when it is no number",
        "'<a><b>1</b><b>2</b></a>', 'sum(a/b)');\n  3"
    ) { Int64(saturating: $0.number($1)) },
    xpathFunction(
        "xpath_short", type: .smallint, "the SMALLINT that a path finds in an XML text, 0 when it is no number",
        "'<a><b>1</b><b>2</b></a>', 'sum(a/b)');\n  3"
    ) { Int16(truncatingIfNeeded: Int32(saturating: $0.number($1))) },
]
