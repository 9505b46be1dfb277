import Engine
import TestSupport
import Testing

/// Joins, groupings and windows that take the buckets of their tables after each other.
@Suite struct BucketwiseTests {
    /// Three tables: `a` and `b` with buckets by `i`, of numbers that have a common divisor, and `p`, whose partitions have
    /// buckets by `s` and `i`.
    private func makeTables(_ session: Session, version: String) throws {
        let numbers = "select pos as i, concat('v', pos % 97) as s from (select 1) o lateral view posexplode(split(space(2999), ' ')) e"
        let properties = "stored as orc tblproperties ('bucketing_version' = '\(version)')"
        try session.execute("create table a (i int, s string, d double) clustered by (i) into 8 buckets \(properties)")
        try session.execute("create table b (n int, s string) clustered by (n) into 12 buckets \(properties)")
        try session.execute(
            "create table p (i int, s string) partitioned by (k int) clustered by (s, i) into 6 buckets \(properties)")
        try session.execute("insert into a select if(i % 100 = 0, null, i % 1000 - 300), s, i / 4 from (\(numbers)) x")
        try session.execute("insert into b select if(i % 200 = 0, null, i % 900), s from (\(numbers)) x")
        try session.execute("insert into p partition (k) select i % 50, s, i % 3 from (\(numbers)) x")
    }

    /// The runs of the plan's operators that take buckets after each other.
    private func turns(_ session: Session, _ query: String) throws -> [Int] {
        try session.lines("explain analyze \(query)").filter { $0.contains("BucketwiseOperator") }.map { line in
            guard let start = line.range(of: "turns: ") else { return 1 }
            return Int(line[start.upperBound...].prefix(while: \.isNumber)) ?? 0
        }
    }

    @Test(arguments: ["1", "2"])
    func answersAreThoseOfAllRowsTogether(_ version: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.batch.size": "64", "hiveql.bucketwise.bytes": "1"])
        try makeTables(session, version: version)
        let queries: [(text: String, turns: [Int])] = [
            ("select i, count(*), sum(d), count(distinct s) from a group by i", [8]),
            ("select i, s, count(*) from a where d > 100 group by s, i having count(*) > 0", [8]),
            ("select distinct i from a", [8]),
            ("select s, i, k, count(*) from p group by i, k, s", [6]),
            ("select a.s, b.s from a join b on a.i = b.n", [4]),
            ("select count(*), sum(a.i), sum(hash(b.s)) from a join b on a.i = b.n and a.s < b.s", [4]),
            ("select a.i, b.n, b.s from a left join b on a.i = b.n and b.s > 'v5'", [4]),
            ("select a.i, b.n from a right join b on a.i = b.n", [4]),
            ("select a.i, b.n from a full join b on a.i = b.n", [4]),
            ("select a.i, b.n from a join b on a.i <=> b.n", [4]),
            ("select a.i from a left semi join b on a.i = b.n", [4]),
            ("select i from a where not exists (select 1 from b where b.n = a.i)", [4]),
            ("select b.n, count(*) from a join b on a.i = b.n group by b.n", [4]),
            ("select x.i, x.c, y.c from (select i, count(*) c from a group by i) x join (select n, max(s) c from b group by n) y on x.i = y.n", [4]),
            ("select i, row_number() over (partition by i, s order by d), sum(d) over (partition by i) from a", [8]),
            ("select e.w, a.i, count(*) from a lateral view explode(split(s, '')) e as w group by e.w, a.i", [8]),
            ("select x.i, y.i from p x join p y on x.s = y.s and x.i = y.i and x.k <= y.k", [6]),
            // The two sides of the union are taken each by its own buckets.
            ("select i from (select i from a group by i union all select n from b group by n) x", [8, 12]),
        ]
        for query in queries {
            try session.execute("set hiveql.bucketwise=false")
            let expected = try session.sorted(query.text)
            #expect(!expected.isEmpty, "\(query.text)")
            #expect(try turns(session, query.text).allSatisfy { $0 == 1 })
            try session.execute("set hiveql.bucketwise=true")
            for threads in ["1", "3"] {
                try session.execute("set hiveql.threads=\(threads)")
                #expect(try session.sorted(query.text) == expected, "\(query.text)")
            }
            #expect(try turns(session, query.text) == query.turns, "\(query.text)")
        }
    }

    @Test func plansThatNeedAllRowsHaveThem() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.bucketwise.bytes": "1"])
        try makeTables(session, version: "2")
        try session.execute("create table other (i bigint, s string) clustered by (i) into 8 buckets stored as orc")
        try session.execute("create table zeros (d double) clustered by (d) into 8 buckets stored as orc")
        try session.execute("insert into other select i, s from a")
        try session.execute("insert into zeros select * from (select 0.0 union all select -0.0) x")
        for query in [
            "select s, count(*) from a group by s", "select i + 1, count(*) from a group by i + 1", "select s, count(*) from p group by s",
            "select i, s, count(*) from a group by i, s grouping sets ((i, s), (s))",
            "select a.i from a join b on a.s = b.s", "select count(*) from a join b on a.i + 1 = b.n",
            "select count(*) from a join other on a.i = other.i", "select i from a where i not in (select n from b where n is not null)",
            "select sum(d) over (order by d) from a", "select d, count(*) from zeros group by d", "select count(*) from a",
        ] {
            #expect(try turns(session, query) == [], "\(query)")
        }
        #expect(try session.lines("select count(*) from zeros group by d") == ["2"])
    }

    @Test func filesThatAreNoBucketsAreTakenTogether() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.bucketwise.bytes": "1", "hive.strict.checks.bucketing": "false"])
        try session.execute("create table t (i int, j int) clustered by (i) into 4 buckets row format delimited fields terminated by '\\t'")
        try session.execute("insert into t select pos, pos % 7 from (select 1) o lateral view posexplode(split(space(999), ' ')) e")
        let query = "select i, count(*) from t group by i having count(*) > 1"
        #expect(try turns(session, query) == [4])
        #expect(try session.lines(query) == [])
        let file = temporary.file("000001_0", "77\t-1\n78\t-1\n")
        try session.execute("load data local inpath '\(file)' into table t")
        #expect(try turns(session, query) == [1])
        #expect(try session.sorted(query) == ["77\t2", "78\t2"])
    }

    /// A limit of memory that the groups of all buckets together do not keep.
    @Test func groupsOfOneTurnAreKeptAtATime() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "2", "hiveql.bucketwise": "false", "hiveql.bucketwise.bytes": "1"])
        try session.execute("create table t (i int, s string) clustered by (i) into 16 buckets stored as orc")
        try session.execute(
            "insert into t select pos, concat('some text of the row ', pos) from (select 1) o lateral view posexplode(split(space(299999), ' ')) e")
        let query = "select count(*), sum(c) from (select i, s, count(*) c from t group by i, s) x"
        try session.execute("set hiveql.memory.limit=16m")
        func isSpilled() throws -> Bool { try session.lines("explain analyze \(query)").contains { $0.contains("spilled bytes: ") } }
        #expect(try isSpilled())
        try session.execute("set hiveql.bucketwise=true")
        #expect(try !isSpilled())
        #expect(try session.lines(query) == ["300000\t300000"])
    }
}
