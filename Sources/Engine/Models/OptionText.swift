import Columnar

/// Values of options as texts.
enum OptionText {
    /// The text of a value, or those of an ARRAY's elements; empty for NULL.
    static func texts(of value: Column, type: SQLType) -> [String] {
        if case .array(let element) = type {
            let plain = value.decoded(.all(1))
            guard let range = plain.list(0) else { return [] }
            let elements = plain.children[0].slice(range)
            return QueryResult(
                schema: [SchemaColumn(name: "", type: element)], batches: [Batch(columns: [elements], capacity: range.count)]
            ).lines()
        }
        guard !value.isNull(0) else { return [] }
        return QueryResult(schema: [SchemaColumn(name: "", type: type)], batches: [Batch(columns: [value], capacity: 1)]).lines()
    }
}
