/// A table that a statement reads or writes, or rows in the place of one.
package struct TableUse: Sendable, Equatable {
    package indirect enum Rows: Sendable, Equatable {
        /// The parts of its name, in lower case.
        case table([String])
        case columns([String])
        /// What a query selects, of the tables that it reads.
        case query([Output], [TableUse])
    }

    /// An item of a select list that has a name.
    package enum Output: Sendable, Equatable {
        case column(String)
        /// `*`, or `t.*`.
        case star(table: String?)
    }

    package var rows: Rows
    package var alias: String?

    package init(_ rows: Rows, alias: String? = nil) {
        self.rows = rows
        self.alias = alias
    }

    /// What its columns may be called by.
    package var name: String? {
        if let alias { return alias }
        if case .table(let parts) = rows { return parts.last }
        return nil
    }
}
