import HiveSyntax

/// What ROW FORMAT says, as the metastore keeps it of a table.
package struct RowFormatProperties: Sendable, Hashable {
    /// The Java class.
    package var serde: String
    package var properties: [String: String]

    package static let lazySimpleSerDe = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"

    /// The property of a TRANSFORM's rows that says so, named as the setting.
    package static let escapesScriptRows = "hive.transform.escape.input"

    package init(serde: String = lazySimpleSerDe, properties: [String: String] = [:]) {
        self.serde = serde
        self.properties = properties
    }

    package init(_ format: RowFormat) {
        self.init()
        switch format {
        case .delimited(let delimiters): apply(delimiters)
        case .serde(let className, let properties):
            serde = className
            for property in properties { self.properties[property.key] = property.value ?? "" }
        }
    }

    /// `ROW FORMAT DELIMITED …` as SerDe properties; Hive's misspelled key included.
    package mutating func apply(_ delimiters: RowDelimiters) {
        if let fields = delimiters.fields {
            properties["field.delim"] = fields
            properties["serialization.format"] = fields
        }
        if let escape = delimiters.escapedBy { properties["escape.delim"] = escape }
        if let items = delimiters.collectionItems { properties["colelction.delim"] = items }
        if let keys = delimiters.mapKeys { properties["mapkey.delim"] = keys }
        if let lines = delimiters.lines { properties["line.delim"] = lines }
        if let null = delimiters.nullDefinedAs { properties["serialization.null.format"] = null }
    }
}
