/// Reads a pattern of Java's dialect.
struct RegularExpressionParser {
    private struct Flags {
        var caseless = false
        var unicodeCase = false
        var dotAll = false
        var multiline = false
        var comments = false
        var unixLines = false
    }

    private let pattern: String
    private let scalars: [UInt32]
    private var position = 0
    private var flags = Flags()
    private var depth = 0
    private(set) var sets: [CharacterClass] = []
    private(set) var groupCount = 0
    private(set) var groupNames: [String: Int] = [:]

    /// - Parameters:
    ///   - isCaseless: as if the pattern began with `(?i)`; isDotAll: with `(?s)`.
    init(_ pattern: String, isCaseless: Bool = false, isDotAll: Bool = false) {
        flags.caseless = isCaseless
        flags.dotAll = isDotAll
        self.pattern = pattern
        scalars = pattern.unicodeScalars.map(\.value)
    }

    mutating func parse() throws -> RegularExpressionNode {
        let node = try parseAlternation()
        if position < scalars.count { throw failure("Unmatched closing ')'") }
        return node
    }

    private func failure(_ reason: String) -> FunctionError {
        FunctionError(.argument, "\(reason) near index \(position)\n\(pattern)")
    }

    private func peek(_ ahead: Int = 0) -> UInt32? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    private static func code(_ character: Character) -> UInt32 { character.unicodeScalars.first?.value ?? 0 }

    private func at(_ character: Character, _ ahead: Int = 0) -> Bool { peek(ahead) == Self.code(character) }

    private mutating func take(_ character: Character) -> Bool {
        guard at(character) else { return false }
        position += 1
        return true
    }

