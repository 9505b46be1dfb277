import Columnar

/// How date functions read their arguments: dates as they are, timestamps by their day, strings by the start of the
/// text as `yyyy-MM-dd`, leniently as Hive does.
enum DateArguments {
    static let datePattern = DateTimePattern("yyyy-MM-dd")
    static let timestampPattern = DateTimePattern("yyyy-MM-dd HH:mm:ss")
    static let timePattern = DateTimePattern("HH:mm:ss")

    /// The type to ask the binder for; throws for what is no date.
    static func type(_ call: FunctionCall, _ index: Int) throws -> SQLType {
        switch call.argumentTypes[index] {
        case .string, .varchar, .char: return .string
        case .date, .void: return .date
        case .timestamp, .timestampLocalTimeZone: return .timestamp
        case let type:
            throw FunctionError(
                .argument,
                "\(call.name.uppercased())() only takes STRING/TIMESTAMP/DATEWRITABLE types as "
                    + "\(index == 0 ? "first" : index == 1 ? "second" : FunctionCall.ordinal(index)) argument, got \(type.description.uppercased())")
        }
    }

    @inline(__always)
    static func day(_ timestamp: Timestamp) -> Int32 {
        let days = timestamp.seconds / 86_400
        return Int32(truncatingIfNeeded: timestamp.seconds % 86_400 < 0 ? days - 1 : days)
    }

    @inline(__always)
    static func secondOfDay(_ timestamp: Timestamp) -> Int {
        let second = Int(timestamp.seconds % 86_400)
        return second < 0 ? second + 86_400 : second
    }

    static func day(ofText text: StringView) -> Int32? {
        // The pattern reads no zone, which is all that can fail.
        (try? datePattern?.parseLocal(text)).flatMap { $0.local.isInRange ? day($0.local) : nil }
    }

    /// A full timestamp, or a date's midnight.
    static func timestamp(ofText text: StringView) -> Timestamp? {
        TextParsing.timestamp(text.pointer, text.count)
            ?? day(ofText: text).map { Timestamp(seconds: Int64($0) * 86_400) }
    }

    /// The argument as a DATE column.
    static func days(_ input: KernelInput, _ index: Int) -> Column {
        let argument = input.arguments[index]
        let alone = input.only(argument)
        switch argument.type.physical {
        case .timestamp: return alone.total(.date) { (value: Timestamp) -> Int32 in day(value) }
        case .string: return alone.compute(.date) { (text: StringView) -> Int32? in day(ofText: text) }
        default: return argument
        }
    }

    /// The argument as a TIMESTAMP column.
    static func timestamps(_ input: KernelInput, _ index: Int) -> Column {
        let argument = input.arguments[index]
        let alone = input.only(argument)
        switch argument.type.physical {
        case .int32:
            return alone.total(.timestamp) { (day: Int32) -> Timestamp in Timestamp(seconds: Int64(day) * 86_400) }
        case .string:
            return alone.compute(.timestamp) { (text: StringView) -> Timestamp? in timestamp(ofText: text) }
        default: return argument
        }
    }
}

extension KernelInput {
    /// The same batch with one argument.
    func only(_ argument: Column) -> KernelInput { with([argument]) }

    func with(_ arguments: [Column]) -> KernelInput {
        KernelInput(arguments: arguments, rows: rows, count: count, context: context, sequence: sequence)
    }

    /// The session's zone.
    var zone: ZoneRules { context.zone }

    /// Writes a string for each row with a buffer that is used again and again.
    @inline(__always)
    func format<A: ColumnElement>(
        _: A.Type, as type: SQLType = .string, _ body: (A, ByteBuffer) throws -> Bool
    ) rethrows -> Column {
        let heap = StringHeap()
        let buffer = ByteBuffer(capacity: 128)
        return try compute(type, heap: heap) { (value: A) -> StringView? in
            buffer.removeAll()
            return try body(value, buffer) ? heap.copy(buffer.bytes) : nil
        }
    }

    @inline(__always)
    func format<A: ColumnElement, B: ColumnElement>(
        _: A.Type, _: B.Type, _ body: (A, B, ByteBuffer) throws -> Bool
    ) rethrows -> Column {
        let heap = StringHeap()
        let buffer = ByteBuffer(capacity: 128)
        return try compute(.string, heap: heap) { (first: A, second: B) -> StringView? in
            buffer.removeAll()
            return try body(first, second, buffer) ? heap.copy(buffer.bytes) : nil
        }
    }
}
