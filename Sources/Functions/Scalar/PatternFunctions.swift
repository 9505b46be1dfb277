import Columnar

// LIKE and the functions of regular expressions. Constant patterns are compiled when the call is bound.

/// A pattern argument: compiled once when constant, else kept for the last distinct text.
final class RegularExpressionArgument: Sendable {
    let constant: RegularExpression?

    init(_ call: FunctionCall, _ index: Int) throws {
        constant = try call.constantString(index).map { try RegularExpression($0) }
    }

    /// One worker's matchers.
    final class Matchers {
        private let constant: RegularExpressionMatcher?
        private var text: [UInt8] = []
        private var last: RegularExpressionMatcher?

        private let context: EvaluationContext

        init(_ argument: RegularExpressionArgument, _ context: EvaluationContext) {
            self.context = context
            constant = argument.constant.map { Self.matcher(of: $0, context) }
        }

        private static func matcher(
            of expression: RegularExpression, _ context: EvaluationContext
        ) -> RegularExpressionMatcher {
            RegularExpressionMatcher(
                expression, stepLimit: context.regularExpressionSteps, checkCancellation: context.checkCancellation)
        }

        @inline(__always)
        func matcher(_ pattern: StringView) throws -> RegularExpressionMatcher {
            if let constant { return constant }
            if let last, text.elementsEqual(pattern.bytes) { return last }
            let made = Self.matcher(of: try RegularExpression(pattern.string), context)
            text = Array(pattern.bytes)
            last = made
            return made
        }
    }
}

let likeFunction = ScalarFunction(
    "like",
    documentation: FunctionDocumentation(
        "str _FUNC_ pattern - Tests whether str fits pattern, in which % stands for any text and _ for one character",
        extended: "Example:\n  > SELECT 'Facebook' _FUNC_ 'F%k';\n  true"),
    traits: ScalarTraits(nulls: .propagated, notation: .infix)
) { call in
    try call.expect(2)
    try call.expectPrimitives()
    var constant: LikePattern?
    if let column = call.constants[1], !column.isNull(0), column.type.physical == .string {
        constant = LikePattern(column.decoded(.all(column.count)).values(as: StringView.self)[0])
    }
    let compiled = constant
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: .boolean) { input in
        if let compiled { return compiled.apply(input.only(input.arguments[0])) }
        let patterns = input.arguments[1]
        if patterns.isConstant {
            if patterns.isNull(0) { return .nulls(.boolean, count: input.count) }
            return LikePattern(patterns.values(as: StringView.self)[0]).apply(input.only(input.arguments[0]))
        }
        return input.compute(.boolean) { (text: StringView, pattern: StringView) -> UInt8? in
            LikePattern(pattern).matches(text) ? 1 : 0
        }
    }
}

let regexpLikeFunction = patternTest(
    "rlike", "regexp", notation: .infix, "str _FUNC_ pattern", example: "'Facebook' _FUNC_ '[Fb]oo?k'")

/// - Parameters:
///   - usage: how a call is written.
///   - example: a call that is true.
private func patternTest(_ names: String..., notation: ScalarTraits.Notation, _ usage: String, example: String) -> ScalarFunction {
    ScalarFunction(
        names: names,
        documentation: FunctionDocumentation(
            usage + " - Tests whether a part of str matches the regular expression",
            extended: "The dialect is Java's.\nExample:\n  > SELECT \(example);\n  true"),
        traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true, notation: notation)
    ) { call in
        try call.expect(2)
        try call.expectPrimitives()
        let argument = try RegularExpressionArgument(call, 1)
        return ResolvedScalar(argumentTypes: [.string, .string], resultType: .boolean) { input in
            let matchers = RegularExpressionArgument.Matchers(argument, input.context)
            return try input.compute(.boolean) { (text: StringView, pattern: StringView) throws -> UInt8? in
                // An empty pattern matches nothing, as in Hive.
                (try pattern.count > 0 && matchers.matcher(pattern).find(in: text)) ? 1 : 0
            }
        }
    }
}

