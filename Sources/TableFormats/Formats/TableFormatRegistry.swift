/// How the rows of a table or partition are stored, as the metastore has it.
package struct TableStorage: Sendable, Hashable {
    /// `text`, `json`, `sequence`, `rcfile`, `orc`, `parquet`, `avro`
    package var format: String
    /// The SerDe's Java class.
    package var serde: String
    package var serdeProperties: [String: String]
    package var tableProperties: [String: String]
    /// Settings of the session by which files are written where properties do not say: `orc.compress`,
    /// `hive.exec.orc.default.compress`, `parquet.compression` …
    package var settings: [String: String]
    /// Files of some formats say of which table they are.
    package var tableName = ""
    package var databaseName = ""

    package init(
        format: String, serde: String, serdeProperties: [String: String] = [:], tableProperties: [String: String] = [:],
        settings: [String: String] = [:]
    ) {
        self.format = format
        self.serde = serde
        self.serdeProperties = serdeProperties
        self.tableProperties = tableProperties
        self.settings = settings
    }

    /// A property of the SerDe or of the table.
    func property(_ name: String) -> String? { serdeProperties[name] ?? tableProperties[name] }

    /// All properties and settings whose names begin so, with the values that `option` has.
    func options(withPrefix prefix: String) -> [String: String] {
        var result: [String: String] = [:]
        for source in [settings, tableProperties, serdeProperties] {
            for (name, value) in source where name.hasPrefix(prefix) { result[name] = value }
        }
        return result
    }

    /// A property of the table, or else what the session says by one of these names, in lower case.
    func option(_ name: String, settings names: [String] = []) -> String? {
        if let own = property(name) { return own }
        for name in [name] + names { if let value = settings[name], !value.isEmpty { return value } }
        return nil
    }
}

/// A storage that no format here can read or write.
package struct UnsupportedTableFormat: Error, Sendable {
    /// As the user knows it: `AVRO`, `text with SerDe …`.
    package var name: String
}

/// The formats by the names that the metastore keeps.
package enum TableFormatRegistry {
    /// - Throws: `UnsupportedTableFormat`; `TableFormatError` when a property has a value that cannot be heeded.
    package static func format(of storage: TableStorage) throws -> any TableFormat {
        switch storage.format {
        case "text", "json":
            let text = try TextFormat(storage)
            return TextTableFormat(
                text, serde: try TextSerDes.serde(of: storage, format: text),
                compression: OutputCompression(settings: storage.settings))
        case "orc": return try ORCTableFormat(storage)
        case "avro": return try AvroTableFormat(storage)
        case "parquet": return try ParquetTableFormat(storage)
        case "rcfile": return try RCTableFormat(storage)
        case "sequence": return try SequenceTableFormat(storage)
        default: throw UnsupportedTableFormat(name: storage.format.uppercased())
        }
    }
}
