import Columnar

extension TrainedModel {
    /// The type classes are written in: that of the label, where all classes can be read back in it.
    var classType: SQLType {
        let names = encoding.label?.classes ?? []
        switch encoding.label?.type {
        case "boolean" where names.allSatisfy { $0 == "true" || $0 == "false" }: return .boolean
        case "tinyint", "smallint", "int", "bigint": return names.allSatisfy { Int64($0) != nil } ? .bigint : .string
        default: return .string
        }
    }

    /// Appends a class to a column of `classType`.
    static func append(class name: String, to builder: ColumnBuilder) {
        switch builder.type {
        case .boolean: builder.append(name == "true")
        case .bigint: builder.append(Int64(name) ?? 0)
        default: builder.append(name)
        }
    }
}
