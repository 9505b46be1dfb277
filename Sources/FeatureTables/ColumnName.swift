/// Names of a query's columns, which may begin with their table's.
package enum ColumnName {
    /// `x` of `t.x`.
    package static func plain(_ name: String) -> String {
        name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
    }
}
