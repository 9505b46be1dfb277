import HiveQL
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Models with other features are judged on the same rows.
@Suite struct StableSplitTests {
    private static let tables = [
        """
        CREATE TABLE visits STORED AS FORMAT AS
        SELECT pos AS id, pos % 7 AS site, pos * 1.5D AS cost, pos % 2 AS y, concat('note ', pos) AS note
        FROM (SELECT posexplode(split(space(1999), ' ')) AS (pos, word)) n
        """,
        "CREATE TABLE sites AS SELECT pos AS site, pos * 10 AS size FROM (SELECT posexplode(split(space(6), ' ')) AS (pos, word)) n",
        "CREATE TABLE params AS SELECT 1 AS one",
    ]

    private func withSession(_ format: String, _ body: (Session) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/split-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let session = try Session(warehouse: try Warehouse(at: folder))
        for statement in Self.tables { try session.execute(statement.replacing("FORMAT", with: format)) }
        try body(session)
    }

    /// The ids of the rows to train on.
    private func training(
        _ session: Session, _ query: String, _ options: SplitOptions = SplitOptions(fraction: 0.75, seed: 9), id: String = "id"
    ) throws -> (ids: Set<Int32>, notes: [String]) {
        let data = try ImportData(session, query: query)
        let split = try data.split(options)
        let column = data.columns[try data.columnIndex(id)]
        let values = column.elements(as: Int32.self)
        return (Set(split.first.map { values[Int($0)] }), split.notes)
    }

    @Test(arguments: ["TEXTFILE", "PARQUET", "ORC", "AVRO", "SEQUENCEFILE", "RCFILE"])
    func otherFeaturesMoveNoRow(_ format: String) throws {
        try withSession(format) { session in
            let first = try training(session, "SELECT id, site, cost, y FROM visits")
            #expect(first.ids.count == 1500)
            #expect(first.notes == ["split by the rows' places in default.visits"])
            for query in [
                "SELECT *, 1 AS k FROM visits", "SELECT id, y FROM visits", "SELECT y AS label, cost, id FROM visits",
                "SELECT id, cost + 1 AS c, BLOCK__OFFSET__INSIDE__FILE AS o FROM visits ORDER BY cost DESC",
                "WITH v AS (SELECT id, cost FROM visits) SELECT id, cost FROM v",
                "WITH v AS (SELECT id, cost FROM visits) SELECT a.id, b.c FROM v a CROSS JOIN (SELECT count(*) AS c FROM v) b",
                "SELECT id, sum(cost) OVER (PARTITION BY site) AS s FROM visits v",
                "SELECT v.id, s.size FROM visits v LEFT JOIN sites s ON v.site = s.site",
                "SELECT v.id, s.size FROM visits v JOIN sites s ON v.site = s.site WHERE s.size >= 0",
                "SELECT v.id FROM visits v WHERE v.site IN (SELECT site FROM sites)",
                "SELECT s.size, v.id FROM sites s RIGHT JOIN visits v ON v.site = s.site",
                "SELECT v.id, w.cost FROM visits v FULL JOIN visits w ON v.id = w.id",
            ] {
                #expect(try training(session, query).ids == first.ids, "\(query)")
            }
            // Rows that stay keep their parts when others go; the boundary moves by as many rows.
            let some = try training(session, "SELECT id FROM visits WHERE site < 6").ids
            #expect(some.subtracting(first.ids).count < 30)
            for (name, value) in [("hiveql.threads", "4"), ("hiveql.threads", "1"), ("hiveql.split.bytes", "1000")] {
                try session.set(name, to: value)
                #expect(try training(session, "SELECT cost, id FROM visits").ids == first.ids, "\(name) = \(value)")
            }
        }
    }

    /// Of a FULL JOIN too: what is joined to one row is asked of no other part.
    @Test func rowsOfOneRowStayTogetherInFullJoins() throws {
        try withSession("TEXTFILE") { session in
            let query = "SELECT v.id, w.id AS other FROM visits v FULL JOIN (SELECT * FROM visits WHERE id < 1500) w ON v.id % 500 = w.id % 500"
            let data = try ImportData(session, query: query)
            let split = try data.split(SplitOptions(fraction: 0.75, seed: 9))
            let values = data.columns[0].elements(as: Int32.self)
            let training = Set(split.first.map { values[Int($0)] }), evaluation = Set(split.second.map { values[Int($0)] })
            #expect(data.rowCount == 6000 && training.count > 1000)
            #expect(training.isDisjoint(with: evaluation))
        }
    }

    @Test func groupedRowsAreKnownByTheirGroups() throws {
        try withSession("TEXTFILE") { session in
            let first = try training(session, "SELECT id, count(*) AS n FROM visits GROUP BY id")
            #expect(first.ids.count == 1500 && first.notes == ["split by the groups (id)"])
            let more = "SELECT sum(cost) AS s, count(*) AS n, id FROM visits GROUP BY id"
            #expect(try training(session, more).ids == first.ids)
        }
    }

    @Test func rowsThatNothingTellsApartAreSplitByContent() throws {
        try withSession("TEXTFILE") { session in
            let made = try training(session, "SELECT pos AS id FROM (SELECT posexplode(split(space(399), ' ')) AS (pos, w)) n")
            #expect(made.ids.count == 300)
            #expect(made.notes.first?.hasPrefix("split by the rows' content, as the query does not tell") == true)
            let joined = try training(session, "SELECT v.id FROM params p CROSS JOIN visits v")
            #expect(joined.ids.count == 1500)
            #expect(joined.notes.first?.contains("2000 of 2000 rows have one key") == true)
        }
    }

    /// The rows that one row of the first table becomes are in one part: what is learned of one is not asked of another.
    @Test func rowsThatAJoinRepeatsStayTogether() throws {
        try withSession("TEXTFILE") { session in
            let data = try ImportData(session, query: "SELECT v.id, s.size FROM visits v CROSS JOIN sites s")
            let split = try data.split(SplitOptions(fraction: 0.75, seed: 9))
            let values = data.columns[0].elements(as: Int32.self)
            let first = Set(split.first.map { values[Int($0)] }), second = Set(split.second.map { values[Int($0)] })
            #expect(first.isDisjoint(with: second) && split.first.count == 10_500)
        }
    }

    @Test func unionsAndCopiesOfAWarehouse() throws {
        try withSession("ORC") { session in
            let both = try training(
                session, "SELECT id FROM (SELECT id FROM visits WHERE y = 0 UNION ALL SELECT id FROM visits WHERE y = 1) u")
            let plain = try training(session, "SELECT id FROM visits").ids
            #expect(both.ids == plain)
            let copy = session.location + "-copy"
            try FileManager.default.copyItem(atPath: session.location, toPath: copy)
            defer { try? FileManager.default.removeItem(atPath: copy) }
            let other = try Session(warehouse: try Warehouse(at: copy))
            #expect(try training(other, "SELECT id FROM visits").ids == both.ids)
        }
    }
}
