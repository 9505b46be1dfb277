import Columnar

// Lists in strings, distances, sounds, URLs, sentences.

private let elt = ScalarFunction(
    "elt",
    documentation: FunctionDocumentation(
        "_FUNC_(n, str1, str2, ...) - Returns the n-th string, NULL when there is none",
        extended: "Example:\n  > SELECT _FUNC_(1, 'face', 'book');\n  'face'")
) { call in
    guard call.count >= 2 else {
        throw FunctionError(.argumentCount, "The function ELT(N,str1,str2,str3,...) needs at least two arguments.")
    }
    try call.expectPrimitives()
    let types: [SQLType] = [.int] + call.argumentTypes.dropFirst().map { _ in .string }
    return ResolvedScalar(argumentTypes: types, resultType: .string) { input in
        let numbers = input.arguments[0]
        let values = numbers.values(as: Int32.self)
        let choices = Array(input.arguments.dropFirst())
        return try ColumnChoice.withChoices(
            input, { row in numbers.isNull(row) ? -1 : max(Int(values[numbers.isConstant ? 0 : row]) - 1, -1) }
        ) { choice in
            ColumnChoice.pick(.string, choices, choice: choice, rows: input.rows, count: input.count)
        }
    }
}

private let field = ScalarFunction(
    "field",
    documentation: FunctionDocumentation(
        "_FUNC_(value, v1, v2, ...) - Returns which of the values equals the first argument, counted from 1, or 0",
        extended: "Values of another type are never equal.\nExample:\n  > SELECT _FUNC_('b', 'a', 'b');\n  2")
) { call in
    guard call.count >= 2 else {
        throw FunctionError(.argument, "The function FIELD(str, str1, str2, ...) needs at least two arguments.")
    }
    try call.expectPrimitives()
    let first = call.argumentTypes[0]
    let comparable = call.argumentTypes.map { $0 == first || ($0.isCharacter && first.isCharacter) }
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: .int) { input in
        let arguments = input.arguments
        let result = Column(flat: .int, count: input.count)
        let target = result.values(as: Int32.self)
        input.rows.forEach { row in
            target[row] = 0
            guard !arguments[0].isNull(row) else { return }
            for index in 1..<arguments.count where comparable[index] && !arguments[index].isNull(row) {
                if RowComparator.compare(arguments[0], row, arguments[index], row) == 0 {
                    target[row] = Int32(index)
                    return
                }
            }
        }
        return result
    }
}

private let findInSet = ScalarFunction(
    "find_in_set",
    documentation: FunctionDocumentation(
        "_FUNC_(str, list) - Returns which element of a comma-separated list str is, from 1; 0 when none",
        extended: "0 also when str has a comma.\nExample:\n  > SELECT _FUNC_('ab', 'abc,b,ab,c,def');\n  3")
) { call in
    try call.expect(2)
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: .int) { input in
        input.compute(.int) { (wanted: StringView, list: StringView) -> Int32? in
            if wanted.bytes.contains(44) { return 0 }
            var number: Int32 = 1
            var start = 0
            for index in 0...list.count where index == list.count || list.pointer[index] == 44 {
                if UTF8Text.slice(list, start, index - start) == wanted { return number }
                number += 1
                start = index + 1
            }
            return 0
        }
    }
}

/// Single-character edits that lead from one text to the other.
private func editDistance(_ left: StringView, _ right: StringView, _ context: EvaluationContext) throws -> Int32 {
    var a: [UInt32] = [], b: [UInt32] = []
    UTF8Text.forEachCharacter(left) { a.append($0) }
    UTF8Text.forEachCharacter(right) { b.append($0) }
    if a.isEmpty || b.isEmpty { return Int32(truncatingIfNeeded: max(a.count, b.count)) }
    var previous = Array(0...b.count)
    var work = 0
    for (i, x) in a.enumerated() {
        work += b.count
        if work > 1 << 16 {
            try context.checkCancellation()
            work = 0
        }
        var diagonal = previous[0]
        previous[0] = i + 1
        for (j, y) in b.enumerated() {
            let cost = x == y ? diagonal : min(diagonal, previous[j], previous[j + 1]) + 1
            diagonal = previous[j + 1]
            previous[j + 1] = cost
        }
    }
    return Int32(truncatingIfNeeded: previous[b.count])
}

