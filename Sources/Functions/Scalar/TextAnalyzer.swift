import Columnar

/// How a text becomes terms.
private enum TextAnalyzer: String, CaseIterable {
    case log = "log_analyzer"
    case none = "no_op_analyzer"

    /// What ends a term of a log, besides `escapes`.
    private static let delimiters: [Bool] = {
        var result = [Bool](repeating: false, count: 256)
        for byte in "[]<>(){}|!;,'\"*&?+/:=@.-$%\\_\n\r \t".utf8 { result[Int(byte)] = true }
        return result
    }()

    /// Delimiters as addresses write them, behind their %; of two that begin alike the longer one first.
    private static let escapes = [
        "2526", "2520", "21", "26", "3B", "3b", "7C", "7c", "20", "2B", "2b", "3D", "3d", "5D", "5d", "5B", "5b", "3A", "3a", "0A", "0a",
        "2C", "2c", "28", "29",
    ].map { Array($0.utf8) }

    /// Calls `body` with each term, whose bytes last as long as the call.
    func forEachTerm(_ text: StringView, _ buffer: ByteBuffer, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        guard self == .log else { return try body(text.bytes) }
        let bytes = text.bytes
        buffer.removeAll()
        func endTerm() throws {
            if buffer.count > 0 { try body(buffer.bytes) }
            buffer.removeAll()
        }
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            guard Self.delimiters[Int(byte)] else {
                buffer.append(byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte)
                continue
            }
            try endTerm()
            if byte == UInt8(ascii: "%"), let escape = Self.escapes.first(where: { bytes[place...].starts(with: $0) }) {
                place += escape.count
            }
        }
        try endTerm()
    }
}

let textAnalyzeFunction = ScalarFunction(
    "text_analyze",
    documentation: FunctionDocumentation(
        "_FUNC_(text[, analyzer]) - Returns the terms of a text",
        extended: "'LOG_ANALYZER' (unless given) ends terms at punctuation and blanks and makes ASCII lower case; 'NO_OP_ANALYZER' leaves the text one\n"
            + "term.\nExample:\n  > SELECT _FUNC_('I like pie, you like-pie.');\n  [\"i\",\"like\",\"pie\",\"you\",\"like\",\"pie\"]"),
    traits: ScalarTraits(canFail: true)
) { call in
    try call.expect(1...2)
    try call.expectText(0)
    let analyzer = try call.constantWord(1, "analyzer", TextAnalyzer.self)
    let type = SQLType.array(.string), name = call.name
    return ResolvedScalar(argumentTypes: [.string] + call.argumentTypes.dropFirst(), resultType: type) { input in
        let texts = input.arguments[0]
        var budget = ResultBudget(name, input)
        let buffer = ByteBuffer(capacity: 64)
        return try input.build(type) { row, builder in
            if texts.isNull(row) { return builder.appendNull() }
            var count = 0
            try analyzer.forEachTerm(texts.string(row), buffer) { term in
                // A term of one letter takes more than itself.
                try budget.take(term.count + MemoryLayout<StringView>.stride)
                builder.children[0].append(bytes: term)
                count += 1
            }
            builder.append(listOf: count)
        }
    }
}
