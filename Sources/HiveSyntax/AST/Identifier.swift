/// A name of a column, table, function and so on.
package struct Identifier: Hashable, Sendable {
    /// What names are compared by: lower case, as Hive keeps it.
    package var name: String
    /// As written, back quotes removed; differs from `name` in case only. Regular-expression columns need it.
    package var text: String
    package var isQuoted: Bool
    package var range: SourceRange

    package init(_ text: String, isQuoted: Bool = false, range: SourceRange = .none) {
        self.name = text.lowercased()
        self.text = text
        self.isQuoted = isQuoted
        self.range = range
    }

    package static func == (left: Identifier, right: Identifier) -> Bool {
        left.text == right.text && left.isQuoted == right.isQuoted
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(text)
        hasher.combine(isQuoted)
    }
}

/// A possibly database-qualified name of a table or view: `t`, `db.t`, or `db.t.metadata`.
package struct TableName: Hashable, Sendable {
    package var database: Identifier?
    package var name: Identifier
    /// Third part, for a table format's metadata tables.
    package var metadata: Identifier?
    package var range: SourceRange

    package init(
        database: Identifier? = nil, name: Identifier, metadata: Identifier? = nil, range: SourceRange = .none
    ) {
        self.database = database
        self.name = name
        self.metadata = metadata
        self.range = range
    }
}

/// A possibly database-qualified function name: `concat`, `db.f`.
package struct FunctionName: Hashable, Sendable {
    package var database: Identifier?
    package var name: Identifier
    package var range: SourceRange

    package init(database: Identifier? = nil, name: Identifier, range: SourceRange = .none) {
        self.database = database
        self.name = name
        self.range = range
    }

    /// What the function is known by, in lower case: `ml.f` of that space of names, of any other database the name alone.
    package var key: String {
        database?.name == "ml" ? "ml.\(name.name)" : name.name
    }
}

/// `'key'='value'`; the value is absent in `UNSET` lists and where Hive allows a bare key.
package struct Property: Hashable, Sendable {
    package var key: String
    package var value: String?
    package var range: SourceRange

    package init(key: String, value: String?, range: SourceRange = .none) {
        self.key = key
        self.value = value
        self.range = range
    }
}
