/// A regular expression of Java's dialect, which is Hive's, compiled for a backtracking matcher over UTF-8 bytes.
///
/// Why a matcher of our own: Foundation's takes an `NSString` a row, whose making costs more than most matches, and it
/// speaks ICU's dialect; Swift's `Regex` works on characters of `String` and rejects possessive classes that Java
/// takes. Matching here reads the column's bytes in place. What is known to fail is not tried again (`FailureMemory`), and
/// steps are counted, so that a pattern that would backtrack for ever ends with an error.
package struct RegularExpression: Sendable {
    enum Operation: UInt8, Sendable {
        /// The byte `a`.
        case byte
        /// The code point `a` in either case; `b` is 1 for Unicode's cases.
        case caseless
        /// One character of set `a`.
        case set
        /// `a` = set, `b`/`c` = least and greatest count (-1: none), then one character at a time is given back.
        case repeatGreedy
        case repeatLazy
        case repeatPossessive
        /// Tries `a`, later `b`.
        case split
        case jump
        /// Notes the position in register `a`.
        case save
        /// Notes the position in register `a` at the start of a loop's round …
        case mark
        /// … and goes to `b` when the round since then matched nothing.
        case checkProgress
        case lineStart, lineEnd, multilineStart, multilineEnd, textStart, textEnd, textEndOrLine
        case wordBoundary, notWordBoundary, matchStart
        /// Group `a` again; `b` is 1 in either case.
        case backreference
        /// A sub-program from the next instruction; goes on at `a`. `b` is 1 when it must not match.
        case lookahead, lookbehind, atomic
        /// The end of a sub-program, and of the whole.
        case accept
        case fail
    }

    struct Instruction: Sendable {
        var operation: Operation
        var a: Int32 = 0
        var b: Int32 = 0
        var c: Int32 = 0
    }

    let pattern: String
    let program: [Instruction]
    let sets: [CharacterSet]
    /// Groups that capture, the whole match not counted.
    package let groupCount: Int
    /// Registers: two a group and the whole match, then one a loop.
    let registerCount: Int
    let groupNames: [String: Int]
    /// The pattern when it is plain text, so that a search for bytes does.
    let literal: [UInt8]?
    /// The bytes that a match can start with; nil when it may be empty or start with anything.
    let firstBytes: FirstBytes?
    /// A match can only begin at the start of the text.
    let isAnchored: Bool
    /// Bytes that every match has somewhere: a text without them needs no matching. Empty when none are known.
    let requiredLiteral: [UInt8]
    /// The set whose characters a match begins with as many of as there are (`\s+…`): from inside of a run of them nothing
    /// matches that did not from its start. nil for other patterns.
    let leadingRun: Int?
    /// Whether what follows from a place of the program depends on the position alone, so that a failure there is final.
    let hasFinalFailures: Bool

    /// One bit a byte value.
    struct FirstBytes: Sendable {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

        mutating func insert(_ byte: UInt8) {
            let bit: UInt64 = 1 << UInt64(byte & 63)
            switch byte >> 6 {
            case 0: words.0 |= bit
            case 1: words.1 |= bit
            case 2: words.2 |= bit
            default: words.3 |= bit
            }
        }

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            let word = byte < 128 ? (byte < 64 ? words.0 : words.1) : (byte < 192 ? words.2 : words.3)
            return word & (1 << UInt64(byte & 63)) != 0
        }

        func isDisjoint(with other: FirstBytes) -> Bool {
            words.0 & other.words.0 == 0 && words.1 & other.words.1 == 0 && words.2 & other.words.2 == 0
                && words.3 & other.words.3 == 0
        }

        mutating func formUnion(_ other: FirstBytes) {
            words = (
                words.0 | other.words.0, words.1 | other.words.1, words.2 | other.words.2, words.3 | other.words.3
            )
        }
    }

    /// - Parameters:
    ///   - isCaseless: letters of ASCII stand for both cases.
    ///   - isDotAll: a point stands for line ends too.
    ///   - isWhole: a match takes the text to its end.
    package init(_ pattern: String, isCaseless: Bool = false, isDotAll: Bool = false, isWhole: Bool = false) throws {
        var parser = RegularExpressionParser(pattern, isCaseless: isCaseless, isDotAll: isDotAll)
        var root = try parser.parse()
        if isWhole { root = .sequence([root, .assertion(.textEnd)]) }
        var compiler = RegularExpressionCompiler(sets: parser.sets, groupCount: parser.groupCount)
        compiler.emitCapture(root, group: 0)
        compiler.emit(.accept)
        guard !compiler.isTooLong else {
            throw FunctionError(.argument, "The regular expression '\(pattern)' is too long once its repetitions are written out")
        }
        self.pattern = pattern
        program = compiler.program
        sets = compiler.sets.map { CharacterSet($0) }
        groupCount = parser.groupCount
        registerCount = compiler.registerCount
        groupNames = parser.groupNames
        literal = root.literal
        firstBytes = root.firstBytes(compiler.sets)
        isAnchored = root.isAnchored
        requiredLiteral = isAnchored ? [] : root.requiredLiteral
        hasFinalFailures = !program.contains { $0.operation == .backreference }
        leadingRun = hasFinalFailures ? Self.leadingRun(of: program) : nil
    }

    private static func leadingRun(of program: [Instruction]) -> Int? {
        guard let first = program.first(where: { $0.operation != .save }) else { return nil }
        switch first.operation {
        case .repeatGreedy, .repeatLazy, .repeatPossessive: return first.c < 0 ? Int(first.a) : nil
        default: return nil
        }
    }
}

