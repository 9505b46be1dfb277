/// What a kernel whose results may be far larger than its arguments asks before it allocates them.
///
/// One is made a batch: it holds what the query's memory limit leaves then. A string is at most as long as Java's.
struct ResultBudget {
    /// The longest string that one call makes of little: beyond it a call fails whatever the memory.
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

    private func refusal(_ count: Int) -> FunctionError {
        count > Self.longestString
            ? FunctionError(.argument, "\(function) would make a string of more than \(Self.longestString) bytes")
            : FunctionError(
                .argument, "\(function) makes strings of more than the \(limit) bytes that the memory limit leaves (hiveql.memory.limit)")
    }
}
