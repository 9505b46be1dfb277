import Engine
import Foundation
import TestSupport
import Testing

/// ML.GLOBAL_EXPLAIN beside what ML.EXPLAIN_PREDICT says of each row.
@Suite struct GlobalExplanationTests {
    private let rides = """
        create table rides as select pos as id, if(pos % 3 = 0, 'cash', 'card') as payment, pos * 7 % 11 as km,
          if(pos % 3 = 0 or pos % 13 = 0, 'no', 'yes') as tipped, pos * 7 % 11 * 2.0D + if(pos % 3 = 0, 1, 0) as fare,
          case when pos % 7 < 3 then 'a' when pos % 7 < 6 then 'b' else 'c' end as zone
        from (select posexplode(split(space(599), ' ')) as (pos, word)) n
        """

    private func session(_ temporary: TemporaryWarehouse) throws -> Session {
        let session = try temporary.session()
        try session.execute(rides)
        return session
    }

    /// `feature` and `attribution` of a query, in its order.
    private func table(_ session: Session, _ query: String) throws -> [(feature: String, attribution: Double)] {
        try session.lines(query).map { line in
            let fields = line.split(separator: "\t")
            return (String(fields[0]), Double(fields[1]) ?? .nan)
        }
    }

    private func agree(_ one: [(feature: String, attribution: Double)], _ other: [(feature: String, attribution: Double)]) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { $0.feature == $1.feature && abs($0.attribution - $1.attribution) < 1e-12 * (1 + $1.attribution) }
    }

    /// Of each class the rows that it is predicted of tell, in the order of the classes; in the training's report and of rows that are given.
    @Test func classesAreExplainedByThemselves() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        for (name, learner, label) in [("two", "logistic_reg", "tipped"), ("many", "logistic_reg", "zone"), ("trees", "boosted_tree_classifier", "tipped")] {
            try session.execute(
                """
                create model \(name) options (model_type = '\(learner)', input_label_cols = '\(label)', data_split_method = 'no_split', enable_global_explain = true)
                as select km, payment, fare, \(label) from rides
                """)
            let known = try session.lines("select * from ml.global_explain(model \(name), struct(true as class_level_explain)) g")
            let found = try session.lines("select * from ml.global_explain(model \(name), table rides, struct(true as class_level_explain)) g")
            #expect(known == found)
            let expected = try session.lines(
                """
                select p.predicted_\(label) as name, a.feature, avg(abs(a.attribution)) as mean
                from ml.explain_predict(model \(name), table rides, struct(100 as top_k_features)) p lateral view inline(top_feature_attributions) a as feature, attribution
                group by p.predicted_\(label), a.feature order by name, mean desc, feature
                """)
            #expect(found.count == expected.count && found.count >= 6)
            for (one, other) in zip(found, expected) {
                let (left, right) = (one.split(separator: "\t"), other.split(separator: "\t"))
                #expect(left[0] == right[0] && left[1] == right[1], "\(name): \(one), \(other)")
                #expect(abs(try #require(Double(left[2])) - (try #require(Double(right[2])))) < 1e-12, "\(name): \(one), \(other)")
            }
            #expect(
                try session.lines("select * from ml.global_explain(model \(name), table rides, struct(false as class_level_explain)) g")
                    == session.lines("select * from ml.global_explain(model \(name)) g"))
            #expect(
                try session.lines("select * from ml.global_explain(model \(name), (select * from rides where false), struct(true as class_level_explain)) g").isEmpty)
        }
        try session.execute("create model number options (model_type = 'linear_reg', input_label_cols = 'fare') as select km, payment, fare from rides")
        for (setting, message) in [
            ("struct(true as class_level_explain)", "is for a model of classes"), ("struct('yes' as class_level_explain)", "is TRUE or FALSE"),
            ("struct(true as top)", "has one setting, class_level_explain"),
        ] {
            #expect(session.failure("select * from ml.global_explain(model number, table rides, \(setting)) g")?.contains(message) == true, "\(setting)")
        }
    }

    private func means(_ model: String, _ rows: String) -> String {
        """
        select a.feature, avg(abs(a.attribution)) as mean
        from ml.explain_predict(model \(model), \(rows), struct(100 as top_k_features)) p lateral view inline(top_feature_attributions) a as feature, attribution
        group by a.feature order by mean desc, feature
        """
    }

    @Test func attributionsAreTheMeansOfRows() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        for (name, options, query) in [
            ("two", "model_type = 'logistic_reg', input_label_cols = 'tipped'", "select km, payment, zone, tipped from rides"),
            ("many", "model_type = 'logistic_reg', input_label_cols = 'zone'", "select km, payment, fare, zone from rides"),
            ("number", "model_type = 'linear_reg', input_label_cols = 'fare'", "select km, payment, zone, fare from rides"),
            ("trees", "model_type = 'boosted_tree_classifier', rounds = 5, input_label_cols = 'zone'", "select km, payment, fare, zone from rides"),
        ] {
            try session.execute("create model \(name) options (\(options), seed = 7) as \(query)")
            for (threads, batch) in [("1", "2048"), ("3", "7")] {
                try session.execute("set hiveql.threads=\(threads)")
                try session.execute("set hiveql.batch.size=\(batch)")
                let found = try table(session, "select * from ml.global_explain(model \(name), table rides) g")
                #expect(found.count == 3 && found[0].attribution > 0)
                #expect(agree(found, try table(session, means(name, "table rides"))), "\(name): \(found)")
            }
        }
    }

    /// What the training keeps is about the rows that it did not learn from, or else about those that it did.
    @Test func theTrainingKeepsIt() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let options = "model_type = 'logistic_reg', input_label_cols = 'tipped', enable_global_explain = true"
        let query = "select km, payment, zone, tipped, id >= 450 as later from rides"
        try session.execute(
            "create model kept options (\(options), data_split_method = 'custom', data_split_col = 'later') as \(query)")
        let kept = try session.query("select * from ml.global_explain(model kept) g")
        #expect(kept.schema.map(\.name) == ["feature", "attribution"] && kept.schema.map { "\($0.type)" } == ["string", "double"])
        let found = try table(session, "select * from ml.global_explain(model kept) g")
        #expect(agree(found, try table(session, means("kept", "(select * from rides where id >= 450)"))), "\(found)")
        // Through a TRANSFORM, on the training rows; and it goes with the file.
        try session.execute(
            """
            create model scaled transform (ml.standard_scaler(km) over () as km, payment, tipped)
            options (\(options), data_split_method = 'no_split') as select km, payment, tipped from rides
            """)
        let path = temporary.root + "/scaled.model"
        try session.execute("export model scaled to 'file://\(path)'")
        try session.execute("import model again from 'file://\(path)'")
        let scaled = try table(session, "select * from ml.global_explain(model again) g")
        #expect(scaled.map(\.feature).sorted() == ["km", "payment"])
        #expect(agree(scaled, try table(session, means("scaled", "table rides"))))
        #expect(agree(scaled, try table(session, "select * from ml.global_explain(model scaled, (select * from rides)) g")))
    }

    @Test func whatCannotBeToldIsRefused() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let options = "input_label_cols = 'tipped'"
        try session.execute("create model plain options (model_type = 'logistic_reg', \(options)) as select km, payment, tipped from rides")
        try session.execute("create model bayes options (model_type = 'naive_bayes', \(options)) as select km, payment, tipped from rides")
        try session.execute("create model groups options (model_type = 'kmeans') as select km, payment from rides")
        for (call, message) in [
            ("model plain", "enable_global_explain = true"), ("model bayes, table rides", "do not tell what each feature adds"),
            ("model groups, table rides", "do not tell what each feature adds"), ("model plain, (select km from rides)", "no column 'payment'"),
            ("model plain, table rides, struct(1 as top_k_features)", "ML.GLOBAL_EXPLAIN has one setting, class_level_explain, and no 'top_k_features'"),
        ] {
            let failure = session.failure("select * from ml.global_explain(\(call)) g")
            #expect(failure?.contains(message) == true, "\(call): \(failure ?? "no failure")")
        }
        for type in ["naive_bayes", "decision_tree_classifier", "random_forest_classifier"] {
            let failure = session.failure(
                "create model refused options (model_type = '\(type)', \(options), enable_global_explain = true) as select km, payment, tipped from rides")
            #expect(failure?.contains("do not tell what each feature adds") == true, "\(type): \(failure ?? "no failure")")
        }
        #expect(
            session.failure("create model refused options (model_type = 'kmeans', enable_global_explain = true) as select km, payment from rides")?
                .contains("do not tell what each feature adds") == true)
        #expect(session.failure("select * from ml.global_explane(model plain, table rides) g")?.contains("There is no function ML.GLOBAL_EXPLANE") == true)
        // Rows that say nothing: none, and those that a policy leaves out.
        #expect(try session.lines("select * from ml.global_explain(model plain, (select * from rides where false)) g") == [])
        try session.execute(
            "create model dropping options (model_type = 'logistic_reg', \(options), missing = 'drop-row') as select km, payment, tipped from rides")
        let holed = "(select if(id % 2 = 0, null, km) as km, payment from rides)"
        let found = try table(session, "select * from ml.global_explain(model dropping, \(holed)) g")
        #expect(agree(found, try table(session, means("dropping", "(select km, payment from rides where id % 2 = 1)"))))
    }
}
