import Columnar

/// A text that is no expression of XPath.
struct XPathSyntaxError: Error {}

/// Reads XPath 1.0.
struct XPathParser {
    /// How deep parentheses, predicates and chains of operators may go: evaluation follows them with the stack.
    private static let deepest = 256

    private enum Token: Equatable {
        /// A name with its prefix: `a`, `p:a`.
        case name([UInt8])
        /// `p:*`
        case anyOfPrefix
        case axis([UInt8])
        case text([UInt8])
        case number(Double)
        /// `( ) [ ] . .. @ , / // | + - = != < <= > >= $ *`, and as operators `and`, `or`, `div`, `mod`, `multiply`.
        case symbol(String)
    }

    private let tokens: [Token]
    private var at = 0
    private var depth = 0

    private init(_ text: StringView) throws {
        tokens = try Self.tokens(Array(text.bytes))
    }

    static func parse(_ text: StringView) throws -> XPathExpression {
        var parser = try XPathParser(text)
        let expression = try parser.expression()
        guard parser.at == parser.tokens.count else { throw XPathSyntaxError() }
        return expression
    }

    // MARK: tokens

    private static func tokens(_ bytes: [UInt8]) throws -> [Token] {
        var tokens: [Token] = []
        var at = 0
        func byte(_ offset: Int) -> UInt8 { at + offset < bytes.count ? bytes[at + offset] : 0 }
        func startsName(_ byte: UInt8) -> Bool { byte != UInt8(ascii: ":") && XMLName.starts(byte) }
        func namePart() -> [UInt8] {
            let start = at
            while byte(0) != 0, byte(0) != UInt8(ascii: ":"), XMLName.holds(byte(0)) { at += 1 }
            return Array(bytes[start..<at])
        }
        /// Whether a name or `*` that follows is an operator.
        func isBehindOperand() -> Bool {
            switch tokens.last {
            case nil, .axis: false
            case .symbol(let symbol): [")", "]", ".", ".."].contains(symbol) || symbol == "*"
            case .name, .anyOfPrefix, .text, .number: true
            }
        }
        while at < bytes.count {
            switch bytes[at] {
            case 32, 9, 10, 13: at += 1
            case 34, 39:
                let quote = bytes[at]
                guard let end = bytes[(at + 1)...].firstIndex(of: quote) else { throw XPathSyntaxError() }
                tokens.append(.text(Array(bytes[(at + 1)..<end])))
                at = end + 1
            case 0x30...0x39, UInt8(ascii: ".") where (0x30...0x39).contains(byte(1)):
                let start = at
                while (0x30...0x39).contains(byte(0)) { at += 1 }
                if byte(0) == UInt8(ascii: ".") {
                    at += 1
                    while (0x30...0x39).contains(byte(0)) { at += 1 }
                }
                guard !startsName(byte(0)) else { throw XPathSyntaxError() }
                tokens.append(.number(XPathNumber.of(bytes[start..<at])))
            case UInt8(ascii: "*"):
                tokens.append(.symbol(isBehindOperand() ? "multiply" : "*"))
                at += 1
            case let first where startsName(first):
                let name = namePart()
                if isBehindOperand() {
                    guard let word = ["and", "or", "div", "mod"].first(where: { $0.utf8.elementsEqual(name) }) else { throw XPathSyntaxError() }
                    tokens.append(.symbol(word))
                } else if byte(0) == UInt8(ascii: ":"), byte(1) == UInt8(ascii: "*") {
                    at += 2
                    tokens.append(.anyOfPrefix)
                } else if byte(0) == UInt8(ascii: ":"), startsName(byte(1)) {
                    at += 1
                    tokens.append(.name(name + [UInt8(ascii: ":")] + namePart()))
                } else {
                    var next = at
                    while next < bytes.count, [32, 9, 10, 13].contains(bytes[next]) { next += 1 }
                    if next + 1 < bytes.count, bytes[next] == UInt8(ascii: ":"), bytes[next + 1] == UInt8(ascii: ":") {
                        at = next + 2
                        tokens.append(.axis(name))
                    } else {
                        tokens.append(.name(name))
                    }
                }
            default:
                let pair = String(decoding: [bytes[at], byte(1)], as: UTF8.self)
                if ["..", "//", "!=", "<=", ">="].contains(pair) {
                    tokens.append(.symbol(pair))
                    at += 2
                } else {
                    let single = String(decoding: [bytes[at]], as: UTF8.self)
                    guard "()[].@,/|+-=<>$".contains(single) else { throw XPathSyntaxError() }
                    tokens.append(.symbol(single))
                    at += 1
                }
            }
        }
        return tokens
    }