private let regexpExtract = ScalarFunction(
    "regexp_extract",
    documentation: FunctionDocumentation(
        "_FUNC_(str, pattern[, group]) - Returns what the group (1 unless given; 0: all) of the first match is",
        extended: "The empty string when nothing matches.\nExample:\n  > SELECT _FUNC_('100-200', '(\\\\d+)-(\\\\d+)', 1);\n  '100'"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(2...3)
    try call.expectPrimitives()
    let argument = try RegularExpressionArgument(call, 1)
    let types: [SQLType] = [.string, .string, .int]
    return ResolvedScalar(argumentTypes: Array(types.prefix(call.count)), resultType: .string) { input in
        let matchers = RegularExpressionArgument.Matchers(argument, input.context)
        @inline(__always)
        func extract(_ text: StringView, _ pattern: StringView, _ group: Int) throws -> StringView? {
            let matcher = try matchers.matcher(pattern)
            guard group >= 0, group <= matcher.expression.groupCount else {
                throw FunctionError(.argument, "No group \(group)")
            }
            return try matcher.find(in: text) ? matcher.group(group) : StringView()
        }
        if input.arguments.count == 2 {
            return try input.compute(.string, heap: StringHeap()) { (text: StringView, pattern: StringView) throws -> StringView? in
                try extract(text, pattern, 1)
            }
        }
        return try input.compute(.string, heap: StringHeap()) {
            (text: StringView, pattern: StringView, group: Int32) throws -> StringView? in
            try extract(text, pattern, Int(group))
        }
    }
}

/// Appends a replacement, in which `$1` and `${name}` stand for groups and a backslash takes the next character as is.
private func appendReplacement(
    _ replacement: StringView, _ matcher: RegularExpressionMatcher, to buffer: ByteBuffer
) throws {
    let bytes = replacement.bytes
    var index = 0
    while index < bytes.count {
        let byte = bytes[index]
        if byte == 0x5C {
            index += 1
            guard index < bytes.count else { throw FunctionError(.argument, "character to be escaped is missing") }
            buffer.append(bytes[index])
            index += 1
        } else if byte == 0x24 {
            index += 1
            guard index < bytes.count else {
                throw FunctionError(.argument, "Illegal group reference: group index is missing")
            }
            if bytes[index] == 0x7B {
                guard let close = bytes[index...].firstIndex(of: 0x7D) else {
                    throw FunctionError(.argument, "named capturing group is missing trailing '}'")
                }
                let name = String(decoding: bytes[(index + 1)..<close], as: UTF8.self)
                guard let group = matcher.expression.groupNames[name] else {
                    throw FunctionError(.argument, "No group with name {\(name)}")
                }
                if let text = matcher.group(group) { buffer.append(text) }
                index = close + 1
                continue
            }
            guard (48...57).contains(bytes[index]) else { throw FunctionError(.argument, "Illegal group reference") }
            var group = Int(bytes[index] - 48)
            guard group <= matcher.expression.groupCount else { throw FunctionError(.argument, "No group \(group)") }
            index += 1
            while index < bytes.count, (48...57).contains(bytes[index]) {
                let longer = group * 10 + Int(bytes[index] - 48)
                guard longer <= matcher.expression.groupCount else { break }
                group = longer
                index += 1
            }
            if let text = matcher.group(group) { buffer.append(text) }
        } else {
            buffer.append(byte)
            index += 1
        }
    }
}

private let regexpReplace = ScalarFunction(
    "regexp_replace",
    documentation: FunctionDocumentation(
        "_FUNC_(str, pattern, replacement) - Replaces all parts of str that match the regular expression",
        extended: "$1 in the replacement stands for the first group.\n"
            + "Example:\n  > SELECT _FUNC_('100-200', '(\\\\d+)', 'num');\n  'num-num'"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(3)
    try call.expectPrimitives()
    let argument = try RegularExpressionArgument(call, 1)
    return ResolvedScalar(argumentTypes: [.string, .string, .string], resultType: .string) { input in
        let matchers = RegularExpressionArgument.Matchers(argument, input.context)
        let heap = StringHeap()
        let buffer = ByteBuffer(capacity: 256)
        var budget = ResultBudget("regexp_replace", input)
        return try input.compute(.string, heap: heap) {
            (text: StringView, pattern: StringView, replacement: StringView) throws -> StringView? in
            let matcher = try matchers.matcher(pattern)
            guard try matcher.find(in: text) else { return text }
            buffer.removeAll()
            var copied = 0
            repeat {
                let before = buffer.count
                buffer.append(UTF8Text.slice(text, copied, matcher.start - copied))
                try appendReplacement(replacement, matcher, to: buffer)
                try budget.take(buffer.count - before)
                copied = matcher.end
                var next = matcher.end
                if matcher.end == matcher.start {
                    guard next < text.count else { break }
                    next += UTF8Text.width(text.pointer[next])
                }
                guard try matcher.find(in: text, from: next) else { break }
            } while true
            buffer.append(UTF8Text.slice(text, copied, text.count - copied))
            return heap.copy(buffer.bytes)
        }
    }
}

/// Cuts a text at the matches of an expression as Java's `split(text, -1)`: no empty piece before a match of nothing at
/// the start, empty pieces at the end kept.
func splitText(
    _ text: StringView, _ matcher: RegularExpressionMatcher, limit: Int = -1, _ body: (StringView) throws -> Void
) throws {
    var from = 0, search = 0, pieces = 0
    while limit <= 0 || pieces + 1 < limit, try matcher.find(in: text, from: search) {
        let start = matcher.start, end = matcher.end
        if end == start {
            guard start < text.count || from < text.count else { break }
            search = start < text.count ? start + UTF8Text.width(text.pointer[start]) : text.count + 1
            if start == 0 { continue }
        } else {
            search = end
        }
        try body(UTF8Text.slice(text, from, start - from))
        pieces += 1
        from = end
    }
    try body(UTF8Text.slice(text, from, text.count - from))
}

private let split = ScalarFunction(
    "split",
    documentation: FunctionDocumentation(
        "_FUNC_(str, pattern) - Splits str at the matches of a regular expression into an array",
        extended: "Example:\n  > SELECT _FUNC_('oneAtwoBthreeC', '[ABC]');\n  [\"one\",\"two\",\"three\",\"\"]"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true, capitalizesBooleans: true)
) { call in
    guard call.count == 2 else {
        throw FunctionError(.argumentCount, "The function SPLIT(s, regexp) takes exactly 2 arguments.")
    }
    try call.expectPrimitives()
    let argument = try RegularExpressionArgument(call, 1)
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: .array(.string)) { input in
        let matchers = RegularExpressionArgument.Matchers(argument, input.context)
        var budget = ResultBudget("split", input)
        // A piece's bytes and where they stand, while the list of them is made longer.
        let pieceBytes = 2 * MemoryLayout<StringView>.stride
        return try input.buildValid(.array(.string)) { row, builder in
            let text = input.arguments[0].string(row), pattern = input.arguments[1].string(row)
            let pieces = builder.children[0]
            let before = pieces.count
            try splitText(text, try matchers.matcher(pattern)) {
                try budget.take($0.count + pieceBytes)
                pieces.append($0)
            }
            builder.append(listOf: pieces.count - before)
        }
    }
}

private let stringToMap = ScalarFunction(
    "str_to_map",
    documentation: FunctionDocumentation(
        "_FUNC_(text[, delimiter1[, delimiter2]]) - Makes a map of text by parting its pairs, and keys from values",
        extended: "delimiter1 is ',' and delimiter2 ':' unless given; both are regular expressions."),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    try call.expect(1...3)
    try call.expectPrimitives()
    let type = SQLType.map(key: .string, value: .string)
    let pairs = try RegularExpressionArgument(call, 1), keys = try RegularExpressionArgument(call, 2)
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .string }, resultType: type) { input in
        let pairMatchers = RegularExpressionArgument.Matchers(pairs, input.context)
        let keyMatchers = RegularExpressionArgument.Matchers(keys, input.context)
        let comma = Column.constant(string: ",".utf8, count: 1), colon = Column.constant(string: ":".utf8, count: 1)
        return try input.build(type) { row, builder in
            // No text makes an empty map.
            if input.arguments[0].isNull(row) { return builder.append(listOf: 0) }
            if input.arguments.contains(where: { $0.isNull(row) }) { return builder.appendNull() }
            let first = input.arguments.count > 1 ? input.arguments[1].string(row) : comma.string(0)
            let second = input.arguments.count > 2 ? input.arguments[2].string(row) : colon.string(0)
            var entries: [(key: StringView, value: StringView?)] = []
            var texts: [StringView] = []
            try splitText(input.arguments[0].string(row), try pairMatchers.matcher(first)) { texts.append($0) }
            // Java's split without a limit drops empty pieces at the end.
            while texts.count > 1, texts.last?.count == 0 { texts.removeLast() }
            for text in texts {
                var parts: [StringView] = []
                try splitText(text, try keyMatchers.matcher(second), limit: 2) { parts.append($0) }
                let entry = (key: parts[0], value: parts.count > 1 ? parts[1] : nil)
                if let known = entries.firstIndex(where: { $0.key == entry.key }) {
                    entries[known] = entry
                } else {
                    entries.append(entry)
                }
            }
            for entry in entries {
                builder.children[0].append(entry.key)
                if let value = entry.value { builder.children[1].append(value) } else { builder.children[1].appendNull() }
            }
            builder.append(listOf: entries.count)
        }
    }
}

extension Column {
    /// The string of a row of a flat or constant column, which must not be NULL.
    @inline(__always)
    func string(_ row: Int) -> StringView { values(as: StringView.self)[isConstant ? 0 : row] }
}

extension KernelInput {
    /// As `build`, with NULL for rows in which an argument is NULL.
    func buildValid(_ type: SQLType, _ body: (Int, ColumnBuilder) throws -> Void) rethrows -> Column {
        try build(type) { row, builder in
            if arguments.contains(where: { $0.isNull(row) }) {
                builder.appendNull()
            } else {
                try body(row, builder)
            }
        }
    }
}

let patternFunctions: [ScalarFunction] = [
    likeFunction, regexpLikeFunction,
    patternTest("regexp_like", notation: .call, "_FUNC_(str, pattern)", example: "_FUNC_('Facebook', '[Fb]oo?k')"),
    regexpExtract, regexpReplace, split, stringToMap,
]
