/// What a name means where the grammar takes one.
package enum NameRole: Sendable, Hashable {
    case database
    /// A table or view that exists.
    case table
    case model
    case function
    /// A function whose arguments follow.
    case call
    /// A column of one table.
    case column
    case partitionKey
    /// What STORED AS names.
    case fileFormat
    /// A part of an expression: a column, or a function.
    case expression
    /// A new name, or one of which nobody knows more.
    case other
}
