extension Parser {
    /// `PIVOT (aggregate [AS name], … FOR column IN (value [AS name], …)) [alias]`
    mutating func pivot(over source: TableReference, from start: Int) throws(SyntaxError) -> TableReference {
        let outer = context
        context = "pivot"
        try expect(.pivot)
        try expect(.leftParenthesis)
        let aggregates = try list { (parser) throws(SyntaxError) in try parser.pivotItem() }
        try expect(.for)
        let columns = try oneOrSeveralNames()
        try expect(.in)
        let values = try parenthesized { (parser) throws(SyntaxError) in try parser.pivotItem() }
        try expect(.rightParenthesis)
        let place = range(from: start)
        let alias = try tableAlias()
        context = outer
        let pivot = Pivot(
            source: source, aggregates: aggregates, columns: columns, values: values, alias: alias, range: place)
        return TableReference(.pivot(pivot), range: range(from: start))
    }

    private mutating func pivotItem() throws(SyntaxError) -> Pivot.Item {
        let expression = try expression()
        if accept(.as) { return Pivot.Item(expression: expression, alias: try identifier()) }
        return Pivot.Item(expression: expression, alias: atAlias ? try identifier() : nil)
    }

    /// `UNPIVOT [INCLUDE NULLS | EXCLUDE NULLS] (value FOR name IN (column [AS 'label'], …)) [alias]`, with several values
    /// `((v, w) FOR name IN ((a, b) [AS 'label'], …))`
    mutating func unpivot(over source: TableReference, from start: Int) throws(SyntaxError) -> TableReference {
        let outer = context
        context = "unpivot"
        try expect(.unpivot)
        var includesNulls = false
        if atNullsOfUnpivot(index) {
            includesNulls = isWord("include", at: index)
            index += 2
        }
        try expect(.leftParenthesis)
        let values = try oneOrSeveralNames()
        try expect(.for)
        let name = try identifier()
        try expect(.in)
        let rows = try parenthesized { (parser) throws(SyntaxError) in
            let start = parser.index
            let columns = try parser.oneOrSeveralNames()
            let place = parser.range(from: start)
            guard parser.accept(.as) else { return Unpivot.Row(columns: columns, label: nil, range: place) }
            return Unpivot.Row(
                columns: columns, label: parser.at(.stringLiteral) ? try parser.string() : try parser.identifier().text,
                range: place)
        }
        try expect(.rightParenthesis)
        let place = range(from: start)
        let alias = try tableAlias()
        context = outer
        let unpivot = Unpivot(
            source: source, includesNulls: includesNulls, values: values, name: name, rows: rows, alias: alias,
            range: place)
        return TableReference(.unpivot(unpivot), range: range(from: start))
    }

    /// `a` or `(a, b)`
    private mutating func oneOrSeveralNames() throws(SyntaxError) -> [Identifier] {
        at(.leftParenthesis) ? try parenthesizedIdentifiers() : [try identifier()]
    }

    /// Whether `INCLUDE NULLS` or `EXCLUDE NULLS` stands at a place, and what is unpivoted behind it.
    func atNullsOfUnpivot(_ place: Int) -> Bool {
        guard isWord("include", at: place) || isWord("exclude", at: place), place + 2 < tokens.count else { return false }
        return tokens[place + 1].keyword == .nulls && tokens[place + 2].kind == .leftParenthesis
    }

    /// Whether a word stands at a place that is no keyword.
    private func isWord(_ word: String, at place: Int) -> Bool {
        let token = tokens[min(place, tokens.count - 1)]
        return token.kind == .word && text(token).lowercased() == word
    }
}