    private var token: Token? { at < tokens.count ? tokens[at] : nil }

    private mutating func take(_ symbol: String) -> Bool {
        guard token == .symbol(symbol) else { return false }
        at += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws {
        guard take(symbol) else { throw XPathSyntaxError() }
    }

    // MARK: expressions

    private mutating func expression() throws -> XPathExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw XPathSyntaxError() }
        return try chain(["or"], operand: { parser in
            try parser.chain(["and"], operand: { try $0.equality() }) { .and($1, $2) }
        }) { .or($1, $2) }
    }

    private mutating func equality() throws -> XPathExpression {
        try chain(["=", "!="], operand: { try $0.relation() }) { .comparison($0 == "=" ? .equal : .unequal, $1, $2) }
    }

    private mutating func relation() throws -> XPathExpression {
        try chain(["<", "<=", ">", ">="], operand: { try $0.sum() }) { symbol, left, right in
            switch symbol {
            case "<": .comparison(.less, left, right)
            case "<=": .comparison(.lessOrEqual, left, right)
            case ">": .comparison(.greater, left, right)
            default: .comparison(.greaterOrEqual, left, right)
            }
        }
    }

    private mutating func sum() throws -> XPathExpression {
        try chain(["+", "-"], operand: { try $0.product() }) { .arithmetic($0 == "+" ? .add : .subtract, $1, $2) }
    }

    private mutating func product() throws -> XPathExpression {
        try chain(["multiply", "div", "mod"], operand: { try $0.signed() }) { symbol, left, right in
            .arithmetic(symbol == "multiply" ? .multiply : symbol == "div" ? .divide : .remainder, left, right)
        }
    }

    /// Java takes one sign, no more.
    private mutating func signed() throws -> XPathExpression {
        take("-") ? .negation(try union()) : try union()
    }

    private mutating func union() throws -> XPathExpression {
        try chain(["|"], operand: { try $0.path() }) { .union($1, $2) }
    }

    /// Operands of operators of equal rank, from the left.
    private mutating func chain(
        _ symbols: [String], operand: (inout XPathParser) throws -> XPathExpression,
        _ make: (String, XPathExpression, XPathExpression) -> XPathExpression
    ) throws -> XPathExpression {
        var result = try operand(&self)
        let before = depth
        defer { depth = before }
        while case .symbol(let symbol) = token, symbols.contains(symbol) {
            at += 1
            depth += 1
            guard depth <= Self.deepest else { throw XPathSyntaxError() }
            result = make(symbol, result, try operand(&self))
        }
        return result
    }

    // MARK: paths

    private mutating func path() throws -> XPathExpression {
        var steps: [XPathStep] = []
        if take("/") {
            if startsStep { try relativePath(&steps) }
            return .path(from: .root, steps)
        }
        if take("//") {
            steps.append(Self.anyDescendant)
            try relativePath(&steps)
            return .path(from: .root, steps)
        }
        guard let start = try primary() else {
            try relativePath(&steps)
            return .path(from: .context, steps)
        }
        let predicates = try self.predicates()
        let filtered = predicates.isEmpty ? start : .filter(of: start, by: predicates)
        if take("//") {
            steps.append(Self.anyDescendant)
        } else if !take("/") {
            return filtered
        }
        try relativePath(&steps)
        return .path(from: .expression(filtered), steps)
    }

    /// `//` between steps.
    private static let anyDescendant = XPathStep(axis: .descendantOrSelf, test: .anyNode, predicates: [])

    private var startsStep: Bool {
        switch token {
        case .name, .anyOfPrefix, .axis, .symbol("*"), .symbol("@"), .symbol("."), .symbol(".."): true
        default: false
        }
    }

    private mutating func relativePath(_ steps: inout [XPathStep]) throws {
        while true {
            steps.append(try step())
            if take("//") {
                steps.append(Self.anyDescendant)
            } else if !take("/") {
                return
            }
        }
    }

    private mutating func step() throws -> XPathStep {
        if take(".") { return XPathStep(axis: .own, test: .anyNode, predicates: []) }
        if take("..") { return XPathStep(axis: .parent, test: .anyNode, predicates: []) }
        var axis = XPathStep.Axis.child
        if take("@") {
            axis = .attribute
        } else if case .axis(let name) = token {
            guard let known = XPathStep.Axis(rawValue: String(decoding: name, as: UTF8.self)) else { throw XPathSyntaxError() }
            axis = known
            at += 1
        }
        let test = try nodeTest()
        return XPathStep(axis: axis, test: test, predicates: try predicates())
    }

    private mutating func nodeTest() throws -> XPathStep.Test {
        guard let token else { throw XPathSyntaxError() }
        at += 1
        switch token {
        case .symbol("*"): return .anyName
        case .anyOfPrefix: return .none
        case .name(let name):
            guard take("(") else { return name.contains(UInt8(ascii: ":")) ? .none : .name(name) }
            var argument: [UInt8]?
            if case .text(let text) = self.token {
                argument = text
                at += 1
            }
            try expect(")")
            switch (String(decoding: name, as: UTF8.self), argument) {
            case ("node", nil): return .anyNode
            case ("text", nil): return .text
            case ("comment", nil): return .comment
            case ("processing-instruction", let name): return .instruction(name)
            default: throw XPathSyntaxError()
            }
        default: throw XPathSyntaxError()
        }
    }

    private mutating func predicates() throws -> [XPathExpression] {
        var result: [XPathExpression] = []
        while take("[") {
            result.append(try expression())
            try expect("]")
        }
        return result
    }

    /// What begins a path without being a step; nil where a step stands.
    private mutating func primary() throws -> XPathExpression? {
        switch token {
        case .text(let text):
            at += 1
            return .text(text)
        case .number(let number):
            at += 1
            return .number(number)
        case .symbol("$"):
            at += 1
            guard case .name = token else { throw XPathSyntaxError() }
            at += 1
            return .variable
        case .symbol("("):
            at += 1
            let inner = try expression()
            try expect(")")
            return inner
        case .name(let name) where at + 1 < tokens.count && tokens[at + 1] == .symbol("("):
            let called = String(decoding: name, as: UTF8.self)
            if ["node", "text", "comment", "processing-instruction"].contains(called) { return nil }
            guard let function = XPathFunction(rawValue: called) else { throw XPathSyntaxError() }
            at += 2
            var arguments: [XPathExpression] = []
            if !take(")") {
                repeat { arguments.append(try expression()) } while take(",")
                try expect(")")
            }
            guard function.argumentCount.contains(arguments.count) else { throw XPathSyntaxError() }
            return .call(function, arguments)
        default: return nil
        }
    }
}

