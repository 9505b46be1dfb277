import Planner
import Testing

/// Which aggregates are taken from what files say of themselves. Of the tables those of `p` have footers.
@Suite struct FileSummariesTests {
    @Test(arguments: [
        ("select count(*) from p", "summaries=[count(*)]"),
        ("select count(v), min(v), max(v), count(v) from p where k = 1", "summaries=[count(*), count(v), min(v), max(v)]"),
        ("select k, w, count(1), max(w) from p group by k, w", "summaries=[count(*)]"),
        ("select w, count(v) from p where k in (1, 2) group by w with rollup", "summaries=[count(*), count(v)]"),
        ("select distinct upper(w) from p", "summaries=[count(*)]"),
        ("select n from (select count(*) n from (select v, k from p) a where k > 1) b", "summaries=[count(*)]"),
    ]) func wholeFilesAreSummed(sql: String, summaries: String) throws {
        let lines = try PlannedQuery(sql).lines()
        #expect(lines.contains { $0.contains("LogicalScan default.p") && $0.contains(summaries) }, "\(sql): \(lines)")
    }

    @Test(arguments: [
        "select count(*) from p where v > 1", "select sum(v) from p", "select count(distinct v) from p",
        "select count(*), avg(v) from p", "select v, count(*) from p group by v", "select max(v + 1) from p",
        "select count(*) from p where rand() < 0.5", "select count(*) from p tablesample (1 rows)", "select count(*) from t",
        "select max(d) from t", "select input__file__name, count(*) from p group by input__file__name",
    ]) func allElseIsRead(sql: String) throws {
        let lines = try PlannedQuery(sql).lines()
        #expect(!lines.contains { $0.contains("summaries") }, "\(sql): \(lines)")
    }

    @Test func theSettingSwitchesItOff() throws {
        let query = try PlannedQuery("select count(*) from p")
        #expect(try !query.lines(PlannerSettings { $0.usesFileSummaries = false }).contains { $0.contains("summaries") })
    }
}