    private func bytes(_ scalar: UInt32) -> [UInt8] {
        Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) } ?? [0xEF, 0xBF, 0xBD]
    }

    private mutating func addSet(_ class: CharacterClass) -> RegularExpressionNode {
        sets.append(flags.caseless ? .caseless(`class`, unicode: flags.unicodeCase) : `class`)
        return .set(sets.count - 1)
    }

    private mutating func character(_ scalar: UInt32) -> RegularExpressionNode {
        if flags.caseless, !CharacterClass.otherCases(scalar, unicode: flags.unicodeCase).isEmpty {
            return .caseless(scalar, unicode: flags.unicodeCase)
        }
        return .bytes(bytes(scalar))
    }

    // MARK: structure

    private mutating func parseAlternation() throws -> RegularExpressionNode {
        depth += 1
        defer { depth -= 1 }
        guard depth < 250 else { throw failure("Groups are nested too deeply") }
        let saved = flags
        defer { flags = saved }
        var branches = [try parseSequence()]
        while take("|") { branches.append(try parseSequence()) }
        return branches.count == 1 ? branches[0] : .alternation(branches)
    }

    private mutating func skipComments() {
        guard flags.comments else { return }
        while let next = peek() {
            if next == 32 || (9...13).contains(next) {
                position += 1
            } else if next == Self.code("#") {
                while let inner = peek(), inner != 10 { _ = inner; position += 1 }
            } else {
                return
            }
        }
    }

    private mutating func parseSequence() throws -> RegularExpressionNode {
        var parts: [RegularExpressionNode] = []
        // The bytes of characters that stand beside each other: one part, in the end.
        var text: [UInt8] = []
        func endText() {
            if !text.isEmpty { parts.append(.bytes(text)) }
            text = []
        }
        while true {
            skipComments()
            guard let next = peek(), next != Self.code("|"), next != Self.code(")") else { break }
            if at("\\"), at("Q", 1) {
                endText()
                try parseQuoted(into: &parts)
                continue
            }
            guard let atom = try parseAtom() else { continue }
            let node = try parseQuantifiers(atom)
            if case .bytes(let more) = node {
                text += more
            } else {
                endText()
                parts.append(node)
            }
        }
        endText()
        return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func parseQuoted(into parts: inout [RegularExpressionNode]) throws {
        position += 2
        while position < scalars.count {
            if at("\\"), at("E", 1) {
                position += 2
                return
            }
            let node = character(scalars[position])
            position += 1
            // A quantifier after the quotation takes its last character.
            if at("\\"), at("E", 1) {
                position += 2
                parts.append(try parseQuantifiers(node))
                return
            }
            parts.append(node)
        }
    }

    private mutating func parseQuantifiers(_ atom: RegularExpressionNode) throws -> RegularExpressionNode {
        var node = atom
        while true {
            skipComments()
            var least = 0
            var most: Int?
            if take("*") {
            } else if take("+") {
                least = 1
            } else if take("?") {
                most = 1
            } else if at("{"), let first = peek(1), (48...57).contains(first) {
                position += 1
                least = try parseNumber()
                most = least
                if take(",") { most = at("}") ? nil : try parseNumber() }
                guard take("}") else { throw failure("Unclosed counted closure") }
                if let most, most < least { throw failure("Illegal repetition range") }
            } else {
                return node
            }
            let kind: RegularExpressionNode.Quantifier = take("?") ? .lazy : take("+") ? .possessive : .greedy
            node = .repetition(node, least, most, kind)
        }
    }

    private mutating func parseNumber() throws -> Int {
        var value = 0
        guard let first = peek(), (48...57).contains(first) else { throw failure("Illegal repetition") }
        while let digit = peek(), (48...57).contains(digit) {
            value = value * 10 + Int(digit - 48)
            guard value <= 100_000 else { throw failure("Illegal repetition range") }
            position += 1
        }
        return value
    }

    /// One atom; nil when what stood there only set flags.
    private mutating func parseAtom() throws -> RegularExpressionNode? {
        guard let next = peek() else { return nil }
        position += 1
        switch next {
        case Self.code("("): return try parseGroup()
        case Self.code("["):
            let parsed = try parseClass()
            return addSet(parsed)
        case Self.code("."):
            if flags.dotAll { return addSet(.everything) }
            return addSet(.complement(flags.unixLines ? .character(10) : .lineEnd))
        case Self.code("^"): return .assertion(flags.multiline ? .multilineStart : .lineStart)
        case Self.code("$"): return .assertion(flags.multiline ? .multilineEnd : .lineEnd)
        case Self.code("*"), Self.code("+"), Self.code("?"):
            position -= 1
            throw failure("Dangling meta character '\(Unicode.Scalar(next).map { String(Character($0)) } ?? "")'")
        case Self.code("{"):
            position -= 1
            throw failure("Illegal repetition")
        case Self.code("\\"): return try parseEscape()
        default: return character(next)
        }
    }

    private mutating func parseGroup() throws -> RegularExpressionNode? {
        guard take("?") else {
            groupCount += 1
            let index = groupCount
            let inner = try parseAlternation()
            guard take(")") else { throw failure("Unclosed group") }
            return .capture(inner, index)
        }
        func closed(_ node: RegularExpressionNode, _ parser: inout Self) throws -> RegularExpressionNode {
            guard parser.take(")") else { throw parser.failure("Unclosed group") }
            return node
        }
        if take(":") { return try closed(try parseAlternation(), &self) }
        if take("=") { return .look(try closed(try parseAlternation(), &self), ahead: true, negative: false) }
        if take("!") { return .look(try closed(try parseAlternation(), &self), ahead: true, negative: true) }
        if take(">") { return .atomic(try closed(try parseAlternation(), &self)) }
        if take("<") {
            if take("=") { return .look(try closed(try parseAlternation(), &self), ahead: false, negative: false) }
            if take("!") { return .look(try closed(try parseAlternation(), &self), ahead: false, negative: true) }
            let name = try parseName()
            guard groupNames[name] == nil else { throw failure("Named capturing group <\(name)> is already defined") }
            groupCount += 1
            let index = groupCount
            groupNames[name] = index
            return .capture(try closed(try parseAlternation(), &self), index)
        }
        let before = flags
        var value = true
        while let letter = peek() {
            position += 1
            switch letter {
            case Self.code("i"): flags.caseless = value
            case Self.code("u"): flags.unicodeCase = value
            case Self.code("U"): flags.unicodeCase = value
            case Self.code("s"): flags.dotAll = value
            case Self.code("m"): flags.multiline = value
            case Self.code("x"): flags.comments = value
            case Self.code("d"): flags.unixLines = value
            case Self.code("-"): value = false
            case Self.code(")"): return nil
            case Self.code(":"):
                let inner = try parseAlternation()
                flags = before
                return try closed(inner, &self)
            default:
                throw failure("Unknown inline modifier")
            }
        }
        throw failure("Unknown group type")
    }

    private mutating func parseName() throws -> String {
        var name = ""
        while let next = peek(), next != Self.code(">") {
            guard let scalar = Unicode.Scalar(next), scalar.isASCII, scalar.properties.isAlphabetic || (48...57).contains(next) else {
                throw failure("named capturing group is missing trailing '>'")
            }
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take(">"), !name.isEmpty else { throw failure("named capturing group is missing trailing '>'") }
        return name
    }

    // MARK: escapes

    private static func predefined(_ letter: UInt32) -> CharacterClass? {
        switch letter {
        case code("d"): .digit
        case code("D"): .complement(.digit)
        case code("w"): .word
        case code("W"): .complement(.word)
        case code("s"): .space
        case code("S"): .complement(.space)
        case code("h"): .horizontalSpace
        case code("H"): .complement(.horizontalSpace)
        case code("v"): .verticalSpace
        case code("V"): .complement(.verticalSpace)
        default: nil
        }
    }

    private mutating func parseEscape() throws -> RegularExpressionNode {
        guard let letter = peek() else { throw failure("Unexpected internal error") }
        if let predefined = Self.predefined(letter) {
            position += 1
            return addSet(predefined)
        }
        switch letter {
        case Self.code("b"): position += 1; return .assertion(.wordBoundary)
        case Self.code("B"): position += 1; return .assertion(.notWordBoundary)
        case Self.code("A"): position += 1; return .assertion(.textStart)
        case Self.code("z"): position += 1; return .assertion(.textEnd)
        case Self.code("Z"): position += 1; return .assertion(.textEndOrLine)
        case Self.code("G"): position += 1; return .assertion(.matchStart)
        case Self.code("R"):
            position += 1
            return .atomic(.alternation([.bytes([13, 10]), addSet(.verticalSpace)]))
        case Self.code("p"), Self.code("P"):
            let parsed = try parseProperty()
            return addSet(parsed)
        case Self.code("k"):
            position += 1
            guard take("<") else { throw failure("\\k is not followed by '<' for named capturing group") }
            let name = try parseName()
            guard let group = groupNames[name] else { throw failure("(named capturing group <\(name)> does not exit") }
            return .backreference(group, caseless: flags.caseless)
        case 49...57:
            position += 1
            var group = Int(letter - 48)
            while let digit = peek(), (48...57).contains(digit), group * 10 + Int(digit - 48) <= groupCount {
                group = group * 10 + Int(digit - 48)
                position += 1
            }
            return group <= groupCount ? .backreference(group, caseless: flags.caseless) : .assertion(.fail)
        default: return character(try parseEscapedCharacter())
        }
    }

    /// The character that stands after a backslash.
    private mutating func parseEscapedCharacter() throws -> UInt32 {
        guard let letter = peek() else { throw failure("Illegal/unsupported escape sequence") }
        position += 1
        switch letter {
        case Self.code("t"): return 9
        case Self.code("n"): return 10
        case Self.code("r"): return 13
        case Self.code("f"): return 12
        case Self.code("a"): return 7
        case Self.code("e"): return 27
        case Self.code("0"):
            var value: UInt32 = 0
            var digits = 0
            while digits < 3, let digit = peek(), (48...55).contains(digit), value * 8 + digit - 48 <= 255 {
                value = value * 8 + digit - 48
                digits += 1
                position += 1
            }
            guard digits > 0 else { throw failure("Illegal octal escape sequence") }
            return value
        case Self.code("x"):
            if take("{") {
                let value = try parseHexadecimal(1...6)
                guard take("}") else { throw failure("Unclosed hexadecimal escape sequence") }
                return value
            }
            return try parseHexadecimal(2...2)
        case Self.code("u"):
            let value = try parseHexadecimal(4...4)
            // Two surrogates make one character.
            if (0xD800...0xDBFF).contains(value), at("\\"), at("u", 1) {
                let saved = position
                position += 2
                let low = try parseHexadecimal(4...4)
                if (0xDC00...0xDFFF).contains(low) { return 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00) }
                position = saved
            }
            return value
        case Self.code("c"):
            guard let control = peek() else { throw failure("Illegal control escape sequence") }
            position += 1
            return control ^ 64
        default:
            if (65...90).contains(letter) || (97...122).contains(letter) {
                position -= 1
                throw failure("Illegal/unsupported escape sequence")
            }
            return letter
        }
    }

    private mutating func parseHexadecimal(_ digits: ClosedRange<Int>) throws -> UInt32 {
        var value: UInt32 = 0
        var count = 0
        while count < digits.upperBound, let next = peek(), let scalar = Unicode.Scalar(next),
            let digit = Character(scalar).hexDigitValue
        {
            value = value << 4 | UInt32(digit)
            count += 1
            position += 1
        }
        guard digits.contains(count) else { throw failure("Illegal hexadecimal escape sequence") }
        return value
    }

    private mutating func parseProperty() throws -> CharacterClass {
        let negative = at("P")
        position += 1
        var name = ""
        if take("{") {
            while let next = peek(), next != Self.code("}") {
                if let scalar = Unicode.Scalar(next) { name.unicodeScalars.append(scalar) }
                position += 1
            }
            guard take("}") else { throw failure("Unclosed character family") }
        } else if let next = peek(), let scalar = Unicode.Scalar(next) {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard let found = CharacterClass.named(name) else {
            throw failure("Unknown character property name {\(name)}")
        }
        return negative ? .complement(found) : found
    }

    // MARK: classes

    /// A class after its `[`.
    private mutating func parseClass() throws -> CharacterClass {
        depth += 1
        defer { depth -= 1 }
        guard depth < 250 else { throw failure("Classes are nested too deeply") }
        let negative = take("^")
        var members: [CharacterClass] = []
        var whole: CharacterClass?
        var isFirst = true
        while true {
            guard let next = peek() else { throw failure("Unclosed character class") }
            if next == Self.code("]"), !isFirst || whole != nil {
                position += 1
                break
            }
            isFirst = false
            if next == Self.code("["), !at("&", 1) || !at("&", 2) {
                position += 1
                members.append(try parseClass())
                continue
            }
            if at("&"), at("&", 1) {
                position += 2
                while take("&") {}
                let left = whole.map { CharacterClass.intersection($0, .union(members)) } ?? .union(members)
                whole = members.isEmpty && whole != nil ? whole : left
                members = []
                continue
            }
            if at("\\"), at("Q", 1) {
                position += 2
                while position < scalars.count, !(at("\\") && at("E", 1)) {
                    members.append(.character(scalars[position]))
                    position += 1
                }
                position += 2
                continue
            }
            if next == Self.code("\\"), let letter = peek(1) {
                if let predefined = Self.predefined(letter) {
                    position += 2
                    members.append(predefined)
                    continue
                }
                if letter == Self.code("p") || letter == Self.code("P") {
                    position += 1
                    members.append(try parseProperty())
                    continue
                }
            }
            let low = try parseClassCharacter()
            if at("-"), let after = peek(1), after != Self.code("]"), after != Self.code("[") {
                position += 1
                let high = try parseClassCharacter()
                guard low <= high else { throw failure("Illegal character range") }
                members.append(.ranges([low...high]))
            } else {
                members.append(.character(low))
            }
        }
        var result: CharacterClass = members.count == 1 ? members[0] : .union(members)
        if let whole { result = members.isEmpty ? whole : .intersection(whole, result) }
        return negative ? .complement(result) : result
    }

    private mutating func parseClassCharacter() throws -> UInt32 {
        guard let next = peek() else { throw failure("Unclosed character class") }
        position += 1
        return next == Self.code("\\") ? try parseEscapedCharacter() : next
    }
}
