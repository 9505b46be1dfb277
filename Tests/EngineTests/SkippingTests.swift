import Engine
import Foundation
import TestSupport
import Testing

/// What EXPLAIN ANALYZE says of parts and pages that were left out, and that a query sees the files that are there.
@Suite struct SkippingTests {
    private func makeTable(_ session: Session, _ format: String) throws {
        try session.execute(
            """
            create table t (a int, b bigint, s string) stored as \(format) tblproperties (
            'parquet.page.size' = '4000', 'parquet.bloom.filter.enabled' = 'true', 'parquet.bloom.filter.fpp#s' = '0.001',
            'orc.row.index.stride' = '1000', 'orc.bloom.filter.columns' = 'a,b,s', 'orc.bloom.filter.fpp' = '0.001')
            """)
        try session.execute(
            """
            insert into t select pos, cast(pos * 2 as bigint), concat('s', pos * 7919 % 10007)
            from (select split(space(9999), ' ') as words) q lateral view posexplode(words) e as pos, word
            """)
    }

    @Test(arguments: ["parquet", "orc"]) func countsOfPages(format: String) throws {
        let session = try TemporaryWarehouse().session(["hiveql.threads": "1"])
        try makeTable(session, format)
        func number(_ name: String, _ lines: [String]) throws -> [Int] {
            let line = try #require(lines.first { $0.contains("\(name): ") }, "\(lines)")
            let text = line.components(separatedBy: "\(name): ").last ?? ""
            return text.components(separatedBy: ", skipped: ").prefix(2).compactMap { Int($0.prefix { $0.isNumber }) }
        }
        #expect(try session.lines("select b, s from t where a between 5000 and 5002") == (5000...5002).map {
            "\($0 * 2)\ts\($0 * 7919 % 10007)"
        })
        let pages = try number("pages", session.lines("explain analyze select b, s from t where a between 5000 and 5002"))
        #expect(pages.count == 2 && pages[1] > pages[0] / 2, "\(pages)")
        // Inside all bounds, but in no filter.
        #expect(try session.lines("select count(b) from t where s = 's5x'") == ["0"])
        let lines = try session.lines("explain analyze select b from t where s = 's5x'")
        let name = format == "parquet" ? "parts of files" : "pages"
        let skipped = try number(name, lines)
        #expect(skipped.count == 2 && skipped[0] == skipped[1] && skipped[0] > 0, "\(lines)")
    }

    /// Footers are kept, but not those of files that are gone.
    @Test(arguments: ["parquet", "orc"]) func replacedFiles(format: String) throws {
        let session = try TemporaryWarehouse().session(["hiveql.threads": "1"])
        try session.execute("create table t (a int, s string) stored as \(format)")
        for round in 0..<20 {
            // The same name and the same size each time.
            try session.execute("insert overwrite table t values (\(100 + round), 'x\(100 + round)')")
            for _ in 0..<2 {
                #expect(try session.lines("select max(a), min(s), count(*) from t where a > 0") == ["\(100 + round)\tx\(100 + round)\t1"])
                #expect(try session.lines("select max(a) from t") == ["\(100 + round)"])
            }
        }
        try session.execute("insert into t values (1, 'y')")
        #expect(try session.lines("select count(*) from t") == ["2"])
        try session.execute("truncate table t")
        #expect(try session.lines("select count(*) from t") == ["0"])
    }
}
