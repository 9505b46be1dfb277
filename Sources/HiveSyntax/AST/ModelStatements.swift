/// Statements about models, in BigQuery ML's forms.
package indirect enum ModelStatement: Hashable, Sendable {
    case create(CreateModelStatement)
    /// `DROP MODEL [IF EXISTS] m`
    case drop(TableName, ifExists: Bool)
    /// `ALTER MODEL m RENAME TO n`
    case rename(TableName, to: TableName)
    /// `EXPORT MODEL m TO 'file'`
    case export(TableName, path: String)
    /// `IMPORT MODEL m FROM 'file'`
    case importFile(TableName, path: String)
    /// `SHOW MODELS [IN db] [LIKE '…']`
    case show(database: Identifier?, ShowPattern?)
    /// `DESCRIBE [EXTENDED | FORMATTED] MODEL m`
    case describe(TableName, DescribeStyle)
}

/// `CREATE [OR REPLACE] MODEL [IF NOT EXISTS] m [TRANSFORM (…)] [OPTIONS (…)] AS query`
package struct CreateModelStatement: Hashable, Sendable {
    package var name: TableName
    package var orReplace: Bool
    package var ifNotExists: Bool
    /// What the learner gets instead of the query's columns; empty: these.
    package var transform: [SelectItem]
    package var options: [ModelOption]
    package var query: Query
    package var queryRange: SourceRange

    package init(
        name: TableName, orReplace: Bool = false, ifNotExists: Bool = false, transform: [SelectItem] = [],
        options: [ModelOption] = [], query: Query, queryRange: SourceRange = .none
    ) {
        self.name = name
        self.orReplace = orReplace
        self.ifNotExists = ifNotExists
        self.transform = transform
        self.options = options
        self.query = query
        self.queryRange = queryRange
    }
}

/// `name = value` in OPTIONS, `value AS name` in the STRUCT of a function of models, `name => value` in ML.FEATURES_AT_TIME.
package struct ModelOption: Hashable, Sendable {
    package var name: Identifier
    package var value: Expression

    package init(name: Identifier, value: Expression) {
        self.name = name
        self.value = value
    }
}

/// `ML.FEATURES_AT_TIME(TABLE t | (query) [, name => value, …])` in FROM.
package struct FeaturesAtTime: Hashable, Sendable {
    /// Where its name stands.
    package var range: SourceRange
    package var input: ModelFunction.Input
    package var settings: [ModelOption]
    package var alias: Identifier?

    package init(range: SourceRange, input: ModelFunction.Input, settings: [ModelOption] = [], alias: Identifier? = nil) {
        self.range = range
        self.input = input
        self.settings = settings
        self.alias = alias
    }
}

/// `ML.NAME(MODEL m [, TABLE t | (query)] [, STRUCT (value AS name, …)])` in FROM.
package struct ModelFunction: Hashable, Sendable {
    package enum Input: Hashable, Sendable {
        case table(TableName)
        case query(Query)
    }

    /// Behind `ML.`.
    package var name: Identifier
    package var model: TableName
    package var input: Input?
    package var settings: [ModelOption]
    package var alias: Identifier?

    package init(
        name: Identifier, model: TableName, input: Input? = nil, settings: [ModelOption] = [], alias: Identifier? = nil
    ) {
        self.name = name
        self.model = model
        self.input = input
        self.settings = settings
        self.alias = alias
    }
}