/// Numbers as XPath writes and reads them.
enum XPathNumber {
    /// Digits with a point, and a sign before them; NaN for anything else.
    static func of(_ text: ArraySlice<UInt8>) -> Double {
        let blanks: [UInt8] = [32, 9, 10, 13]
        var digits = text.drop { blanks.contains($0) }
        while let last = digits.last, blanks.contains(last) { digits.removeLast() }
        let unsigned = digits.first == UInt8(ascii: "-") ? digits.dropFirst() : digits
        guard unsigned.contains(where: { (0x30...0x39).contains($0) }), unsigned.count(where: { $0 == UInt8(ascii: ".") }) <= 1,
            unsigned.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") })
        else { return .nan }
        return digits.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.flatMap { TextParsing.double($0, bytes.count) } ?? .nan
        }
    }

    /// Digits without an exponent, and without a point for whole numbers.
    static func text(_ value: Double) -> [UInt8] {
        if value.isNaN { return Array("NaN".utf8) }
        if value.isInfinite { return Array((value < 0 ? "-Infinity" : "Infinity").utf8) }
        if value == 0 { return [UInt8(ascii: "0")] }
        let buffer = ByteBuffer(capacity: 32)
        NumberFormatter.append(value.magnitude, to: buffer)
        var digits: [UInt8] = [], point: Int?, exponent = 0
        let written = Array(buffer.bytes)
        for (index, byte) in written.enumerated() {
            if byte == UInt8(ascii: "E") {
                exponent = Int(String(decoding: written[(index + 1)...], as: UTF8.self)) ?? 0
                break
            }
            if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
        }
        var place = (point ?? digits.count) + exponent
        if place < 0 {
            digits.insert(contentsOf: repeatElement(0x30, count: -place), at: 0)
            place = 0
        }
        if place > digits.count { digits.append(contentsOf: repeatElement(0x30, count: place - digits.count)) }
        var whole = Array(digits[..<place].drop { $0 == 0x30 })
        var decimals = digits[place...]
        while decimals.last == 0x30 { decimals.removeLast() }
        if whole.isEmpty { whole = [0x30] }
        return (value < 0 ? [UInt8(ascii: "-")] : []) + whole + (decimals.isEmpty ? [] : [UInt8(ascii: ".")] + decimals)
    }
}
