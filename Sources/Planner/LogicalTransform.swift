import Catalog
import Expressions

/// Rows go as lines of text through a program, and what it writes are the rows: TRANSFORM, MAP and REDUCE.
package struct LogicalTransform: Sendable {
    /// How rows are lines.
    package struct Lines: Sendable {
        package var format: RowFormatProperties
        /// Values that have fields are written as JSON instead of between delimiters of their own, BINARY as its bytes
        /// instead of in Base64.
        package var isJSON: Bool

        package init(format: RowFormatProperties, isJSON: Bool) {
            self.format = format
            self.isJSON = isJSON
        }
    }

    package var source: LogicalPlan
    /// The columns of the program's input.
    package var arguments: [BoundExpression]
    package var command: String
    package var input: Lines
    package var output: Lines
    package var outputs: [OutputColumn]
    /// Rows that DISTRIBUTE BY keeps together must go through one process.
    package var keepsGroups: Bool

    package init(
        source: LogicalPlan, arguments: [BoundExpression], command: String, input: Lines, output: Lines, outputs: [OutputColumn],
        keepsGroups: Bool
    ) {
        self.source = source
        self.arguments = arguments
        self.command = command
        self.input = input
        self.output = output
        self.outputs = outputs
        self.keepsGroups = keepsGroups
    }
}
