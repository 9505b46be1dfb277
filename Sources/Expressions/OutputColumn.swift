import Columnar

/// Names a column of a logical plan. Every column that a plan node makes has an identity of its own, so that rewriting
/// rules never mistake one for another.
package struct ColumnID: Hashable, Sendable, Comparable {
    package let number: Int

    package init(_ number: Int) { self.number = number }

    package static func < (left: ColumnID, right: ColumnID) -> Bool { left.number < right.number }
}

/// A column that a plan node gives out.
package struct OutputColumn: Hashable, Sendable {
    package var id: ColumnID
    package var name: String
    package var type: SQLType

    package init(id: ColumnID, name: String, type: SQLType) {
        self.id = id
        self.name = name
        self.type = type
    }
}
