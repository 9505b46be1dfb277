import Engine
import TestSupport
import Testing

/// Numbers for levels in SQL: no row is told its own label, and rows that come later are told what all rows say.
@Suite struct LevelEncodingTests {
    private func numbers(_ lines: [String]) throws -> [[Double]] {
        try lines.map { try $0.split(separator: "\t").map { try #require(Double($0), "\($0)") } }
    }

    private static let visits = """
        create table visits as select pos as id, concat('site ', pos * 7919 % 97 % 23) as site, pos * 31 % 7 as day,
          if(pos * 7919 % 97 % 23 + pos * 13 % 11 > 16, 'yes', 'no') as clicked from (select posexplode(split(space(1999), ' ')) as (pos, word)) n
        """

    /// 40,000 rows of 3,000 levels with a label that has nothing to do with them.
    private static let random = """
        create table drawn as select pos as id, concat('level ', int(rand(1) * 3000)) as k, if(rand(2) < 0.3, 1, 0) as y, pos % 3 = 0 as late
        from (select posexplode(split(space(39999), ' ')) as (pos, word)) n
        """

    @Test(arguments: ["ml.target_encoder(k, y)", "ml.woe_encoder(k, y)", "ml.count_encoder(k, y)[2]", "ml.count_encoder(k, y, 1)[1]"])
    func randomLabelsAreNotLearned(_ call: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session([:])
        try session.execute(Self.random)
        let encoder = String(call.prefix { $0 != "[" }) + " over ()" + call.drop { $0 != "[" }
        // In TRANSFORM, judged on rows that were set aside.
        try session.execute(
            """
            create model m transform (\(encoder) as e, y, late) options (model_type = 'logistic_reg', input_label_cols = 'y',
              data_split_method = 'custom', data_split_col = 'late') as select * from drawn
            """)
        let area = try #require(Double(try session.lines("select roc_auc from ml.evaluate(model m) e")[0]))
        #expect(abs(area - 0.5) < 0.02, "\(call): \(area)")
        // In a query, whose rows all are learned from.
        try session.execute("create table encoded as select \(encoder) as e, y, late from drawn")
        try session.execute(
            """
            create model n options (model_type = 'logistic_reg', input_label_cols = 'y', data_split_method = 'custom', data_split_col = 'late')
            as select * from encoded
            """)
        for rows in ["", ", table encoded"] {
            let area = try #require(Double(try session.lines("select roc_auc from ml.evaluate(model n\(rows)) e")[0]))
            #expect(abs(area - 0.5) < 0.02, "\(call)\(rows): \(area)")
        }
    }

    /// A row's number is the same whatever its own label is.
    @Test(arguments: ["ml.target_encoder(site, L)", "ml.woe_encoder(site, L)", "ml.count_encoder(site, L, 1)[0]", "ml.target_encoder(site, L, 3.5, 4, 9, id)"])
    func noRowIsToldItsOwnLabel(_ call: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session([:])
        try session.execute(Self.visits)
        func encoded(_ label: String) throws -> [Double] {
            let parts = call.replacing("L", with: label).split(separator: "[", maxSplits: 1)
            let item = "\(parts[0]) over ()" + (parts.count > 1 ? "[\(parts[1])" : "")
            return try numbers(session.lines("select e from (select id, \(item) as e from visits) t order by id")).map { $0[0] }
        }
        let plain = try encoded("clicked")
        #expect(Set(plain).count > 20)
        var others = 0
        for id in [0, 17, 800, 1999] {
            let changed = try encoded("if(id = \(id), if(clicked = 'yes', 'no', 'yes'), clicked)")
            #expect(changed[id] == plain[id], "row \(id)")
            others += zip(changed, plain).count { $0 != $1 }
        }
        #expect(others > 40)
    }

    /// What TRANSFORM tells training rows and others is what `--encode` does.
    @Test(arguments: [("target", "ml.target_encoder(site, clicked)", 1), ("target", "ml.target_encoder(site, clicked, 20)", 1),
        ("weight-of-evidence", "ml.woe_encoder(site, clicked)", 1), ("counts", "ml.count_encoder(site, clicked)", 4), ("frequency", "ml.frequency_encoder(site)", 1)])
    func numbersAreThoseOfTheCommand(_ form: String, _ call: String, _ width: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session([:])
        try session.execute(Self.visits)
        let options = "model_type = 'logistic_reg', input_label_cols = 'clicked', seed = 5"
        let smoothing = call.contains("20") ? ", smoothing = 20" : ""
        try session.execute("create model own options (\(options), encode = 'site=\(form)'\(smoothing)) as select site, clicked from visits")
        try session.execute("create model made transform (\(call) over () as site, clicked) options (\(options)) as select site, clicked from visits")
        let weights = try numbers(session.lines("select weight from ml.weights(model own) w"))
        let others = try numbers(session.lines("select weight from ml.weights(model made) w"))
        #expect(weights.count == width + 1 && others.count == width + 1)
        for (one, other) in zip(weights, others) { #expect(abs(one[0] - other[0]) < 1e-7 * max(1, abs(one[0])), "\(one[0]) \(other[0])") }
        let probability = "select p.prob from (select predicted_clicked_probs[1] as p from ml.predict(model MODEL, (select * from visits order by id)) q) t"
        for (one, other) in zip(
            try numbers(session.lines(probability.replacing("MODEL", with: "own"))), try numbers(session.lines(probability.replacing("MODEL", with: "made")))
        ) { #expect(abs(one[0] - other[0]) < 1e-7) }
    }

    /// Rows are in folds by their places whatever is selected, joined to them or counted, and by what is known of them else.
    @Test func foldsAreByPlaces() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session([:])
        try session.execute(Self.visits)
        try session.execute("create table days as select pos as day, concat('d', pos) as name from (select posexplode(array(0, 1, 2, 3, 4, 5, 6)) as (pos, x)) n")
        let item = "ml.target_encoder(site, clicked) over () as e"
        let expected = try session.lines("select id, e from (select id, \(item) from visits) t order by id")
        for source in [
            "visits v join days d on v.day = d.day", "visits v left join days d on v.day = d.day and d.day > 3",
            "(select * from visits sort by day) s", "(select x.* from visits x where id >= 0) s",
        ] {
            #expect(try session.lines("select id, e from (select id, \(item) from \(source)) t order by id") == expected, "\(source)")
        }
        #expect(
            try session.lines("with c as (select * from visits) select id, e from (select id, \(item) from c) t order by id") == expected)
        try session.execute("set hiveql.threads=1")
        #expect(try session.lines("select id, e from (select id, \(item) from visits) t order by id") == expected)
        // Rows that nothing makes known are in folds by what they say: equal rows are together.
        let inline = "select distinct e from (select ml.target_encoder(k, y) over () as e from (select stack(6, 'a', 1, 'a', 1, 'a', 1, 'b', 0, 'b', 0, 'b', 0) as (k, y)) s) t"
        #expect(try session.lines(inline).count <= 2)
        #expect(try session.lines("select count(distinct e) from (select site, ml.target_encoder(site, max(id)) over () e from visits group by site) t") != ["1"])
    }

    /// What was learned of groups of training rows fills later rows' gaps, that of all rows those of groups that were not there.
    @Test func groupsAreKeptInModels() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session([:])
        try session.execute(
            """
            create table trips as select pos as id, pos % 4 as hour, if(pos % 4 = 3 or pos % 5 = 0, null, cast(pos % 4 * 100 + pos % 3 as double)) as fare,
              pos % 2 = 0 as tipped, if(pos % 4 = 0, 'a', if(pos % 3 = 0, 'b', null)) as zone from (select posexplode(split(space(999), ' ')) as (pos, word)) n
            """)
        try session.execute(
            """
            create model filled transform (ml.imputer(fare, 'median') over (partition by hour) as fare, ml.missing_indicator(fare) as gap,
              ml.imputer(zone, 'most_frequent') over (partition by hour, tipped) as zone,
              ml.standard_scaler(fare) over (partition by hour) as scaled, tipped)
            options (model_type = 'boosted_tree_classifier', input_label_cols = 'tipped', data_split_method = 'no_split', rounds = 3) as select * from trips
            """)
        func made(_ hour: String, _ fare: String, _ zone: String) throws -> String {
            try session.lines(
                "select fare, gap, zone, round(scaled, 3) from ml.transform(model filled, (select \(hour) as hour, cast(\(fare) as double) as fare, "
                    + "true as tipped, cast(\(zone) as string) as zone)) t")[0]
        }
        #expect(try made("1", "null", "'q'") == "101.0\t1\tq\tNULL")
        #expect(try made("2", "null", "null").hasPrefix("201.0\t1\tb"))
        // Of hour 3 there is no fare, of hour 9 and of no hour there is nothing: all rows tell.
        let whole = try session.lines("select ml.imputer(fare, 'median') over () from trips where id = 3 or id <> 3 order by id limit 1")[0]
        for hour in ["3", "9", "cast(null as int)"] { #expect(try made(hour, "null", "'q'").hasPrefix("\(whole)\t1\tq"), "\(hour)") }
        #expect(try made("2", "7", "'q'").hasPrefix("7.0\t0\tq\t-"))
        // The states of groups go through the model's file.
        let file = temporary.root + "/filled.model"
        try session.execute("export model filled to 'file://\(file)'")
        try session.execute("import model again from 'file://\(file)'")
        let rows = "(select id % 6 as hour, fare, tipped, zone from trips order by id)"
        #expect(
            try session.lines("select * from ml.transform(model again, \(rows)) t") == session.lines("select * from ml.transform(model filled, \(rows)) t"))
        #expect(
            session.failure(
                """
                create model odd transform (ml.imputer(fare, 'median') over (partition by array(hour)) as fare, tipped)
                options (model_type = 'logistic_reg', input_label_cols = 'tipped') as select * from trips
                """)?.contains("learns of groups by primitive values") == true)
    }

