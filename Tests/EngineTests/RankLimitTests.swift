import Engine
import HiveQL
import TestSupport
import Testing

/// The first rows of each partition are the same whether the others are left out before the window or after it.
@Suite struct RankLimitTests {
    @Test(arguments: [1, 3]) func firstRowsAreTheSame(threads: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "\(threads)", "hiveql.split.bytes": "20k", "hiveql.batch.size": "100"])
        try session.execute(
            """
            create table t as select p as i, pmod(p * 7919, 97) as g, if(p % 10 = 0, null, pmod(p * 31, 400)) as k,
              if(p % 7 = 0, null, concat('a text that is longer than a key ', pmod(p * 131, 61))) as s, pmod(p * 17, 1000) / 8D as d
            from (select 1) o lateral view posexplode(split(repeat('a ', 29999), ' ')) e as p, x
            """)
        let windows = [
            "partition by g order by k, i", "partition by g order by k desc nulls last, s, i", "partition by s order by d desc, i", "order by s, k, i",
            "partition by g, s order by i desc", "partition by array(g) order by s desc, i", "partition by i order by k", "partition by g order by struct(k, s, i)",
        ]
        let conditions = [
            "row_number() over w <= 3", "rank() over w < 5", "dense_rank() over w between 1 and 4", "row_number() over w = 1",
            "row_number() over w in (2, 5)", "7 >= rank() over w", "dense_rank() over w <= 2", "row_number() over w <= 0",
            "row_number() over w <= 50 and rank() over w <= 2",
        ]
        for (number, window) in windows.enumerated() {
            for condition in conditions {
                let rank = condition.replacing(" over w", with: " over (\(window))")
                let sql = "select * from (select i, g, k, s, row_number() over (\(window)) r from t) q0 join (select i j from t qualify \(rank)) q on q.j = q0.i"
                // Ties come in any order.
                let shown = number == 6 || number == 7 ? "select count(*), max(i), sum(j) from (\(sql)) x" : sql
                try session.execute("set hiveql.optimizer.rank_limiting=false")
                let all = try session.lines(shown).sorted()
                try session.execute("set hiveql.optimizer.rank_limiting=true")
                #expect(try session.lines(shown).sorted() == all, "\(sql)")
                if !condition.contains("between") {
                    #expect(try session.lines("explain analyze \(sql)").contains { $0.contains("RankFilterOperator") }, "\(sql)")
                }
            }
        }
    }

    /// What other functions of the window see is not left out.
    @Test func otherFunctionsSeeAllRows() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t as select explode(array(5, 3, 9, 1, 7)) as k")
        let sql = "select k, n, l from (select k, row_number() over (order by k) r, count(*) over () n, lead(k) over (order by k) l from t) q where r <= 1"
        #expect(try session.lines(sql) == ["1\t5\t3"])
        #expect(try session.lines("select k from (select k, row_number() over (order by k) r, lead(k) over (order by k) l from t) q where r <= 1 and l = 3") == ["1"])
    }
}
