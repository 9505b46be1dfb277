import Columnar

// Case, length, searching and cutting of strings.

/// A function of one string.
func stringFunction(
    _ names: [String], _ usage: String, _ example: String = "", _ result: SQLType = .string,
    _ kernel: @escaping ScalarKernel
) -> ScalarFunction {
    ScalarFunction(names: names, documentation: FunctionDocumentation(usage, extended: example)) { call in
        try call.expect(1)
        try call.expectPrimitive(0)
        return ResolvedScalar(argumentTypes: [.string], resultType: result, kernel: kernel)
    }
}

private func resolveCase(_ call: FunctionCall, upper: Bool) throws -> ResolvedScalar {
    try call.expect(1)
    try call.expectPrimitive(0)
    let type = call.argumentTypes[0]
    let wanted: SQLType =
        switch type {
        case .varchar, .char: type
        default: .string
        }
    return ResolvedScalar(argumentTypes: [wanted], resultType: wanted) { input in
        let heap = StringHeap()
        let scratch = ByteBuffer(capacity: 64)
        return input.compute(wanted, heap: heap) { (text: StringView) -> StringView? in
            let count = text.count
            if UTF8Text.isASCII(text) {
                guard count > 0 else { return StringView() }
                let place = heap.allocate(count)
                let source = text.pointer
                if upper {
                    for index in 0..<count {
                        let byte = source[index]
                        place[index] = byte &- ((byte &- 97) < 26 ? 32 : 0)
                    }
                } else {
                    for index in 0..<count {
                        let byte = source[index]
                        place[index] = byte &+ ((byte &- 65) < 26 ? 32 : 0)
                    }
                }
                return StringView(place, length: count)
            }
            UTF8Text.forEachCharacter(text) { scalar in
                UTF8Text.mapCase(scalar, upper: upper) { scratch.append(character: $0) }
            }
            return scratch.take(into: heap)
        }
    }
}

private func isLetterOrDigitBreak(_ scalar: UInt32) -> Bool {
    scalar == 32 || (9...13).contains(scalar)
}

private let initialCapitals = stringFunction(
    ["initcap"], "_FUNC_(str) - Returns str with the first letter of each word in upper case, all others in lower case",
    "Words are parted by white space.\nExample:\n  > SELECT _FUNC_('hello wORLD');\n  'Hello World'"
) { input in
    let heap = StringHeap()
    let scratch = ByteBuffer(capacity: 64)
    return input.compute(.string, heap: heap) { (text: StringView) -> StringView? in
        var startsWord = true
        UTF8Text.forEachCharacter(text) { scalar in
            if isLetterOrDigitBreak(scalar) {
                startsWord = true
                scratch.append(character: scalar)
            } else {
                UTF8Text.mapCase(scalar, upper: startsWord) { scratch.append(character: $0) }
                startsWord = false
            }
        }
        return scratch.take(into: heap)
    }
}

/// Which ends `trim` cuts spaces from.
private struct TrimSides: OptionSet {
    let rawValue: Int
    static let left = TrimSides(rawValue: 1)
    static let right = TrimSides(rawValue: 2)
}

private func trimFunction(_ name: String, _ sides: TrimSides, _ usage: String) -> ScalarFunction {
    let left = sides.contains(.left), right = sides.contains(.right)
    return ScalarFunction(name, documentation: FunctionDocumentation(usage), traits: .strict) { call in
        try call.expect(1...2)
        try call.expectPrimitives()
        if call.count == 2 {
            return ResolvedScalar(argumentTypes: [.string, .string], resultType: .string) { input in
                input.compute(.string, heap: StringHeap()) { (text: StringView, cut: StringView) -> StringView? in
                    trimmed(text, of: cut, left: left, right: right)
                }
            }
        }
        return ResolvedScalar(argumentTypes: [.string], resultType: .string) { input in
            input.compute(.string, heap: StringHeap()) { (text: StringView) -> StringView? in
                let bytes = text.pointer
                var start = 0, end = text.count
                if left { while start < end, bytes[start] == 32 { start += 1 } }
                if right { while end > start, bytes[end - 1] == 32 { end -= 1 } }
                return end - start == text.count ? text : UTF8Text.slice(text, start, end - start)
            }
        }
    }
}

