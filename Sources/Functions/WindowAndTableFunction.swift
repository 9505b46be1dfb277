import Columnar

/// How a window function is computed; the window operator knows each kind.
package enum WindowFunctionKind: Sendable, Hashable {
    case rowNumber, rank, denseRank, percentRank, cumulativeDistribution, ntile
    case lag, lead
    case firstValue, lastValue, nthValue
}

/// Functions that have a meaning only with OVER.
package enum WindowFamily: FunctionFamily {
    package typealias Traits = NoTraits
    package typealias Resolved = ResolvedWindowFunction
}

package typealias WindowFunction = FunctionDefinition<WindowFamily>

package struct ResolvedWindowFunction: Sendable {
    package let kind: WindowFunctionKind
    /// What arguments are converted to; those beyond are no operands, but tell how the function works.
    package let argumentTypes: [SQLType]
    package let resultType: SQLType
    /// IGNORE NULLS, said by an argument.
    package let ignoresNulls: Bool

    package init(kind: WindowFunctionKind, argumentTypes: [SQLType], resultType: SQLType, ignoresNulls: Bool = false) {
        self.kind = kind
        self.argumentTypes = argumentTypes
        self.resultType = resultType
        self.ignoresNulls = ignoresNulls
    }
}

/// Table functions: a row in, any number of rows out (`explode`, `inline`, `stack`).
package enum TableFamily: FunctionFamily {
    package typealias Traits = NoTraits
    package typealias Resolved = ResolvedTableFunction
}

package typealias TableFunction = FunctionDefinition<TableFamily>

package struct ResolvedTableFunction: Sendable {
    package let argumentTypes: [SQLType]
    /// The output columns with their default names (`col`; `key`, `value`; `pos`, `val`).
    package let columns: [SchemaColumn]
    /// For each output column where in the argument its values stand: places among the `childTypes` of its type, of those
    /// of that type, and so on; nil: the column is made. Empty: the function may look at all of its arguments.
    package let sources: [[Int]?]
    package let generate: @Sendable (KernelInput) throws -> GeneratedRows

    package init(
        argumentTypes: [SQLType], columns: [SchemaColumn], sources: [[Int]?] = [],
        generate: @escaping @Sendable (KernelInput) throws -> GeneratedRows
    ) {
        self.argumentTypes = argumentTypes
        self.columns = columns
        self.sources = sources
        self.generate = generate
    }
}

/// What a table function made of a batch.
package struct GeneratedRows: Sendable {
    /// Columns of `count` rows, in any encoding.
    package let columns: [Column]
    package let count: Int
    /// For each generated row the input row (a position in the batch, ascending) that it comes from.
    package let sources: [Int32]

    package init(columns: [Column], count: Int, sources: [Int32]) {
        self.columns = columns
        self.count = count
        self.sources = sources
    }
}
