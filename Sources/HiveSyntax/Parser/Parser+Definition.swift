extension Parser {
    // MARK: Views

    mutating func createView(orReplace: Bool) throws(SyntaxError) -> Statement.Kind {
        context = "create view statement"
        try expect(.view)
        let ifNotExists = try ifNotExists()
        let name = try tableName(.other)
        var columns: [CreateViewStatement.Column] = []
        if at(.leftParenthesis) {
            columns = try parenthesized { (parser) throws(SyntaxError) in
                let name = try parser.identifier()
                let comment = parser.accept(.comment) ? try parser.string() : nil
                return CreateViewStatement.Column(name: name, comment: comment)
            }
        }
        var comment: String?
        var partitionColumns: [Identifier] = []
        var viewProperties: [Property] = []
        while true {
            if accept(.comment) {
                comment = try string()
            } else if accept(.partitioned) {
                try expect(.on)
                partitionColumns = try parenthesizedIdentifiers()
            } else if accept(.tblproperties) {
                viewProperties = try properties()
            } else {
                break
            }
        }
        try expect(.as)
        let start = index
        let query = try query()
        return .createView(
            CreateViewStatement(
                name: name, orReplace: orReplace, ifNotExists: ifNotExists, columns: columns, comment: comment,
                partitionColumns: partitionColumns, properties: viewProperties, query: query,
                queryRange: range(from: start)))
    }

    mutating func createMaterializedView() throws(SyntaxError) -> Statement.Kind {
        context = "create materialized view statement"
        try expect(.materialized)
        try expect(.view)
        let ifNotExists = try ifNotExists()
        var view = CreateMaterializedViewStatement(
            name: try tableName(.other), ifNotExists: ifNotExists, query: Query(body: .values([])))
        if at(.disable) || at(.disabled) {
            advance()
            try expect(.rewrite)
            view.isRewriteDisabled = true
        }
        while try materializedViewOption(of: &view) {}
        try expect(.as)
        let start = index
        view.query = try query()
        view.queryRange = range(from: start)
        return .createMaterializedView(view)
    }

    private mutating func materializedViewOption(
        of view: inout CreateMaterializedViewStatement
    ) throws(SyntaxError) -> Bool {
        switch current.keyword {
        case .comment:
            advance()
            view.comment = try string()
        case .partitioned:
            advance()
            try expect(.on)
            view.partitionColumns = try parenthesizedIdentifiers()
        case .clustered:
            advance()
            try expect(.on)
            view.clusteredOn = try parenthesizedIdentifiers()
        case .distributed:
            advance()
            try expect(.on)
            view.distributedOn = try parenthesizedIdentifiers()
        case .sorted:
            advance()
            try expect(.on)
            view.sortedOn = try parenthesizedIdentifiers()
        case .row: view.storage.rowFormat = try rowFormat()
        case .stored: view.storage.fileFormat = try fileFormat()
        case .location:
            advance()
            view.location = try string()
        case .tblproperties:
            advance()
            view.properties = try properties()
        default: return false
        }
        return true
    }

    // MARK: Functions and macros

    mutating func createFunction() throws(SyntaxError) -> Statement.Kind {
        context = "create function statement"
        let isTemporary = accept(.temporary)
        try expect(.function)
        let name = try functionName(.other)
        try expect(.as)
        var function = CreateFunctionStatement(name: name, isTemporary: isTemporary, className: try string())
        if accept(.using) {
            function.resources = try list { (parser) throws(SyntaxError) in
                let kind: ResourceKind
                switch parser.current.keyword {
                case .jar: kind = .jar
                case .file: kind = .file
                case .archive: kind = .archive
                default: throw parser.unrecognized()
                }
                parser.advance()
                return CreateFunctionStatement.Resource(kind: kind, path: try parser.string())
            }
        }
        return .createFunction(function)
    }

    mutating func createMacro() throws(SyntaxError) -> Statement.Kind {
        context = "create macro statement"
        try expect(.temporary)
        try expect(.macro)
        let name = try identifier()
        try expect(.leftParenthesis)
        var parameters: [MacroParameter] = []
        if !at(.rightParenthesis) {
            parameters = try list { (parser) throws(SyntaxError) in
                let name = try parser.identifier()
                return MacroParameter(name: name, type: try parser.type())
            }
        }
        try expect(.rightParenthesis)
        return .createMacro(name: name, parameters: parameters, body: try expression())
    }

    // MARK: DROP

    mutating func drop() throws(SyntaxError) -> Statement.Kind {
        context = "ddl statement"
        let start = index
        try expect(.drop)
        switch current.keyword {
        case .database, .schema:
            context = "drop database statement"
            advance()
            let ifExists = try ifExists()
            let name = try identifier(.database)
            return .dropDatabase(name: name, ifExists: ifExists, behavior: dropBehavior())
        case .table:
            context = "drop statement"
            advance()
            let ifExists = try ifExists()
            let name = try tableName()
            let purge = accept(.purge)
            if accept(.for) {
                accept(.metadata)
                try expect(.replication)
                _ = try parenthesizedString()
            }
            return .dropTable(name, ifExists: ifExists, purge: purge)
        case .view:
            context = "drop view statement"
            advance()
            let ifExists = try ifExists()
            return .dropView(try tableName(), ifExists: ifExists)
        case .model: return try dropModel()
        case .materialized:
            context = "drop materialized view statement"
            advance()
            try expect(.view)
            let ifExists = try ifExists()
            return .dropMaterializedView(try tableName(), ifExists: ifExists)
        case .function:
            advance()
            let ifExists = try ifExists()
            return .dropFunction(try functionName(), temporary: false, ifExists: ifExists)
        case .temporary:
            advance()
            if accept(.macro) {
                let ifExists = try ifExists()
                return .dropMacro(name: try identifier(), ifExists: ifExists)
            }
            try expect(.function)
            let ifExists = try ifExists()
            return .dropFunction(try functionName(), temporary: true, ifExists: ifExists)
        case .role:
            advance()
            return .dropRole(try identifier())
        case .index: return unsupported("indexes", from: start)
        case .scheduled: return unsupported("scheduled queries", from: start)
        case .resource, .pool, .trigger, .user, .group, .application:
            return unsupported("workload management", from: start)
        case .connector: return unsupported("data connectors", from: start)
        default: throw unrecognized(from: start)
        }
    }
}
