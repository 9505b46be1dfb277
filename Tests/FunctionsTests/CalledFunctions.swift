import HiveSyntax

/// Which functions a statement calls, by the names that it writes: `year(d)` calls `year`, `a == b` calls `==`, and
/// CASE, IN, LIKE and the like call the functions of those names. A type, a column, a text or a comment is no call.
struct CalledFunctions {
    private(set) var names: Set<String> = []
    /// Operators of the tree; several spellings are one operator there.
    private var operators: Set<String> = []

    /// Nothing for a text that does not parse.
    static func names(in text: String) -> Set<String> {
        guard let statement = try? Parser.parseStatement(text), let tokens = try? Lexer.tokens(of: SourceText(text)) else {
            return []
        }
        var calls = CalledFunctions()
        calls.visit(statement)
        let source = SourceText(text)
        for token in tokens {
            let spelling = source.text(token.range).lowercased()
            if calls.operators.contains(canonical(spelling)) { calls.names.insert(spelling) }
        }
        return calls.names
    }

    private static func canonical(_ spelling: String) -> String {
        switch spelling {
        case "==": "="
        case "!=": "<>"
        case "!": "not"
        default: spelling
        }
    }

    private mutating func visit(_ value: Any) {
        switch value {
        case is SourceRange, is Identifier, is Literal, is TypeName: return
        case let name as FunctionName:
            if name.database == nil || name.key != name.name.name { names.insert(name.key) }
            return
        case let operation as BinaryOperator: operators.insert(operation.rawValue.lowercased())
        case let operation as MatchOperator: operators.insert(operation.rawValue.lowercased())
        // A sign is no subtraction or addition.
        case UnaryOperator.not: operators.insert("not")
        case UnaryOperator.bitwiseNot: operators.insert("~")
        case let kind as Expression.Kind: visit(kind)
        default: break
        }
        for child in Mirror(reflecting: value).children { visit(child.value) }
    }

    private mutating func visit(_ kind: Expression.Kind) {
        switch kind {
        case .and: names.insert("and")
        case .or: names.insert("or")
        case .between: names.insert("between")
        case .inList, .inSubquery: names.insert("in")
        case .caseExpression(let operand, _, _): names.insert(operand == nil ? "when" : "case")
        default: break
        }
    }
}
