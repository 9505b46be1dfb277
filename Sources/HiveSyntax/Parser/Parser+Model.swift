extension Parser {
    // MARK: Statements

    /// After CREATE [OR REPLACE].
    mutating func createModel(orReplace: Bool) throws(SyntaxError) -> Statement.Kind {
        context = "create model statement"
        try expect(.model)
        let ifNotExists = try ifNotExists()
        var statement = CreateModelStatement(
            name: try tableName(), orReplace: orReplace, ifNotExists: ifNotExists, query: Query(body: .values([])))
        if accept(.transform) {
            statement.transform = try parenthesized { (parser) throws(SyntaxError) in try parser.selectItem() }
        }
        if accept(.options) {
            statement.options = try parenthesized { (parser) throws(SyntaxError) in
                let name = try parser.identifier()
                try parser.expect(.equal)
                return ModelOption(name: name, value: try parser.expression())
            }
        }
        try expect(.as)
        let start = index
        statement.query = try query()
        statement.queryRange = range(from: start)
        return .model(.create(statement))
    }

    /// After DROP.
    mutating func dropModel() throws(SyntaxError) -> Statement.Kind {
        context = "drop model statement"
        try expect(.model)
        let ifExists = try ifExists()
        return .model(.drop(try tableName(), ifExists: ifExists))
    }

    /// After ALTER.
    mutating func alterModel() throws(SyntaxError) -> Statement.Kind {
        context = "alter model statement"
        try expect(.model)
        let name = try tableName()
        try expect(.rename, .to)
        return .model(.rename(name, to: try tableName()))
    }

    /// After EXPORT.
    mutating func exportModel() throws(SyntaxError) -> Statement.Kind {
        try expect(.model)
        let name = try tableName()
        try expect(.to)
        return .model(.export(name, path: try string()))
    }

    /// After IMPORT.
    mutating func importModel() throws(SyntaxError) -> Statement.Kind {
        try expect(.model)
        let name = try tableName()
        try expect(.from)
        return .model(.importFile(name, path: try string()))
    }

    // MARK: Functions in FROM

    /// Whether a function of models begins here: `ML.NAME(MODEL m`.
    var atModelFunction: Bool {
        atIdentifier && text(current).lowercased() == "ml" && peek().kind == .dot
            && (isIdentifier(peek(2)) || peek(2).keyword == .transform) && peek(3).kind == .leftParenthesis && peek(4).keyword == .model && isIdentifier(peek(5))
    }

    /// Whether `ML.FEATURES_AT_TIME(` begins here.
    var atFeaturesAtTime: Bool {
        atIdentifier && text(current).lowercased() == "ml" && peek().kind == .dot
            && text(peek(2)).lowercased() == "features_at_time" && peek(3).kind == .leftParenthesis
    }

    mutating func featuresAtTime() throws(SyntaxError) -> FeaturesAtTime {
        try enter()
        let outer = context
        context = "features at a time"
        advance()
        advance()
        let name = current.range
        advance()
        try expect(.leftParenthesis)
        var function = FeaturesAtTime(range: name, input: try functionInput())
        while accept(.comma) {
            let name = try identifier()
            try expect(.equal)
            try expect(.greater)
            function.settings.append(ModelOption(name: name, value: try expression()))
        }
        try expect(.rightParenthesis)
        function.alias = try tableAlias()
        context = outer
        leave()
        return function
    }

    /// `TABLE t` or a query in parentheses.
    private mutating func functionInput() throws(SyntaxError) -> ModelFunction.Input {
        if accept(.table) { return .table(try tableName()) }
        guard at(.leftParenthesis) else { throw expected("TABLE or a query in parentheses") }
        return .query(try parenthesizedQuery())
    }

    mutating func modelFunction() throws(SyntaxError) -> ModelFunction {
        try enter()
        let outer = context
        context = "function of models"
        advance()
        advance()
        // TRANSFORM, which is reserved, too.
        let name = identifier(of: current)
        advance()
        try expect(.leftParenthesis)
        try expect(.model)
        var function = ModelFunction(name: name, model: try tableName())
        while accept(.comma) {
            if function.input == nil, at(.table) || at(.leftParenthesis) {
                function.input = try functionInput()
            } else {
                guard function.settings.isEmpty, accept(.struct) else { throw unrecognized() }
                function.settings = try parenthesized { (parser) throws(SyntaxError) in
                    let value = try parser.expression()
                    try parser.expect(.as)
                    return ModelOption(name: try parser.identifier(), value: value)
                }
            }
        }
        try expect(.rightParenthesis)
        function.alias = try tableAlias()
        context = outer
        leave()
        return function
    }
}
