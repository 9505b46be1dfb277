import Columnar

/// A table or view as the metastore keeps it.
package struct Table: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case managed = "MANAGED_TABLE"
        case external = "EXTERNAL_TABLE"
        case view = "VIRTUAL_VIEW"
        case materializedView = "MATERIALIZED_VIEW"
        /// No table: a trained model, one file in a folder of its own.
        case model = "MODEL"
    }

    package var database: String
    package var name: String
    package var kind: Kind
    /// Columns stored in the files, in file order.
    package var columns: [SchemaColumn]
    /// Partition keys, outermost folder first; queries see them after `columns`.
    package var partitionColumns: [SchemaColumn]
    package var storage: StorageDescriptor
    /// `TBLPROPERTIES`.
    package var properties: [String: String]
    package var comment: String?
    package var owner: String
    /// Seconds since 1970.
    package var createTime: Int64
    /// Lives until its session ends.
    package var isTemporary: Bool
    /// Views: the query as written and with names made absolute.
    package var viewText: String?
    package var viewExpandedText: String?
    /// `SKEWED BY`: kept and shown; rows are not stored by it.
    package var skew: SkewedColumns?

    package init(
        database: String, name: String, kind: Kind = .managed, columns: [SchemaColumn],
        partitionColumns: [SchemaColumn] = [], storage: StorageDescriptor, properties: [String: String] = [:],
        comment: String? = nil, owner: String = "", createTime: Int64 = 0, isTemporary: Bool = false,
        viewText: String? = nil, viewExpandedText: String? = nil
    ) {
        self.database = database
        self.name = name
        self.kind = kind
        self.columns = columns
        self.partitionColumns = partitionColumns
        self.storage = storage
        self.properties = properties
        self.comment = comment
        self.owner = owner
        self.createTime = createTime
        self.isTemporary = isTemporary
        self.viewText = viewText
        self.viewExpandedText = viewExpandedText
    }

    package var isView: Bool { kind == .view }
    package var isModel: Bool { kind == .model }
    /// Whether its files go with it.
    package var ownsFiles: Bool { kind == .managed || kind == .model }
    package var isPartitioned: Bool { !partitionColumns.isEmpty }
    /// `db.table`.
    package var qualifiedName: String { "\(database).\(name)" }
    /// What a query sees: `columns`, then `partitionColumns`.
    package var allColumns: [SchemaColumn] { columns + partitionColumns }
}

/// How and where the rows of a table or partition are stored.
package struct StorageDescriptor: Sendable, Hashable {
    package enum Format: String, Sendable, Hashable {
        case text, sequence, rcfile, orc, parquet, avro, json
    }

    /// URI as the user gave it, or the path under the warehouse folder.
    package var location: String
    package var format: Format
    /// Java class name of the SerDe, as `SHOW CREATE TABLE` prints it.
    package var serde: String
    /// `field.delim`, `colelction.delim`, `mapkey.delim`, `escape.delim`, `line.delim`, `serialization.format`,
    /// `serialization.null.format`.
    package var serdeProperties: [String: String]
    package var bucketColumns: [String]
    package var bucketCount: Int
    package var sortColumns: [SortColumn]

    /// Whether files are kept in the same way, wherever they are.
    package func isStored(as other: StorageDescriptor) -> Bool {
        var here = self
        here.location = other.location
        return here == other
    }

    package struct SortColumn: Sendable, Hashable {
        package var name: String
        package var isAscending: Bool

        package init(name: String, isAscending: Bool) {
            self.name = name
            self.isAscending = isAscending
        }
    }

    package init(
        location: String, format: Format = .text,
        serde: String = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        serdeProperties: [String: String] = [:], bucketColumns: [String] = [], bucketCount: Int = -1,
        sortColumns: [SortColumn] = []
    ) {
        self.location = location
        self.format = format
        self.serde = serde
        self.serdeProperties = serdeProperties
        self.bucketColumns = bucketColumns
        self.bucketCount = bucketCount
        self.sortColumns = sortColumns
    }
}

/// One partition of a table.
package struct Partition: Sendable, Hashable {
    /// One value a partition column, as in the folder name after unescaping; the default partition's value is
    /// `__HIVE_DEFAULT_PARTITION__`, or what `hive.exec.default.partition.name` says, and reads as NULL.
    package var values: [String]
    package var storage: StorageDescriptor
    /// The columns that its files have, where they are not the table's: a partition keeps those it was made with when the
    /// table's change, unless it is told otherwise (CASCADE).
    package var columns: [SchemaColumn]?
    package var properties: [String: String]
    /// Seconds since 1970.
    package var createTime: Int64

    package init(
        values: [String], storage: StorageDescriptor, columns: [SchemaColumn]? = nil, properties: [String: String] = [:],
        createTime: Int64 = 0
    ) {
        self.values = values
        self.storage = storage
        self.columns = columns
        self.properties = properties
        self.createTime = createTime
    }
}
