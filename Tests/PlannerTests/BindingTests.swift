import Columnar
import Planner
import Testing

@Suite struct BindingTests {
    /// Message, error number and the offset at which the error stands, as Hive 2.3 reports them.
    @Test(arguments: [
        ("select nope from t", 10004, 7, "Invalid table alias or column reference 'nope': (possible column names are: a, b, d, c)"),
        ("select t.nope from t", 10002, 9, "Invalid column reference 'nope'"),
        ("select zz.a from t", 10004, 7, "Invalid table alias or column reference 'zz': (possible column names are: a, b, d, c)"),
        ("select a from nosuch", 10001, 14, "Table not found 'nosuch'"),
        ("select a, count(*) from t group by b", 10025, 7, "Expression not in GROUP BY key"),
        ("select a, count(*) from t", 10025, 7, "Expression not in GROUP BY key"),
        ("select a from t where count(*) > 1", 10128, 22, "Not yet supported place for UDAF 'count'"),
        ("select a.x from t", 10042, 7, ". Operator is only supported on struct or list of struct types 'x'"),
        ("select m.k from n", 10042, 7, ". Operator is only supported on struct or list of struct types 'k'"),
        ("select a as x from t where x > 1", 10004, 27, "Invalid table alias or column reference 'x': (possible column names are: a, b, d, c)"),
        ("select a as x, count(*) from t group by x", 10004, 40, "Invalid table alias or column reference 'x': (possible column names are: a, b, d, c)"),
        ("select case when a then 1 else 2 end from t", 10016, 17, "Argument type mismatch: \"boolean\" is expected after WHEN, but \"int\" is found"),
        ("select if(a, 1, 2) from t", 10016, 10, "Argument type mismatch: The first argument of function IF should be \"boolean\", but \"int\" is found"),
        ("select sum(sum(a)) from t", 10128, 11, "Not yet supported place for UDAF 'sum'"),
        ("select * from t x join u x on x.a = x.a", 10008, 23, "Ambiguous table alias 'x'"),
        ("select s = s from n", 10016, 7, "Argument type mismatch: The 1st argument of EQUAL  is expected to a primitive type, but struct is found"),
        ("select 1 from n where m <> m", 10016, 22, "Argument type mismatch: The 1st argument of NOT EQUAL  is expected to a primitive type, but map is found"),
        ("select if(true, 1)", 10015, 7, "Arguments length mismatch: The function IF(expr1,expr2,expr3) accepts exactly 3 arguments."),
        ("select 92233720368547758080L", 10029, 7, "Invalid numerical constant '92233720368547758080L'"),
        ("select t.* from u", 10009, 7, "Invalid table alias 't'"),
    ]) func errorsAreHives(sql: String, code: Int, offset: Int, message: String) throws {
        let error = try #require(planError(sql))
        #expect(error.message == message)
        #expect(error.code == code)
        #expect(error.range?.start == offset, "\(String(describing: error.range))")
    }

    /// Those that Hive reports without a position.
    @Test(arguments: [
        ("select a from t join u on t.a=u.a", nil, "Column a Found in more than One Tables/Subqueries"),
        ("select nofunc(a) from t", 10011, "Invalid function nofunc"),
        ("select *, count(*) from t group by a", 10025, "Expression not in GROUP BY key b"),
        ("select a from t having a > 1", nil, "HAVING specified without GROUP BY"),
        ("select rank() from t", 10247, "Missing over clause for function :  rank"),
        ("select a from t union all select a, e from u", nil, "Schema of both sides of union should match."),
        ("select a from t union all select m from n", nil, "Schema of both sides of union should match: Column a is of type int on first table and type map<string,int> on second table."),
        ("select a from (select a, a from t) q", 10007, "Ambiguous column reference a in q"),
    ] as [(String, Int?, String)]) func errorsOfWholeStatements(sql: String, code: Int?, message: String) throws {
        let error = try #require(planError(sql))
        #expect(error.message == message)
        #expect(error.code == code)
    }

    /// Columns of the outer query are lifted out of conditions, and nowhere else.
    @Test(arguments: [
        "select a from t where a = (select max(a))", "select a from t where a in (select min(t.a + u.f) from u)",
        "select a, (select max(t.a) from u) from t", "select a from t where a = any (select max(t.a) from u)",
        "select a from t where exists (select max(t.a) from u group by u.f)",
    ]) func outerColumnsOutsideOfConditionsAreRefused(sql: String) throws {
        #expect(try #require(planError(sql)).message.contains("refers to outer columns"))
    }

    @Test func nearNamesAreHinted() {
        #expect(planError("select dayy from n")?.hint == "Did you mean 'day'?")
        #expect(planError("select * from view_of_tt")?.hint == "Did you mean 'view_of_t'?")
        #expect(planError("select uper(b) from t")?.hint == "Did you mean 'upper'?")
    }

    @Test func namesResolveFromTheInsideOut() throws {
        // `w.c` is a column of the outer table w: the inner table's column w has no fields.
        let shadowed = try PlannedQuery("select a from t w where exists (select 1 from p where p.k = w.c)")
        #expect(shadowed.boundLines.contains { $0.contains("leftSemi on (c = k)") }, "\(shadowed.boundLines)")
        // A column of the subquery hides the outer one; only what it has not is looked up outside.
        let inner = try PlannedQuery("select a from t where exists (select 1 from u where a = 1)")
        #expect(!inner.boundLines.contains { $0.contains(" on (") })
        let outer = try PlannedQuery("select a from t where exists (select 1 from u where u.a = c)")
        #expect(outer.boundLines.contains { $0.contains("leftSemi on (c = a)") }, "\(outer.boundLines)")
        #expect(try PlannedQuery("select default.t.a from t").bound.columns.map(\.name) == ["a"])
        #expect(try PlannedQuery("select s.x, s.y from n").types == [.int, .string])
        #expect(try PlannedQuery("select * from t join u using (a)").bound.columns.map(\.name) == ["a", "b", "d", "c", "e", "f"])
        #expect(try PlannedQuery("with q as (select a z from t) select * from q x join q y on x.z = y.z").bound.columns.count == 2)
        #expect(planError("select a from circle")?.message.contains("Recursive view") == true)
    }