/// Cuts characters that occur in `cut` from the ends.
private func trimmed(_ text: StringView, of cut: StringView, left: Bool, right: Bool) -> StringView {
    func isCut(_ character: StringView) -> Bool { UTF8Text.find(character, in: cut) != nil }
    var start = 0, end = text.count
    if left {
        while start < end {
            let width = min(UTF8Text.width(text.pointer[start]), end - start)
            guard isCut(UTF8Text.slice(text, start, width)) else { break }
            start += width
        }
    }
    if right {
        while end > start {
            var lead = end - 1
            while lead > start, UTF8Text.isContinuation(text.pointer[lead]) { lead -= 1 }
            guard isCut(UTF8Text.slice(text, lead, end - lead)) else { break }
            end = lead
        }
    }
    return UTF8Text.slice(text, start, end - start)
}

/// Characters `start..<start+length` in SQL's counting: from 1, from the end when negative; 0 counts as 1.
@inline(__always)
private func substring(_ text: StringView, _ start: Int, _ length: Int) -> StringView {
    guard length > 0 else { return StringView() }
    if UTF8Text.isASCII(text) {
        let count = text.count
        let first = start > 0 ? start - 1 : start < 0 ? count + start : 0
        guard first >= 0, first < count else { return StringView() }
        return UTF8Text.slice(text, first, min(length, count - first))
    }
    let characters = start < 0 ? UTF8Text.length(text) : 0
    let first = start > 0 ? start - 1 : start < 0 ? characters + start : 0
    guard first >= 0 else { return StringView() }
    let from = UTF8Text.offset(text, ofCharacter: first)
    let rest = UTF8Text.slice(text, from, text.count - from)
    return UTF8Text.slice(rest, 0, UTF8Text.offset(rest, ofCharacter: length))
}

@inline(__always)
private func substringOfBytes(_ text: StringView, _ start: Int, _ length: Int) -> StringView {
    let count = text.count
    let first = start > 0 ? start - 1 : start < 0 ? count + start : 0
    guard length > 0, first >= 0, first < count else { return StringView() }
    return UTF8Text.slice(text, first, min(length, count - first))
}

private let substringFunction = ScalarFunction(
    "substr", "substring", "mid",
    documentation: FunctionDocumentation(
        "_FUNC_(str, pos[, len]) - Returns the part of str that starts at pos and is of length len\n"
            + "_FUNC_(bin, pos[, len]) - Returns the part of the bytes that starts at pos and is of length len",
        extended: "pos counts from 1; a negative pos counts from the end.\n"
            + "Example:\n  > SELECT _FUNC_('Facebook', 5);\n  'book'\n  > SELECT _FUNC_('Facebook', -5);\n  'ebook'\n"
            + "  > SELECT _FUNC_('Facebook', 5, 1);\n  'b'"),
    traits: .strict
) { call in
    try call.expect(2...3)
    try call.expectPrimitives()
    let isBinary = call.argumentTypes[0] == .binary
    let type: SQLType = isBinary ? .binary : .string
    let arguments: [SQLType] = [type, .int, .int]
    return ResolvedScalar(argumentTypes: Array(arguments.prefix(call.count)), resultType: type) { input in
        if input.arguments.count == 2 {
            return input.compute(type, heap: StringHeap()) { (text: StringView, start: Int32) -> StringView? in
                isBinary ? substringOfBytes(text, Int(start), Int.max / 2) : substring(text, Int(start), Int.max / 2)
            }
        }
        return input.compute(type, heap: StringHeap()) {
            (text: StringView, start: Int32, length: Int32) -> StringView? in
            isBinary
                ? substringOfBytes(text, Int(start), Int(length)) : substring(text, Int(start), Int(length))
        }
    }
}

