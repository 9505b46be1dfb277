import Columnar

/// What a statement gave.
public struct StatementResult: Sendable {
    public enum Output: Sendable {
        /// Queries, SHOW, DESCRIBE, EXPLAIN, SET and the like.
        case rows(QueryResult)
        /// The rows went to the `RowConsumer` that the caller gave.
        case streamed(schema: [SchemaColumn], rowCount: Int)
        case none
    }

    public var output: Output
    /// Seconds from the start of parsing.
    public var elapsedSeconds: Double
    /// Rows that were written into tables or folders; nil for statements that write none.
    public var affectedRows: Int?
    /// What Hive would tell on standard error besides.
    public var warnings: [String]
    /// False for what Hive's command line answers itself without saying OK: SET, RESET, ADD and the like.
    public var isTimed: Bool

    public init(
        output: Output, elapsedSeconds: Double = 0, affectedRows: Int? = nil, warnings: [String] = [],
        isTimed: Bool = true
    ) {
        self.output = output
        self.elapsedSeconds = elapsedSeconds
        self.affectedRows = affectedRows
        self.warnings = warnings
        self.isTimed = isTimed
    }

    /// The rows, when there are any.
    public var rows: QueryResult? {
        if case .rows(let result) = output { return result }
        return nil
    }

    /// How many rows came out.
    public var rowCount: Int {
        switch output {
        case .rows(let result): result.rowCount
        case .streamed(_, let count): count
        case .none: 0
        }
    }
}
