#if os(Linux)
import Foundation
import Testing

/// What operators charge to the memory limit is what the process grows by.
@Suite(.serialized) struct MemoryTests {
    /// Statements by the operator that keeps the rows.
    private static let statements = [
        "GROUP BY a number": "select count(*), max(c) from (select id, count(*) c from t group by id) q",
        "GROUP BY texts": "select count(*), max(m) from (select s, sum(d) m from t group by s) q",
        "GROUP BY arrays": "select count(*), max(c) from (select array(id, k) a, count(*) c from t group by array(id, k)) q",
        "a text of each group": "select count(*), max(m) from (select id, max(s) m from t group by id) q",
        "WITH CUBE": "select count(*) from (select s, k, count(*) from t group by s, k with cube) q",
        "DISTINCT": "select count(*), max(s) from (select distinct s, d from t) q",
        "COUNT(DISTINCT)": "select count(distinct s), count(distinct id) from t",
        "COUNT(DISTINCT) of groups": "select k, count(distinct s) from t group by k limit 1",
        "collect_list": "select max(size(l)) from (select k, collect_list(s) l from t group by k) q",
        "collect_set": "select max(size(l)) from (select k, collect_set(s) l from t group by k) q",
        "percentile_approx": "select max(p) from (select k, percentile_approx(d, 0.5) p from t group by k) q",
        "ORDER BY": "select count(*), max(s) from (select * from t order by d limit 10000000) q",
        "ORDER BY texts": "select count(s) from (select s from t order by s limit 10000000) q",
        "a long top": "select count(*) from (select s, d from t order by d desc limit 400000) q",
        "OVER partitions": "select count(*), max(r), max(s) from (select s, row_number() over (partition by k order by d) r from t) q",
        "OVER all rows": "select max(r), max(l) from (select sum(d) over (order by d rows 3 preceding) r, lag(s) over (order by d) l from t) q",
        "JOIN": "select count(*), max(x.s) from t x join t y on x.id = y.id and y.d >= 0",
        "JOIN on texts": "select count(*), max(y.d) from t x join t y on x.s = y.s",
        "SEMI JOIN": "select count(*) from t x left semi join t y on x.s = y.s",
        "FULL JOIN": "select count(*) from t x full join t y on x.s = y.s and x.id = y.id",
        "JOIN without equality": "select count(*) from (select * from t where id < 2) x left join t y on x.id + 1 < y.id and length(concat(x.s, y.s)) > 0",
        "WITH": "with q as (select s, d, id from t where rand(3) >= 0) select count(*), max(x.s) from q x join (select max(id) m, max(d) d from q) y on x.id = y.m and x.d = y.d",
        "UNION": "select count(*) from (select s from t union select concat(s, 'x') from t) q",
    ]

    @Test func chargedMemoryIsWhatTheProcessGrowsBy() throws {
        let tool = try CommandLineTool()
        let made = try tool.run(
            "-S", "-e",
            """
            create table t as select p id, concat('text number ', p) s, p / 7D d, pmod(p * 7919, 1000) k
            from (select 1) o lateral view posexplode(split(repeat('a ', 899999), ' ')) e as p, x
            """)
        try #require(made.status == 0, "\(made.errors)")
        // With large pages the system gives a process more than it touches, as far as other programs have left it any.
        LargePages.refuse(true)
        defer { LargePages.refuse(false) }
        let idle = try memory(tool, "select max(id), max(s), max(d), max(k) from t").peak
        for (name, sql) in Self.statements.sorted(by: { $0.key < $1.key }) {
            let (charged, peak) = try memory(tool, sql)
            let grown = peak - idle
            // What is charged and not touched yet, and what the allocator keeps of memory given back, are no fifth of the larger.
            let ratio = Double(min(charged, grown)) / Double(max(charged, grown))
            #expect(grown > 4 << 20, "\(name) keeps too little to be measured: \(grown) bytes")
            #expect(ratio >= 0.8, "\(name): charged \(charged >> 10) KB, grown by \(grown >> 10) KB, \(ratio)")
        }
    }

    /// What a statement charges at most, and the largest memory of a process that runs it, in bytes.
    private func memory(_ tool: CommandLineTool, _ sql: String) throws -> (charged: Int, peak: Int) {
        // What `!` starts is no shell, which alone knows its parent.
        let peak = try tool.folder.file("peak", "grep VmHWM /proc/$PPID/status".utf8)
        let outcome = try tool.run("-S", "--hiveconf", "hiveql.threads=1", "-e", "explain analyze \(sql); !sh \(peak);")
        try #require(outcome.status == 0, "\(sql): \(outcome.errors)")
        func number(behind mark: String) throws -> Int {
            let line = try #require(outcome.lines.first { $0.contains(mark) }, "\(outcome.output)")
            let words = line[line.range(of: mark)!.upperBound...].split(whereSeparator: { !$0.isNumber })
            return try #require(words.first.flatMap { Int($0) })
        }
        return (try number(behind: "memory: "), try number(behind: "VmHWM:") << 10)
    }
}

/// Whether processes that this one starts get large pages.
private enum LargePages {
    private typealias ProcessControl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32

    /// Linux's `PR_SET_THP_DISABLE`, which started programs inherit.
    private static let disable: Int32 = 41

    static func refuse(_ refuses: Bool) {
        // The function takes any number of arguments, and such functions are not imported.
        guard let symbol = dlsym(nil, "prctl") else { return }
        _ = unsafeBitCast(symbol, to: ProcessControl.self)(disable, refuses ? 1 : 0, 0, 0, 0)
    }
}
#endif