/// The tree a pattern is parsed to.
indirect enum RegularExpressionNode {
    enum Quantifier { case greedy, lazy, possessive }

    case empty
    case bytes([UInt8])
    case caseless(UInt32, unicode: Bool)
    case set(Int)
    case sequence([RegularExpressionNode])
    case alternation([RegularExpressionNode])
    case capture(RegularExpressionNode, Int)
    case repetition(RegularExpressionNode, Int, Int?, Quantifier)
    case assertion(RegularExpression.Operation)
    case look(RegularExpressionNode, ahead: Bool, negative: Bool)
    case atomic(RegularExpressionNode)
    case backreference(Int, caseless: Bool)

    /// The bytes when the tree is plain text.
    var literal: [UInt8]? {
        switch self {
        case .bytes(let bytes): return bytes
        case .sequence(let parts):
            var result: [UInt8] = []
            for part in parts {
                guard let bytes = part.literal else { return nil }
                result += bytes
            }
            return result
        default: return nil
        }
    }

    /// Bytes of every match, the longest piece that is plain text in the tree; empty when none is known.
    var requiredLiteral: [UInt8] {
        switch self {
        case .bytes(let bytes): return bytes
        case .sequence(let parts):
            var longest: [UInt8] = []
            var joined: [UInt8] = []
            for part in parts {
                guard case .bytes(let bytes) = part else {
                    joined = []
                    let inner = part.requiredLiteral
                    if inner.count > longest.count { longest = inner }
                    continue
                }
                joined += bytes
                if joined.count > longest.count { longest = joined }
            }
            return longest
        case .capture(let inner, _), .atomic(let inner): return inner.requiredLiteral
        case .repetition(let inner, let least, _, _): return least > 0 ? inner.requiredLiteral : []
        case .empty, .caseless, .set, .alternation, .assertion, .look, .backreference: return []
        }
    }

    /// Whether the tree is one character, of one kind or several.
    var isCharacter: Bool {
        switch self {
        case .set, .caseless: true
        case .bytes(let bytes): bytes.count == 1 && bytes[0] < 128
        default: false
        }
    }

    var isAnchored: Bool {
        switch self {
        case .assertion(.lineStart), .assertion(.textStart): true
        case .sequence(let parts): parts.first?.isAnchored ?? false
        case .alternation(let branches): branches.allSatisfy(\.isAnchored)
        case .capture(let inner, _), .atomic(let inner): inner.isAnchored
        default: false
        }
    }

    /// Whether the tree can match the empty text.
    var isNullable: Bool {
        switch self {
        case .empty, .assertion, .look, .backreference: true
        case .bytes(let bytes): bytes.isEmpty
        case .caseless, .set: false
        case .sequence(let parts): parts.allSatisfy(\.isNullable)
        case .alternation(let branches): branches.contains(where: \.isNullable)
        case .capture(let inner, _), .atomic(let inner): inner.isNullable
        case .repetition(let inner, let least, _, _): least == 0 || inner.isNullable
        }
    }

    /// The bytes a match can begin with; nil when unknown.
    func firstBytes(_ sets: [CharacterClass]) -> RegularExpression.FirstBytes? {
        var result = RegularExpression.FirstBytes()
        switch self {
        case .bytes(let bytes):
            guard let first = bytes.first else { return nil }
            result.insert(first)
        case .caseless(let scalar, let unicode):
            for candidate in [scalar] + CharacterClass.otherCases(scalar, unicode: unicode) {
                if candidate < 128 { result.insert(UInt8(candidate)) } else { for byte in UInt8(128)...255 { result.insert(byte) } }
            }
        case .set(let index):
            for byte in UInt8(0)..<128 where sets[index].contains(UInt32(byte)) { result.insert(byte) }
            if CharacterSet(sets[index]).wideAnswer != false { for byte in UInt8(128)...255 { result.insert(byte) } }
        case .sequence(let parts):
            for part in parts {
                if case .assertion = part { continue }
                if case .look = part { continue }
                if case .empty = part { continue }
                guard let bytes = part.firstBytes(sets) else {
                    guard case .repetition(let inner, 0, _, _) = part, let optional = inner.firstBytes(sets) else { return nil }
                    result.formUnion(optional)
                    continue
                }
                result.formUnion(bytes)
                return result
            }
            return nil
        case .alternation(let branches):
            for branch in branches {
                guard let bytes = branch.firstBytes(sets) else { return nil }
                result.formUnion(bytes)
            }
        case .capture(let inner, _), .atomic(let inner): return inner.firstBytes(sets)
        case .repetition(let inner, let least, _, _): return least > 0 ? inner.firstBytes(sets) : nil
        case .empty, .assertion, .look, .backreference: return nil
        }
        return result
    }
}

