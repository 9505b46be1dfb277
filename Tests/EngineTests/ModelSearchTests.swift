import Engine
import Foundation
import TestSupport
import Testing

/// Hyperparameters that CREATE MODEL looks for, and ML.TRIAL_INFO.
@Suite struct ModelSearchTests {
    private func session(_ temporary: TemporaryWarehouse) throws -> Session {
        let session = try temporary.session()
        try session.execute(
            """
            create table rides as select pos as id, concat('city ', pos * 7919 % 331) as city, pos % 11 as km,
              if(pos * 7 % 19 < 9, 'no', 'yes') as tipped
            from (select posexplode(split(space(1999), ' ')) as (pos, word)) n
            """)
        return session
    }

    @Test func candidatesAndRangesAreTried() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let statement = """
            create or replace model m options (model_type = 'boosted_tree_classifier', input_label_cols = 'tipped', max_iterations = 5,
              max_tree_depth = hparam_range(1, 3), learn_rate = HPARAM_CANDIDATES(array(0.1, 0.5)), cross_validate = 3,
              hparam_tuning_objectives = array('log_loss'), max_parallel_trials = 2, seed = 3) as select * from rides
            """
        try session.execute(statement)
        let trials = try session.query("select * from ml.trial_info(model m) t")
        #expect(
            trials.schema.map(\.name) == [
                "trial_id", "depth", "learning_rate", "objective", "mean", "deviation", "row_share", "status", "error_message", "is_optimal",
            ])
        let query = "select trial_id, depth, learning_rate, mean from ml.trial_info(model m) t order by trial_id"
        let first = try session.lines(query)
        #expect(first.count == 6 && first[0].hasPrefix("1\t1\t0.1\t"))
        #expect(
            try session.lines("select count(*), sum(if(is_optimal, 1, 0)), max(objective) from ml.trial_info(model m) t") == ["6\t1\tlogLoss"])
        #expect(
            try session.lines("select is_optimal from ml.trial_info(model m) t where mean in (select min(mean) from ml.trial_info(model m) u)")
                .contains("true"))
        try session.execute("set hiveql.threads=1")
        try session.execute(statement)
        #expect(try session.lines(query) == first)
        try session.execute(statement.replacing("seed = 3", with: "seed = 3, num_trials = 4"))
        #expect(try session.lines("select count(*) from ml.trial_info(model m) t") == ["4"])
    }

    /// What TRANSFORM learns is learned anew in each fold: names of cities, of which each label is drawn by itself, tell nothing.
    @Test func transformsAreFittedInsideFolds() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let statement = """
            create model m transform (ml.standard_scaler(km) over () as km, city, if(rand_like > 0.5, 'yes', 'no') as tipped)
            options (model_type = 'logistic_reg', input_label_cols = 'tipped', encode = 'city=target', data_split_method = 'no_split',
              cross_validate = 5, l2_reg = hparam_candidates(array(0.01))) as
            select km, city, pmod(hash(id * 31 + 7) * 2654435, 1000) / 1000 as rand_like from rides
            """
        try session.execute(statement)
        let area = try session.lines("select mean from ml.trial_info(model m) t where objective = 'areaUnderROC'")
        let value = try #require(area.first.flatMap { Double($0) })
        #expect(abs(value - 0.5) < 0.05, "\(value)")
    }

    @Test(arguments: [
        ("l2_reg = hparam_range(1)", "HPARAM_RANGE takes the least"), ("l2_reg = hparam_range(2, 1)", "a range from the least"),
        ("l2_reg = hparam_range(0, 1, 'log')", "a range of numbers above 0"), ("l2_reg = hparam_candidates()", "HPARAM_CANDIDATES takes an array"),
        ("l2_reg = hparam_candidates(array(-1))", "l2 must be"), ("seed = hparam_candidates(array(1, 2))", "is for hyperparameters, and seed is none"),
        ("num_trials = 3", "needs hyperparameters to try"), ("l2_reg = hparam_range(0, 1), num_trials = 0", "takes a number from 1"),
        ("l2_reg = hparam_range(0, 1), hparam_tuning_algorithm = 'magic'", "hparam_tuning_algorithm takes"),
        ("l2_reg = hparam_range(0, 1), hparam_tuning_objectives = 'beauty'", "no measure 'beauty'"),
        ("l2_reg = hparam_range(0, 1), l2 = 1", "say the same thing"), ("cross_validate = 1", "from 2 to 100"),
        ("model_type = hparam_candidates(array('logistic_reg'))", "model_type"),
    ])
    func mistakesAreTold(_ option: String, _ message: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let type = option.hasPrefix("model_type") ? "" : "model_type = 'logistic_reg', "
        let failure = session.failure("create model m options (\(type)input_label_cols = 'tipped', \(option)) as select * from rides")
        #expect(failure?.contains(message) == true, "\(option): \(failure ?? "it runs")")
        #expect(try session.lines("show models") == [])
    }

    @Test func modelsWithoutASearchHaveNoTrials() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute("create model m options (model_type = 'logistic_reg', input_label_cols = 'tipped') as select * from rides")
        #expect(session.failure("select * from ml.trial_info(model m) t")?.contains("were not looked for") == true)
    }
}
