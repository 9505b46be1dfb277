import Columnar

// What Spark and DuckDB ask of texts beyond Hive: beginnings and ends, pieces, all matches of an expression.

private func textTest(
    _ names: [String], _ usage: String, _ example: String, _ test: @escaping @Sendable (StringView, StringView) -> Bool
) -> ScalarFunction {
    ScalarFunction(
        names: names, documentation: FunctionDocumentation(usage, extended: "Example:\n  > SELECT _FUNC_(\(example)"), traits: .strict
    ) { call in
        try call.expect(2)
        try call.expectPrimitives()
        return ResolvedScalar(argumentTypes: [.string, .string], resultType: .boolean) { input in
            input.compute(.boolean) { (text: StringView, part: StringView) -> UInt8? in test(text, part) ? 1 : 0 }
        }
    }
}

private func starts(_ text: StringView, with part: StringView) -> Bool {
    text.count >= part.count && equalBytes(text.pointer, part.pointer, part.count)
}

private func ends(_ text: StringView, with part: StringView) -> Bool {
    text.count >= part.count && equalBytes(text.pointer + (text.count - part.count), part.pointer, part.count)
}

/// Piece `number` of a text, from 1, or from the end from -1; empty where there is none. An empty delimiter parts nothing.
private func piece(_ text: StringView, _ delimiter: StringView, _ number: Int) -> StringView {
    guard delimiter.count > 0 else { return number == 1 || number == -1 ? text : StringView() }
    var pieces: [StringView] = []
    var start = 0
    while let end = UTF8Text.find(delimiter, in: text, from: start) {
        let found = UTF8Text.slice(text, start, end - start)
        if number > 0, pieces.count == number - 1 { return found }
        pieces.append(found)
        start = end + delimiter.count
    }
    pieces.append(UTF8Text.slice(text, start, text.count - start))
    let place = number > 0 ? number - 1 : pieces.count + number
    return pieces.indices.contains(place) ? pieces[place] : StringView()
}

private let splitPart = ScalarFunction(
    "split_part",
    documentation: FunctionDocumentation(
        "_FUNC_(str, delimiter, n) - Returns the n-th piece of str between delimiters, from 1, or from the end from -1",
        extended: "Empty where there are fewer pieces.\nExample:\n  > SELECT _FUNC_('11.12.13', '.', 3);\n  '13'"),
    traits: ScalarTraits(nulls: .propagated, canFail: true)
) { call in
    try call.expect(3)
    try call.expectPrimitives()
    try call.expectIntegral(2)
    return ResolvedScalar(argumentTypes: [.string, .string, .int], resultType: .string) { input in
        try input.compute(.string, heap: StringHeap()) { (text: StringView, delimiter: StringView, number: Int32) throws -> StringView? in
            guard number != 0 else { throw FunctionError(.argument, "split_part: pieces are counted from 1, or from -1 backwards") }
            return piece(text, delimiter, Int(number))
        }
    }
}

/// Calls `body` at each match of an expression.
private func forEachMatch(_ text: StringView, _ matcher: RegularExpressionMatcher, _ body: () throws -> Void) throws {
    var next = 0
    while next <= text.count, try matcher.find(in: text, from: next) {
        try body()
        next = matcher.end
        if matcher.end == matcher.start { next += next < text.count ? UTF8Text.width(text.pointer[next]) : 1 }
    }
}

private let regexpCount = ScalarFunction(
    "regexp_count",
    documentation: FunctionDocumentation(
        "_FUNC_(str, pattern) - Returns how often a regular expression matches in str",
        extended: "Example:\n  > SELECT _FUNC_('Steven Jones and Stephen Smith', 'Ste(v|ph)en');\n  2"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(2)
    try call.expectPrimitives()
    let argument = try RegularExpressionArgument(call, 1)
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: .int) { input in
        let matchers = RegularExpressionArgument.Matchers(argument, input.context)
        return try input.compute(.int) { (text: StringView, pattern: StringView) throws -> Int32? in
            var count: Int32 = 0
            try forEachMatch(text, try matchers.matcher(pattern)) { count &+= 1 }
            return count
        }
    }
}