private func edgeFunction(_ name: String, fromLeft: Bool) -> ScalarFunction {
    ScalarFunction(
        name,
        documentation: FunctionDocumentation(
            fromLeft
                ? "_FUNC_(str, n) - Returns the first n characters of str"
                : "_FUNC_(str, n) - Returns the last n characters of str",
            extended: "The name is a reserved word and wants back quotes.\n"
                + "Example:\n  > SELECT `_FUNC_`('Facebook', 4);\n  '\(fromLeft ? "Face" : "book")'")
    ) { call in
        try call.expect(2)
        try call.expectPrimitives()
        return ResolvedScalar(argumentTypes: [.string, .int], resultType: .string) { input in
            input.compute(.string, heap: StringHeap()) { (text: StringView, wanted: Int32) -> StringView? in
                guard wanted > 0 else { return StringView() }
                if fromLeft { return substring(text, 1, Int(wanted)) }
                return UTF8Text.length(text) <= Int(wanted) ? text : substring(text, -Int(wanted), Int(wanted))
            }
        }
    }
}

private let substringIndex = ScalarFunction(
    "substring_index",
    documentation: FunctionDocumentation(
        "_FUNC_(str, delim, count) - Returns the part of str before count occurrences of delim",
        extended: "A negative count counts occurrences from the right and returns what follows them.\n"
            + "Example:\n  > SELECT _FUNC_('www.apache.org', '.', 2);\n  'www.apache'"),
    traits: .strict
) { call in
    try call.expect(3)
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: [.string, .string, .int], resultType: .string) { input in
        input.compute(.string, heap: StringHeap()) {
            (text: StringView, delimiter: StringView, count: Int32) -> StringView? in
            guard count != 0, delimiter.count > 0 else { return StringView() }
            if count > 0 {
                var from = 0
                for occurrence in 1...count {
                    guard let place = UTF8Text.find(delimiter, in: text, from: from) else { return text }
                    if occurrence == count { return UTF8Text.slice(text, 0, place) }
                    from = place + 1
                }
                return text
            }
            var end = text.count - delimiter.count
            var left = -Int(count)
            while end >= 0 {
                if equalBytes(text.pointer + end, delimiter.pointer, delimiter.count) {
                    left -= 1
                    if left == 0 {
                        let start = end + delimiter.count
                        return UTF8Text.slice(text, start, text.count - start)
                    }
                }
                end -= 1
            }
            return text
        }
    }
}

private let stringLength = ScalarFunction(
    "length",
    documentation: FunctionDocumentation(
        "_FUNC_(str | binary) - Returns the number of characters of str or of bytes of binary data",
        extended: "Example:\n  > SELECT _FUNC_('Facebook');\n  8"),
    traits: .strict
) { call in
    guard call.count == 1 else {
        throw FunctionError(.argumentCount, "LENGTH requires 1 argument, got \(call.count)")
    }
    try call.expectPrimitive(0)
    if call.argumentTypes[0] == .binary {
        return ResolvedScalar(argumentTypes: [.binary], resultType: .int) { input in
            input.compute(.int) { (text: StringView) -> Int32? in Int32(truncatingIfNeeded: text.count) }
        }
    }
    return ResolvedScalar(argumentTypes: [.string], resultType: .int) { input in
        input.compute(.int) { (text: StringView) -> Int32? in Int32(truncatingIfNeeded: UTF8Text.length(text)) }
    }
}

private let instr = ScalarFunction(
    "instr",
    documentation: FunctionDocumentation(
        "_FUNC_(str, substr) - Returns the position, from 1, of the first substr in str, 0 when there is none",
        extended: "Example:\n  > SELECT _FUNC_('Facebook', 'boo');\n  5"),
    traits: ScalarTraits(nulls: .propagated, capitalizesBooleans: true)
) { call in
    guard call.count == 2 else {
        throw FunctionError(.argumentCount, "The function INSTR accepts exactly 2 arguments.")
    }
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: .int) { input in
        input.compute(.int) { (text: StringView, needle: StringView) -> Int32? in
            guard let place = UTF8Text.find(needle, in: text) else { return 0 }
            return Int32(truncatingIfNeeded: UTF8Text.characterIndex(text, ofByte: place) + 1)
        }
    }
}

