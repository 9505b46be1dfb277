import Engine
import TestSupport
import Testing

/// Learners of linear scores in SQL.
@Suite struct LinearStatementTests {
    private func session(_ temporary: TemporaryWarehouse) throws -> Session {
        let session = try temporary.session()
        try session.execute(
            """
            create table visits as select pos as id, pos % 7 as hour, if(pos % 3 = 0, 'shop', 'office') as place,
              pmod(pos * 37, 5) * (pos % 7) as calls
            from (select posexplode(split(space(699), ' ')) as (pos, word)) n
            """)
        return session
    }

    @Test func countsArePredictedByTheirLogarithms() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(
            """
            create model m options (model_type = 'poisson_regression', input_label_cols = 'calls', identifier_cols = 'id', seed = 7)
            as select * from visits
            """)
        let evaluation = try session.query("select * from ml.evaluate(model m)")
        #expect(evaluation.schema.map(\.name) == [
            "mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "r2_score", "mean_poisson_deviance",
            "poisson_d2_score", "row_count",
        ])
        for rows in ["", ", table visits"] {
            let found = try session.lines("select mean_poisson_deviance between 1 and 10, poisson_d2_score between 0.1 and 0.9 "
                + "from ml.evaluate(model m\(rows)) e")
            #expect(found == ["true\ttrue"], "\(rows)")
        }
        // One number of each hour and place, by the weights that the model tells.
        let lines = try session.lines(
            """
            select max(abs(ln(p.predicted_calls) - w.sum)) < 1e-9, count(*) from ml.predict(model m, table visits) p join (
              select v.id, sum(case when w.processed_input = 'hour' then w.weight * v.hour
                when w.processed_input = '__INTERCEPT__' then w.weight
                when w.processed_input like concat('%', v.place) then w.weight else 0 end) as sum
              from visits v cross join ml.weights(model m) w group by v.id) w on p.id = w.id
            """)
        #expect(lines == ["true\t700"])
        let explained = try session.lines(
            """
            select count(*), max(abs(ln(predicted_calls) - prediction_value)) < 1e-9,
              max(abs(baseline_prediction_value + top_feature_attributions[0].attribution + top_feature_attributions[1].attribution
                - prediction_value)) < 1e-9 from ml.explain_predict(model m, table visits) e
            """)
        #expect(explained == ["700\ttrue\ttrue"])
        let failure = #expect(throws: HiveError.self) {
            try session.execute(
                "create model n options (model_type = 'poisson_regression', input_label_cols = 'd') as select hour, calls - 3 as d from visits")
        }
        #expect(failure.map { "\($0)" }?.contains("takes numbers of at least 0") == true)
    }

    @Test(arguments: ["linear_svm", "logistic_reg"]) func classesAreToldApartEachAgainstTheRest(_ type: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(
            """
            create model m options (model_type = '\(type)', input_label_cols = 'level', identifier_cols = 'id', seed = 7
              \(type == "linear_svm" ? ", calibration_folds = 3" : ", multi_class = 'ovr'"))
            as select id, hour, place, calls, case when calls > 8 then 'high' when calls > 2 then 'middle' else 'low' end as level from visits
            """)
        #expect(
            try session.lines("select accuracy > 0.8, log_loss < 0.6, roc_auc > 0.9 from ml.evaluate(model m) e") == ["true\ttrue\ttrue"])
        let predicted = try session.lines(
            """
            select count(*), max(abs(s - 1)) < 1e-9, min(p) > 0 from (
              select id, sum(e.prob) as s, min(e.prob) as p from (
                select id, predicted_level_probs from ml.predict(model m, (
                  select id, hour, place, calls from visits)) x) y lateral view explode(predicted_level_probs) t as e group by id) z
            """)
        #expect(predicted == ["700\ttrue\ttrue"])
        #expect(
            try session.lines("select class_label, count(*) from ml.weights(model m) w group by class_label order by class_label")
                == ["high\t5", "low\t5", "middle\t5"])
        // What columns add up to.
        let explained = try session.lines(
            """
            select count(distinct id), max(abs(s - prediction_value)) < 1e-9 from (
              select id, prediction_value, baseline_prediction_value + sum(a.attribution) as s
              from ml.explain_predict(model m, (select id, hour, place, calls from visits)) e
              lateral view explode(top_feature_attributions) t as a group by id, prediction_value, baseline_prediction_value) x
            """)
        #expect(explained == ["700\ttrue"])
    }
}
