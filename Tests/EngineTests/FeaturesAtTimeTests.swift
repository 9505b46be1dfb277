import Engine
import TestSupport
import Testing

/// `ML.FEATURES_AT_TIME`: what was known of each entity.
@Suite struct FeaturesAtTimeTests {
    private func session(_ temporary: TemporaryWarehouse) throws -> Session {
        let session = try temporary.session()
        try session.execute("create table f (entity_id string, feature_timestamp timestamp, a int, b string)")
        try session.execute(
            """
            insert into f values ('x', '2024-01-01 10:00:00', 1, 'one'), ('x', '2024-01-01 12:00:00', 2, null),
              ('x', '2024-01-01 14:00:00', null, 'three'), ('y', '2024-01-01 11:00:00', null, 'first'), ('z', '2024-01-02 00:00:00', 9, 'late'),
              ('x', null, 7, 'never')
            """)
        return session
    }

    @Test func theLatestKnownRowsAreGiven() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        func rows(_ settings: String) throws -> [String] {
            try session.lines("select entity_id, hour(feature_timestamp), a, b from ml.features_at_time(table f\(settings)) k order by 1, 2 desc")
        }
        #expect(try rows("") == ["x\t14\tNULL\tthree", "y\t11\tNULL\tfirst", "z\t0\t9\tlate"])
        let noon = ", time => timestamp '2024-01-01 12:00:00'"
        #expect(try rows(noon) == ["x\t12\t2\tNULL", "y\t11\tNULL\tfirst"])
        #expect(try rows(noon + ", num_rows => 2") == ["x\t12\t2\tNULL", "x\t10\t1\tone", "y\t11\tNULL\tfirst"])
        #expect(try rows(noon + ", ignore_feature_nulls => true") == ["x\t12\t2\tone", "y\t11\tNULL\tfirst"])
        #expect(
            try rows(", num_rows => 2, ignore_feature_nulls => true")
                == ["x\t14\t2\tthree", "x\t12\t2\tone", "y\t11\tNULL\tfirst", "z\t0\t9\tlate"])
        let whole = try session.query("select * from ml.features_at_time((select * from f where entity_id <> 'x'))")
        #expect(whole.schema.map(\.name) == ["entity_id", "feature_timestamp", "a", "b"])
    }

    /// Whatever the time, no row is later.
    @Test func nothingIsSeenAheadOfItsTime() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute(
            """
            create table f as select concat('e', pos % 7) as entity_id, pos as n,
              cast(from_unixtime(1700000000 + ml.hash_bucketize(concat('t', pos), 100000)) as timestamp) as feature_timestamp
            from (select posexplode(split(space(999), ' ')) as (pos, word)) p
            """)
        for second in stride(from: 1_700_000_000, through: 1_700_100_000, by: 25_000) {
            let time = try session.lines("select from_unixtime(\(second))")[0]
            let found = try session.lines(
                "select entity_id, n from ml.features_at_time(table f, time => timestamp '\(time)', num_rows => 3) k order by entity_id, n")
            let expected = try session.lines(
                """
                select entity_id, n from (select entity_id, n, row_number() over (partition by entity_id order by feature_timestamp desc) r
                  from f where feature_timestamp <= timestamp '\(time)') s where r <= 3 order by entity_id, n
                """)
            #expect(found == expected)
        }
    }

    @Test func viewsAndJoinsHaveIt() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute("create view latest as select * from ml.features_at_time(table f, time => timestamp '2024-01-01 12:00:00') k")
        #expect(try session.lines("select l.entity_id, r.b from latest l join ml.features_at_time(table f) r on l.entity_id = r.entity_id order by 1")
            == ["x\tthree", "y\tfirst"])
    }

    @Test func wrongCallsAreTold() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        for (call, message) in [
            ("(select 1 as entity_id)", "feature_timestamp"), ("(select '2024-01-01' as feature_timestamp, 1 as entity_id)", "TIMESTAMP or DATE"),
            ("table f, time => 'noon'", "time is a TIMESTAMP"), ("table f, num_rows => 0", "at least 1"), ("table f, num_rows => 1, num_rows => 2", "twice"),
            ("table f, ignore_feature_nulls => 1", "TRUE or FALSE"), ("table f, rows_num => 1", "no setting"), ("table g", "Table not found"),
        ] {
            let failure = session.failure("select * from ml.features_at_time(\(call)) k")
            #expect(failure?.contains(message) == true, "\(call): \(failure ?? "it runs")")
        }
        #expect(session.failure("select * from ml.features_at_time(f)") != nil)
    }
}