/// `locate`'s search from a 1-based position.
private func locate(_ needle: StringView, _ text: StringView, _ position: Int) -> Int32 {
    guard position > 0 else { return 0 }
    let start = UTF8Text.offset(text, ofCharacter: position - 1)
    if needle.count == 0 { return position - 1 <= UTF8Text.length(text) ? Int32(truncatingIfNeeded: position) : 0 }
    guard let place = UTF8Text.find(needle, in: text, from: start) else { return 0 }
    return Int32(truncatingIfNeeded: UTF8Text.characterIndex(text, ofByte: place) + 1)
}

private let locateFunction = ScalarFunction(
    "locate", "position",
    documentation: FunctionDocumentation(
        "_FUNC_(substr, str[, pos]) - Returns the position of the first substr in str at or after position pos",
        extended: "Example:\n  > SELECT _FUNC_('bar', 'foobarbar', 5);\n  7"),
    traits: ScalarTraits(capitalizesBooleans: true)
) { call in
    try call.expect(2...3)
    try call.expectPrimitives()
    let arguments: [SQLType] = [.string, .string, .int]
    return ResolvedScalar(argumentTypes: Array(arguments.prefix(call.count)), resultType: .int) { input in
        if input.arguments.count == 2 {
            return input.compute(.int) { (needle: StringView, text: StringView) -> Int32? in locate(needle, text, 1) }
        }
        let positions = input.arguments[2]
        guard positions.validity != nil else {
            return input.compute(.int) { (needle: StringView, text: StringView, position: Int32) -> Int32? in
                locate(needle, text, Int(position))
            }
        }
        // Nothing is found from a position that is NULL: 0, unless a text is NULL.
        return input.build(.int) { row, builder in
            if input.arguments[0].isNull(row) || input.arguments[1].isNull(row) { return builder.appendNull() }
            if positions.isNull(row) { return builder.append(Int32(0)) }
            let position = positions.values(as: Int32.self)[positions.isConstant ? 0 : row]
            builder.append(locate(input.arguments[0].string(row), input.arguments[1].string(row), Int(position)))
        }
    }
}

let stringFunctions: [ScalarFunction] = [
    ScalarFunction(
        "upper", "ucase",
        documentation: FunctionDocumentation(
            "_FUNC_(str) - Returns str with all characters in upper case",
            extended: "Example:\n  > SELECT _FUNC_('Facebook');\n  'FACEBOOK'")
    ) { try resolveCase($0, upper: true) },
    ScalarFunction(
        "lower", "lcase",
        documentation: FunctionDocumentation(
            "_FUNC_(str) - Returns str with all characters in lower case",
            extended: "Example:\n  > SELECT _FUNC_('Facebook');\n  'facebook'")
    ) { try resolveCase($0, upper: false) },
    initialCapitals,
    trimFunction("trim", [.left, .right], "_FUNC_(str) - Removes the spaces at both ends of str"),
    trimFunction("ltrim", .left, "_FUNC_(str) - Removes the spaces at the start of str"),
    trimFunction("rtrim", .right, "_FUNC_(str) - Removes the spaces at the end of str"),
    substringFunction, substringIndex, edgeFunction("left", fromLeft: true), edgeFunction("right", fromLeft: false),
    stringLength,
    stringFunction(
        ["character_length", "char_length"], "_FUNC_(str) - Returns the number of UTF-8 characters of str", "", .int
    ) { input in
        input.compute(.int) { (text: StringView) -> Int32? in Int32(truncatingIfNeeded: UTF8Text.length(text)) }
    },
    stringFunction(["octet_length"], "_FUNC_(str | binary) - Returns the number of bytes of str", "", .int) { input in
        input.compute(.int) { (text: StringView) -> Int32? in Int32(truncatingIfNeeded: text.count) }
    },
    instr, locateFunction,
]
