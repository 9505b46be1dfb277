import Columnar

/// The first value of a text, taken apart as Spark reads JSON: quotes may be single, NaN and infinities are numbers, and what
/// follows the value does not count. Positions are byte offsets. Any depth up to `deepest`, without recursion. One worker's own.
final class JSONDocument {
    enum Kind: UInt8 {
        case object, array, string, whole, fraction, notFinite, boolean, null
    }

    /// A value or a member's key; what an object or an array holds follows it, keys and values by turns.
    struct Token {
        var kind: Kind
        /// Of a string: behind the opening quote, and the closing one.
        var start: Int
        var end: Int
        var isEscaped = false
        /// The token behind this one and its parts.
        var next = 0
    }

    enum Content { case none, malformed, value }

    /// Spark refuses what is nested deeper.
    private static let deepest = 1000

    private(set) var tokens: [Token] = []
    private(set) var text = StringView()
    private var open: [Int] = []
    private let scratch = ByteBuffer(capacity: 64)

    /// Reads a text, whose bytes have to live as long as its tokens are looked at.
    func read(_ text: StringView) -> Content {
        self.text = text
        tokens.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        let bytes = text.pointer, end = text.count
        var at = JSONText.skipSpace(bytes, 0, end)
        guard at < end else { return .none }
        while true {
            // A value begins at `at`.
            guard at < end else { return .malformed }
            let first = bytes[at]
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                guard open.count < Self.deepest else { return .malformed }
                let isObject = first == UInt8(ascii: "{")
                open.append(tokens.count)
                tokens.append(Token(kind: isObject ? .object : .array, start: at, end: at))
                at = JSONText.skipSpace(bytes, at + 1, end)
                guard at < end else { return .malformed }
                if bytes[at] != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    if isObject { at = key(at) }
                    if at < 0 { return .malformed }
                    continue
                }
            } else {
                at = scalar(at)
                if at < 0 { return .malformed }
            }
            // A value ends at `at`, or the container that is open does.
            while let container = open.last {
                at = JSONText.skipSpace(bytes, at, end)
                guard at < end else { return .malformed }
                let isObject = tokens[container].kind == .object
                if bytes[at] == UInt8(ascii: ",") {
                    at = JSONText.skipSpace(bytes, at + 1, end)
                    if isObject { at = key(at) }
                    if at < 0 { return .malformed }
                    break
                }
                guard bytes[at] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return .malformed }
                at += 1
                tokens[container].end = at
                tokens[container].next = tokens.count
                open.removeLast()
            }
            if open.isEmpty { return .value }
        }
    }

    /// Takes a member's key; where its value begins, or negative.
    private func key(_ at: Int) -> Int {
        let bytes = text.pointer, end = text.count
        guard at < end, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") else { return JSONText.invalid }
        let quote = string(at)
        guard quote >= 0 else { return JSONText.invalid }
        let colon = JSONText.skipSpace(bytes, quote, end)
        guard colon < end, bytes[colon] == UInt8(ascii: ":") else { return JSONText.invalid }
        return JSONText.skipSpace(bytes, colon + 1, end)
    }

    /// Takes a string, number or word; behind it, or negative.
    private func scalar(_ at: Int) -> Int {
        let bytes = text.pointer, end = text.count
        switch bytes[at] {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return string(at)
        case UInt8(ascii: "t"): return word(at, "true", .boolean)
        case UInt8(ascii: "f"): return word(at, "false", .boolean)
        case UInt8(ascii: "n"): return word(at, "null", .null)
        case UInt8(ascii: "N"): return word(at, "NaN", .notFinite)
        case UInt8(ascii: "I"): return infinity(at, at)
        case UInt8(ascii: "+"): return infinity(at, at + 1)
        case UInt8(ascii: "-") where at + 1 < end && bytes[at + 1] == UInt8(ascii: "I"): return infinity(at, at + 1)
        default:
            let number = JSONText.numberEnd(bytes, at, end)
            guard number.end > at, isSeparated(number.end) else { return JSONText.invalid }
            tokens.append(Token(kind: number.isWhole ? .whole : .fraction, start: at, end: number.end, next: tokens.count + 1))
            return number.end
        }
    }

    private func infinity(_ start: Int, _ at: Int) -> Int {
        let long = JSONText.word(text.pointer, at, text.count, "Infinity")
        let stop = long >= 0 || at == start ? long : JSONText.word(text.pointer, at, text.count, "INF")
        guard stop >= 0, isSeparated(stop) else { return JSONText.invalid }
        tokens.append(Token(kind: .notFinite, start: start, end: stop, next: tokens.count + 1))
        return stop
    }

    private func word(_ at: Int, _ word: StaticString, _ kind: Kind) -> Int {
        let stop = JSONText.word(text.pointer, at, text.count, word)
        guard stop >= 0, isSeparated(stop) else { return JSONText.invalid }
        tokens.append(Token(kind: kind, start: at, end: stop, next: tokens.count + 1))
        return stop
    }

    /// Whether a number or a word may end here.
    private func isSeparated(_ at: Int) -> Bool {
        guard at < text.count else { return true }
        switch text.pointer[at] {
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): return true
        default: return false
        }
    }

    private func string(_ opening: Int) -> Int {
        let bytes = text.pointer, end = text.count
        let quote = bytes[opening]
        var isEscaped = false
        var at = opening + 1
        while at < end, bytes[at] != quote {
            // Control characters have to be escaped.
            guard bytes[at] >= 0x20 else { return JSONText.invalid }
            guard bytes[at] == UInt8(ascii: "\\") else {
                at += 1
                continue
            }
            isEscaped = true
            guard at + 1 < end else { return JSONText.invalid }
            switch bytes[at + 1] {
            case UInt8(ascii: "u"):
                guard JSONText.codeUnit(bytes, at + 2, end) != nil else { return JSONText.invalid }
                at += 6
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
                UInt8(ascii: "r"), UInt8(ascii: "t"):
                at += 2
            default: return JSONText.invalid
            }
        }
        guard at < end else { return JSONText.invalid }
        tokens.append(Token(kind: .string, start: opening + 1, end: at, isEscaped: isEscaped, next: tokens.count + 1))
        return at + 1
    }

    // MARK: Values

    /// The bytes of a token: of a string what stands between its quotes.
    func view(_ token: Token) -> StringView { StringView(text.pointer + token.start, length: token.end - token.start) }

    /// The string that a token spells, in `heap` where it does not stand for itself.
    func string(_ token: Token, _ heap: StringHeap) -> StringView {
        JSONString.decoded(view(token), isEscaped: token.isEscaped, scratch, heap)
    }

    func isKey(_ token: Token, _ name: [UInt8]) -> Bool {
        JSONString.equals(view(token), isEscaped: token.isEscaped, name, scratch)
    }

    /// Calls `body` with the number of each element's token, or of each member's key; its value is the next token.
    func forEachPart(_ container: Int, _ body: (Int) throws -> Void) rethrows {
        let isObject = tokens[container].kind == .object
        var part = container + 1
        while part < tokens[container].next {
            try body(part)
            part = tokens[isObject ? part + 1 : part].next
        }
    }

    /// Appends a value as Spark prints it: without space, strings quoted anew, numbers with a fraction as doubles.
    func append(_ value: Int, _ heap: StringHeap, to buffer: ByteBuffer) {
        open.removeAll(keepingCapacity: true)
        var isValue = false
        var isFirst = true
        for number in value..<tokens[value].next {
            close(before: number, &isFirst, buffer)
            if !isValue, !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            let isKey = !isValue && (open.last.map { tokens[$0].kind == .object } ?? false)
            isValue = isKey
            let token = tokens[number]
            switch token.kind {
            case .object, .array:
                buffer.append(token.kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
                open.append(number)
                isFirst = true
            case .string:
                JSONString.appendQuoted(view(token), isEscaped: token.isEscaped, scratch, heap, to: buffer)
            case .notFinite:
                buffer.append(UInt8(ascii: "\""))
                NumberFormatter.append(Self.notFinite(view(token)) ?? .nan, to: buffer)
                buffer.append(UInt8(ascii: "\""))
            default: appendScalar(token, to: buffer)
            }
            if isKey { buffer.append(UInt8(ascii: ":")) }
        }
        close(before: tokens[value].next, &isFirst, buffer)
    }

    /// Closes what ends before token `number`.
    private func close(before number: Int, _ isFirst: inout Bool, _ buffer: ByteBuffer) {
        while let container = open.last, tokens[container].next == number {
            buffer.append(tokens[container].kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]"))
            open.removeLast()
            isFirst = false
        }
    }

    /// Appends a number or a word.
    func appendScalar(_ token: Token, to buffer: ByteBuffer) {
        switch token.kind {
        case .whole, .fraction: JSONNumber.append(view(token), to: buffer)
        default: buffer.append(view(token))
        }
    }

    /// NaN and infinities as JSON texts and strings in them spell them.
    static func notFinite(_ text: StringView) -> Double? {
        switch text.string {
        case "NaN": .nan
        case "+INF", "Infinity", "+Infinity": .infinity
        case "-INF", "-Infinity": -.infinity
        default: nil
        }
    }
}
