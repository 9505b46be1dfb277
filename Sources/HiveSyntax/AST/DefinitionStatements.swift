package struct CreateDatabaseStatement: Hashable, Sendable {
    package var name: Identifier
    package var ifNotExists: Bool
    package var comment: String?
    package var location: String?
    package var managedLocation: String?
    package var properties: [Property]

    package init(
        name: Identifier, ifNotExists: Bool = false, comment: String? = nil, location: String? = nil,
        managedLocation: String? = nil, properties: [Property] = []
    ) {
        self.name = name
        self.ifNotExists = ifNotExists
        self.comment = comment
        self.location = location
        self.managedLocation = managedLocation
        self.properties = properties
    }
}

package enum DatabaseAlteration: Hashable, Sendable {
    case setProperties([Property])
    case setOwner(Principal)
    case setLocation(String)
    case setManagedLocation(String)
}

package struct CreateTableStatement: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        case columns
        /// `AS SELECT …`
        case query(Query)
        case like(TableName)
        /// `LIKE FILE ORC '/path'`
        case likeFile(format: Identifier, path: String)
    }

    package enum Modifier: String, Hashable, Sendable {
        case temporary = "TEMPORARY"
        case external = "EXTERNAL"
        case transactional = "TRANSACTIONAL"
        case managed = "MANAGED"
    }

    package var name: TableName
    package var modifiers: [Modifier]
    package var ifNotExists: Bool
    package var columns: [ColumnDefinition]
    package var constraints: [TableConstraint]
    package var comment: String?
    package var partitionColumns: [ColumnDefinition]
    /// `PARTITIONED BY (a, b)` of CTAS, names only; and partition transforms of table formats.
    package var partitionNames: [PartitionTransform]
    /// `PARTITIONED BY SPEC (…)`
    package var hasPartitionSpec: Bool
    package var bucketing: Bucketing?
    package var skew: Skew?
    package var storage: TableStorage
    package var location: String?
    package var properties: [Property]
    package var source: Source

    package init(
        name: TableName, modifiers: [Modifier] = [], ifNotExists: Bool = false, columns: [ColumnDefinition] = [],
        constraints: [TableConstraint] = [], comment: String? = nil, partitionColumns: [ColumnDefinition] = [],
        partitionNames: [PartitionTransform] = [], hasPartitionSpec: Bool = false, bucketing: Bucketing? = nil,
        skew: Skew? = nil, storage: TableStorage = TableStorage(), location: String? = nil,
        properties: [Property] = [], source: Source = .columns
    ) {
        self.name = name
        self.modifiers = modifiers
        self.ifNotExists = ifNotExists
        self.columns = columns
        self.constraints = constraints
        self.comment = comment
        self.partitionColumns = partitionColumns
        self.partitionNames = partitionNames
        self.hasPartitionSpec = hasPartitionSpec
        self.bucketing = bucketing
        self.skew = skew
        self.storage = storage
        self.location = location
        self.properties = properties
        self.source = source
    }

    package var isExternal: Bool { modifiers.contains(.external) }
    package var isTemporary: Bool { modifiers.contains(.temporary) }
}

package struct ColumnDefinition: Hashable, Sendable {
    package var name: Identifier
    package var type: TypeName
    package var constraints: [ColumnConstraint]
    package var comment: String?

    package init(name: Identifier, type: TypeName, constraints: [ColumnConstraint] = [], comment: String? = nil) {
        self.name = name
        self.type = type
        self.constraints = constraints
        self.comment = comment
    }
}

/// `year(ts)`, `bucket(16, id)` or a bare column in a partition list without types.
package struct PartitionTransform: Hashable, Sendable {
    package var function: Identifier?
    package var parameter: Int?
    package var column: Identifier

    package init(function: Identifier? = nil, parameter: Int? = nil, column: Identifier) {
        self.function = function
        self.parameter = parameter
        self.column = column
    }
}

