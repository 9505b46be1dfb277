import Columnar
import HiveSyntax
import Planner
import Testing

@Suite struct OptimizerTests {
    @Test func everyRuleHasASwitch() throws {
        let query = try PlannedQuery("select * from (select a + 1 x, b from t where 1 < 2) q where x > 3 and b = 'k' limit 5")
        let all = try query.lines()
        for rule in Optimizer.ruleNames {
            #expect(try query.lines(PlannerSettings { $0.rulesOff = [rule] }).count >= all.count)
        }
        #expect(try query.lines(PlannerSettings { $0.isOptimizerOn = false }) == query.boundLines)
        #expect(all.count < query.boundLines.count)
    }

    @Test func constantsAreFolded() throws {
        let lines = try PlannedQuery("select a + (2 * 3), upper('x') from t where 1 < 2 and (a > 1 or 1 = 1)")
            .lines(after: "constant_folding")
        #expect(lines.contains { $0.contains("a + 6") && $0.contains("'X'") }, "\(lines)")
        #expect(!lines.contains { $0.contains("LogicalFilter") }, "\(lines)")
        // A constant that fails is left to the run; what is random is no constant.
        let kept = try PlannedQuery("select assert_true(1 > 2), rand() from t").lines(after: "constant_folding")
        #expect(kept.contains { $0.contains("assert_true(") && $0.contains("rand()") }, "\(kept)")
    }

