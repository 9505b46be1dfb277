import HiveQL
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct SessionImportTests {
    private func withSession(_ body: (Session) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/import-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(try Session(warehouse: try Warehouse(at: folder)))
    }

    @Test func queryBecomesAFeatureTable() throws {
        try withSession { session in
            let data = try ImportData(
                session,
                query: """
                    SELECT stack(3, 'a', 1.5D, 1, 'b', CAST(NULL AS DOUBLE), 0, 'a', 4.5D, 1) AS (kind, x, y)
                    """)
            #expect(data.schema.map(\.name) == ["kind", "x", "y"])
            let table = try data.featureTable(roles: ColumnRoles(label: "y"))
            #expect(table.featureNames == ["kind=a", "kind=b", "x"])
            #expect(table.matrix.column(2) == [1.5, 3, 4.5])
            let result = try ImportData(try session.query("SELECT 1 AS one"))
            #expect(result.rowCount == 1)
        }
    }

    /// Comments, common table expressions and variables hide nothing.
    @Test(arguments: ["/* x */ drop table t", "with c as (select 2 as a) insert into table t select a from c", "dfs -ls /"])
    func onlyQueriesAreImported(_ text: String) throws {
        try withSession { session in
            try session.execute("CREATE TABLE t AS SELECT 1 AS a")
            #expect(throws: HiveError.self) { _ = try ImportData(session, query: text) }
            #expect(try session.query("SELECT a FROM t").rowCount == 1)
        }
    }

    @Test func failuresKeepTheirKind() throws {
        try withSession { session in
            #expect(throws: HiveError.self) { _ = try ImportData(session, query: "SELECT * FROM nowhere") }
            #expect(throws: FeatureError.duplicateColumn("a")) {
                _ = try ImportData(session, query: "SELECT 1 AS a, 2 AS A")
            }
        }
    }
}