package struct ConstraintTraits: Hashable, Sendable {
    /// ENABLE or DISABLE, when written.
    package var enabled: Bool?
    /// VALIDATE or NOVALIDATE, when written.
    package var validated: Bool?
    /// ENFORCED or NOT ENFORCED, when written.
    package var enforced: Bool?
    /// RELY or NORELY, when written.
    package var rely: Bool?

    package init(enabled: Bool? = nil, validated: Bool? = nil, enforced: Bool? = nil, rely: Bool? = nil) {
        self.enabled = enabled
        self.validated = validated
        self.enforced = enforced
        self.rely = rely
    }
}

package struct ColumnConstraint: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case primaryKey
        case unique
        case notNull
        case defaultValue(Expression)
        case check(Expression)
        case references(TableName, column: Identifier)
    }

    package var name: Identifier?
    package var kind: Kind
    package var traits: ConstraintTraits

    package init(name: Identifier? = nil, kind: Kind, traits: ConstraintTraits = ConstraintTraits()) {
        self.name = name
        self.kind = kind
        self.traits = traits
    }
}

package struct TableConstraint: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case primaryKey([Identifier])
        case unique([Identifier])
        case foreignKey([Identifier], references: TableName, columns: [Identifier])
        case check(Expression)
    }

    package var name: Identifier?
    package var kind: Kind
    package var traits: ConstraintTraits

    package init(name: Identifier? = nil, kind: Kind, traits: ConstraintTraits = ConstraintTraits()) {
        self.name = name
        self.kind = kind
        self.traits = traits
    }
}

/// `CLUSTERED BY (a) SORTED BY (b DESC) INTO 8 BUCKETS`
package struct Bucketing: Hashable, Sendable {
    package var columns: [Identifier]
    package var sortedBy: [SortColumn]
    package var bucketCount: Int

    package init(columns: [Identifier], sortedBy: [SortColumn] = [], bucketCount: Int) {
        self.columns = columns
        self.sortedBy = sortedBy
        self.bucketCount = bucketCount
    }
}

package struct SortColumn: Hashable, Sendable {
    package var name: Identifier
    package var direction: SortItem.Direction?
    package var nullOrder: SortItem.NullOrder?

    package init(name: Identifier, direction: SortItem.Direction? = nil, nullOrder: SortItem.NullOrder? = nil) {
        self.name = name
        self.direction = direction
        self.nullOrder = nullOrder
    }
}

/// `SKEWED BY (a, b) ON ((1, 2), (3, 4)) STORED AS DIRECTORIES`
package struct Skew: Hashable, Sendable {
    package var columns: [Identifier]
    package var values: [[Expression]]
    package var storedAsDirectories: Bool

    package init(columns: [Identifier], values: [[Expression]], storedAsDirectories: Bool) {
        self.columns = columns
        self.values = values
        self.storedAsDirectories = storedAsDirectories
    }
}

package struct TableStorage: Hashable, Sendable {
    package var rowFormat: RowFormat?
    package var fileFormat: FileFormat?

    package init(rowFormat: RowFormat? = nil, fileFormat: FileFormat? = nil) {
        self.rowFormat = rowFormat
        self.fileFormat = fileFormat
    }
}

package enum RowFormat: Hashable, Sendable {
    case delimited(RowDelimiters)
    case serde(className: String, properties: [Property])
}

/// Delimiters as the literals' text: `'\001'` arrives as one character U+0001, `'44'` as two digits.
package struct RowDelimiters: Hashable, Sendable {
    package var fields: String?
    package var escapedBy: String?
    package var collectionItems: String?
    package var mapKeys: String?
    package var lines: String?
    package var nullDefinedAs: String?

    package init(
        fields: String? = nil, escapedBy: String? = nil, collectionItems: String? = nil, mapKeys: String? = nil,
        lines: String? = nil, nullDefinedAs: String? = nil
    ) {
        self.fields = fields
        self.escapedBy = escapedBy
        self.collectionItems = collectionItems
        self.mapKeys = mapKeys
        self.lines = lines
        self.nullDefinedAs = nullDefinedAs
    }
}

