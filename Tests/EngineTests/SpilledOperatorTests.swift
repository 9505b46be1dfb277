import Engine
import HiveQL
import TestSupport
import Testing

/// Groups, distinct values, joins and windows that do not fit in `hiveql.memory.limit` have the rows that they have without one.
@Suite struct SpilledOperatorTests {
    private static let rowCount = 40_000

    private func session(_ temporary: TemporaryWarehouse, threads: Int) throws -> Session {
        let session = try temporary.session([
            "hiveql.threads": "\(threads)", "hiveql.split.bytes": "50k", "hiveql.scratch.dir": temporary.root, "hiveql.memory.limit": "2g",
        ])
        try session.execute(
            """
            create table numbers as select p as i, pmod(p * 7919, 9973) as k, if(p % 10 = 0, null, p / 7D) as d,
              if(p % 10 = 0, null, concat('a text that is longer than a view ', pmod(p * 31, 20011))) as t,
              cast(p / 3 as decimal(12,2)) as c, if(p < 15000, 7, p) as skewed
            from (select 1) o lateral view posexplode(split(repeat('a ', \(Self.rowCount - 1)), ' ')) e as p, x
            """)
        return session
    }

    private func lines(_ session: Session, _ sql: String) throws -> [String] {
        let cursor = try session.open(sql)
        var lines: [String] = []
        while let batch = try cursor.next() { lines += QueryResult(schema: cursor.schema, batches: [batch]).lines() }
        return lines
    }

    /// The rows of a query without a limit of memory and with one, in any order, and that the operator named has put rows aside.
    private func compare(
        _ session: Session, _ sql: String, _ operation: String, limit: String = "3m", spills: Bool = true
    ) throws {
        try session.execute("set hiveql.memory.limit=2g")
        let whole = try lines(session, sql).sorted()
        try session.execute("set hiveql.memory.limit=\(limit)")
        let part = try lines(session, sql).sorted()
        #expect(whole.count > 0 && part == whole, "\(sql)")
        guard spills else { return }
        let plan = try session.lines("explain analyze \(sql)")
        #expect(plan.contains { $0.contains(operation) && $0.contains("spilled bytes: ") }, "\(sql): \(plan.joined(separator: "\n"))")
    }

