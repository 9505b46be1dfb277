import Columnar

/// What table functions ask before they make many rows of one.
enum TableFunctionRows {
    static let tooMany = FunctionError(.argument, "A table function made more than 2,147,483,647 rows of one batch, or its array stands too far back")

    /// Rows that repetition makes of one batch.
    private static let mostCopies: Int64 = 1 << 27

    static func check(_ count: Int, plus more: Int64, _ input: KernelInput) throws {
        guard more <= mostCopies, Int64(count) + more <= mostCopies,
            (count + Int(more)) * MemoryLayout<Int32>.stride < input.context.availableBytes()
        else {
            throw FunctionError(
                .argument,
                "Rows are repeated to more than \(mostCopies) of one batch, or to more than the memory limit leaves room for (hiveql.memory.limit)")
        }
    }
}
