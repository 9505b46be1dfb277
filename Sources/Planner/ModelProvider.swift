import Catalog
import Columnar
import Expressions
import Functions

/// What the planner may ask about models.
package protocol ModelProvider: AnyObject {
    /// The model; nil when there is none.
    /// - Throws: when its file cannot be read.
    func model(database: String, name: String) throws -> (any PlannableModel)?
    /// Models of a database, sorted: for near-name hints.
    func modelNames(database: String) throws -> [String]
}

/// Names, in lower case, of columns that a transform makes.
package struct TransformedColumns {
    package var needed: Set<String>
    /// Used where they are there.
    package var useful: Set<String>

    package init(needed: Set<String>, useful: Set<String>) {
        self.needed = needed
        self.useful = useful
    }
}

/// A model as queries use it.
package protocol PlannableModel {
    /// What stands for it in the catalog.
    var table: Table { get }
    /// The columns that it takes, in their order.
    var inputs: [String] { get }
    /// Whether what it gives for a row is a prediction of a label.
    var hasLabel: Bool { get }

    /// What rows go through before the model sees them; nil: they are seen as they are.
    /// - Throws: when what the model says of it cannot be read.
    func transform() throws -> ModelTransform?

    /// What a function takes of the columns that a transform makes.
    func transformedColumns(for function: String) -> TransformedColumns

    /// What a function of models gives.
    /// - Parameters:
    ///   - function: behind `ML.`, in lower case.
    ///   - settings: by names in lower case.
    ///   - columns: of the rows that the function is given, transformed where the model does that; nil when it is given none.
    /// - Throws: `PlanError` without a place.
    func relation(
        of function: String, settings: [(name: String, value: LiteralValue, type: SQLType)], columns: [SchemaColumn]?
    ) throws -> ModelRelation
}

/// The rows that a function of models gives.
package enum ModelRelation {
    /// Rows that the model itself has.
    case rows([SchemaColumn], [[LiteralValue]])
    /// For each row given the fields of a STRUCT, and then the row's own columns; `arguments` are places of the columns that
    /// the function was told of.
    case scalar(ScalarFunction, arguments: [Int])
    /// The elements of the ARRAY of STRUCTs that `summary` makes of an ARRAY of what `judge` gives for each row, in the rows'
    /// order and without its NULLs.
    case summary(judge: ScalarFunction, arguments: [Int], summary: ScalarFunction)
}
