import Engine
import HiveSyntax
import TestSupport
import Testing

/// Words as names, and what names mean, through whole statements.
@Suite struct NameTests {
    /// Every word that is not reserved names tables, columns, aliases and partition columns, and stands as an argument.
    @Test func wordsThatAreNotReservedAreNames() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table source (a int)")
        try session.execute("insert into source values (1)")
        for keyword in Keyword.allCases where !keyword.isReserved {
            let word = keyword.spelling.lowercased()
            try session.execute("create table \(word) (\(word) decimal(20,4))")
            #expect(try session.lines("select * from \(word)").isEmpty, "\(word)")
            #expect(
                try session.lines(
                    "select abs(\(word)), x.\(word) + 1 as \(word) from (select a as \(word) from source) x where \(word) > 0")
                    == ["1\t2"], "\(word)")
            #expect(
                try session.lines("select \(word).a, count(\(word).a) as \(word) from source as \(word) group by \(word).a")
                    == ["1\t1"], "\(word)")
            try session.execute("drop table \(word)")
            try session.execute("create table parts (a int) partitioned by (\(word) string)")
            try session.execute("insert into parts partition (\(word) = 'x') select a from source")
            #expect(try session.lines("select \(word), a from parts where \(word) = 'x' order by \(word)") == ["x\t1"], "\(word)")
            try session.execute("drop table parts")
        }
    }

    /// Types are types by where they stand.
    @Test func typesAreNamesToo() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t (dec dec(10,2), numeric numeric(5,1), real real, timestamplocaltz string)")
        try session.execute("insert into t values (1.239, 2.25, 0.5, 'z')")
        #expect(try session.lines("select dec, numeric, real, timestamplocaltz, cast(dec as dec(3,1)) from t") == ["1.24\t2.3\t0.5\tz\t1.2"])
        #expect(try session.lines("describe t").map { $0.split(separator: "\t")[1].filter { $0 != " " } }
            == ["decimal(10,2)", "decimal(5,1)", "float", "string"])
    }

    /// The queries of TPC-H whose tables stand in an order that makes products if they are joined as they are written.
    @Test func benchmarkQueriesMakeNoProducts() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        for table in [
            "part (p_partkey int, p_name string, p_type string, p_size int, p_mfgr string)",
            "supplier (s_suppkey int, s_name string, s_nationkey int, s_acctbal double)",
            "partsupp (ps_partkey int, ps_suppkey int, ps_supplycost double)",
            "lineitem (l_orderkey int, l_partkey int, l_suppkey int, l_quantity double, l_extendedprice double, l_discount double)",
            "orders (o_orderkey int, o_custkey int, o_orderdate date)", "customer (c_custkey int, c_nationkey int)",
            "nation (n_nationkey int, n_name string, n_regionkey int)", "region (r_regionkey int, r_name string)",
        ] { try session.execute("create table \(table)") }
        for query in [
            """
            select s_acctbal, s_name, n_name, p_partkey from part, supplier, partsupp, nation, region
            where p_partkey = ps_partkey and s_suppkey = ps_suppkey and p_size = 15 and p_type like '%BRASS' and s_nationkey = n_nationkey
              and n_regionkey = r_regionkey and r_name = 'EUROPE' and ps_supplycost = (
                select min(ps_supplycost) from partsupp, supplier, nation, region
                where p_partkey = ps_partkey and s_suppkey = ps_suppkey and s_nationkey = n_nationkey and n_regionkey = r_regionkey)
            """,
            """
            select year(o_orderdate), sum(case when n2.n_name = 'BRAZIL' then l_extendedprice else 0 end)
            from part, supplier, lineitem, orders, customer, nation n1, nation n2, region
            where p_partkey = l_partkey and s_suppkey = l_suppkey and l_orderkey = o_orderkey and o_custkey = c_custkey
              and c_nationkey = n1.n_nationkey and n1.n_regionkey = r_regionkey and r_name = 'AMERICA' and s_nationkey = n2.n_nationkey
            group by year(o_orderdate)
            """,
            """
            select n_name, year(o_orderdate), sum(l_extendedprice - ps_supplycost * l_quantity)
            from part, supplier, lineitem, partsupp, orders, nation
            where s_suppkey = l_suppkey and ps_suppkey = l_suppkey and ps_partkey = l_partkey and p_partkey = l_partkey
              and o_orderkey = l_orderkey and s_nationkey = n_nationkey and p_name like '%green%'
            group by n_name, year(o_orderdate)
            """,
        ] {
            let plan = try session.lines("explain \(query)")
            #expect(!plan.contains { $0.contains("NestedLoopJoinOperator") }, "\(plan.joined(separator: "\n"))")
        }
    }
}
