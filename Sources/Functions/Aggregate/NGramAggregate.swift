import Columnar

// `ngrams` and `context_ngrams`. All n-grams are counted; Hive drops rare ones when there are more than it wants to hold.

/// The longest n-gram that is looked for.
private let longest = 1_000

private let resultType = SQLType.array(
    .structure([StructField(name: "ngram", type: .array(.string)), StructField(name: "estfrequency", type: .double)]))

/// Which words of a window make an n-gram.
private enum Window: Sendable {
    /// All of so many.
    case words(Int)
    /// Those where nil stands, when the others are the words around them.
    case context([[UInt8]?])

    var count: Int {
        switch self {
        case .words(let count): count
        case .context(let words): words.count
        }
    }

    /// Writes the n-gram of the words from place `start` on; false when there is none. A NULL is no word.
    func append(_ words: Column, _ start: Int, to buffer: ByteBuffer) -> Bool {
        for offset in 0..<count {
            guard !words.isNull(start + offset) else { return false }
            if case .context(let around) = self, let wanted = around[offset] {
                guard words.stringAnyEncoding(start + offset).bytes.elementsEqual(wanted) else { return false }
            } else {
                ElementCoding.encode(words, start + offset, to: buffer)
            }
        }
        return true
    }
}

/// The most frequent values first, those that are equally frequent by their words. Of those that would share the last place
/// the ones with the greatest words are kept, as Hive does.
private func appendMostFrequent(
    _ values: [(value: StringView, count: Int64)], _ wanted: Int, _ size: Int, to builder: ColumnBuilder
) {
    guard !values.isEmpty else { return builder.appendNull() }
    let kept = values.sorted { $0.count != $1.count ? $0.count > $1.count : precedes($1.value, $0.value) }.prefix(wanted)
    let ordered = kept.sorted { $0.count != $1.count ? $0.count > $1.count : precedes($0.value, $1.value) }
    let structs = builder.children[0]
    for (value, count) in ordered {
        let words = structs.children[0]
        NGramCoding.forEachWord(value) { words.children[0].append($0) }
        words.append(listOf: size)
        structs.children[1].append(Double(count))
        structs.appendStructure()
    }
    builder.append(listOf: ordered.count)
}

private func precedes(_ left: StringView, _ right: StringView) -> Bool {
    var words: [StringView] = []
    NGramCoding.forEachWord(right) { words.append($0) }
    var place = 0
    var order = 0
    NGramCoding.forEachWord(left) { word in
        if order == 0, place < words.count { order = word < words[place] ? -1 : words[place] < word ? 1 : 0 }
        place += 1
    }
    return order < 0
}

/// The words of an n-gram as `ElementCoding` writes texts one behind the other.
private enum NGramCoding {
    static func forEachWord(_ value: StringView, _ body: (StringView) -> Void) {
        let bytes = UnsafeRawBufferPointer(value.bytes)
        var offset = 0
        // A byte says that there is a word, four how long it is.
        while offset + 5 <= bytes.count {
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 1, as: UInt32.self))
            guard offset + 5 + length <= bytes.count else { return }
            body(StringView(value.pointer + offset + 5, length: length))
            offset += 5 + length
        }
    }
}

/// A list of words, or a list of such lists.
private func wordsType(_ call: FunctionCall) throws -> SQLType {
    switch call.argumentTypes[0] {
    case .array(let element) where element.isCharacter || element == .void: return .array(.string)
    case .array(.array(let element)) where element.isCharacter || element == .void: return .array(.array(.string))
    case .void: return .array(.string)
    case .array:
        throw FunctionError(
            .argumentType(0),
            "Only array<string> or array<array<string>> is allowed, but \(call.argumentTypes[0]) was passed as parameter 1.")
    case let type:
        throw FunctionError(.argumentType(0), "Only list type arguments are accepted but \(type) was passed as parameter 1.")
    }
}

/// A constant count; nil for NULL.
private func constantCount(_ call: FunctionCall, _ index: Int, _ what: String) throws -> Int? {
    let type = call.argumentTypes[index]
    guard type.isIntegral || type == .void else {
        throw FunctionError(.argumentType(index), "Only integers are accepted but \(type) was passed as parameter \(index + 1).")
    }
    if call.isNullConstant(index) { return nil }
    guard let value = call.constantInteger(index) else {
        throw FunctionError(.argumentType(index), "\(call.name) needs a constant as parameter \(index + 1)")
    }
    guard value > 0, value <= Int64(Int32.max) else {
        throw FunctionError(.argumentType(index), "\(call.name) needs \(what) to be at least 1, but you supplied \(value).")
    }
    return Int(value)
}

