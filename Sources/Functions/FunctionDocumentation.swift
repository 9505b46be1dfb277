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
    /// What the letters of patterns of times mean.
    package let timePatterns: TimePatternKind

    package init(
        name: String, argumentTypes: [SQLType], constants: [Column?]? = nil, isDistinct: Bool = false, sortKeyCount: Int = 0,
        timePatterns: TimePatternKind = .simple
    ) {
        self.name = name
        self.argumentTypes = argumentTypes
        self.constants = constants ?? argumentTypes.map { _ in nil }
        self.isDistinct = isDistinct
        self.sortKeyCount = sortKeyCount
        self.timePatterns = timePatterns
    }

    /// Arguments that were written between the parentheses.
    package var writtenCount: Int { argumentTypes.count - 2 * sortKeyCount }
}