    @Test(arguments: [
        ("a + 1", .int), ("a / 2", .double), ("a + d", .double), ("concat(b, 'x')", .string), ("a = 1", .boolean),
        ("1.5", .decimal(precision: 2, scale: 1)), ("3000000000", .bigint), ("1e3", .double), ("1Y", .tinyint),
        ("1S", .smallint), ("1L", .bigint), ("count(*)", .bigint), ("sum(a)", .bigint), ("sum(d)", .double),
        ("avg(a)", .double), ("max(b)", .string), ("if(a > 1, a, d)", .double), ("coalesce(a, 2L)", .bigint),
        ("date '2020-01-01'", .date), ("case when a > 1 then 'x' end", .string), ("array(1, 2)", .array(.int)),
        ("map('k', 1)", .map(key: .string, value: .int)), ("cast(a as decimal(5,1))", .decimal(precision: 5, scale: 1)),
        ("row_number() over (order by a)", .int), ("a in (select f from u)", .boolean),
        ("(select max(e) from u)", .string), ("exists (select 1 from u)", .boolean), ("a > all (select f from u)", .boolean),
        ("input__file__name", .string), ("block__offset__inside__file", .bigint),
    ] as [(String, SQLType)]) func typesOfExpressions(text: String, type: SQLType) throws {
        let isAggregate = ["count(", "sum(", "avg(", "max(b"].contains { text.hasPrefix($0) }
        let query = try PlannedQuery("select \(text) as x from t" + (isAggregate ? " group by a" : ""))
        #expect(query.types == [type])
    }

    @Test func virtualColumnsAreHiddenAndCostNothingUnused() throws {
        let star = try PlannedQuery("select * from t")
        #expect(star.bound.columns.count == 4)
        #expect(!star.boundLines.joined().contains("input__file__name"))
        let used = try PlannedQuery("select input__file__name, count(*) from t group by input__file__name")
        #expect(try used.lines().contains { $0.contains("LogicalScan default.t [input__file__name]") })
    }

    @Test func subqueriesBecomeJoins() throws {
        func kinds(_ sql: String) throws -> [String] {
            try PlannedQuery(sql).boundLines.filter { $0.contains("LogicalJoin") }.map {
                String($0.split(separator: " ").dropFirst().first ?? "")
            }
        }
        #expect(try kinds("select a from t where a in (select f from u)") == ["leftSemi"])
        #expect(try kinds("select a from t where a not in (select f from u)") == ["leftAntiNullAware"])
        #expect(try kinds("select a from t where not exists (select 1 from u where f = c)") == ["leftAnti"])
        #expect(try kinds("select a from t where exists (select 1 from u where f > c)") == ["leftSemi"])
        #expect(try kinds("select exists (select 1 from u where f > c) from t") == ["mark"])
        #expect(try kinds("select a from t where a > (select max(f) from u where e = b)") == ["left"])
        #expect(try kinds("select a from t where a < any (select f from u) or c = 1") == ["mark", "mark"])
        // COUNT without rows is 0, so that a row without a match needs a value.
        let count = try PlannedQuery("select a from t where 0 = (select count(*) from u where e = b)")
        #expect(count.boundLines.contains { $0.contains("is null then 0") }, "\(count.boundLines)")
        // An aggregate without GROUP BY has a row even of none.
        #expect(try PlannedQuery("select a from t where exists (select count(*) from u where e = b)").boundLines
            .contains { $0.contains("LogicalValues") })
        #expect(planError("select (select f from u where f > c limit 1) from t")?.message.contains("not supported yet") == true)
    }

    @Test func groupingAndOrdering() throws {
        #expect(try PlannedQuery("select a x, count(*) n from t group by a having n > 1 and x > 0 order by n desc").types == [.int, .bigint])
        // ORDER BY may use a column that is not selected; the result does not show it.
        let hidden = try PlannedQuery("select a from t order by c")
        #expect(hidden.bound.columns.map(\.name) == ["a"])
        #expect(hidden.bound.plan.outputs.count == 1)
        #expect(planError("select a, count(*) from t group by 1")?.code == 10025)
        #expect(planError("select a, count(*) from t group by 1", PlannerSettings { $0.groupsByPosition = true }) == nil)
        #expect(planError("select a from t order by 2")?.code == 10221)
        #expect(planError("select a from t order by 2", PlannerSettings { $0.ordersByPosition = false }) == nil)
        #expect(planError("select distinct a from t order by c")?.code == 10004)
        #expect(planError("select a from t where a = 99999999999999999999L") != nil)
        // What is drawn at random is ordered by as it is shown.
        let random = try PlannedQuery("select rand() r from t order by r").boundLines
        #expect(random.filter { $0.contains("rand(") }.count == 1)
        #expect(random.joined().components(of: "rand(") == 1, "\(random)")
    }
}

extension String {
    func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let found = rest.range(of: part) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }

}

extension Substring {
    fileprivate func range(of part: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(part) }.map { $0..<index($0, offsetBy: part.count) }
    }
}