package enum FileFormat: Hashable, Sendable {
    /// `STORED AS ORC`
    case named(Identifier)
    /// `STORED AS INPUTFORMAT '…' OUTPUTFORMAT '…'`; a SerDe only in ALTER TABLE … SET FILEFORMAT.
    case classes(
        input: String, output: String, serde: String?, inputDriver: String?, outputDriver: String?)
    /// `STORED BY 'handler' WITH SERDEPROPERTIES (…)`; the handler may be a bare word (ICEBERG).
    case handler(name: String, isWord: Bool, properties: [Property], storedAs: Identifier?)
}

package struct CreateViewStatement: Hashable, Sendable {
    package struct Column: Hashable, Sendable {
        package var name: Identifier
        package var comment: String?

        package init(name: Identifier, comment: String? = nil) {
            self.name = name
            self.comment = comment
        }
    }

    package var name: TableName
    package var orReplace: Bool
    package var ifNotExists: Bool
    package var columns: [Column]
    package var comment: String?
    package var partitionColumns: [Identifier]
    package var properties: [Property]
    package var query: Query
    /// Where the query's text stands: views keep it as written.
    package var queryRange: SourceRange

    package init(
        name: TableName, orReplace: Bool = false, ifNotExists: Bool = false, columns: [Column] = [],
        comment: String? = nil, partitionColumns: [Identifier] = [], properties: [Property] = [], query: Query,
        queryRange: SourceRange = .none
    ) {
        self.name = name
        self.orReplace = orReplace
        self.ifNotExists = ifNotExists
        self.columns = columns
        self.comment = comment
        self.partitionColumns = partitionColumns
        self.properties = properties
        self.query = query
        self.queryRange = queryRange
    }
}

package indirect enum ViewAlteration: Hashable, Sendable {
    case setProperties([Property])
    case unsetProperties([Property], ifExists: Bool)
    case rename(TableName)
    case redefine(Query, range: SourceRange)
    case addPartitions(ifNotExists: Bool, [PartitionAddition])
    case dropPartitions(ifExists: Bool, [[PartitionElement]])
}

package struct CreateMaterializedViewStatement: Hashable, Sendable {
    package var name: TableName
    package var ifNotExists: Bool
    package var isRewriteDisabled: Bool
    package var comment: String?
    package var partitionColumns: [Identifier]
    package var clusteredOn: [Identifier]
    package var distributedOn: [Identifier]
    package var sortedOn: [Identifier]
    package var storage: TableStorage
    package var location: String?
    package var properties: [Property]
    package var query: Query
    package var queryRange: SourceRange

    package init(
        name: TableName, ifNotExists: Bool = false, isRewriteDisabled: Bool = false, comment: String? = nil,
        partitionColumns: [Identifier] = [], clusteredOn: [Identifier] = [], distributedOn: [Identifier] = [],
        sortedOn: [Identifier] = [], storage: TableStorage = TableStorage(), location: String? = nil,
        properties: [Property] = [], query: Query, queryRange: SourceRange = .none
    ) {
        self.name = name
        self.ifNotExists = ifNotExists
        self.isRewriteDisabled = isRewriteDisabled
        self.comment = comment
        self.partitionColumns = partitionColumns
        self.clusteredOn = clusteredOn
        self.distributedOn = distributedOn
        self.sortedOn = sortedOn
        self.storage = storage
        self.location = location
        self.properties = properties
        self.query = query
        self.queryRange = queryRange
    }
}

package enum MaterializedViewAlteration: Hashable, Sendable {
    case rebuild
    case enableRewrite
    case disableRewrite
}

package struct CreateFunctionStatement: Hashable, Sendable {
    package struct Resource: Hashable, Sendable {
        package var kind: ResourceKind
        package var path: String

        package init(kind: ResourceKind, path: String) {
            self.kind = kind
            self.path = path
        }
    }

    package var name: FunctionName
    package var isTemporary: Bool
    package var className: String
    package var resources: [Resource]

    package init(name: FunctionName, isTemporary: Bool, className: String, resources: [Resource] = []) {
        self.name = name
        self.isTemporary = isTemporary
        self.className = className
        self.resources = resources
    }
}

package struct MacroParameter: Hashable, Sendable {
    package var name: Identifier
    package var type: TypeName

    package init(name: Identifier, type: TypeName) {
        self.name = name
        self.type = type
    }
}