/// The letter group of American Soundex for A…Z; 0 for vowels, 7 for H and W, which part nothing.
private func soundexCode(_ letter: UInt8) -> UInt8 {
    switch letter {
    case 66, 70, 80, 86: 1
    case 67, 71, 74, 75, 81, 83, 88, 90: 2
    case 68, 84: 3
    case 76: 4
    case 77, 78: 5
    case 82: 6
    case 72, 87: 7
    default: 0
    }
}

private let soundex = stringFunction(
    ["soundex"], "_FUNC_(str) - Returns the Soundex code of str: a letter and three digits",
    "Example:\n  > SELECT _FUNC_('Miller');\n  'M460'"
) { input in
    input.format(StringView.self) { text, buffer in
        // Letters outside A to Z have no code.
        guard !text.string.unicodeScalars.contains(where: { $0.value > 127 && $0.properties.isAlphabetic }) else {
            return false
        }
        let letters = text.bytes.compactMap { byte -> UInt8? in
            (65...90).contains(byte) ? byte : (97...122).contains(byte) ? byte - 32 : nil
        }
        guard let first = letters.first else { return true }
        buffer.append(first)
        var last = soundexCode(first)
        var digits = 0
        for letter in letters.dropFirst() where digits < 3 {
            let code = soundexCode(letter)
            if code == 7 { continue }
            if code != 0, code != last {
                buffer.append(48 + code)
                digits += 1
            }
            last = code
        }
        buffer.append(repeating: 48, count: 3 - digits)
        return true
    }
}

/// The parts of a URL as `java.net.URL` parts it.
struct URLParts {
    var scheme = "", authority: String?, host: String?, userInfo: String?, path = "", query: String?, fragment: String?

    /// nil for a scheme that Java knows no handler for, and for a text without one.
    init?(_ text: String) {
        var rest = Substring(text.trimmingSpaces)
        guard let colon = rest.firstIndex(of: ":") else { return nil }
        scheme = rest[..<colon].lowercased()
        guard ["http", "https", "ftp", "file", "mailto", "jar"].contains(scheme) else { return nil }
        rest = rest[rest.index(after: colon)...]
        if let hash = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            let whole = String(rest[..<end])
            authority = whole
            var place = Substring(whole)
            if let at = place.lastIndex(of: "@") {
                userInfo = String(place[..<at])
                place = place[place.index(after: at)...]
            }
            if let port = place.lastIndex(of: ":"), !place[port...].contains("]") {
                guard place[place.index(after: port)...].allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
                place = place[..<port]
            }
            host = String(place)
            rest = rest[end...]
        }
        path = String(rest)
    }

    /// A part by the name that `parse_url` gives it; nil when the URL has none.
    func part(_ name: String) -> String? {
        switch name {
        case "HOST": host
        case "PATH": path
        case "QUERY": query
        case "REF": fragment
        case "PROTOCOL": scheme
        case "AUTHORITY": authority
        case "USERINFO": userInfo
        case "FILE": path + (query.map { "?" + $0 } ?? "")
        default: nil
        }
    }

    /// The value of a query's key as it is written.
    func queryValue(_ key: String) -> String? {
        guard let query else { return nil }
        for pair in query.split(separator: "&", omittingEmptySubsequences: true) {
            guard let equals = pair.firstIndex(of: "="), pair[..<equals] == key else { continue }
            return String(pair[pair.index(after: equals)...])
        }
        return nil
    }
}

extension String {
    var trimmingSpaces: String {
        var view = Substring(self)
        while view.first.map({ $0 <= " " }) ?? false { view = view.dropFirst() }
        while view.last.map({ $0 <= " " }) ?? false { view = view.dropLast() }
        return String(view)
    }
}