private let regexpExtractAll = ScalarFunction(
    "regexp_extract_all",
    documentation: FunctionDocumentation(
        "_FUNC_(str, pattern[, group]) - Returns what the group (1 unless given; 0: all) of each match is, as an array",
        extended: "Example:\n  > SELECT _FUNC_('100-200, 300-400', '([0-9]+)-([0-9]+)', 1);\n  [\"100\",\"300\"]"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(2...3)
    try call.expectPrimitives()
    if call.count == 3 { try call.expectIntegral(2) }
    let argument = try RegularExpressionArgument(call, 1)
    let types: [SQLType] = [.string, .string] + (call.count == 3 ? [.int] : [])
    return ResolvedScalar(argumentTypes: types, resultType: .array(.string)) { input in
        let matchers = RegularExpressionArgument.Matchers(argument, input.context)
        var budget = ResultBudget("regexp_extract_all", input)
        return try input.buildValid(.array(.string)) { row, builder in
            let matcher = try matchers.matcher(input.arguments[1].string(row))
            var group = 1
            if input.arguments.count == 3 {
                let groups = input.arguments[2]
                group = Int(groups.values(as: Int32.self)[groups.isConstant ? 0 : row])
            }
            guard group >= 0, group <= matcher.expression.groupCount else { throw FunctionError(.argument, "No group \(group)") }
            var count = 0
            try forEachMatch(input.arguments[0].string(row), matcher) {
                let found = matcher.group(group) ?? StringView()
                try budget.take(found.count + 2 * MemoryLayout<StringView>.stride)
                builder.children[0].append(found)
                count += 1
            }
            builder.append(listOf: count)
        }
    }
}

/// `likeany` and `likeall`: three-valued OR or AND of LIKE.
private func likeSeveral(_ name: String, isAny: Bool, _ usage: String, _ example: String) -> ScalarFunction {
    ScalarFunction(
        name, documentation: FunctionDocumentation(usage, extended: "Example:\n  > SELECT _FUNC_(\(example)"),
        traits: ScalarTraits(cost: .dear)
    ) { call in
        try call.expect(atLeast: 2)
        try call.expectPrimitives()
        let types = call.argumentTypes.map { _ in SQLType.string }
        return ResolvedScalar(argumentTypes: types, resultType: .boolean) { input in
            let patterns = input.arguments.dropFirst().map { $0.isConstant && !$0.isNull(0) ? LikePattern($0.string(0)) : nil }
            return input.build(.boolean) { row, builder in
                guard !input.arguments[0].isNull(row) else { return builder.appendNull() }
                let text = input.arguments[0].string(row)
                var hasNull = false
                for (column, constant) in zip(input.arguments.dropFirst(), patterns) {
                    if column.isNull(row) {
                        hasNull = true
                    } else if (constant ?? LikePattern(column.string(row))).matches(text) == isAny {
                        return builder.append(isAny)
                    }
                }
                if hasNull { builder.appendNull() } else { builder.append(!isAny) }
            }
        }
    }
}

let textMatchingFunctions: [ScalarFunction] = [
    textTest(["startswith", "starts_with"], "_FUNC_(str, part) - Returns whether str begins with part", "'Spark SQL', 'Spark');\n  true") {
        starts($0, with: $1)
    },
    textTest(["endswith", "ends_with"], "_FUNC_(str, part) - Returns whether str ends with part", "'Spark SQL', 'SQL');\n  true") {
        ends($0, with: $1)
    },
    textTest(["contains"], "_FUNC_(str, part) - Returns whether part stands in str", "'Spark SQL', 'ark');\n  true") {
        UTF8Text.find($1, in: $0) != nil
    },
    splitPart, regexpCount, regexpExtractAll,
    likeSeveral("likeany", isAny: true, "_FUNC_(str, pattern1, pattern2, ...) - Returns whether str is LIKE any pattern", "'abc', '%b%', 'x%');\n  true"),
    likeSeveral("likeall", isAny: false, "_FUNC_(str, pattern1, pattern2, ...) - Returns whether str is LIKE all patterns", "'abc', '%b%', 'a%');\n  true"),
]
