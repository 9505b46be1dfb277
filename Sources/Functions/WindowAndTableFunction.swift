import Columnar

/// A function that has a meaning only with OVER; the window operator knows how to compute each kind.
package struct WindowFunction: Sendable {
    package enum Kind: Sendable, Hashable {
        case rowNumber, rank, denseRank, percentRank, cumulativeDistribution, ntile
        case lag, lead
        case firstValue, lastValue, nthValue
    }

    package let names: [String]
    package let documentation: FunctionDocumentation
    package let kind: Kind
    /// Checks a call; `argumentTypes` are what arguments are converted to.
    package let resolve: @Sendable (FunctionCall) throws -> (argumentTypes: [SQLType], resultType: SQLType)

    package init(
        _ names: String..., documentation: FunctionDocumentation, kind: Kind,
        resolve: @escaping @Sendable (FunctionCall) throws -> (argumentTypes: [SQLType], resultType: SQLType)
    ) {
        self.names = names
        self.documentation = documentation
        self.kind = kind
        self.resolve = resolve
    }
}

/// A table function: a row in, any number of rows out (`explode`, `inline`, `stack`).
package struct TableFunction: Sendable {
    package let names: [String]
    package let documentation: FunctionDocumentation
    package let resolve: @Sendable (FunctionCall) throws -> ResolvedTableFunction

    package init(
        _ names: String..., documentation: FunctionDocumentation,
        resolve: @escaping @Sendable (FunctionCall) throws -> ResolvedTableFunction
    ) {
        self.names = names
        self.documentation = documentation
        self.resolve = resolve
    }
}

package struct ResolvedTableFunction: Sendable {
    package let argumentTypes: [SQLType]
    /// The output columns with their default names (`col`; `key`, `value`; `pos`, `val`).
    package let columns: [SchemaColumn]
    package let generate: @Sendable (KernelInput) throws -> GeneratedRows

    package init(
        argumentTypes: [SQLType], columns: [SchemaColumn],
        generate: @escaping @Sendable (KernelInput) throws -> GeneratedRows
    ) {
        self.argumentTypes = argumentTypes
        self.columns = columns
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