    @Test(arguments: [1, 3]) func groups(threads: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: threads)
        let operation = "HashAggregateOperator"
        for sql in [
            "select i, t, count(*), sum(k), max(t), avg(c) from numbers group by i, t",
            "select array(i, k), map('a', t), count(*), min(d) from numbers group by array(i, k), map('a', t)",
            "select distinct i, k, d, t, c from numbers",
            "select t, k, i % 3, count(*), grouping__id from numbers group by t, k, i % 3 with cube",
            "select k, collect_list(t), sort_array(collect_set(t)), collect_list(named_struct('a', i, 'b', t)) from numbers group by k",
            "select k, percentile(i, 0.5), percentile(i, array(0.1, 0.9)), round(stddev(d), 6), round(corr(i, d), 6), max_by(t, i), count_if(i > 9) from numbers group by k",
            "select k, count(distinct t), count(distinct i, t), sum(distinct i), count(*) from numbers group by k",
            "select k, listagg(t, ',') within group (order by i), mode(i), median(d) from numbers group by k",
            "select i, t from numbers union select i + 5, t from numbers",
            "select i, t from numbers intersect select i, t from numbers where i % 3 = 0",
        ] { try compare(session, sql, operation) }
    }

    /// Distinct values of one group.
    @Test(arguments: [1, 3]) func distinctValues(threads: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: threads)
        for sql in [
            "select count(distinct i), count(distinct t), count(distinct i, t), sum(i) from numbers",
            "select i % 2, count(distinct concat(t, i)), sum(distinct i) from numbers group by i % 2",
            "select count(distinct array(i, k)) from numbers",
        ] { try compare(session, sql, "HashAggregateOperator", limit: "2m") }
    }

    /// Parts are cut again until they fit.
    @Test func partsAreCutAgain() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: 2)
        try compare(session, "select i, concat(t, i), count(*), max(t) from numbers group by i, concat(t, i)", "HashAggregateOperator", limit: "512k")
        try compare(session, "select i, t, row_number() over (partition by i % 3000 order by t, i) from numbers", "WindowOperator", limit: "1m")
    }

    @Test(arguments: [1, 3]) func joins(threads: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: threads)
        let other = "(select i + 20000 as i, t, concat('other ', t) as o, k, skewed from numbers) b"
        for sql in [
            "select a.i, b.o from numbers a join \(other) on a.i = b.i",
            "select a.i, a.t, b.o from numbers a left join \(other) on a.i = b.i and a.t <=> b.t",
            "select a.i, b.i, b.o from numbers a right join \(other) on a.i = b.i",
            "select a.i, b.i, a.t, b.o from numbers a full join \(other) on a.i = b.i and a.k < b.k",
            "select a.i, a.t from numbers a left semi join \(other) on a.i = b.i and a.k <> b.k",
            "select a.i, a.t from numbers a where not exists (select 1 from \(other) where a.i = b.i)",
            "select a.i, a.t from numbers a where a.i not in (select b.i from \(other))",
            "select a.i, a.t from numbers a where a.i in (select b.i from \(other)) or a.k = 5",
            "select a.i, b.t from numbers a join \(other) on upper(a.t) = upper(b.t) where a.i < 15000",
        ] { try compare(session, sql, "HashJoinOperator", limit: "2m") }
        // NULL among the values of NOT IN.
        #expect(try lines(session, "select count(*) from numbers a where a.t not in (select b.t from \(other))") == ["0"])
    }

    /// Of a key that does not fit the kept rows take turns.
    @Test(arguments: [1, 3]) func joinsOfAKeyWithManyRows(threads: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: threads)
        let few = "(select * from numbers where i < 20 or i > 33000)"
        let many = "(select skewed, concat(t, 'x') as t, k, i from numbers)"
        for (kind, rows) in [
            ("join", "sum(a.i), sum(b.i), count(*)"), ("left join", "sum(a.i), sum(b.i), count(*)"), ("right join", "sum(a.i), sum(b.i), count(*)"),
            ("full join", "sum(a.i), sum(b.i), count(*)"), ("left semi join", "sum(a.i), count(*)"), ("left anti join", "sum(a.i), count(*)"),
        ] {
            // The right side is kept.
            for (left, right, spills) in [(few, many, true), (many, few, false)] {
                try session.execute("set hiveql.optimizer.join_build_side=false")
                try compare(
                    session, "select \(rows) from \(left) a \(kind) \(right) b on a.skewed = b.skewed and a.k <> b.k",
                    "HashJoinOperator", limit: "1m", spills: spills)
            }
        }
    }

    @Test(arguments: [1, 3]) func otherJoins(threads: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: threads)
        for kind in ["", "left "] {
            try compare(
                session,
                "select a.i, a.t, b.i, b.t from numbers a asof \(kind)join (select * from numbers where i % 3 > 0) b on a.k = b.k and a.i > b.i",
                "AsofJoinOperator", limit: "2m")
        }
        // The right side is kept.
        try session.execute("set hiveql.optimizer.join_build_side=false")
        for (kind, rows) in [
            ("join", "sum(a.i), sum(b.i), count(*)"), ("left join", "sum(a.i), sum(b.i), count(*)"), ("full join", "sum(a.i), sum(b.i), count(*)"),
            ("left semi join", "sum(a.i), count(*)"),
        ] {
            try compare(
                session, "select \(rows) from (select * from numbers where i % 3000 = 1) a \(kind) numbers b on a.i + 1 > b.i and length(b.t) > 38",
                "NestedLoopJoinOperator", limit: "512k")
        }
    }

    @Test(arguments: [1, 3]) func windows(threads: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: threads)
        for sql in [
            "select i, t, row_number() over (partition by k order by t desc, i), sum(i) over (partition by k order by i rows 2 preceding) from numbers",
            "select i, t, lag(t, 2) over (partition by t, k order by i), count(*) over (partition by t, k) from numbers",
            // Ties are in the order of the source.
            "select i, first_value(i) over (partition by k order by i % 2), collect_list(i) over (partition by k) from numbers",
            "select i, rank() over (partition by array(k) order by rand(5)) > 0 from numbers",
        ] { try compare(session, sql, "WindowOperator", limit: "4m") }
    }

    /// Without PARTITION BY rows are sorted, and computed some at a time.
    @Test(arguments: [1, 3]) func windowsOverAllRows(threads: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: threads)
        for functions in [
            "row_number() over (order by t desc, k), row_number() over (order by k)", "ntile(7) over (order by k), ntile(100000) over (order by i)",
            "rank() over (order by k), dense_rank() over (order by k), percent_rank() over (order by k), cume_dist() over (order by k)",
            "rank() over (order by skewed), dense_rank() over (order by skewed desc), first_value(t) over (order by skewed, i desc)",
            "first_value(i) over (order by i rows between unbounded preceding and 1 preceding) from (select * from numbers where i < 30000)",
            "lag(t, 2) over (order by i), lead(i, 3, -1) over (order by i), lag(i) over (order by k desc, i), lead(t) over (order by t nulls last)",
            "sum(i) over (order by i rows between 2 preceding and 1 following), max(t) over (order by i rows between 3 preceding and 2 preceding)",
            "first_value(t) over (order by i), last_value(i) over (order by k), last_value(t) over (order by i rows between current row and 2 following)",
            "sum(i) over (order by k), count(t) over (order by k, i rows unbounded preceding), collect_set(i % 3) over (order by k)",
            "sum(c) over (), max(t) over (), count(*) over (order by i rows between unbounded preceding and unbounded following)",
        ] {
            let from = functions.contains(" from ") ? " n" : " from numbers"
            try compare(session, "select i, \(functions)\(from)", "WindowOperator", limit: "2m", spills: !functions.contains(" from "))
        }
        // What looks at rows however far away needs all of them.
        try session.execute("set hiveql.memory.limit=2m")
        #expect(throws: HiveError.self) { try session.execute("select count(distinct t) over (order by i) from numbers") }
    }

    /// Ranks and values of other rows of many rows are computed some rows at a time where there is memory too.
    @Test func manyRowsAreSortedByAllWorkers() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "2", "hiveql.split.bytes": "100k"])
        try session.execute(
            "create table many as select p as i, p % 7 as k, concat('a text that is longer than a view ', p) as t "
                + "from (select 1) o lateral view posexplode(split(repeat('a ', 159999), ' ')) e as p, x")
        func one(_ sql: String) throws -> String { try session.lines(sql).joined(separator: ",") }
        #expect(try one("select count(distinct f), min(f) from (select first_value(t) over (order by i desc) f from many) x")
            == "1\ta text that is longer than a view 159999")
        #expect(try one("select count(*) from (select first_value(i) over (order by i rows between unbounded preceding and 1 preceding) f from many) x where f is null") == "1")
        #expect(try one("select min(n), max(n) from (select ntile(i + 1) over (order by i) n from many) x") == "1\t1")
        #expect(try one("select l from (select i, lag(t, 3) over (order by i) l from many) x where i = 120000") == "a text that is longer than a view 119997")
        #expect(try one("select max(r), count(distinct r), sum(d) from (select rank() over (order by k) r, dense_rank() over (order by k) d from many) x")
            == "137144\t7\t639997")
        #expect(try one("select min(c[0]) from (select collect_list(i) over (order by i desc rows between unbounded preceding and unbounded following) c from (select * from many where i < 200) q) x") == "199")
        #expect(try one("select max(v) from (select nth_value(i, 9223372036854775807) over (order by i) v from many where i < 9) x") == "NULL")
    }

    /// A LIMIT keeps nothing.
    @Test func limitsStream() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: 3)
        let sql = "select i, t, c from numbers limit 30000"
        let whole = try lines(session, sql)
        try session.execute("set hiveql.memory.limit=2m")
        #expect(try lines(session, sql) == whole && whole.count == 30000)
        #expect(try lines(session, "select i, t, c from numbers limit 20000, 100").first == whole[20000])
    }

    /// Nothing is left in the scratch folder, whether the query ends well or not.
    @Test func nothingIsLeft() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: 2)
        try session.execute("set hiveql.memory.limit=2m")
        #expect(try lines(session, "select count(*) from (select i, t, count(*) from numbers group by i, t) q") == ["\(Self.rowCount)"])
        #expect(throws: HiveError.self) { try session.execute("select collect_list(t), collect_list(concat(t, i)) from numbers") }
        #expect(throws: HiveError.self) {
            try session.execute("select i, t, assert_true(i < 39000) from (select i, t from numbers group by i, t) q")
        }
        #expect(temporary.files(under: ".").filter { !$0.hasPrefix("warehouse/") } == [])
        try session.execute("set hiveql.scratch.dir=\(temporary.root)/nope")
        #expect(throws: HiveError.self) { try session.execute("select i, t, count(*) from numbers group by i, t") }
    }
}