private func resolve(_ call: FunctionCall, _ window: Window?) throws -> ResolvedAggregate {
    let type = try wordsType(call)
    let wanted = try constantCount(call, 2, "k")
    if call.count == 4 { _ = try constantCount(call, 3, "pf") }
    let isNested = type == .array(.array(.string))
    let size: Int
    switch window {
    case .words(let count): size = count
    case .context(let words): size = words.count { $0 == nil }
    case nil: size = 0
    }
    return ResolvedAggregate(argumentTypes: [type] + call.argumentTypes.dropFirst(), resultType: resultType) { context in
        CountingAccumulator(
            call.name, resultType,
            encode: { arguments, row, buffer, add in
                guard let window, let list = arguments[0].list(row) else { return }
                let inner = arguments[0].children[0]
                for words in isNested ? list.compactMap({ inner.list($0) }) : [list] where words.count >= window.count {
                    let column = isNested ? inner.listElements : inner
                    for start in words.lowerBound...(words.upperBound - window.count) {
                        if start & 0xFFF == 0 { try context.checkCancellation() }
                        buffer.removeAll()
                        if window.append(column, start, to: buffer) { try add(buffer.view()) }
                    }
                }
            },
            finish: { values, builder in appendMostFrequent(values, wanted ?? 0, size, to: builder) })
    }
}

extension Column {
    /// The column that the elements of lists stand in, in any encoding.
    fileprivate var listElements: Column { (encoding == .dictionary ? base ?? self : self).children[0] }
}

let ngramFunctions: [AggregateFunction] = [
    AggregateFunction(
        "ngrams",
        documentation: FunctionDocumentation(
            "_FUNC_(words, n, k[, pf]) - Returns the k most frequent sequences of n words, each with how often it came",
            extended: "words is an array of words, or an array of such arrays, as sentences makes it. pf says how many sequences Hive\n"
                + "holds; here all are counted.\n"
                + "Example:\n  > SELECT _FUNC_(sentences('a b a b c'), 2, 1);\n  [{\"ngram\":[\"a\",\"b\"],\"estfrequency\":2.0}]"),
        resolve: { call in
            guard (3...4).contains(call.count) else {
                throw FunctionError(.argumentCount, "Please specify either three or four arguments.")
            }
            let size = try constantCount(call, 1, "n")
            guard size ?? 1 <= longest else {
                throw FunctionError(.argumentType(1), "\(call.name) takes at most \(longest) words, but you supplied \(size ?? 0).")
            }
            let isNull = call.isNullConstant(2)
            return try resolve(call, isNull ? nil : size.map { .words($0) })
        }),
    AggregateFunction(
        "context_ngrams",
        documentation: FunctionDocumentation(
            "_FUNC_(words, context, k[, pf]) - Returns the k most frequent words that stand where the context has NULL",
            extended: "The other words of the context have to stand around them. words is an array of words, or an array of such arrays.\n"
                + "Example:\n  > SELECT _FUNC_(sentences('i love you'), array('i', NULL), 1);\n  [{\"ngram\":[\"love\"],\"estfrequency\":1.0}]"),
        resolve: { call in
            guard (3...4).contains(call.count) else {
                throw FunctionError(.argumentCount, "Please specify either three or four arguments.")
            }
            guard case .array(let element) = call.argumentTypes[1], element.isCharacter || element == .void else {
                throw FunctionError(.argumentType(1), "Only arrays of strings are accepted but \(call.argumentTypes[1]) was passed as parameter 2.")
            }
            guard let context = call.constantTexts(1) else {
                throw FunctionError(.argumentType(1), "\(call.name) needs a constant as parameter 2")
            }
            guard context.contains(nil), context.count <= longest else {
                throw FunctionError(.argumentType(1), "\(call.name) needs a context of at most \(longest) words, one of them NULL")
            }
            return try resolve(call, call.isNullConstant(2) ? nil : .context(context))
        }),
]
