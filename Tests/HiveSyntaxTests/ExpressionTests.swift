import HiveSyntax
import Testing

@Suite struct ExpressionTests {
    /// Both texts give one tree: the second shows the grouping of the first.
    @Test func precedenceIsHives() throws {
        let pairs = [
            ("a or b and c", "a or (b and c)"), ("not a = b", "not (a = b)"), ("not a and b", "(not a) and b"),
            ("a = b < c", "a = (b < c)"), ("a < b | c", "a < (b | c)"), ("a | b & c", "a | (b & c)"),
            ("a & b || c", "a & (b || c)"), ("a || b + c", "a || (b + c)"), ("a + b * c", "a + (b * c)"),
            ("a * b ^ c", "a * (b ^ c)"), ("a ^ b is null", "a ^ (b is null)"), ("-a is null", "(-a) is null"),
            ("- a ^ b", "(-a) ^ b"), ("~a + b", "(~a) + b"), ("a - b - c", "(a - b) - c"), ("a / b div c", "(a / b) div c"),
            ("a between b and c and d", "(a between b and c) and d"), ("a in (1) = b", "(a in (1)) = b"),
            ("a = b in (1)", "a = (b in (1))"), ("not a in (1)", "not (a in (1))"), ("a not like b || c", "a not like (b || c)"),
            ("a = b = c", "(a = b) = c"), ("!a = b", "not (a = b)"), ("-a.b[0]", "-((a.b)[0])"),
            ("a is not null = b", "(a is not null) = b"), ("a <=> b and c", "(a <=> b) and c"),
            ("a is distinct from b or c", "(a is distinct from b) or c"), ("1 day + a", "(interval '1' day) + a"),
        ]
        for (plain, grouped) in pairs {
            let left = try Parser.parseExpression(plain)
            let right = try Parser.parseExpression(grouped)
            #expect(left == right, "\(plain)\n\(SyntaxDump.tree(of: left))\n\(SyntaxDump.tree(of: right))")
        }
    }

    @Test func literals() throws {
        func literal(_ text: String) throws -> Literal? {
            guard case .literal(let literal) = try Parser.parseExpression(text).kind else { return nil }
            return literal
        }
        #expect(try literal("12345678901234567890") == .integer("12345678901234567890", .none))
        #expect(try literal("300Y") == .integer("300", .tinyint))
        #expect(try literal("1.5") == .decimal("1.5"))
        #expect(try literal("1.5BD") == .decimal("1.5"))
        #expect(try literal("1e3") == .double("1e3"))
        #expect(try literal("1.5d") == .double("1.5"))
        #expect(try literal("interval '1-2' year to month") == .interval("1-2", .yearToMonth))
        #expect(try literal("interval 3 days") == .interval("3", .day))
        #expect(try literal("(2) months") == .interval("2", .month))
        #expect(try literal("'5' hour") == .interval("5", .hour))
        #expect(try literal("date '2020-01-01'") == .date("2020-01-01"))
        #expect(try literal("_utf8 0x4142") == .characterSet(name: "_utf8", text: "AB"))
    }

    @Test func rangesCoverTheText() throws {
        let text = "select  a + b*c , sum( x ) over (order by y) as z from t"
        let statement = try Parser.parseStatement(text)
        guard case .query(let query) = statement.kind, case .select(let core) = query.body else {
            Issue.record("no select")
            return
        }
        let source = SourceText(text)
        #expect(core.items.map { source.text($0.expression.range) } == ["a + b*c", "sum( x ) over (order by y)"])
        #expect(source.text(statement.range) == text)
        #expect(core.items[0].expression.dottedName == nil)
        #expect(try Parser.parseExpression("db.t.A").dottedName?.map(\.name) == ["db", "t", "a"])
    }

    @Test func types() throws {
        #expect(try Parser.parseType("decimal").kind == .decimal(precision: nil, scale: nil))
        #expect(try Parser.parseType("numeric(5)").kind == .decimal(precision: 5, scale: nil))
        #expect(try Parser.parseType("double precision").kind == .primitive(.double))
        #expect(try Parser.parseType("timestamp with local time zone").kind == .primitive(.timestampLocalTimeZone))
        let nested = try Parser.parseType("array<map<string,struct<a:int,b:uniontype<int,double>>>>")
        #expect(SQLPrinter.print(nested) == "ARRAY<MAP<STRING, STRUCT<a: INT, b: UNIONTYPE<INT, DOUBLE>>>>")
    }
}