/// Writes a tree as a program.
struct RegularExpressionCompiler {
    var program: [RegularExpression.Instruction] = []
    var sets: [CharacterClass]
    var registerCount: Int
    private static let limit = 100_000

    init(sets: [CharacterClass], groupCount: Int) {
        self.sets = sets
        registerCount = (groupCount + 1) * 2
    }

    var isTooLong: Bool { program.count >= Self.limit }

    @discardableResult
    mutating func emit(_ operation: RegularExpression.Operation, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) -> Int {
        guard program.count < Self.limit else { return 0 }
        program.append(
            .init(
                operation: operation, a: Int32(truncatingIfNeeded: a), b: Int32(truncatingIfNeeded: b),
                c: Int32(truncatingIfNeeded: c)))
        return program.count - 1
    }

    mutating func emitCapture(_ node: RegularExpressionNode, group: Int) {
        emit(.save, group * 2)
        emit(node)
        emit(.save, group * 2 + 1)
    }

    mutating func emit(_ node: RegularExpressionNode) {
        guard !isTooLong else { return }
        switch node {
        case .empty: break
        case .bytes(let bytes): for byte in bytes { emit(.byte, Int(byte)) }
        case .caseless(let scalar, let unicode): emit(.caseless, Int(scalar), unicode ? 1 : 0)
        case .set(let index): emit(.set, index)
        case .sequence(let parts):
            for (index, part) in parts.enumerated() { emit(possessive(part, before: parts[(index + 1)...]) ?? part) }
        case .alternation(let branches):
            var ends: [Int] = []
            for (index, branch) in branches.enumerated() {
                guard index + 1 < branches.count else {
                    emit(branch)
                    break
                }
                let split = emit(.split)
                program[split].a = Int32(program.count)
                emit(branch)
                ends.append(emit(.jump))
                program[split].b = Int32(program.count)
            }
            for end in ends { program[end].a = Int32(program.count) }
        case .capture(let inner, let group): emitCapture(inner, group: group)
        case .assertion(let operation): emit(operation)
        case .look(let inner, let ahead, let negative):
            emitSub(ahead ? .lookahead : .lookbehind, inner, negative: negative)
        case .atomic(let inner): emitSub(.atomic, inner, negative: false)
        case .backreference(let group, let caseless): emit(.backreference, group, caseless ? 1 : 0)
        case .repetition(let inner, let least, let most, let quantifier):
            emitRepetition(inner, least, most, quantifier)
        }
    }