    /// Rows to judge have no say in what is learned of groups and levels.
    @Test func rowsToJudgeChangeNoGroup() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session([:])
        try session.execute(Self.visits)
        func weights(_ name: String, _ query: String) throws -> [String] {
            try session.execute(
                """
                create model \(name) transform (ml.target_encoder(site, clicked) over (partition by day % 2) as a, ml.max_abs_scaler(day) over (partition by site) as b,
                  clicked, late) options (model_type = 'logistic_reg', input_label_cols = 'clicked', data_split_method = 'custom', data_split_col = 'late') as \(query)
                """)
            return try session.lines("select weight from ml.weights(model \(name)) w")
        }
        let plain = try weights("plain", "select *, id % 4 = 3 as late from visits")
        let poisoned = "select if(X, 'site 1', site) as site, if(X, 1000, day) as day, if(X, 'yes', clicked) as clicked, id % 4 = 3 as late from visits"
        #expect(try weights("poisoned", poisoned.replacing("X", with: "id % 4 = 3")) == plain)
        #expect(try weights("spoiled", poisoned.replacing("X", with: "id % 4 = 2")) != plain)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session([:])
        try session.execute(Self.visits)
        for (call, message) in [
            ("ml.target_encoder(site, site)", "takes a number, or a label of two classes, and was given 23"),
            ("ml.woe_encoder(site, day)", "takes a label of two classes, and was given 7"),
            ("ml.target_encoder(site, 'a')", "was given 'a' alone"), ("ml.count_encoder(site, id)", "a label of at most 64 classes"),
            ("ml.target_encoder(site, day, -1)", "takes as smoothing 'auto' or a constant number of at least 0"),
            ("ml.target_encoder(site, day, 'much')", "takes as smoothing"), ("ml.target_encoder(site, day, 1, 0)", "takes as least_rows"),
            ("ml.target_encoder(site, day, 1, 1, 1)", "takes as folds a constant integer from 2 to 100"),
            ("ml.target_encoder(site, day, 1, 1, 101)", "takes as folds"), ("ml.target_encoder(array(site), day)", "primitive"),
            ("ml.target_encoder(site, array(day))", "primitive"), ("ml.frequency_encoder(site, day)", "takes as least_rows"),
            ("ml.target_encoder(site)", "Arguments length mismatch"),
        ] {
            #expect(session.failure("select \(call) over () from visits")?.contains(message) == true, "\(call): \(session.failure("select \(call) over () from visits") ?? "")")
        }
        #expect(session.failure("select ml.target_encoder(site, day) from visits")?.contains("add OVER ()") == true)
        #expect(session.failure("select id from visits where ml.target_encoder(site, day) over () > 1")?.contains("not allowed here") == true)
        #expect(try session.lines("select ml.target_encoder(site, day) over () from visits where id < 0").isEmpty)
        #expect(try session.lines("select ml.target_encoder(site, cast(null as int)) over (), ml.count_encoder(site, cast(null as string)) over () from visits limit 1") == ["NULL\tNULL"])
    }
}
