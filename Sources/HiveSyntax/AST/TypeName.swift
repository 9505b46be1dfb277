/// A data type as written in SQL.
package struct TypeName: Hashable, Sendable {
    package indirect enum Kind: Hashable, Sendable {
        case primitive(PrimitiveTypeName)
        /// Parameters as written: `decimal` without any is `decimal(10,0)` to the binder.
        case decimal(precision: Int?, scale: Int?)
        case varchar(length: Int)
        case char(length: Int)
        case array(TypeName)
        case map(key: TypeName, value: TypeName)
        case structure([StructFieldDeclaration])
        case union([TypeName])
    }

    package var kind: Kind
    package var range: SourceRange

    package init(_ kind: Kind, range: SourceRange = .none) {
        self.kind = kind
        self.range = range
    }
}

package enum PrimitiveTypeName: String, Hashable, Sendable, CaseIterable {
    case boolean = "BOOLEAN"
    case tinyint = "TINYINT"
    case smallint = "SMALLINT"
    case int = "INT"
    case bigint = "BIGINT"
    case float = "FLOAT"
    case double = "DOUBLE"
    case string = "STRING"
    case binary = "BINARY"
    case date = "DATE"
    case datetime = "DATETIME"
    case timestamp = "TIMESTAMP"
    case timestampLocalTimeZone = "TIMESTAMP WITH LOCAL TIME ZONE"
    case intervalYearMonth = "INTERVAL YEAR TO MONTH"
    case intervalDayTime = "INTERVAL DAY TO SECOND"
    case void = "VOID"
    case variant = "VARIANT"
}

/// One field of `STRUCT<…>`.
package struct StructFieldDeclaration: Hashable, Sendable {
    package var name: Identifier
    package var type: TypeName
    package var comment: String?

    package init(name: Identifier, type: TypeName, comment: String? = nil) {
        self.name = name
        self.type = type
        self.comment = comment
    }
}
