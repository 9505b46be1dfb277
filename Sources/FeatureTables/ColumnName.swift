import Columnar

/// Names of a query's columns, which may begin with their table's.
package enum ColumnName {
    /// `x` of `t.x`.
    package static func plain(_ name: String) -> String {
        name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
    }

    /// The columns with names that are distinct: without their tables' wherever that leaves them so.
    /// - Throws: as `distinct` does.
    package static func plain(_ schema: [SchemaColumn]) throws -> [SchemaColumn] {
        zip(schema, try distinct(schema)).map { SchemaColumn(name: $1, type: $0.type, comment: $0.comment) }
    }

    /// The names without their tables' wherever that leaves them distinct.
    /// - Throws: `FeatureError.duplicateColumn` when they are not distinct in full either.
    package static func distinct(_ schema: [SchemaColumn]) throws -> [String] {
        let full = schema.map { $0.name }
        let plain = full.map { self.plain($0) }
        for names in [plain, full] where Set(names.map { $0.lowercased() }).count == names.count { return names }
        var seen = Set<String>()
        for name in full where !seen.insert(name.lowercased()).inserted { throw FeatureError.duplicateColumn(name) }
        return full
    }
}
