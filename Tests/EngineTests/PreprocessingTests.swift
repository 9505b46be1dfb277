import Engine
import TestSupport
import Testing

/// Functions that learn from rows, as queries of a session.
@Suite struct PreprocessingTests {
    /// Every function that learns, over numbers of all sizes, texts and lists of them.
    private static let columns = [
        "ml.standard_scaler(x) over ()", "ml.min_max_scaler(x) over ()", "ml.max_abs_scaler(x) over ()", "ml.robust_scaler(x) over ()",
        "ml.standard_scaler(x) over (partition by s)", "ml.robust_scaler(x, array(10, 90)) over (partition by s)",
        "ml.quantile_transformer(x, 100, 'normal') over ()", "ml.quantile_transformer(x, 9) over (partition by s)",
        "ml.power_transformer(x) over ()", "ml.power_transformer(x, 'box-cox', false) over (partition by s)", "ml.log_normal_scaler(x) over ()",
        "ml.entropy_bucketize(x, s, 'bucket_ranges') over ()", "ml.entropy_bucketize(k, if(x > 0, 'up', 'down'), 'bucket_ranges') over (partition by s)",
        "ml.quantile_bucketize(x, 20, 'bucket_ranges') over ()", "ml.imputer(if(k % 5 = 0, null, x), 'mean') over ()",
        "ml.imputer(if(k % 5 = 0, null, x), 'median') over ()", "ml.imputer(if(k % 5 = 0, null, s), 'most_frequent') over ()",
        "ml.label_encoder(s, 5, 1) over ()", "ml.one_hot_encoder(s, 'most_frequent', 5, 1) over ()", "ml.tf_idf(l, 50, 2) over ()",
        "ml.bag_of_words(l, 50, 2) over (partition by s)", "ml.multi_hot_encoder(l, 9, 2) over ()",
    ]

    private static func makeRows(_ session: Session) throws {
        try session.runScript("""
            CREATE TABLE numbers (k INT, x DOUBLE, s STRING, l ARRAY<STRING>);
            INSERT INTO numbers SELECT pos, exp(pos % 41 - 20) * (pos * 7919 % 10007 - 5000), concat('g', pos * 31 % 13),
                array(concat('w', pos * 17 % 101), concat('w', pos % 7), if(pos % 3 = 0, null, 'w'))
            FROM (SELECT posexplode(split(space(4999), ' ')) AS (pos, word)) p;
            """)
    }

    /// To the last digit, which sums in the order of threads would not be.
    @Test func threadsChangeNothing() throws {
        let temporary = try TemporaryWarehouse()
        try Self.makeRows(temporary.session())
        let sql = "select k, \(Self.columns.joined(separator: ", ")) from numbers order by k"
        let rows = try temporary.session(["hiveql.threads": "1"]).lines(sql)
        #expect(rows.count == 5000)
        for settings in [["hiveql.threads": "2"], ["hiveql.threads": "2", "hiveql.split.bytes": "3000"], ["hiveql.threads": "1", "hiveql.batch.size": "7"]] {
            #expect(try temporary.session(settings).lines(sql) == rows, "\(settings)")
        }
    }

    /// The rows are the same, and what is kept of them; only levels take more than a count.
    @Test func whatIsLearnedCountsAgainstTheMemoryLimit() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.memory.limit": "36m", "hiveql.threads": "1"])
        try session.runScript("""
            CREATE TABLE words STORED AS PARQUET AS SELECT CAST(a.pos * 1000 + b.pos AS STRING) word
            FROM (SELECT posexplode(split(space(299), ' ')) AS (pos, w)) a JOIN (SELECT posexplode(split(space(999), ' ')) AS (pos, w)) b
            """)
        func query(_ call: String) -> String { "select max(y) from (select \(call) over () y from words) s" }
        #expect(try session.lines(query("count(word)")) == ["300000"])
        let failure = try #require(session.failure(query("ml.label_encoder(word, 5, 1)")))
        #expect(failure.contains("OVER needs") && failure.contains("hiveql.memory.limit"), "\(failure)")
        let wide = try temporary.session(["hiveql.memory.limit": "96m", "hiveql.threads": "1"])
        #expect(try wide.lines(query("ml.label_encoder(word, 5, 1)")) == ["5"])
    }

    @Test func plansTellWhatIsLearnedAndApplied() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.runScript("CREATE TABLE t (x DOUBLE, g STRING)")
        let plan = try session.lines("explain select ml.quantile_bucketize(x, 4) over (partition by g) from t").joined(separator: "\n")
        #expect(plan.contains("fit ml.quantile_bucketize(x, 4)"), "\(plan)")
        #expect(plan.contains("ml.quantile_bucketize(_ml.quantile_bucketize_state, x)"), "\(plan)")
    }

    /// Views keep calls as they are written.
    @Test func viewsHoldCalls() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.runScript("""
            CREATE TABLE t (x DOUBLE, g STRING);
            INSERT INTO t VALUES (1, 'a'), (3, 'a'), (5, 'b');
            CREATE VIEW v AS SELECT g, ML.MIN_MAX_SCALER(x) OVER (PARTITION BY g) y, ml.bucketize(x, array(2)) b FROM t;
            """)
        #expect(try session.sorted("select * from v") == ["a\t0.0\tbin_1", "a\t1.0\tbin_2", "b\t0.0\tbin_2"])
    }
}
