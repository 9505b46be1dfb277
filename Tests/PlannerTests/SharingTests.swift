import HiveSyntax
import Planner
import Testing

/// Plans that several places read are bound, improved and printed once.
@Suite struct SharingTests {
    private func count(_ lines: [String], _ text: String) -> Int { lines.filter { $0.contains(text) }.count }

    private static func chain(_ length: Int) -> String {
        let links = (1..<length).map { "c\($0) as (select x.a from c\($0 - 1) x join c\($0 - 1) y on x.a = y.a)" }
        return "with " + (["c0 as (select a from t where c > 1)"] + links).joined(separator: ", ")
            + " select count(*) from c\(length - 1)"
    }

    @Test(arguments: [14, 18, 40]) func chainsThatNameTheFormerTwiceAreLinear(length: Int) throws {
        let query = try PlannedQuery(Self.chain(length))
        #expect(count(query.boundLines, "LogicalScan default.t") == 1)
        #expect(query.boundLines.count < length * 12)
        for lines in [try query.lines(), query.boundLines] {
            #expect(count(lines, "LogicalScan default.t") == 1)
            #expect(lines.count < length * 12)
        }
    }

    @Test func whatIsReadOnceOrCheapIsPutInPlace() throws {
        #expect(count(try PlannedQuery("with q as (select a from t) select a from q").boundLines, "Shared") == 0)
        #expect(count(try PlannedQuery("with q as (select a from t), r as (select 1) select a from q").boundLines, "Shared") == 0)
        let cheap = try PlannedQuery("with q as (select 1 as x union all select 2), r as (select 3 as x) "
            + "select l.x from r l join r m on l.x = m.x")
        #expect(count(cheap.boundLines, "LogicalSharedScan") == 2)
        #expect(count(try cheap.lines(), "Shared") == 0)
        // What comes on top of kept rows is not kept again.
        let above = try PlannedQuery(
            "with q as (select a, count(*) n from t group by a), r as (select a, n + 1 as m from q) "
                + "select l.m from r l join r k on l.a = k.a join q on q.a = l.a")
        #expect(count(try above.lines(), "SharedSubplan") == 1)
        #expect(count(try above.lines(), "LogicalSharedScan") == 3)
    }

    @Test func randomValuesAreDrawnOnce() throws {
        let query = try PlannedQuery("with q as (select rand() as x) select l.x = r.x from q l cross join q r")
        #expect(count(try query.lines(), "rand()") == 1)
        #expect(count(try query.lines(), "LogicalSharedScan") == 2)
    }

    private func scan(_ tail: String) throws -> String {
        let lines = try PlannedQuery("with q as (select a, b, c, d from t) " + tail).lines()
        return try #require(lines.first { $0.contains("LogicalScan default.t") })
    }

    @Test func conditionsOfAllReadersReachTheScan() throws {
        let same = try scan("select a from q where c > 1 and a = 2 union all select c from q where c > 1 and a = 2")
        #expect(same.contains("c > 1") && same.contains("a = 2") && !same.contains(" or "))
        let differing = try scan("select a from q where c > 1 and a = 2 union all select c from q where c > 1 and a = 3")
        #expect(differing.contains("c > 1") && differing.contains("(a = 2) or (a = 3)"))
        #expect(!(try scan("select a from q where c > 1 union all select c from q").contains("filter")))
        #expect(!(try scan("select a from q where rand() > 0.5 union all select c from q where rand() > 0.5").contains("filter")))
        // A limit belongs to its reader.
        let limited = try PlannedQuery(
            "with q as (select a, c from t) select * from (select a from q limit 3) x union all select c from q").lines()
        let shared = try #require(limited.firstIndex { $0.contains("SharedSubplan") })
        #expect(!limited[shared + 1].contains("LogicalLimit"))
    }

    @Test func columnsOfAnyReaderAreRead() throws {
        let line = try scan("select a from q union all select c from q")
        #expect(line.contains("[a, c]"))
    }

    @Test func aReaderThatIsNotNeededLeavesOne() throws {
        let lines = try PlannedQuery("select a from (select a, a in (select f from u where e = 'k') m from t) x").lines()
        #expect(count(lines, "Shared") == 0)
    }

    @Test func subqueriesAskedTwiceAreComputedOnce() throws {
        let lines = try PlannedQuery("select a, a in (select f from u) from t").boundLines
        #expect(count(lines, "LogicalScan default.u") == 1)
        let correlated = try PlannedQuery("select a, a in (select f from u where u.e = t.b) from t").boundLines
        #expect(count(correlated, "LogicalScan default.u") == 1)
    }

    // MARK: cancellation

    @Test func bindingAndOptimizingAskWhetherToGoOn() throws {
        let columns = (0..<300).map { "a + \($0)" }.joined(separator: ", ")
        let statements = [
            Self.chain(40), "select \(columns) from t", "select a from t" + String(repeating: " union all select a from t", count: 50),
        ]
        for sql in statements {
            let looks = try PlannedQuery.looks(sql)
            #expect(looks.binding > 100 && looks.optimizing > 10, "\(looks)")
            for look in [1, looks.binding / 2, looks.binding + 1, looks.binding + looks.optimizing - 1] {
                #expect(throws: PlannedQuery.Cancelled.self) { try PlannedQuery.looks(sql, cancellingAt: look) }
            }
        }
    }
}
