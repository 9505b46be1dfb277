import Engine
import Functions
import TestSupport
import Testing

/// What functions learn in TRANSFORM, and from which rows.
@Suite struct TransformLearningTests {
    /// Calls of all functions that learn.
    private static let calls = [
        "ml.standard_scaler(km) over ()", "ml.min_max_scaler(km) over ()", "ml.max_abs_scaler(km) over ()", "ml.robust_scaler(km) over ()",
        "ml.quantile_transformer(fare, 50, 'normal') over ()", "ml.power_transformer(fare) over ()", "ml.log_normal_scaler(fare) over ()",
        "ml.quantile_bucketize(fare, 7, 'bucket_ranges') over ()", "ml.entropy_bucketize(km, tipped, 'bucket_ranges') over ()",
        "ml.imputer(if(km = 3, null, fare), 'median') over ()", "ml.imputer(if(km = 3, null, fare), 'mean') over (partition by payment)",
        "ml.target_encoder(payment, tipped) over ()", "ml.woe_encoder(payment, tipped) over ()", "ml.count_encoder(payment, tipped) over ()",
        "ml.frequency_encoder(payment) over ()", "ml.label_encoder(payment, 10, 1) over ()",
        "ml.one_hot_encoder(payment, 'most_frequent', 10, 1) over ()", "ml.multi_hot_encoder(split(payment, 'a'), 10, 1) over ()",
        "ml.bag_of_words(split(payment, 'a'), 10, 1) over ()", "ml.tf_idf(split(payment, 'a'), 10, 1) over ()",
    ]

    private static func session(_ temporary: TemporaryWarehouse, threads: Int = 2) throws -> Session {
        try temporary.session(["hiveql.threads": "\(threads)"])
    }

    /// Rides with values of all sizes, of which those late in the day are to be judged.
    private static let rides = """
        create table rides as select pos as id, pos * 7919 % 1009 / 10 as km, exp(pos * 31 % 97 / 20) - 2 as fare,
          if(pos % 3 = 0, 'cash', if(pos % 5 = 0, 'card', 'cab account')) as payment,
          if(pos * 7919 % 1009 > 400 and pos % 13 > 0, 'yes', 'no') as tipped, pos % 4 = 3 as late
        from (select posexplode(split(space(9999), ' ')) as (pos, word)) n
        """

    private static func create(_ name: String, from query: String) -> String {
        let items = calls.enumerated().map { "\($1) as made\($0)" }.joined(separator: ", ")
        return """
            create model \(name) transform (\(items), tipped)
            options (model_type = 'logistic_reg', input_label_cols = 'tipped', data_split_method = 'custom', data_split_col = 'late') as \(query)
            """
    }

    private static let made = "select * from ml.transform(model MODEL, (select * from rides where not late order by id)) t"

    @Test func everyFunctionIsTried() {
        for name in FunctionRegistry.builtIn.names where FunctionRegistry.builtIn.fitted(name) != nil {
            #expect(Self.calls.contains { $0.contains(name + "(") }, "\(name)")
        }
    }