    @Test func callsThatReadOneValueAreOne() throws {
        func lines(_ sql: String) throws -> String {
            try PlannedQuery(sql).lines(after: "call_merging").joined(separator: "\n")
        }
        let merged = try lines("select get_json_object(b, '$.x'), upper(get_json_object(b, '$.y')), get_json_object(b, '$.x') from t")
        #expect(merged.contains("json_paths(") && merged.contains("'$.x', '$.y')") && !merged.contains("get_json_object"), "\(merged)")
        // One path, a path that is no constant, another text.
        for sql in [
            "select get_json_object(b, '$.x'), get_json_object(b, '$.x') || '!' from t",
            "select get_json_object(b, '$.x'), get_json_object(b, b) from t",
            "select get_json_object(b, '$.x'), get_json_object(upper(b), '$.y') from t",
        ] { #expect(try !lines(sql).contains("json_paths"), "\(sql)") }
    }

    /// However the tables of a FROM list stand, an equality connects each with those before it.
    @Test(arguments: [
        "x.a = z.a and y.f = z.f", "x.a = z.a and z.f = y.f and x.c = 1", "z.a + 1 = x.a and cast(y.f as bigint) = z.f",
        "x.a = y.a and y.f = z.f", "(x.a = z.a and y.f = z.f and x.c = 1) or (x.a = z.a and y.f = z.f and x.c = 2)",
    ]) func commaJoinsAreConnected(condition: String) throws {
        for tables in ["t x, u y, u z", "t x, u z, u y", "u y, t x, u z", "u z, u y, t x", "u y join t x on 1 = 1, u z"] {
            let lines = try PlannedQuery("select x.a, y.f, z.e from \(tables) where \(condition)").lines()
            #expect(!lines.contains { $0.contains("LogicalJoin cross") }, "\(tables): \(lines)")
        }
    }

    /// Tables that nothing connects are multiplied, each part joined before.
    @Test func onlyUnconnectedTablesAreMultiplied() throws {
        let lines = try PlannedQuery("select 1 from t x, u y, t z, u w where x.a = z.a and y.f = w.f").lines()
        #expect(lines.filter { $0.contains("LogicalJoin cross") }.count == 1, "\(lines)")
        #expect(lines.filter { $0.contains("LogicalJoin inner on") }.count == 2, "\(lines)")
    }

    @Test func keysDrawnAtRandomAreKeys() throws {
        for sql in [
            "select 1 from t join u on coalesce(t.a, cast(rand() * 9 as int)) = u.a",
            "select 1 from t left join u on concat(t.b, rand()) = u.e",
        ] {
            let lines = try PlannedQuery(sql).lines()
            #expect(lines.contains { $0.contains("LogicalJoin") && $0.contains(" on ") }, "\(lines)")
        }
    }

    @Test func conditionsGoToTheScans() throws {
        let lines = try PlannedQuery("select * from t join u on t.a = u.a where t.c > 1 and u.f < 5 and t.a = 7")
            .lines(after: "predicate_pushdown")
        let left = try #require(lines.first { $0.contains("default.t ") })
        let right = try #require(lines.first { $0.contains("default.u ") })
        #expect(left.contains("c > 1") && left.contains("a = 7"))
        // What holds for one side of an equality holds for the other.
        #expect(right.contains("f < 5") && right.contains("a = 7"))
        #expect(!lines.contains { $0.contains("LogicalFilter") })
    }

    @Test func conditionsStayWhereTheyMatter() throws {
        func filters(_ sql: String) throws -> [String] {
            try PlannedQuery(sql).lines(after: "predicate_pushdown").map { $0.trimmingIndent }
        }
        // Random conditions do not move, nor does anything below what is random.
        #expect(try filters("select * from (select a, c from t) q where rand() < 0.5 and c > 1").contains {
            $0.hasPrefix("LogicalFilter") && $0.contains("rand()") && !$0.contains("c > 1")
        })
        #expect(try filters("select * from (select rand() r from t) q where r < 0.5").first { $0.contains("r < ") }?
            .hasPrefix("LogicalFilter") == true)
        // A limit, a window and an aggregate see all rows.
        #expect(try filters("select * from (select a from t order by a limit 3) q where a > 1")[0].hasPrefix("LogicalFilter")
            || filters("select * from (select a from t order by a limit 3) q where a > 1")[1].hasPrefix("LogicalFilter"))
        #expect(try filters("select * from (select a, c, rank() over (partition by c order by a) r from t) q where a > 1 and c = 2")
            .contains { $0.hasPrefix("LogicalFilter") && $0.contains("a > 1") && !$0.contains("c = 2") })
        #expect(try filters("select a, count(*) n from t group by a having n > 1 and a > 2")
            .contains { $0.hasPrefix("LogicalFilter") && !$0.contains("a > 2") })
        #expect(try filters("select * from (select a, count(*) n from t group by a grouping sets ((a), ())) q where a > 2")
            .contains { $0.hasPrefix("LogicalFilter") && $0.contains("a > 2") })
        // The rows of an outer join's preserved side stay.
        #expect(try filters("select * from t left join u on t.a = u.a and t.c > 1").contains {
            $0.hasPrefix("LogicalJoin left") && $0.contains("c > 1")
        })
        #expect(try filters("select * from t tablesample (3 rows) where a > 1").contains { $0.hasPrefix("LogicalFilter") })
    }

    @Test(arguments: [
        ("left", "u.f = 1", "inner"), ("left", "u.f is null", "left"), ("left", "coalesce(u.f, 1) = 1", "left"),
        ("left", "u.f > 1 or t.c = 2", "left"), ("left", "u.f > 1 or u.f = 0", "inner"), ("left", "u.f <=> 1", "left"),
        ("left", "u.f is not null", "inner"), ("left", "u.f + 1 < 3", "inner"), ("left", "not (u.f = 1)", "left"),
        ("left", "if(u.f > 1, 1, 2) = 2", "left"), ("full", "t.c = 1", "left"), ("full", "t.c = u.f", "inner"),
        ("full", "t.c is null", "full"), ("left", "u.f in (1, null)", "left"), ("left", "t.c > 1", "left"),
    ]) func outerJoinsAreStrengthened(kind: String, condition: String, expected: String) throws {
        let lines = try PlannedQuery("select * from t \(kind) join u on t.a = u.a where \(condition)")
            .lines(after: "predicate_pushdown")
        let join = try #require(lines.first { $0.contains("LogicalJoin") })
        #expect(join.trimmingIndent.hasPrefix("LogicalJoin \(expected) "), "\(lines)")
    }

    @Test(arguments: [
        ("k = 2", 1, true), ("k > 1", 2, true), ("k is null", 1, true), ("w = 'y'", 2, true), ("k = 1 and w = 'y'", 0, true),
        ("k = 1 or w = 'y'", 3, true), ("k + v > 3", 4, false), ("k in (1, 3)", 2, true), ("rand() < k", 4, false),
        ("upper(w) = 'X'", 2, true), ("k = 1 and v = 2", 1, false),
    ]) func partitionsArePruned(condition: String, left: Int, isGone: Bool) throws {
        let scan = try #require(
            try PlannedQuery("select v from p where \(condition)").lines().first { $0.contains("LogicalScan") })
        #expect(scan.contains("partitions=\(left)"), "\(scan)")
        #expect(scan.contains("filter=") != (isGone || condition.contains("rand")), "\(scan)")
    }

    @Test func projectionsMerge() throws {
        let lines = try PlannedQuery("select x + 1 y from (select a * 2 x from t) q").lines(after: "project_merging")
        #expect(lines.filter { $0.contains("LogicalProject") }.count == 1)
        #expect(lines[0].contains("(a * 2) + 1"))
        // A value drawn at random is drawn once, even where it is used twice.
        let random = try PlannedQuery("select r, r + 1 from (select rand() r from t) q").lines()
        #expect(random.joined().components(of: "rand(") == 1, "\(random)")
    }

    @Test func onlyNeededColumnsAreRead() throws {
        let union = try PlannedQuery(
            "select y from (select a x, c y, b from t union all select a, f, e from u) q").lines()
        #expect(union.contains { $0.contains("default.t [c]") } && union.contains { $0.contains("default.u [f]") }, "\(union)")
        #expect(try PlannedQuery("select count(*) from (select a, b from t union all select f, e from u) q").lines()
            .contains { $0.contains("default.t []") })
        #expect(try PlannedQuery("select a from (select a, rank() over (order by b) r from t) q").lines()
            .allSatisfy { !$0.contains("LogicalWindow") })
        #expect(try PlannedQuery("select a from (select a, exists (select 1 from u where f > c) m from t) q").lines()
            .allSatisfy { !$0.contains("LogicalJoin") })
    }

    @Test func limitsReachSorts() throws {
        #expect(try PlannedQuery("select a from t order by c limit 5").lines().contains { $0.contains("first 5") })
        #expect(try PlannedQuery("select a from t order by c limit 2, 5").lines().contains { $0.contains("first 7") })
        #expect(try PlannedQuery("select * from (select a from t union all select f from u) q limit 3").lines()
            .filter { $0.contains("LogicalLimit 3") }.count == 3)
    }

    @Test func smallSidesAreBuilt() throws {
        #expect(try PlannedQuery("select 1 from t join u on t.a = u.a").lines().contains { $0.contains("build=right") })
        #expect(try PlannedQuery("select 1 from u join t on t.a = u.a").lines().contains { $0.contains("build=left") })
        let right = try PlannedQuery("select t.b, u.e from t right join u on t.a = u.a").lines()
        #expect(right.contains { $0.contains("LogicalJoin left on (a = a)") }, "\(right)")
    }

    @Test func whatEveryAlternativeAsksForIsLiftedOut() throws {
        let joined = try PlannedQuery(
            "select 1 from t, u where (t.a = u.a and t.c = 1 and u.f = 2) or (u.a = t.a and t.c = 3 and u.f = 4)").lines()
        #expect(joined.contains { $0.contains("LogicalJoin inner on (a = a) where (") }, "\(joined)")
        let scan = try PlannedQuery("select 1 from t where (a = 1 and c = 2) or (c = 3 and a = 1)").lines()
        #expect(scan.contains { $0.contains("filter=(a = 1, (c = 2) or (c = 3))") }, "\(scan)")
        #expect(try PlannedQuery("select 1 from t where (a = 1 and c = 2) or a = 1").lines().contains { $0.contains("filter=(a = 1)") })
        #expect(try PlannedQuery("select 1 from t where (a = 1 and rand() < 1) or (a = 1 and c = 3)").lines()
            .contains { $0.contains("or") && $0.contains("LogicalFilter") })
    }

    @Test func deepStatementsArePlanned() throws {
        let sum = "select " + Array(repeating: "a", count: 200).joined(separator: " + ") + " from t"
        #expect(try PlannedQuery(sum).lines().count == 2)
    }
}

extension String {
    var trimmingIndent: String { String(drop { $0 == " " }) }
}