    /// A greedy repetition of characters none of which the rest can begin with, as a possessive one: what it gives back
    /// never helps. nil for other nodes.
    private func possessive(
        _ node: RegularExpressionNode, before rest: ArraySlice<RegularExpressionNode>
    ) -> RegularExpressionNode? {
        guard case .repetition(let inner, let least, let most, .greedy) = node, inner.isCharacter,
            let own = inner.firstBytes(sets), let next = RegularExpressionNode.sequence(Array(rest)).firstBytes(sets),
            own.isDisjoint(with: next)
        else { return nil }
        return .repetition(inner, least, most, .possessive)
    }

    private mutating func emitSub(_ operation: RegularExpression.Operation, _ inner: RegularExpressionNode, negative: Bool) {
        let start = emit(operation, 0, negative ? 1 : 0)
        emit(inner)
        emit(.accept)
        program[start].a = Int32(program.count)
    }

    /// The set that a node of one character is; nil for other nodes.
    private mutating func singleCharacterSet(_ node: RegularExpressionNode) -> Int? {
        switch node {
        case .set(let index): return index
        case .bytes(let bytes):
            guard bytes.count == 1, bytes[0] < 128 else { return nil }
            sets.append(.character(UInt32(bytes[0])))
            return sets.count - 1
        case .caseless(let scalar, let unicode):
            sets.append(.caseless(.character(scalar), unicode: unicode))
            return sets.count - 1
        default: return nil
        }
    }

    private mutating func emitRepetition(
        _ inner: RegularExpressionNode, _ least: Int, _ most: Int?, _ quantifier: RegularExpressionNode.Quantifier
    ) {
        if let set = singleCharacterSet(inner) {
            let operation: RegularExpression.Operation =
                switch quantifier {
                case .greedy: .repeatGreedy
                case .lazy: .repeatLazy
                case .possessive: .repeatPossessive
                }
            emit(operation, set, least, most ?? -1)
            return
        }
        if quantifier == .possessive {
            emitSub(.atomic, .repetition(inner, least, most, .greedy), negative: false)
            return
        }
        for _ in 0..<least {
            guard !isTooLong else { return }
            emit(inner)
        }
        let isLazy = quantifier == .lazy
        guard let most else {
            let register = registerCount
            registerCount += 1
            let split = emit(.split)
            let body = program.count
            emit(.mark, register)
            emit(inner)
            let check = emit(.checkProgress, register)
            emit(.jump, split)
            let exit = program.count
            guard !isTooLong else { return }
            program[check].b = Int32(exit)
            program[split].a = Int32(isLazy ? exit : body)
            program[split].b = Int32(isLazy ? body : exit)
            return
        }
        var splits: [Int] = []
        for _ in 0..<max(most - least, 0) {
            guard !isTooLong else { return }
            splits.append(emit(.split))
            if isLazy { program[program.count - 1].b = Int32(program.count) } else { program[program.count - 1].a = Int32(program.count) }
            emit(inner)
        }
        for split in splits where split < program.count {
            if isLazy { program[split].a = Int32(program.count) } else { program[split].b = Int32(program.count) }
        }
    }
}
