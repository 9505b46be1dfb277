import CZlib
import Columnar
import Platform

// A state is a few bytes that say whose they are: two letters, a version, the function's name behind its length, what was
// learned, and a checksum of all that. Numbers have their lowest byte first.

/// What a fitted function has learned, read from its bytes.
protocol FittedState: Sendable {
    /// - Throws: `FunctionError` for what cannot have been learned: states come from files.
    init(_ reader: inout FittedStateReader) throws
}

private enum FittedStateLayout {
    static let mark = Array("ML".utf8)
    static let version: UInt8 = 1
    static let checksumBytes = 4

    static func checksum(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_z(0, bytes, count))
    }
}

/// Writes numbers and texts one behind another.
struct FittedStateWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
    mutating func write(_ value: Double) { write(value.bitPattern) }
    mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func write(_ text: StringView) {
        write(text.length)
        bytes += text.bytes
    }

    mutating func write(_ text: [UInt8]) {
        write(UInt32(truncatingIfNeeded: text.count))
        bytes += text
    }

    /// The bytes of a state of `function` whose content `body` writes.
    static func state(of function: String, _ body: (inout FittedStateWriter) -> Void) -> [UInt8] {
        var writer = FittedStateWriter()
        writer.bytes = FittedStateLayout.mark + [FittedStateLayout.version, UInt8(truncatingIfNeeded: function.utf8.count)] + function.utf8
        body(&writer)
        let checksum = writer.bytes.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { FittedStateLayout.checksum($0, bytes.count) } ?? 0
        }
        writer.write(checksum)
        return writer.bytes
    }
}

/// Reads what a `FittedStateWriter` wrote, and never behind its end.
struct FittedStateReader {
    let function: String
    private var rest: StringView

    /// What is left of `bytes`, without the head of a state.
    init(_ bytes: StringView, function: String) {
        self.function = function
        rest = bytes
    }

    /// The content of a state of `function`.
    init(state: StringView, of function: String) throws {
        self.init(state, function: function)
        let head = FittedStateLayout.mark.count + 2
        guard state.count >= head + FittedStateLayout.checksumBytes, Array(state.bytes.prefix(2)) == FittedStateLayout.mark else {
            throw FunctionError(.argument, "\(function) was given bytes that are no state of a function")
        }
        guard state.pointer[2] == FittedStateLayout.version else {
            throw FunctionError(.argument, "\(function) was given a state of version \(state.pointer[2]), and knows version \(FittedStateLayout.version)")
        }
        let covered = state.count - FittedStateLayout.checksumBytes
        rest = StringView(state.pointer + covered, length: FittedStateLayout.checksumBytes)
        guard try number(UInt32.self) == FittedStateLayout.checksum(state.pointer, covered) else { throw damage }
        rest = StringView(state.pointer + head - 1, length: covered - head + 1)
        let owner = String(decoding: try take(Int(try number(UInt8.self))).bytes, as: UTF8.self)
        guard owner == function else {
            throw FunctionError(.argument, "\(function) was given a state of \(owner)")
        }
    }

    var damage: FunctionError { FunctionError(.argument, "The state of \(function) is damaged") }
    var isAtEnd: Bool { rest.count == 0 }

    /// The next `count` bytes, where they are.
    mutating func take(_ count: Int) throws -> StringView {
        guard count >= 0, count <= rest.count else { throw damage }
        let taken = StringView(rest.pointer, length: count)
        rest = StringView(rest.pointer + count, length: rest.count - count)
        return taken
    }

    mutating func number<T: FixedWidthInteger>(_: T.Type) throws -> T {
        let bytes = try take(MemoryLayout<T>.size)
        return T(littleEndian: UnsafeRawPointer(bytes.pointer).loadUnaligned(as: T.self))
    }

    mutating func flag() throws -> Bool {
        switch try number(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw damage
        }
    }

    mutating func finite() throws -> Double {
        let value = Double(bitPattern: try number(UInt64.self))
        guard value.isFinite else { throw damage }
        return value
    }

    mutating func text() throws -> StringView { try take(Int(try number(UInt32.self))) }

    /// How many entries follow, of at least `size` bytes each.
    mutating func entryCount(ofAtLeast size: Int) throws -> Int {
        let count = try number(UInt32.self)
        guard Int(count) <= rest.count / size else { throw damage }
        return Int(count)
    }
}

/// The states that one call of an `apply` function meets. One that many rows and batches have is read once: vocabularies
/// are large.
final class FittedStates<State: FittedState>: Sendable {
    private let function: String
    private let last = Guarded<(bytes: [UInt8], state: State)?>(nil)

    init(of function: String) { self.function = function }

    fileprivate func read(_ bytes: StringView) throws -> State {
        try last.withLock { last in
            if let last, last.bytes.withUnsafeBufferPointer({ Self.view($0) == bytes }) { return last.state }
            var reader = try FittedStateReader(state: bytes, of: function)
            let state = try State(&reader)
            guard reader.isAtEnd else { throw reader.damage }
            last = (Array(bytes.bytes), state)
            return state
        }
    }

    private static func view(_ bytes: UnsafeBufferPointer<UInt8>) -> StringView {
        bytes.baseAddress.map { StringView($0, length: bytes.count) } ?? StringView()
    }

    /// The states of a batch's rows.
    func cursor(_ input: KernelInput) throws -> FittedStateCursor<State> { try FittedStateCursor(self, input.arguments[0]) }
}

/// Gives the state of each row of a batch.
struct FittedStateCursor<State: FittedState> {
    private let states: FittedStates<State>
    /// nil where all rows have one state.
    private let column: Column?
    /// What was asked for last. Rows of one window share the bytes, so equal ones are told by where they are.
    private var current: StringView?
    private var state: State?
    /// What was asked for before that, by where the bytes are: groups may take turns.
    private var others: [UnsafePointer<UInt8>: (length: Int, state: State)] = [:]

    fileprivate init(_ states: FittedStates<State>, _ column: Column) throws {
        self.states = states
        self.column = column.isConstant ? nil : column
        if column.isConstant, !column.isNull(0) { state = try states.read(column.values(as: StringView.self)[0]) }
    }

    /// nil for a NULL state.
    @inline(__always)
    mutating func state(_ row: Int) throws -> State? {
        guard let column else { return state }
        return try state(column, row)
    }

    private mutating func state(_ column: Column, _ row: Int) throws -> State? {
        guard !column.isNull(row) else { return nil }
        let bytes = column.values(as: StringView.self)[row]
        if let current, current.pointer == bytes.pointer, current.count == bytes.count { return state }
        if let known = others[bytes.pointer], known.length == bytes.count {
            state = known.state
        } else {
            let read = try states.read(bytes)
            others[bytes.pointer] = (bytes.count, read)
            state = read
        }
        current = bytes
        return state
    }
}
