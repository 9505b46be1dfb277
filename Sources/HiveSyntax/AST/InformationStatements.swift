/// The pattern of SHOW: `LIKE '…'`, or a bare string or name, which mean the same.
package struct ShowPattern: Hashable, Sendable {
    package var text: String
    package var hasLike: Bool

    package init(text: String, hasLike: Bool) {
        self.text = text
        self.hasLike = hasLike
    }
}

package indirect enum ShowStatement: Hashable, Sendable {
    /// `SHOW DATABASES | SCHEMAS [LIKE '…']`
    case databases(ShowPattern?)
    /// `SHOW [EXTENDED] TABLES [IN db] ['…'] [WHERE TABLE_TYPE = '…']`
    case tables(database: Identifier?, ShowPattern?, extended: Bool, tableType: String?)
    case views(database: Identifier?, ShowPattern?)
    case materializedViews(database: Identifier?, ShowPattern?)
    /// `SHOW [SORTED] COLUMNS FROM t [IN db] [LIKE '…']`
    case columns(TableName, ShowPattern?, sorted: Bool)
    case partitions(
        TableName, partition: [PartitionElement], filter: Expression?, orderBy: [SortItem], limit: Limit?)
    case createTable(TableName)
    case createDatabase(Identifier)
    case tableProperties(TableName, key: String?)
    case tableExtended(database: Identifier?, pattern: String, partition: [PartitionElement])
    case functions(ShowPattern?)
    case indexes(TableName, formatted: Bool)
    case locks(ShowLocks)
    case transactions
    case compactions(text: String)
    case configuration(String)
    case grants(principal: Principal?, on: PrivilegeObject?)
    case roleGrants(Principal)
    case roles
    case currentRoles
    case principals(role: Identifier)
    /// Resource plans, connectors and the like, kept as text.
    case other(feature: String, text: String)
}

package struct ShowLocks: Hashable, Sendable {
    package enum Target: Hashable, Sendable {
        case everything
        case table(TableName, partition: [PartitionElement])
        case database(Identifier)
    }

    package var target: Target
    package var extended: Bool

    package init(target: Target, extended: Bool) {
        self.target = target
        self.extended = extended
    }
}

package enum DescribeStyle: String, Hashable, Sendable {
    case plain = ""
    case extended = "EXTENDED"
    case formatted = "FORMATTED"
    case pretty = "PRETTY"
}

package enum DescribeStatement: Hashable, Sendable {
    /// `columnPath` names a column, or a field inside one (`$elem$`, `$key$`, `$value$` step into collections).
    case table(TableName, DescribeStyle, partition: [PartitionElement], columnPath: [Identifier])
    case database(Identifier, extended: Bool)
    /// The name may be an operator's: `+`, `like`.
    case function(String, extended: Bool)
    case query(Query)
}

package enum ExplainMode: Hashable, Sendable {
    case plain
    case extended
    case ast
    case analyze
    case dependency
    case authorization
    case formatted
    case logical
    case locks
    case reoptimization
    case ddl
    case cbo(CboDetail?)
    /// The words after VECTORIZATION, in upper case: `ONLY`, `DETAIL`, …
    case vectorization([String])

    package enum CboDetail: String, Hashable, Sendable {
        case cost = "COST"
        case joinCost = "JOINCOST"
        case formatted = "FORMATTED"
        case formattedCost = "FORMATTED COST"
        case formattedJoinCost = "FORMATTED JOINCOST"
    }
}

/// What SUMMARIZE looks at, which Hive does not have; DuckDB's statement of this name.
package enum SummarizeStatement: Hashable, Sendable {
    /// `SUMMARIZE [TABLE] t [PARTITION (month >= 2)]`
    case table(TableName, partition: [PartitionElement])
    /// `SUMMARIZE SELECT …`
    case query(Query)
}

package struct AnalyzeStatement: Hashable, Sendable {
    package enum Columns: Hashable, Sendable {
        case all
        case named([Identifier])
    }

    package var table: TableName
    package var partition: [PartitionElement]
    /// `FOR COLUMNS [a, b]`
    package var columns: Columns?
    package var noScan: Bool
    package var partialScan: Bool
    package var cacheMetadata: Bool

    package init(
        table: TableName, partition: [PartitionElement] = [], columns: Columns? = nil, noScan: Bool = false,
        partialScan: Bool = false, cacheMetadata: Bool = false
    ) {
        self.table = table
        self.partition = partition
        self.columns = columns
        self.noScan = noScan
        self.partialScan = partialScan
        self.cacheMetadata = cacheMetadata
    }
}

package struct MsckStatement: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable {
        case add = "ADD"
        case drop = "DROP"
        case sync = "SYNC"
    }

    package var table: TableName
    package var isRepair: Bool
    /// `ADD | DROP | SYNC PARTITIONS`; absent means add.
    package var mode: Mode?
    /// `(PARTITION (…))` limits the check.
    package var partition: [PartitionElement]

    package init(table: TableName, isRepair: Bool, mode: Mode? = nil, partition: [PartitionElement] = []) {
        self.table = table
        self.isRepair = isRepair
        self.mode = mode
        self.partition = partition
    }
}

package struct Principal: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case user = "USER"
        case group = "GROUP"
        case role = "ROLE"
    }

    package var kind: Kind
    package var name: Identifier

    package init(kind: Kind, name: Identifier) {
        self.kind = kind
        self.name = name
    }
}

package struct Privilege: Hashable, Sendable {
    /// In upper case: `ALL`, `SELECT`, `SHOW DATABASE`, …
    package var name: String
    package var columns: [Identifier]

    package init(name: String, columns: [Identifier] = []) {
        self.name = name
        self.columns = columns
    }
}

package enum PrivilegeObject: Hashable, Sendable {
    case all
    case database(Identifier)
    case table(TableName, columns: [Identifier], partition: [PartitionElement], hasKeyword: Bool)
    case uri(String)
    case server(Identifier)
}

package struct GrantStatement: Hashable, Sendable {
    package var privileges: [Privilege]
    package var object: PrivilegeObject?
    package var principals: [Principal]
    /// `WITH GRANT OPTION`, `GRANT OPTION FOR`
    package var grantOption: Bool

    package init(privileges: [Privilege], object: PrivilegeObject?, principals: [Principal], grantOption: Bool) {
        self.privileges = privileges
        self.object = object
        self.principals = principals
        self.grantOption = grantOption
    }
}
