import Columnar

/// What `DESCRIBE FUNCTION [EXTENDED]` prints. `_FUNC_` stands for the name the user asked about.
package struct FunctionDocumentation: Sendable {
    /// One line: `_FUNC_(str) - Returns str with all characters changed to uppercase`.
    package let usage: String
    /// Further lines, as a rule an example.
    package let extended: String

    package init(_ usage: String, extended: String = "") {
        self.usage = usage
        self.extended = extended
    }
}

/// Why a call does not fit a function's signature. The binder adds the position in the source.
package struct FunctionError: Error, Sendable {
    package enum Kind: Sendable {
        /// `UDFArgumentLengthException`
        case argumentCount
        /// `UDFArgumentTypeException`; the index of the argument at fault.
        case argumentType(Int)
        /// `UDFArgumentException`, and errors of evaluation.
        case argument
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

/// How a key of `WITHIN GROUP` orders, as the constant behind it says. It is an argument, so that calls are equal only where
/// they order alike.
package struct SortOrderArgument: Sendable, Hashable {
    package let isDescending: Bool
    package let nullsFirst: Bool

    package init(isDescending: Bool, nullsFirst: Bool) {
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }

    package init(code: Int64) {
        isDescending = code & 1 != 0
        nullsFirst = code & 2 != 0
    }

    package var code: Int64 { (isDescending ? 1 : 0) | (nullsFirst ? 2 : 0) }
}

/// What the binder knows of a call when it resolves it.
package struct FunctionCall: Sendable {
    /// The name as written, in lower case.
    package let name: String
    package let argumentTypes: [SQLType]
    /// For an argument that is a constant its value as a constant column of one row, else nil.
    package let constants: [Column?]
    /// `true` for `f(DISTINCT …)`.
    package let isDistinct: Bool
    /// Keys of `WITHIN GROUP (ORDER BY …)`: each is two of the last arguments, the key and a constant that tells its order
    /// (`SortOrderArgument`).
    package let sortKeyCount: Int

    package init(
        name: String, argumentTypes: [SQLType], constants: [Column?]? = nil, isDistinct: Bool = false, sortKeyCount: Int = 0
    ) {
        self.name = name
        self.argumentTypes = argumentTypes
        self.constants = constants ?? argumentTypes.map { _ in nil }
        self.isDistinct = isDistinct
        self.sortKeyCount = sortKeyCount
    }

    /// Arguments that were written between the parentheses.
    package var writtenCount: Int { argumentTypes.count - 2 * sortKeyCount }
}
