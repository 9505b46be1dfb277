#if os(Linux)
import Foundation
import Testing

/// Under `ulimit -v` an allocation that fails would end the process: what needs much memory is refused before.
@Suite struct AddressSpaceTests {
    private static let statements = [
        "select max(size(l)) from (select k, collect_list(s) l from t group by k) q",
        "select max(length(space(500000 + id))) from t where id < 3000",
        "select max(length(repeat(s, 100000))) from t",
        "select count(*), max(s) from (select * from t order by d limit 10000000) q",
        "select count(*) from (select s, k, count(*) from t group by s, k with cube) q",
        "select max(size(split(repeat('x,', 3000000), ','))) from t where id < 4",
    ]

    @Test(arguments: [300_000, 400_000, 500_000, 700_000]) func theProcessLives(kilobytes: Int) throws {
        let clone = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let tool = try CommandLineTool(clone: clone)
        let made = try tool.runCommands(
            """
            hiveql -S -e "create table t as select p id, concat('text number ', p) s, p / 7D d, pmod(p * 7919, 100000) k \
            from (select 1) o lateral view posexplode(split(repeat('a ', 199999), ' ')) e as p, x"
            """)
        try #require(made.status == 0, "\(made.output)")
        for sql in Self.statements {
            let outcome = try tool.runCommands(
                "(ulimit -v \(kilobytes); hiveql -S --hiveconf hiveql.threads=2 -e \"\(sql)\") || echo status $?")
            guard let line = outcome.lines.first(where: { $0.hasPrefix("status ") }) else { continue }
            let status = try #require(Int(line.dropFirst("status ".count)))
            #expect(status < 128, "\(kilobytes) KB, \(sql): \(outcome.output.suffix(400))")
            #expect(outcome.output.contains("memory limit") || outcome.output.contains("address space"), "\(outcome.output)")
        }
    }
}
#endif
