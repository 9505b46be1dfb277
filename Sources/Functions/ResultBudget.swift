/// What a kernel whose results may be far larger than its arguments asks before it allocates them.
///
/// One is made a batch: it holds what the query's memory limit leaves then. A string is at most as long as Java's, and neither it nor an
/// array that is made of little is longer than a call may make whatever the memory.
struct ResultBudget {
    /// The most bytes that one call makes of little: beyond them it fails whatever the memory.
    static let longestFilling = 1 << 28
    private static let longestString = Int(Int32.max)

    /// A call that makes so many bytes asks whether the statement goes on.
    private static let longPart = 1 << 12

    private let function: String
    private let context: EvaluationContext
    private let limit: Int
    private var left: Int

    init(_ function: String, _ input: KernelInput) {
        self.function = function
        context = input.context
        limit = input.context.availableBytes()
        left = limit
    }

    /// Says that a result of `count` bytes follows.
    /// - Throws: `FunctionError` when the string is too long or the batch's results are more than the memory that is left.
    @inline(__always)
    mutating func take(_ count: Int) throws {
        left &-= count
        if count > Self.longestString || left < 0 { throw refusal(count) }
    }

    /// The same for strings that padding and repetition make.
    @inline(__always)
    mutating func takeFilling(_ count: Int) throws {
        guard count <= Self.longestFilling else {
            throw FunctionError(.argument, "\(function) would make a string of more than \(Self.longestFilling) bytes")
        }
        if count >= Self.longPart { try context.checkCancellation() }
        try take(count)
    }

    /// Says that so many elements of so many bytes follow in an array that is made of little.
    /// - Throws: `FunctionError` when they are more than one call makes whatever the memory, or than the memory that is left.
    mutating func takeElements(_ count: Int, of bytes: Int) throws {
        try context.checkCancellation()
        let (total, overflow) = count.multipliedReportingOverflow(by: bytes)
        guard !overflow, total <= min(left, Self.longestFilling) else { throw tooManyElements }
        left -= total
    }

    /// The same when so many bytes are there already.
    func checkElements(_ bytes: Int) throws {
        try context.checkCancellation()
        guard bytes <= min(limit, Self.longestFilling) else { throw tooManyElements }
    }

    private var tooManyElements: FunctionError {
        FunctionError(
            .argument, "\(function) makes an array of more elements than one call may, or than the memory limit leaves room for (hiveql.memory.limit)")
    }

    private func refusal(_ count: Int) -> FunctionError {
        count > Self.longestString
            ? FunctionError(.argument, "\(function) would make a string of more than \(Self.longestString) bytes")
            : FunctionError(
                .argument, "\(function) makes strings of more than the \(limit) bytes that the memory limit leaves (hiveql.memory.limit)")
    }
}
