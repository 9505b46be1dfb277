extension Parser {
    // MARK: Statements

    /// After CREATE [OR REPLACE].
    mutating func createModel(orReplace: Bool) throws(SyntaxError) -> Statement.Kind {
        context = "create model statement"
        try expect(.model)
        let ifNotExists = try ifNotExists()
        var statement = CreateModelStatement(
            name: try tableName(.other), orReplace: orReplace, ifNotExists: ifNotExists, query: Query(body: .values([])))
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
        return .model(.drop(try tableName(.model), ifExists: ifExists))
    }

    /// After ALTER.
    mutating func alterModel() throws(SyntaxError) -> Statement.Kind {
        context = "alter model statement"
        try expect(.model)
        let name = try tableName(.model)
        try expect(.rename, .to)
        return .model(.rename(name, to: try tableName(.other)))
    }

    /// After EXPORT.
    mutating func exportModel() throws(SyntaxError) -> Statement.Kind {
        try expect(.model)
        let name = try tableName(.model)
        try expect(.to)
        return .model(.export(name, path: try string()))
    }

    /// After IMPORT.
    mutating func importModel() throws(SyntaxError) -> Statement.Kind {
        try expect(.model)
        let name = try tableName(.other)
        try expect(.from)
        return .model(.importFile(name, path: try string()))
    }

    // MARK: Functions in FROM

    /// Whether `ML.NAME(` begins here.
    private var atQualifiedFunction: Bool {
        atIdentifier && text(current).lowercased() == "ml" && peek().kind == .dot && peek(3).kind == .leftParenthesis
    }

    /// Whether a function of models begins here: `ML.NAME(MODEL m`.
    var atModelFunction: Bool {
        atQualifiedFunction && (isIdentifier(peek(2)) || peek(2).keyword == .transform) && peek(4).keyword == .model
            && isIdentifier(peek(5))
    }

    /// Whether `ML.FEATURES_AT_TIME(` begins here.
    var atFeaturesAtTime: Bool { atQualifiedFunction && text(peek(2)).lowercased() == "features_at_time" }

    mutating func featuresAtTime() throws(SyntaxError) -> FeaturesAtTime {
        var function = try qualifiedFunction("features at a time") { (parser, name) throws(SyntaxError) in
            var function = FeaturesAtTime(range: name.range, input: try parser.functionInput())
            while parser.accept(.comma) {
                let name = try parser.identifier()
                try parser.expect(.equal)
                try parser.expect(.greater)
                function.settings.append(ModelOption(name: name, value: try parser.expression()))
            }
            return function
        }
        function.alias = try tableAlias()
        return function
    }

    mutating func modelFunction() throws(SyntaxError) -> ModelFunction {
        var function = try qualifiedFunction("function of models") { (parser, name) throws(SyntaxError) in
            try parser.expect(.model)
            // TRANSFORM, which is reserved, too.
            var function = ModelFunction(name: parser.identifier(of: name), model: try parser.tableName(.model))
            while parser.accept(.comma) {
                if function.input == nil, parser.at(.table) || parser.at(.leftParenthesis) {
                    function.input = try parser.functionInput()
                } else {
                    guard function.settings.isEmpty, parser.accept(.struct) else { throw parser.unrecognized() }
                    function.settings = try parser.parenthesized { (parser) throws(SyntaxError) in
                        let value = try parser.expression()
                        try parser.expect(.as)
                        return ModelOption(name: try parser.identifier(), value: value)
                    }
                }
            }
            return function
        }
        function.alias = try tableAlias()
        return function
    }

    /// `ML.NAME( … )`.
    /// - Parameter inside: reads what stands in the parentheses; gets the name.
    private mutating func qualifiedFunction<Function>(
        _ what: String, _ inside: (inout Parser, Token) throws(SyntaxError) -> Function
    ) throws(SyntaxError) -> Function {
        try enter()
        let outer = context
        context = what
        advance()
        advance()
        let name = current
        advance()
        try expect(.leftParenthesis)
        let function = try inside(&self, name)
        try expect(.rightParenthesis)
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
}
