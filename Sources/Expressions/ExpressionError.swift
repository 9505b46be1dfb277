/// A defect of whoever made the expressions.
package enum ExpressionError: Error, Sendable, CustomStringConvertible {
    /// An expression reads a column that its input does not have.
    case missingColumn(ColumnID)

    package var description: String {
        switch self {
        case .missingColumn(let id): "Invalid plan: column \(id.number) is not among the input's columns"
        }
    }
}
