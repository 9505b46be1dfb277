/// The SerDes of text lines by their Java classes.
enum TextSerDes {
    private static let hive = "org.apache.hadoop.hive.serde2."
    private static let contributed = "org.apache.hadoop.hive.contrib.serde2."

    /// - Throws: `UnsupportedTableFormat` for another class; `TableFormatError` for properties that the SerDe refuses.
    static func serde(of storage: TableStorage, format: TextFormat) throws -> any TextSerDe {
        switch storage.serde {
        case hive + "lazy.LazySimpleSerDe", hive + "MetadataTypedColumnsetSerDe": LazySimpleSerDe(format: format)
        case hive + "OpenCSVSerde": try OpenCSVSerDe(storage)
        case hive + "JsonSerDe", "org.apache.hive.hcatalog.data.JsonSerDe": try JSONSerDe(storage)
        case hive + "RegexSerDe", contributed + "RegexSerDe": try RegexSerDe(storage)
        case hive + "MultiDelimitSerDe", contributed + "MultiDelimitSerDe": try MultiDelimitSerDe(storage, format: format)
        case hive + "DelimitedJSONSerDe": DelimitedJSONSerDe(format: format)
        case LazyBinarySerDe.className: LazyBinarySerDe()
        default: throw UnsupportedTableFormat(name: "text with SerDe \(storage.serde)")
        }
    }
}
