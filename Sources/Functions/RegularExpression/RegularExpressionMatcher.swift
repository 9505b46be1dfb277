import Columnar

/// Runs a regular expression over byte strings. Confined to one worker; its stack and registers are used again from
/// row to row.
package final class RegularExpressionMatcher {
    private struct Frame {
        enum Kind: UInt8 {
            /// Go on at `pc` from `position`.
            case branch
            /// Give back characters of a greedy repetition down to `other`.
            case giveBack
            /// Take more characters into a lazy repetition, `other` more at most (-1: any number).
            case takeMore
            /// Register `pc` had the value `position`.
            case restore
        }
        var kind: Kind
        var pc: Int32
        var position: Int32
        var other: Int32 = 0
    }

    let expression: RegularExpression
    private let registers: UnsafeMutablePointer<Int32>
    /// The ASCII bits of the expression's sets, two words a set: what nearly all steps read.
    private let bitmaps: UnsafeMutablePointer<UInt64>
    /// What changes during a match lies behind a pointer: a field of a class would be checked for exclusive access at
    /// every step.
    private struct State: ~Copyable {
        var stack: UnsafeMutablePointer<Frame>
        var depth = 0
        var capacity: Int
        var text = StringView()
        var searchStart = 0
        var steps = 0
        /// Steps after which to look whether to go on.
        var pause = RegularExpressionMatcher.stepsWithoutCheck
        /// Steps of a search from which on failures are remembered.
        var stepsToRemember = Int.max
        var failures = FailureMemory()
        /// Steps of earlier matches since the last look.
        var work = 0
        /// Where a look-behind's sub-program must end; -1 when anywhere.
        var requiredEnd = -1
    }

    private let state: UnsafeMutablePointer<State>
    package static let usualStepLimit = 20_000_000
    private let stepLimit: Int
    private static let stackLimit = 4_000_000
    private static let stepsWithoutCheck = 1 << 20
    private let checkCancellation: () throws -> Void

    /// - Parameters:
    ///   - stepLimit: steps that one search may take.
    ///   - checkCancellation: asked every so many steps; what it throws ends the match.
    package init(
        _ expression: RegularExpression, stepLimit: Int = RegularExpressionMatcher.usualStepLimit,
        checkCancellation: @escaping () throws -> Void = {}
    ) {
        self.expression = expression
        self.stepLimit = stepLimit
        self.checkCancellation = checkCancellation
        registers = .allocate(capacity: max(expression.registerCount, 2))
        registers.initialize(repeating: -1, count: max(expression.registerCount, 2))
        state = .allocate(capacity: 1)
        state.initialize(to: State(stack: .allocate(capacity: 64), capacity: 64))
        bitmaps = .allocate(capacity: expression.sets.count * 2 + 2)
        for (index, set) in expression.sets.enumerated() {
            bitmaps[index * 2] = set.low
            bitmaps[index * 2 + 1] = set.high
        }
    }

    deinit {
        registers.deallocate()
        bitmaps.deallocate()
        state.pointee.stack.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    private var text: StringView {
        @inline(__always) get { state.pointee.text }
    }

    /// Where the last match lies.
    var start: Int { Int(registers[0]) }
    var end: Int { Int(registers[1]) }

    /// The bytes of a group of the last match; nil when the group took no part.
    package func group(_ index: Int) -> StringView? {
        guard index >= 0, index <= expression.groupCount else { return nil }
        let from = Int(registers[index * 2]), to = Int(registers[index * 2 + 1])
        guard from >= 0, to >= from else { return nil }
        return UTF8Text.slice(text, from, to - from)
    }

    /// Finds the first match at or after byte `from`.
    /// - Throws: `FunctionError` when the pattern backtracks too long.
    func find(in text: StringView, from: Int = 0) throws -> Bool {
        guard from <= text.count else { return false }
        state.pointee.text = text
        if let literal = expression.literal {
            let found = literal.withUnsafeBufferPointer { bytes -> Int? in
                guard let base = bytes.baseAddress, !bytes.isEmpty else { return from }
                return UTF8Text.find(StringView(base, length: bytes.count), in: text, from: from)
            }
            guard let found else { return false }
            registers[0] = Int32(truncatingIfNeeded: found)
            registers[1] = Int32(truncatingIfNeeded: found + literal.count)
            return true
        }
        if !expression.requiredLiteral.isEmpty {
            let isThere = expression.requiredLiteral.withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { UTF8Text.find(StringView($0, length: bytes.count), in: text, from: from) != nil } ?? true
            }
            guard isThere else { return false }
        }
        state.pointee.searchStart = from
        try beginCounting()
        if expression.isAnchored {
            return from == 0 ? try match(at: 0) : false
        }
        let count = text.count
        let pointer = text.pointer
        if let first = expression.firstBytes {
            var position = from
            while position < count {
                guard first.contains(pointer[position]), !UTF8Text.isContinuation(pointer[position]) else {
                    position += 1
                    continue
                }
                if try match(at: position) { return true }
                position = nextStart(after: position)
            }
            return false
        }
        var position = from
        while position <= count {
            guard position == count || !UTF8Text.isContinuation(pointer[position]) else {
                position += 1
                continue
            }
            if try match(at: position) { return true }
            position = nextStart(after: position)
        }
        return false
    }

    /// Where to try next when nothing matched at `position`.
    private func nextStart(after position: Int) -> Int {
        guard let set = expression.leadingRun else { return position + 1 }
        var next = position
        while true {
            let width = widthInSet(set, next)
            guard width > 0 else { break }
            next += width
        }
        return max(next, position + 1)
    }

    /// Whether the expression takes the whole text.
    package func matchesWhole(_ text: String) throws -> Bool {
        var text = text
        return try text.withUTF8 { bytes in
            try matchesWhole(bytes.baseAddress.map { StringView($0, length: bytes.count) } ?? StringView())
        }
    }

    /// Whether the expression takes the whole text.
    package func matchesWhole(_ text: StringView) throws -> Bool {
        state.pointee.text = text
        state.pointee.searchStart = 0
        try beginCounting()
        return try match(at: 0) && end == text.count
    }

    private func match(at position: Int) throws -> Bool {
        registers.update(repeating: -1, count: expression.registerCount)
        state.pointee.depth = 0
        return try expression.program.withUnsafeBufferPointer { program in
            try run(program, 0, position) >= 0
        }
    }

    private func beginCounting() throws {
        // Every match counts, so that many short ones are not free.
        state.pointee.work &+= state.pointee.steps &+ 8
        state.pointee.steps = 0
        state.pointee.failures.deactivate()
        let useful =
            expression.hasFinalFailures
            ? FailureMemory.usefulSteps(places: expression.program.count, positions: text.count + 1) : nil
        state.pointee.stepsToRemember = useful ?? .max
        state.pointee.pause = min(Self.stepsWithoutCheck, state.pointee.stepsToRemember, stepLimit)
        guard state.pointee.work > Self.stepsWithoutCheck else { return }
        state.pointee.work = 0
        try checkCancellation()
    }

    @inline(never)
    private func pause() throws {
        if state.pointee.steps > stepLimit { throw tooLong() }
        if state.pointee.steps > state.pointee.stepsToRemember {
            state.pointee.stepsToRemember = .max
            state.pointee.failures.activate(places: expression.program.count, positions: text.count + 1)
        }
        try checkCancellation()
        state.pointee.pause = min(
            state.pointee.steps &+ Self.stepsWithoutCheck, state.pointee.stepsToRemember, stepLimit)
    }

    private func tooLong() -> FunctionError {
        FunctionError(
            .argument,
            "The regular expression '\(expression.pattern)' needs too many steps on a text of \(text.count) bytes: "
                + "more than hiveql.regex.steps (\(stepLimit))")
    }

    @inline(__always)
    private func push(_ frame: Frame) throws {
        if state.pointee.depth == state.pointee.capacity { try growStack() }
        state.pointee.stack[state.pointee.depth] = frame
        state.pointee.depth &+= 1
    }

    @inline(never)
    private func growStack() throws {
        let capacity = state.pointee.capacity
        guard capacity < Self.stackLimit else { throw tooLong() }
        let grown = UnsafeMutablePointer<Frame>.allocate(capacity: capacity * 2)
        grown.update(from: state.pointee.stack, count: capacity)
        state.pointee.stack.deallocate()
        state.pointee.stack = grown
        state.pointee.capacity = capacity * 2
    }

    @inline(__always)
    private func setRegister(_ register: Int, _ value: Int) throws {
        try push(Frame(kind: .restore, pc: Int32(register), position: registers[register]))
        registers[register] = Int32(truncatingIfNeeded: value)
    }

    /// Bytes of the character at `position` when it is in the set; 0 when not.
    @inline(__always)
    private func widthInSet(_ set: Int, _ position: Int) -> Int {
        guard position < text.count else { return 0 }
        let byte = text.pointer[position]
        if byte < 128 {
            let word = bitmaps[set &* 2 &+ Int(byte >> 6)]
            return word & (1 << UInt64(byte & 63)) != 0 ? 1 : 0
        }
        return wideWidthInSet(set, position)
    }

    private func wideWidthInSet(_ set: Int, _ position: Int) -> Int {
        let (scalar, width) = UTF8Text.decode(text.pointer, position, text.count)
        return expression.sets[set].containsWide(scalar) ? width : 0
    }

    private func isWord(_ position: Int) -> Bool {
        guard position >= 0, position < text.count else { return false }
        let byte = text.pointer[position]
        if byte < 128 { return CharacterClass.word.contains(UInt32(byte)) }
        var lead = position
        while lead > 0, UTF8Text.isContinuation(text.pointer[lead]) { lead -= 1 }
        let scalar = UTF8Text.decode(text.pointer, lead, text.count).scalar
        guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
        return properties.isAlphabetic || properties.generalCategory == .decimalNumber
    }

    /// Whether a line ends at `position`: the length of its terminator there, 0 when none begins.
    private func lineEndLength(_ position: Int) -> Int {
        guard position < text.count, UTF8Text.isLineEnd(text, position) else { return 0 }
        let byte = text.pointer[position]
        if byte == 13, position + 1 < text.count, text.pointer[position + 1] == 10 { return 2 }
        return UTF8Text.width(byte)
    }

    private func holds(_ operation: RegularExpression.Operation, _ position: Int) -> Bool {
        switch operation {
        case .lineStart, .textStart: return position == 0
        case .textEnd: return position == text.count
        case .lineEnd, .textEndOrLine:
            if position == text.count { return true }
            let length = lineEndLength(position)
            guard length > 0, position + length == text.count else { return false }
            return !(text.pointer[position] == 10 && position > 0 && text.pointer[position - 1] == 13)
        case .multilineStart:
            guard position > 0 else { return true }
            guard position < text.count else { return false }
            var before = position - 1
            while before > 0, UTF8Text.isContinuation(text.pointer[before]) { before -= 1 }
            let length = lineEndLength(before)
            return length > 0 && !(text.pointer[before] == 13 && text.pointer[position] == 10)
        case .multilineEnd:
            if position == text.count { return true }
            return lineEndLength(position) > 0
                && !(text.pointer[position] == 10 && position > 0 && text.pointer[position - 1] == 13)
        case .wordBoundary: return isWord(position - 1) != isWord(position)
        case .notWordBoundary: return isWord(position - 1) == isWord(position)
        case .matchStart: return position == state.pointee.searchStart
        default: return false
        }
    }

    /// Runs from `start` until the program accepts; the position reached, or -1. Failures are remembered of the whole program
    /// alone: a sub-program that matched is tried again by others.
    private func run(_ program: UnsafeBufferPointer<RegularExpression.Instruction>, _ start: Int, _ from: Int) throws -> Int {
        let state = state
        let base = state.pointee.depth
        let remembers = start == 0
        var pc = start
        var position = from
        let pointer = text.pointer
        let count = text.count
        while true {
            state.pointee.steps &+= 1
            if state.pointee.steps > state.pointee.pause { try pause() }
            let instruction = program[pc]
            var succeeded = true
            switch instruction.operation {
            case .byte:
                if position < count, pointer[position] == UInt8(truncatingIfNeeded: instruction.a) {
                    position += 1
                    pc += 1
                } else {
                    succeeded = false
                }
            case .set:
                let width = widthInSet(Int(instruction.a), position)
                if width > 0 {
                    position += width
                    pc += 1
                } else {
                    succeeded = false
                }
            case .caseless:
                if position < count {
                    let (scalar, width) = UTF8Text.decode(pointer, position, count)
                    let wanted = UInt32(bitPattern: instruction.a)
                    if scalar == wanted
                        || CharacterClass.otherCases(wanted, unicode: instruction.b == 1).contains(scalar)
                    {
                        position += width
                        pc += 1
                    } else {
                        succeeded = false
                    }
                } else {
                    succeeded = false
                }
            case .repeatGreedy, .repeatPossessive, .repeatLazy:
                let set = Int(instruction.a)
                let least = Int(instruction.b)
                let most = instruction.c < 0 ? Int.max : Int(instruction.c)
                var taken = 0
                let limit = instruction.operation == .repeatLazy ? least : most
                var floor = position
                while taken < limit {
                    let width = widthInSet(set, position)
                    if width == 0 { break }
                    position += width
                    taken += 1
                    if taken == least { floor = position }
                }
                state.pointee.steps &+= taken / 8
                if taken < least {
                    succeeded = false
                } else {
                    if instruction.operation == .repeatGreedy, position > floor {
                        try push(
                            Frame(
                                kind: .giveBack, pc: Int32(pc + 1), position: Int32(position), other: Int32(floor)))
                    } else if instruction.operation == .repeatLazy, taken < most {
                        try push(
                            Frame(
                                kind: .takeMore, pc: Int32(pc), position: Int32(position),
                                other: instruction.c < 0 ? -1 : Int32(most - taken)))
                    }
                    succeeded = !remembers || state.pointee.failures.isFirst(pc, position)
                    pc += 1
                }
            case .split:
                if remembers, !state.pointee.failures.isFirst(pc, position) {
                    succeeded = false
                } else {
                    try push(Frame(kind: .branch, pc: instruction.b, position: Int32(position)))
                    pc = Int(instruction.a)
                }
            case .jump: pc = Int(instruction.a)
            case .save, .mark:
                try setRegister(Int(instruction.a), position)
                pc += 1
            case .checkProgress: pc = Int(registers[Int(instruction.a)]) == position ? Int(instruction.b) : pc + 1
            case .backreference:
                if let wanted = group(Int(instruction.a)) {
                    let length = wanted.count
                    if position + length <= count,
                        instruction.b == 1
                            ? sameIgnoringCase(wanted, UTF8Text.slice(text, position, length))
                            : equalBytes(wanted.pointer, pointer + position, length)
                    {
                        position += length
                        pc += 1
                    } else {
                        succeeded = false
                    }
                } else {
                    succeeded = false
                }
            case .lookahead:
                let before = state.pointee.depth
                let reached = try run(program, pc + 1, position)
                if (reached >= 0) == (instruction.b == 1) {
                    undo(to: before)
                    succeeded = false
                } else {
                    if instruction.b == 1 { undo(to: before) } else { dropBranches(from: before) }
                    pc = Int(instruction.a)
                }
            case .lookbehind:
                let before = state.pointee.depth
                var begin = position
                var matched = false
                while begin >= 0 {
                    if begin == count || !UTF8Text.isContinuation(pointer[begin]) {
                        matched = try runBehind(program, pc + 1, begin, until: position)
                        if matched { break }
                    }
                    begin -= 1
                }
                if matched == (instruction.b == 1) {
                    undo(to: before)
                    succeeded = false
                } else {
                    if instruction.b == 1 { undo(to: before) } else { dropBranches(from: before) }
                    pc = Int(instruction.a)
                }
            case .atomic:
                let before = state.pointee.depth
                let reached = try run(program, pc + 1, position)
                if reached >= 0 {
                    dropBranches(from: before)
                    position = reached
                    pc = Int(instruction.a)
                } else {
                    succeeded = false
                }
            case .accept:
                if state.pointee.requiredEnd < 0 || state.pointee.requiredEnd == position { return position }
                succeeded = false
            case .fail: succeeded = false
            default:
                if holds(instruction.operation, position) { pc += 1 } else { succeeded = false }
            }
            if succeeded { continue }
            guard let next = backtrack(program, base, remembers) else { return -1 }
            (pc, position) = next
        }
    }

    private func runBehind(
        _ program: UnsafeBufferPointer<RegularExpression.Instruction>, _ start: Int, _ from: Int, until end: Int
    ) throws -> Bool {
        let outer = state.pointee.requiredEnd
        state.pointee.requiredEnd = end
        defer { state.pointee.requiredEnd = outer }
        return try run(program, start, from) >= 0
    }

    /// Takes the last choice that is open above `base`.
    private func backtrack(
        _ program: UnsafeBufferPointer<RegularExpression.Instruction>, _ base: Int, _ remembers: Bool
    ) -> (pc: Int, position: Int)? {
        let state = state
        let stack = state.pointee.stack
        while state.pointee.depth > base {
            let top = state.pointee.depth - 1
            let frame = stack[top]
            switch frame.kind {
            case .restore:
                registers[Int(frame.pc)] = frame.position
                state.pointee.depth = top
            case .branch:
                state.pointee.depth = top
                return (Int(frame.pc), Int(frame.position))
            case .giveBack:
                var position = Int(frame.position) - 1
                while position > Int(frame.other), UTF8Text.isContinuation(text.pointer[position]) { position -= 1 }
                if position <= Int(frame.other) {
                    state.pointee.depth = top
                } else {
                    stack[top].position = Int32(position)
                }
                state.pointee.steps &+= 1
                if remembers, !state.pointee.failures.isFirst(Int(frame.pc) - 1, position) { continue }
                return (Int(frame.pc), position)
            case .takeMore:
                let width = widthInSet(Int(program[Int(frame.pc)].a), Int(frame.position))
                guard width > 0 else {
                    state.pointee.depth = top
                    continue
                }
                let position = Int(frame.position) + width
                if frame.other == 1 {
                    state.pointee.depth = top
                } else {
                    stack[top].position = Int32(position)
                    if frame.other > 0 { stack[top].other = frame.other - 1 }
                }
                state.pointee.steps &+= 1
                if remembers, !state.pointee.failures.isFirst(Int(frame.pc), position) { continue }
                return (Int(frame.pc) + 1, position)
            }
        }
        return nil
    }

    /// Takes back what was done above `base`.
    private func undo(to base: Int) {
        while state.pointee.depth > base {
            state.pointee.depth -= 1
            let frame = state.pointee.stack[state.pointee.depth]
            if frame.kind == .restore { registers[Int(frame.pc)] = frame.position }
        }
    }

    /// Forgets the choices above `base`, but not what registers held before.
    private func dropBranches(from base: Int) {
        var kept = base
        let stack = state.pointee.stack
        for index in base..<state.pointee.depth where stack[index].kind == .restore {
            stack[kept] = stack[index]
            kept += 1
        }
        state.pointee.depth = kept
    }

    private func sameIgnoringCase(_ left: StringView, _ right: StringView) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count {
            let a = left.pointer[index], b = right.pointer[index]
            if a != b, !CharacterClass.otherCases(UInt32(a), unicode: false).contains(UInt32(b)) { return false }
        }
        return true
    }
}
