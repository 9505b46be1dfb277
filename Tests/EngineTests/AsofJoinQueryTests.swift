import Engine
import Execution
import TestSupport
import Testing

/// ASOF joins of more rows than one worker sorts at a time, against windows that say the same.
@Suite struct AsofJoinQueryTests {
    /// Events and trips whose times do not stand in order, with times that occur several times. `keys` is how many keys
    /// there are.
    private func fill(_ session: Session, events: Int, trips: Int, keys: Int) throws {
        func rows(_ count: Int) -> String {
            "(select pos from (select posexplode(split(space(\(count - 1)), ' ')) as (pos, word)) numbers) n"
        }
        try session.runScript(
            """
            create table events (k int, at bigint, id int);
            create table trips (k int, at bigint, id int);
            insert into events
                select pos * 31 % \(keys), cast(pos as bigint) * 48271 % 2147483647 % 50000, pos from \(rows(events));
            insert into trips
                select pos * 17 % \(keys), cast(pos as bigint) * 16807 % 2147483647 % 51000, pos from \(rows(trips));
            """)
    }

    /// For each trip the time of the last event up to it, from a window over both tables.
    private let window = """
        select id, last from (
            select id, max(event) over (partition by k order by at range between unbounded preceding and current row) as last
            from (select k, at, at as event, cast(null as int) as id from events
                  union all select k, at, null, id from trips) together) seen
        where id is not null and last is not null
        """

    @Test(arguments: [1, 3, 5_000]) func largeSidesAgreeWithWindows(keys: Int) throws {
        let temporary = try TemporaryWarehouse()
        try fill(try temporary.session(), events: 200_000, trips: 30_000, keys: keys)
        for settings in [["hiveql.threads": "1"], ["hiveql.threads": "2"], ["hiveql.threads": "4", "hiveql.batch.size": "100"]] {
            let session = try temporary.session(settings)
            let difference = try session.sorted(
                """
                select count(*), sum(if(a.at = w.last, 0, 1)), sum(if(a.event_id = f.id, 0, 1))
                from (select t.id, e.at, e.id as event_id from trips t asof join events e on t.k = e.k and t.at >= e.at) a
                join (\(window)) w on a.id = w.id
                join trips t on t.id = a.id
                join (select k, at, min(id) as id from events group by k, at) f on f.k = t.k and f.at = a.at
                """)
            let wanted = try session.sorted("select count(*) from (\(window)) w")
            #expect(difference == ["\(wanted[0])\t0\t0"], "\(keys) keys, \(settings)")
        }
    }

    @Test func theOrderOfTheLeftSideStays() throws {
        let temporary = try TemporaryWarehouse()
        try fill(try temporary.session(), events: 1_000, trips: 5_000, keys: 7)
        let session = try temporary.session(["hiveql.threads": "4", "hiveql.split.bytes": "512"])
        let ids = try session.query("select t.id from trips t asof left join events e on t.k = e.k and t.at < e.at")
            .column(named: "id", as: Int.self)
        let wanted = try session.query("select id from trips").column(named: "id", as: Int.self)
        #expect(ids.count == 5_000)
        #expect(ids == wanted)
    }

    @Test func tolerancesDoNotLookAtAllFartherRows() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.runScript(
            """
            create table events (at bigint);
            create table trips (at bigint);
            insert into events select pos from (select posexplode(split(space(99999), ' ')) as (pos, word)) n;
            insert into trips select pos + 200000 from (select posexplode(split(space(49999), ' ')) as (pos, word)) n;
            """)
        // Without a limit that ends the search these are 5,000,000,000 pairs.
        let rows = try session.sorted(
            "select count(*), count(e.at) from trips t asof left join events e on t.at >= e.at and t.at - e.at <= 100010")
        #expect(rows == ["50000\t10"])
    }

    @Test func plansSayHowTheyJoin() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try fill(session, events: 10, trips: 10, keys: 2)
        let plan = try session.sorted(
            """
            explain select t.id, e.id from trips t asof left join events e
            on t.k = e.k and t.at >= e.at and t.at - e.at <= 5 and e.id > 2 and t.id < 9 and t.id <> e.id where t.k = 1
            """).joined(separator: "\n")
        for line in [
            "LogicalAsofJoin left on (k = k) match (at >= at)", "AsofJoinOperator", "kind: left", "limit: ",
            "left condition: ", "residual: ", "match: at >= at",
        ] { #expect(plan.contains(line), "\(line) in\n\(plan)") }
    }
}
