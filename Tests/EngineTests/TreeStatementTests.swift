import Engine
import TestSupport
import Testing

/// Trees, forests and naive Bayes in SQL.
@Suite struct TreeStatementTests {
    private func session(_ temporary: TemporaryWarehouse) throws -> Session {
        let session = try temporary.session()
        try session.execute(
            """
            create table rides as select pos as id, if(pos % 3 = 0, 'cash', 'card') as payment, if(pos % 50 = 7, null, pos % 11) as km,
              if(pos % 3 = 0 or pos % 11 > 8, 'no', 'yes') as tipped, if(pos % 11 > 4, 10.0D, 5.0D) + if(pos % 3 = 0, 1, 0) as fare
            from (select posexplode(split(space(1099), ' ')) as (pos, word)) n
            """)
        return session
    }

    private func create(_ type: String, _ label: String, _ options: String = "") -> String {
        """
        create or replace model m options (model_type = '\(type)', input_label_cols = '\(label)', exclude_cols = '\(label == "fare" ? "tipped" : "fare")',
          identifier_cols = 'id', seed = 7\(options)) as select * from rides
        """
    }

    @Test func everyTypeIsMadeAndAsked() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        for type in ["decision_tree_classifier", "random_forest_classifier", "naive_bayes", "decision_tree", "random_forest"] {
            try session.execute(create(type.replacing("_bayes", with: "_bayes"), "tipped").replacing(
                "seed = 7", with: type.hasPrefix("random") ? "num_parallel_tree = 20" : "stratify = true"))
            let measured = try session.lines("select accuracy > 0.8, row_count from ml.evaluate(model m, table rides) e")
            #expect(measured == ["true\t1100"], "\(type)")
            #expect(
                try session.lines("select count(*), count(predicted_tipped) from ml.predict(model m, table rides) p") == ["1100\t1100"])
            let importance = try session.lines("select count(*), min(importance) >= 0, max(importance) > 0 from ml.feature_importance(model m) i")
            #expect(importance.count == 1 && importance[0].hasSuffix("true\ttrue"), "\(type) \(importance)")
            #expect(try session.lines("select converged from ml.training_info(model m) i") == ["true"])
        }
        for type in ["decision_tree_regressor", "random_forest_regressor"] {
            try session.execute(create(type, "fare").replacing(", seed = 7", with: ", max_tree_depth = 6"))
            #expect(try session.lines("select r2_score > 0.9 from ml.evaluate(model m, table rides) e") == ["true"], "\(type)")
        }
        #expect(throws: HiveError.self) { try session.execute(create("naive_bayes", "fare").replacing(", seed = 7", with: ", l1_reg = 1")) }
    }

    @Test func rulesAreATable() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(create("decision_tree_classifier", "tipped").replacing("seed = 7", with: "data_split_method = 'no_split'"))
        let rules = try session.query("select * from ml.rules(model m)")
        #expect(rules.schema.map(\.name) == ["condition", "predicted_tipped", "probability", "row_count"])
        #expect(try session.lines("select sum(row_count), min(probability) > 0.5 from ml.rules(model m) r") == ["1100\ttrue"])
        let lines = try session.lines("describe formatted model m")
        #expect(lines.contains { $0.contains("row(s))") && $0.contains("km <= 8.5") }, "\(lines)")
        try session.execute(create("decision_tree_regressor", "fare").replacing("seed = 7", with: "leaves = 2"))
        #expect(
            try session.query("select * from ml.rules(model m)").schema.map(\.name) == ["condition", "predicted_fare", "row_count"])
        try session.execute(create("random_forest_classifier", "tipped").replacing("seed = 7", with: "trees = 2"))
        #expect(throws: HiveError.self) { try session.query("select * from ml.rules(model m)") }
    }
}
