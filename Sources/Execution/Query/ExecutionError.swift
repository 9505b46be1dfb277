import Columnar

/// Why a query stopped.
package enum ExecutionError: Error, Sendable, CustomStringConvertible {
    /// The session asked for it.
    case cancelled
    /// A buffer would pass the memory limit.
    case outOfMemory(operation: String, requested: Int, limit: Int)
    /// A table is stored in a format that cannot be read or written yet.
    case unsupportedFormat(table: String, format: String)
    /// A scalar subquery gave more than one row.
    case subqueryMoreThanOneRow
    /// A plan that does not fit together; a defect of the planner.
    case invalidPlan(String)
    case message(String)
    /// What a task of Hive's of that name fails with, in its words; `code` is what it returns.
    case task(name: String, code: Int, String)

    package var description: String {
        switch self {
        case .cancelled: "Query cancelled"
        case .outOfMemory(let operation, let requested, let limit):
            "\(operation) needs \(requested) more bytes than the memory limit of \(limit) bytes leaves "
                + "(hiveql.memory.limit)"
        case .unsupportedFormat(let table, let format):
            "Table \(table) is stored as \(format), which cannot be read or written yet"
        case .subqueryMoreThanOneRow: "Scalar subquery expression returns more than one row."
        case .invalidPlan(let reason): "Invalid plan: \(reason)"
        case .message(let text): text
        case .task(let name, let code, let text):
            "return code \(code) from org.apache.hadoop.hive.ql.exec.\(name)\(text)"
        }
    }
}