private let parseURL = ScalarFunction(
    "parse_url",
    documentation: FunctionDocumentation(
        "_FUNC_(url, part[, key]) - Returns a part of a URL, or the value of a key of its query",
        extended: "Parts: HOST, PATH, QUERY, REF, PROTOCOL, AUTHORITY, FILE, USERINFO; key goes with QUERY.\n"
            + "Example:\n  > SELECT _FUNC_('http://facebook.com/path/p1.php?query=1', 'HOST');\n  'facebook.com'")
) { call in
    try call.expect(2...3)
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .string }, resultType: .string) { input in
        let heap = StringHeap()
        func copy(_ text: String?) -> StringView? {
            guard var text else { return nil }
            return text.withUTF8 { heap.copy($0) }
        }
        if input.arguments.count == 3 {
            return input.compute(.string, heap: heap) { (url: StringView, part: StringView, key: StringView) -> StringView? in
                guard part.string == "QUERY", let parts = URLParts(url.string) else { return nil }
                return copy(parts.queryValue(key.string))
            }
        }
        return input.compute(.string, heap: heap) { (url: StringView, part: StringView) -> StringView? in
            copy(URLParts(url.string)?.part(part.string))
        }
    }
}

private func isSentenceEnd(_ scalar: UInt32) -> Bool { [33, 46, 63, 0x3002, 0xFF01, 0xFF1F].contains(scalar) }

private func isWordCharacter(_ scalar: UInt32) -> Bool {
    if scalar < 128 {
        return (48...57).contains(scalar) || (65...90).contains(scalar) || (97...122).contains(scalar) || scalar == 95
    }
    guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
    return properties.isAlphabetic || properties.numericType != nil
}

private let sentences = ScalarFunction(
    "sentences",
    documentation: FunctionDocumentation(
        "_FUNC_(str[, language[, country]]) - Parts text into an array of sentences, each an array of words",
        extended: "Words are runs of letters and digits, with ' and - inside; language and country are accepted and not used.\n"
            + "Example:\n  > SELECT _FUNC_('Hello there! How are you?');\n  [[\"Hello\",\"there\"],[\"How\",\"are\",\"you\"]]")
) { call in
    try call.expect(1...3)
    try call.expectPrimitives()
    let type = SQLType.array(.array(.string))
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .string }, resultType: type) { input in
        let first = input.only(input.arguments[0])
        return first.buildValid(type) { row, builder in
            let text = first.arguments[0].string(row)
            let lists = builder.children[0], words = lists.children[0]
            var count = 0, wordCount = 0, wordStart = -1, offset = 0
            func endWord(_ end: Int) {
                guard wordStart >= 0 else { return }
                var stop = end
                while stop > wordStart, text.pointer[stop - 1] == 39 || text.pointer[stop - 1] == 45 { stop -= 1 }
                words.append(UTF8Text.slice(text, wordStart, stop - wordStart))
                wordCount += 1
                wordStart = -1
            }
            func endSentence() {
                guard wordCount > 0 else { return }
                lists.append(listOf: wordCount)
                wordCount = 0
                count += 1
            }
            while offset < text.count {
                let (scalar, width) = UTF8Text.decode(text.pointer, offset, text.count)
                if isWordCharacter(scalar) || (wordStart >= 0 && (scalar == 39 || scalar == 45)) {
                    if wordStart < 0 { wordStart = offset }
                } else if scalar == 46, wordStart >= 0, offset + 1 < text.count, isWordCharacter(UInt32(text.pointer[offset + 1])) {
                    // A point inside a number or an address.
                } else {
                    endWord(offset)
                    if isSentenceEnd(scalar) { endSentence() }
                }
                offset += width
            }
            endWord(text.count)
            endSentence()
            builder.append(listOf: count)
        }
    }
}

let textAnalysisFunctions: [ScalarFunction] = [
    elt, field, findInSet, soundex, parseURL, sentences,
    ScalarFunction(
        "levenshtein",
        documentation: FunctionDocumentation(
            "_FUNC_(str1, str2) - Returns how many single-character edits lead from str1 to str2",
            extended: "Example:\n  > SELECT _FUNC_('kitten', 'sitting');\n  3")
    ) { call in
        try call.expect(2)
        try call.expectPrimitives()
        return ResolvedScalar(argumentTypes: [.string, .string], resultType: .int) { input in
            try input.compute(.int) { (left: StringView, right: StringView) throws -> Int32? in
                try editDistance(left, right, input.context)
            }
        }
    },
]