    /// Rows to judge have no say, whatever stands in them, labels included.
    @Test func rowsToJudgeChangeNothing() throws {
        let temporary = try TemporaryWarehouse()
        let session = try Self.session(temporary)
        try session.execute(Self.rides)
        let poison = """
            select id, if(LATE, if(id % 8 < 4, 1e9, -7), km) as km, if(LATE, id * 1e9, fare) as fare, if(LATE, concat('a junk ', id % 9), payment) as payment,
              if(LATE, if(tipped = 'yes', 'no', 'yes'), tipped) as tipped, late from rides
            """
        try session.execute(Self.create("plain", from: "select * from rides"))
        try session.execute(Self.create("poisoned", from: poison.replacing("LATE", with: "late")))
        try session.execute(Self.create("spoiled", from: poison.replacing("LATE", with: "id % 4 = 2")))
        func made(_ model: String) throws -> [[Substring]] {
            try session.lines(Self.made.replacing("MODEL", with: model)).map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        }
        let plain = try made("plain")
        #expect(plain.count == 7500)
        #expect(try made("poisoned") == plain)
        // The same in rows that are learned from changes what every function makes.
        let spoiled = try made("spoiled")
        for place in Self.calls.indices {
            #expect(zip(plain, spoiled).contains { $0[place] != $1[place] }, "\(Self.calls[place])")
        }
        #expect(
            try session.lines("select weight from ml.weights(model plain) w") == session.lines("select weight from ml.weights(model poisoned) w"))
    }

    /// To the last bit, whatever threads learn and apply.
    @Test func threadsChangeNothing() throws {
        let temporary = try TemporaryWarehouse()
        try Self.session(temporary).execute(Self.rides)
        var rows: [[String]] = []
        for threads in [1, 2, 3, 7] {
            let session = try Self.session(temporary, threads: threads)
            try session.execute(Self.create("threads\(threads)", from: "select * from rides"))
            try session.execute("create table made\(threads) as \(Self.made.replacing("MODEL", with: "threads\(threads)"))")
            rows.append(try session.lines("select * from made\(threads)"))
            #expect(rows[0] == rows[rows.count - 1], "\(threads) threads")
        }
        let session = try Self.session(temporary)
        #expect(
            try session.lines("select * from ml.weights(model threads1) w") == session.lines("select * from ml.weights(model threads7) w"))
    }

    /// The label that a function learned from is not among the rows that are predicted.
    @Test func labelsAreNeededForLearningAlone() throws {
        let temporary = try TemporaryWarehouse()
        let session = try Self.session(temporary)
        try session.execute(Self.rides)
        try session.execute(
            """
            create model binned transform (ml.entropy_bucketize(km, tipped, 'bucket_ranges') over () as km, tipped)
            options (model_type = 'logistic_reg', input_label_cols = 'tipped') as select km, tipped from rides
            """)
        #expect(
            try session.lines(
                """
                select predicted_tipped, min(km), max(km) from ml.predict(model binned, (select 1 as id, km from rides)) p
                group by predicted_tipped order by 1
                """) == ["no\t0.0\t40.0", "yes\t40.1\t100.8"])
        #expect(try session.lines("select accuracy > 0.9 from ml.evaluate(model binned, table rides) e") == ["true"])
        let file = temporary.root + "/binned.model"
        try session.execute("export model binned to 'file://\(file)'")
        try session.execute("import model again from 'file://\(file)'")
        #expect(
            try session.lines("select predicted_tipped, count(*) from ml.predict(model again, (select km from rides)) p group by predicted_tipped order by 1")
                == session.lines("select predicted_tipped, count(*) from ml.predict(model binned, table rides) p group by predicted_tipped order by 1"))
        // What a row's value is made of is needed all the same.
        #expect(
            session.failure("select * from ml.predict(model binned, (select tipped from rides)) p")?.contains("do not fit the model's TRANSFORM") == true)
        try session.execute(
            """
            create model direct transform (ml.standard_scaler(if(tipped = 'yes', km, fare)) over () as k, tipped)
            options (model_type = 'logistic_reg', input_label_cols = 'tipped') as select km, fare, tipped from rides
            """)
        #expect(
            session.failure("select * from ml.predict(model direct, (select km, fare from rides)) p")?
                .contains("Invalid table alias or column reference 'tipped'") == true)
    }

    /// Buckets that are made for a label tell nothing of one that depends on nothing.
    @Test func randomLabelsHaveOneBucket() throws {
        let temporary = try TemporaryWarehouse()
        let session = try Self.session(temporary)
        for seed in 1...20 {
            #expect(
                try session.lines(
                    """
                    select count(distinct b) from (select ml.entropy_bucketize(x, l) over () b
                      from (select rand(\(seed)) x, if(rand(\(seed + 100)) < 0.4, 'a', 'b') l from (select explode(split(space(1999), ' ')) w) n) r) s
                    """) == ["1"], "seed \(seed)")
        }
    }
}
