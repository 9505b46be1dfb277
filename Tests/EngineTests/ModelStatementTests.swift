import Engine
import Foundation
import TestSupport
import Testing

/// Models in SQL: made, asked, kept and removed.
@Suite struct ModelStatementTests {
    /// Rides of which those paid by card are tipped, nearly all.
    private let rides = """
        create table rides as select pos as id, if(pos % 3 = 0, 'cash', 'card') as payment, pos % 11 as km,
          if(pos % 3 = 0 or pos % 13 = 0, 'no', 'yes') as tipped, pos % 11 * 2.0D + if(pos % 3 = 0, 1, 0) as fare
        from (select posexplode(split(space(999), ' ')) as (pos, word)) n
        """

    private func session(_ temporary: TemporaryWarehouse) throws -> Session {
        let session = try temporary.session()
        try session.execute(rides)
        return session
    }

    private let logistic = """
        create or replace model tips options (model_type = 'logistic_reg', input_label_cols = array('tipped'), exclude_cols = array('fare'),
          identifier_cols = 'id', data_split_eval_fraction = 0.25, seed = 7) as select * from rides
        """

    @Test func aModelIsMadeAndPredicts() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(logistic)
        #expect(try session.lines("show models") == ["tips"])
        #expect(try session.lines("show models like 'x*'") == [])
        #expect(try session.lines("show tables") == ["rides"])
        #expect(temporary.files(under: "warehouse/tips") == ["model"])
        #expect(
            try session.lines("describe model tips") == ["payment\tstring\tfeature", "km\tint\tfeature", "tipped\tstring\tlabel"])
        let rows = try session.query("select * from ml.predict(model tips, table rides) order by id limit 2")
        #expect(rows.schema.map(\.name) == ["predicted_tipped", "predicted_tipped_probs", "id", "payment", "km", "tipped", "fare"])
        #expect(rows.schema.map { "\($0.type)" }.prefix(2) == ["string", "array<struct<label:string,prob:double>>"])
        // Every row has its prediction, whatever batches and threads it goes through.
        let query = """
            select count(*), sum(if(predicted_tipped = if(payment = 'cash', 'no', 'yes'), 1, 0)), sum(if(abs(p.prob + q.prob - 1) < 1e-12, 1, 0))
            from (select predicted_tipped, payment, predicted_tipped_probs[0] as p, predicted_tipped_probs[1] as q
              from ml.predict(model tips, (select km, payment from rides)) x) y
            """
        for (threads, batch) in [("1", "2048"), ("3", "7")] {
            try session.execute("set hiveql.threads=\(threads)")
            try session.execute("set hiveql.batch.size=\(batch)")
            #expect(try session.lines(query) == ["1000\t1000\t1000"])
        }
        // As a library's user gets it of the same file.
        try session.execute("create table scored as select id, predicted_tipped as t from ml.predict(model tips, table rides) p")
        #expect(try session.lines("select t, count(*) from scored group by t order by t") == ["no\t334", "yes\t666"])
        // A threshold moves the border between the classes.
        #expect(
            try session.lines(
                "select distinct predicted_tipped from ml.predict(model tips, table rides, struct(1.0 as threshold)) p") == ["no"])
        try session.execute("create view scores as select id, predicted_tipped from ml.predict(model tips, table rides) p")
        #expect(try session.lines("select count(*) from scores where predicted_tipped = 'yes'") == ["666"])
    }

    /// Wherever a value may stand.
    @Test func predictionsAreValues() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(logistic)
        #expect(
            try session.lines(
                """
                select count(*) from (select predict(tips, payment, km) as a, predict_proba(tips, payment, km) as b, id from rides) x
                join ml.predict(model tips, table rides) y on x.id = y.id
                where a = predicted_tipped and b[1].prob = predicted_tipped_probs[1].prob
                """) == ["1000"])
        #expect(try session.lines("select count(*) from rides where predict(default.tips, payment, km) = 'yes'") == ["666"])
        #expect(
            try session.lines("select predict(tips, payment, km), count(*) from rides group by predict(tips, payment, km) order by 1")
                == ["no\t334", "yes\t666"])
        try session.execute("create view v as select id, predict(tips, payment, km) as p from rides")
        try session.execute("create database other")
        try session.execute("use other")
        #expect(try session.lines("select p from default.v where id = 1") == ["yes"])
        try session.execute("use default")
        for (call, message) in [
            ("predict(tips, payment)", "(payment, km)"), ("predict(tip, payment, km)", "Model not found"), ("predict(tips, km, payment)", "type"),
            ("predict(1, payment, km)", "Invalid function"), ("predict(distinct tips, payment, km)", "DISTINCT"),
        ] {
            let failure = session.failure("select \(call) from rides")
            #expect(failure?.contains(message) == true, "\(call): \(failure ?? "it runs")")
        }
    }

    /// What columns add to a prediction, and the baseline, are the prediction.
    @Test(arguments: ["logistic_reg", "boosted_tree_classifier"]) func predictionsAreExplained(_ learner: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(logistic.replacingOccurrences(of: "'logistic_reg'", with: "'\(learner)'"))
        let rows = try session.query(
            "select * from ml.explain_predict(model tips, table rides, struct(1 as top_k_features)) order by id limit 2")
        #expect(
            rows.schema.map(\.name).prefix(7) == [
                "predicted_tipped", "probability", "top_feature_attributions", "baseline_prediction_value", "prediction_value",
                "approximation_error", "id",
            ])
        #expect(
            try session.lines(
                """
                select count(*), sum(if(abs(ln(probability / (1 - probability)) - prediction_value) < 1e-4, 1, 0)),
                  sum(if(abs(baseline_prediction_value + a[0].attribution + a[1].attribution - prediction_value) < 1e-4, 1, 0)),
                  sum(if(abs(a[0].attribution) >= abs(a[1].attribution), 1, 0)), sum(if(probability >= 0.5, 1, 0))
                from (select *, top_feature_attributions as a from ml.explain_predict(model tips, table rides) p) q
                """) == ["1000\t1000\t1000\t1000\t1000"])
        #expect(
            try session.lines(
                """
                select distinct predicted_tipped, top_feature_attributions[0].feature, top_feature_attributions[0].attribution > 0
                from ml.explain_predict(model tips, (select 'card' as payment, 0 as km from rides)) p
                """) == ["yes\tpayment\ttrue"])
        for (settings, message) in [("0 as top_k_features", "at least 1"), ("1 as top", "no 'top'"), ("1.5 as top_k_features", "whole number")] {
            #expect(
                session.failure("select * from ml.explain_predict(model tips, table rides, struct(\(settings))) p")?.contains(message) == true)
        }
    }

    /// Of a number the parts add up to it.
    @Test func numbersAreExplained() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(
            "create model fares options (model_type = 'linear_reg', input_label_cols = 'fare', exclude_cols = array('id', 'tipped')) as select * from rides")
        #expect(
            try session.lines(
                """
                select count(*) from ml.explain_predict(model fares, table rides) p
                where abs(predicted_fare - prediction_value) < 1e-9 and size(top_feature_attributions) = 2 and approximation_error = 0
                """) == ["1000"])
    }

    @Test func modelsAreMeasured() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(logistic)
        let own = try session.query("select * from ml.evaluate(model tips)")
        #expect(
            own.schema.map(\.name)
                == ["precision", "recall", "accuracy", "f1_score", "log_loss", "roc_auc", "average_precision", "row_count"])
        #expect(try session.lines("select row_count from ml.evaluate(model tips) e") == ["250"])
        let measures = "select round(accuracy, 6), round(recall, 6), row_count from ml.evaluate(model tips, table rides) e"
        let counted = """
            select round(avg(if(p.predicted_tipped = p.tipped, 1.0D, 0.0D)), 6),
              round(sum(if(p.predicted_tipped = 'yes' and p.tipped = 'yes', 1.0D, 0.0D)) / sum(if(p.tipped = 'yes', 1, 0)), 6), count(*)
            from ml.predict(model tips, table rides) p
            """
        let expected = try session.lines(counted)
        for threads in ["1", "4"] {
            try session.execute("set hiveql.threads=\(threads)")
            #expect(try session.lines(measures) == expected)
        }
        #expect(
            try session.lines("select expected_label, no, yes from ml.confusion_matrix(model tips, table rides) c")
                == ["no\t334.0\t51.0", "yes\t0.0\t615.0"])
        #expect(try session.lines("select sum(no + yes) from ml.confusion_matrix(model tips) c") == ["250.0"])
        // Rows without a known label are left out.
        #expect(
            try session.lines(
                """
                select row_count from ml.evaluate(model tips, (select km, payment, if(id < 10, null, if(id < 20, 'perhaps', tipped)) tipped
                from rides)) e
                """) == ["980"])
        #expect(try session.lines("select row_count, accuracy from ml.evaluate(model tips, (select * from rides where false)) e") == ["0\tNULL"])
        let curve = try session.lines(
            "select recall, false_positive_rate, true_positives + false_negatives from ml.roc_curve(model tips, table rides) c order by threshold")
        #expect(curve.first == "1.0\t1.0\t615.0" && curve.allSatisfy { $0.hasSuffix("615.0") })
        #expect(
            try session.lines("select processed_input from ml.weights(model tips) w where class_label is null order by processed_input")
                == ["__INTERCEPT__", "km", "payment=card", "payment=cash"])
        #expect(
            try session.lines("select * from ml.feature_info(model tips) f")
                == ["payment\tstring\tone-hot\town-level\t2", "km\tint\tnumber\tmean\t1"])
        #expect(try session.lines("select training_rows, evaluation_rows, converged from ml.training_info(model tips) t") == ["750\t250\ttrue"])
        #expect(try session.lines("select count(*) from ml.feature_importance(model tips) i") == ["3"])
    }

    @Test func numbersAndTrees() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(
            """
            create model fares options (model_type = 'linear_reg', input_label_cols = 'fare', exclude_cols = array('tipped'),
              identifier_cols = 'id', data_split_method = 'no_split') as select * from rides
            """)
        #expect(
            try session.lines(
                "select count(*) from ml.predict(model fares, table rides) p where abs(predicted_fare - fare) > 1e-5") == ["0"])
        #expect(try session.lines("select round(r2_score, 6), row_count from ml.evaluate(model fares, table rides) e") == ["1.0\t1000"])
        #expect(session.failure("select * from ml.confusion_matrix(model fares, table rides) c")?.contains("of classes") == true)
        try session.execute(
            """
            create model trees options (model_type = 'boosted_tree_classifier', input_label_cols = 'km', feature_cols = array('fare', 'payment'),
              max_iterations = 20, max_tree_depth = 3, learn_rate = 0.5, early_stopping = 0) as select * from rides
            """)
        #expect(try session.lines("describe model trees").last == "km\tint\tlabel")
        let accuracy = try #require(Double(try session.lines("select accuracy from ml.evaluate(model trees, table rides) e")[0]))
        #expect(accuracy > 0.9)
        #expect(session.failure("select * from ml.weights(model trees) w")?.contains("no weights") == true)
        #expect(
            try session.lines("select sum(importance_weight) > 0 from ml.feature_importance(model trees) i") == ["true"])
    }

    /// What TRANSFORM learns comes from the training rows, and is applied to all.
    @Test func transformsLearnFromTheTrainingRows() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        func create(_ name: String, km: String) -> String {
            """
            create model \(name) transform (ml.standard_scaler(\(km)) over () as km, upper(payment) as payment, ml.imputer(fare, 'mean') over () as paid,
              km * 2 as twice, tipped)
            options (model_type = 'logistic_reg', input_label_cols = 'tipped', data_split_method = 'custom', data_split_col = 'late')
            as select *, id >= 700 as late from rides
            """
        }
        try session.execute(create("plain", km: "km"))
        try session.execute(create("poisoned", km: "if(id >= 700, 1e9, km)"))
        #expect(try session.lines("describe model plain").first == "id\tint\tinput")
        #expect(temporary.files(under: "warehouse/plain") == ["model"])
        // Rows that are judged have no say in what is learned.
        #expect(
            try session.lines("select weight from ml.weights(model plain) w") == session.lines("select weight from ml.weights(model poisoned) w"))
        #expect(
            try session.lines(
                """
                select abs(avg(km)) < 1e-9, abs(stddev_pop(km) - 1) < 0.01
                from ml.transform(model plain, (select * from rides where id < 700)) t
                """) == ["true\ttrue"])
        #expect(
            try session.lines("select km, payment, paid, twice, tipped from ml.transform(model plain, (select * from rides where id = 5)) t").first?
                .hasSuffix("\tCARD\t10.0\t10\tyes") == true)
        // The label is needed for measures, not for predictions.
        #expect(
            try session.lines(
                "select count(*), sum(if(predicted_tipped = 'no', 1, 0)) from ml.predict(model plain, (select km, payment, fare from rides)) p")
                == ["1000\t334"])
        #expect(try session.lines("select row_count, accuracy > 0.9 from ml.evaluate(model plain, table rides) e") == ["1000\ttrue"])
        #expect(try session.lines("select row_count from ml.evaluate(model plain) e") == ["300"])
        let file = temporary.root + "/plain.model"
        try session.execute("export model plain to 'file://\(file)'")
        try session.execute("import model again from 'file://\(file)'")
        #expect(
            try session.lines("select predicted_tipped, km from ml.predict(model again, table rides) p")
                == session.lines("select predicted_tipped, km from ml.predict(model plain, table rides) p"))
        for (statement, message) in [
            ("select * from ml.predict(model plain, (select km from rides)) p", "do not fit the model's TRANSFORM"),
            ("select * from ml.transform(model nope, table rides) p", "Model not found"),
            (create("m", km: "sum(km)"), ""), (create("m", km: "nope"), "Invalid table alias or column reference 'nope'"),
            ("create model m transform (sum(km) as s, tipped) options (model_type = 'logistic_reg', input_label_cols = 'tipped') as select * from rides", ""),
            ("create model m transform (km) options (model_type = 'logistic_reg', input_label_cols = 'tipped') as select * from rides", "no column 'tipped'"),
        ] {
            let failure = session.failure(statement)
            #expect(failure != nil && (message.isEmpty || failure?.contains(message) == true), "\(statement): \(failure ?? "it runs")")
        }
    }

    /// What a transform means is fixed when the model is made.
    @Test func transformsMeanWhatTheyMeant() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        func create(_ name: String, _ transform: String, _ options: String = "") -> String {
            """
            create model \(name) transform (\(transform)) options (model_type = 'logistic_reg', input_label_cols = 'tipped'\(options))
            as select km, fare, tipped from rides
            """
        }
        try session.execute(create("whole", "*, ml.standard_scaler(km) over () as z"))
        func probability(_ rows: String) throws -> [String] {
            try session.lines("select predicted_tipped_probs from ml.predict(model whole, (select \(rows))) p")
        }
        #expect(try probability("1 as km, 2.0D as fare") == probability("1 as km, 2.0D as fare, 7 as z, 'q' as tipped, 3 as other"))
        try session.execute(create("unnamed", "km + 1, fare * 2, tipped"))
        #expect(try session.lines("select * from ml.transform(model unnamed, (select 1 as km, 2.0D as fare, 'no' as tipped)) t") == ["2\t4.0\tno"])
        try session.execute("create temporary macro ten(x int) x * 10")
        try session.execute("create temporary macro abs(x int) x * 1000")
        try session.execute(create("plain", "abs(km) as km, fare, tipped"))
        #expect(try session.lines("select km from ml.transform(model plain, (select -1 as km, 2.0D as fare, 'no' as tipped)) t") == ["1"])
        // A weight column counts in measures whether or not it went through a transform.
        try session.execute(create("weighted", "km, fare, tipped", ", weight_col = 'fare'"))
        try session.execute(
            """
            create model directly options (model_type = 'logistic_reg', input_label_cols = 'tipped', weight_col = 'fare')
            as select km, fare, tipped from rides
            """)
        #expect(
            try session.lines("select * from ml.evaluate(model weighted, table rides) e")
                == session.lines("select * from ml.evaluate(model directly, table rides) e"))
        for (statement, message) in [
            (create("m", "ten(km) as km, tipped"), "ten"), (create("m", "rand() as r, km, tipped"), "differ from call to call"),
            (create("m", "map('km', km) as p, km, tipped"), "which is no feature"),
            (create("m", "predict(plain, km) as p, km, tipped"), "predict"),
            (create("m", "km, tipped", ", seed = -5"), "at least 0"), (create("m", "km, tipped", ", label = 'km'"), "say the same thing"),
            (create("m", "km, tipped", ", l2 = 1, l2_reg = 2"), "say the same thing"),
            (create("m", "km, tipped", ", data_split_method = 'no_split', data_split_eval_fraction = 0.5"), "say the same thing"),
            (create("m", "km, tipped", ", data_split_method = 'no_split', data_split_col = 'km'"), "takes no data_split_col"),
        ] {
            let failure = session.failure(statement)
            #expect(failure?.contains(message) == true, "\(statement): \(failure ?? "it runs")")
        }
    }

    /// A view says what it reads in full, however rows are given to a function of models.
    @Test func viewsOfTablesOutliveNewColumns() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(logistic)
        try session.execute("create view scored as select * from ml.predict(model tips, table rides) p")
        try session.execute("alter table rides add columns (late int)")
        try session.execute("create database other")
        try session.execute("use other")
        #expect(try session.query("select * from default.scored limit 1").schema.map(\.name)
            == ["predicted_tipped", "predicted_tipped_probs", "id", "payment", "km", "tipped", "fare"])
        #expect(try session.lines("select count(*) from default.scored") == ["1000"])
    }

    /// Files in the place of a model that is new are somebody's.
    @Test func aModelTakesNoFolderOfOthers() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let folder = "\(temporary.root)/warehouse/tips"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "precious".write(toFile: "\(folder)/notes", atomically: true, encoding: .utf8)
        #expect(session.failure(logistic)?.contains("already exists") == true)
        #expect(temporary.files(under: "warehouse/tips") == ["notes"])
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: "\(temporary.root)/elsewhere", withIntermediateDirectories: true)
        symlink("\(temporary.root)/elsewhere", folder)
        #expect(session.failure(logistic)?.contains("already exists") == true)
        unlink(folder)
        try session.execute(logistic)
    }

    /// Encoders that give sparse arrays give features; indices that training did not have are nothing.
    @Test func sparseArraysAreFeatures() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        func create(_ model: String, _ features: String) -> String {
            """
            create model \(model) transform (\(features), tipped) options (model_type = 'logistic_reg', input_label_cols = 'tipped', seed = 7)
            as select km, payment, tipped from rides
            """
        }
        try session.execute(create("hot", "ml.one_hot_encoder(payment) over () as payment, km"))
        // The same indicators by another way give the same model.
        try session.execute(create("plain", "if(payment = 'card', 1, 0) as a, if(payment = 'cash', 1, 0) as b, km"))
        func measures(_ model: String) throws -> [String] {
            try session.lines("select round(log_loss, 6), round(roc_auc, 6) from ml.evaluate(model \(model), table rides) e")
        }
        #expect(try measures("hot") == measures("plain"))
        #expect(try session.lines("select processed_input from ml.weights(model hot) order by 1") == ["__INTERCEPT__", "km", "payment[1]", "payment[2]"])
        #expect(try session.lines("select input, encoding, dimension from ml.feature_info(model hot) order by 1") == ["km\tnumber\t1", "payment\tsparse vector\t2"])
        #expect(
            try session.lines("select predicted_tipped from ml.predict(model hot, (select 3 as km, 'card' as payment union all select 3, 'gift')) p").count == 2)
        try session.execute(create("words", "ml.bag_of_words(split(concat(payment, ' ', km), ' ')) over () as words, km"))
        #expect(try session.lines("select dimension > 10 from ml.feature_info(model words) where input = 'words'") == ["true"])
    }

    /// A file of a model goes into no table and no other model.
    @Test func exportsLeaveTheWarehouseAlone() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(logistic)
        try session.execute("create external table outside (a int) location 'file://\(temporary.root)/outside'")
        try session.execute("insert into outside values (1)")
        let files = temporary.files()
        for path in [
            "warehouse/rides/000000_0", "warehouse/rides/new", "warehouse/tips/model", "warehouse/x.model", "outside/000000_0", "outside/new",
        ] {
            let failure = session.failure("export model tips to 'file://\(temporary.root)/\(path)'")
            #expect(failure?.contains("Cannot export") == true, "\(path): \(failure ?? "it runs")")
        }
        #expect(temporary.files() == files)
        #expect(try session.lines("select count(*) from rides") == ["1000"] && session.lines("select * from outside") == ["1"])
        try session.execute("export model tips to 'file://\(temporary.root)/tips.model'")
        #expect(temporary.files(under: "").contains("tips.model"))
        // The suffix says that another program is meant.
        try session.execute("export model tips to 'file://\(temporary.root)/tips.onnx'")
        #expect(temporary.files(under: "").contains("tips.onnx"))
        let failure = session.failure("export model tips to 'file://\(temporary.root)/tips.ubj'")
        #expect(failure?.contains("a model of logistic-regression is not XGBoost's") == true)
    }

    @Test func modelsAreKeptLikeTables() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(logistic)
        #expect(session.failure(logistic.replacing("create or replace model", with: "create model"))?.contains("Model tips already exists") == true)
        try session.execute(logistic.replacing("create or replace model", with: "create model if not exists"))
        let before = try session.lines("select weight from ml.weights(model tips) w")
        try session.execute(logistic.replacing("from rides", with: "from rides where id % 2 = 0"))
        #expect(try session.lines("select weight from ml.weights(model tips) w") != before)
        #expect(temporary.files(under: "warehouse/tips") == ["model"])
        // A table may not have a model's name, nor the other way round; tables' statements know no models.
        #expect(session.failure("create table tips (a int)")?.contains("already exists") == true)
        #expect(session.failure("create view tips as select 1")?.contains("already exists") == true)
        #expect(session.failure(logistic.replacing("model tips", with: "model rides"))?.contains("Table rides already exists") == true)
        for statement in ["select * from tips", "insert into tips select 1", "truncate table tips", "alter table tips rename to x"] {
            #expect(session.failure(statement) != nil, "\(statement)")
        }
        #expect(session.failure("drop table tips")?.contains("DROP MODEL") == true)
        #expect(session.failure("drop model rides")?.contains("Model not found 'rides'") == true)
        try session.execute("create database other")
        try session.execute("alter model tips rename to other.gratuities")
        #expect(try session.lines("show models") == [] && session.lines("show models in other") == ["gratuities"])
        #expect(try session.lines("select count(*) from ml.predict(model other.gratuities, table rides) p") == ["1000"])
        let file = temporary.root + "/exported.model"
        try session.execute("export model other.gratuities to 'file://\(file)'")
        try session.execute("import model again from 'file://\(file)'")
        #expect(
            try session.lines("select weight from ml.weights(model again) w")
                == session.lines("select weight from ml.weights(model other.gratuities) w"))
        #expect(session.failure("drop database other")?.contains("is not empty") == true)
        try session.execute("drop database other cascade")
        #expect(temporary.files(under: "warehouse/other.db") == [])
        try session.execute("drop model again")
        try session.execute("drop model if exists again")
        #expect(try session.lines("show models") == [])
        #expect(temporary.files(under: "warehouse/again") == [])
        #expect(session.failure("drop model again")?.contains("Model not found 'again'") == true)
    }

    /// Another session sees a model that was replaced, and not the one that it has read before.
    @Test func sessionsSeeTheNewModel() throws {
        let temporary = try TemporaryWarehouse()
        let one = try session(temporary), two = try temporary.session()
        try one.execute(logistic)
        let query = "select weight from ml.weights(model tips) w"
        let first = try two.lines(query)
        #expect(try first == one.lines(query))
        try one.execute(logistic.replacing("seed = 7", with: "seed = 8"))
        #expect(try two.lines(query) == one.lines(query))
        #expect(try two.lines(query) != first)
    }

    @Test(arguments: [
        ("create model m as select * from rides", "lacks model_type"),
        ("create model m options (model_type = 'logistc_reg', input_label_cols = 'tipped') as select * from rides", "no model_type 'logistc_reg'"),
        ("create model m options (model_type = 'logistic_reg') as select * from rides", "input_label_cols is missing"),
        ("create model m options (model_type = 'logistic_reg', input_label_cols = 'nope') as select * from rides", "no column 'nope'"),
        ("create model m options (model_type = 'logistic_reg', input_label_cols = 'tipped', depth = 3) as select * from rides", "no option 'depth'"),
        ("create model m options (model_type = 'logistic_reg', input_label_cols = 'tipped', l2_reg = -1) as select * from rides", "l2"),
        ("create model m options (model_type = 'logistic_reg', input_label_cols = 'tipped', seed = 1, seed = 2) as select * from rides", "given twice"),
        ("create model m options (model_type = 'logistic_reg', input_label_cols = 'tipped', data_split_method = 'seq') as select * from rides", "needs data_split_col"),
        ("create model m options (model_type = 'logistic_reg', input_label_cols = 'tipped', data_split_eval_fraction = 2) as select * from rides", "from 0 to below 1"),
        ("create model m options (model_type = 'logistic_reg', input_label_cols = 'tipped') as select * from rides where false", "no rows"),
        ("create model m options (model_type = 'logistic_reg', input_label_cols = 'tipped') as select * from rides where tipped = 'no'", "one class"),
        ("create model m options (model_type = id, input_label_cols = 'tipped') as select * from rides", "id"),
        ("create model m options (model_type = 'logistic_reg', input_label_cols = 'a') as select 1 as a, 2 as a", "a"),
        ("create model nope.m options (model_type = 'logistic_reg', input_label_cols = 'tipped') as select * from rides", "Database does not exist"),
        ("select * from ml.predict(model nothing, table rides) p", "Model not found 'nothing'"),
        ("select * from ml.predict(model tips) p", "takes rows"), ("select * from ml.weights(model tips, table rides) p", "takes a model and no rows"),
        ("select * from ml.guess(model tips, table rides) p", "no function ML.GUESS"),
        ("select * from ml.predict(model tips, (select km from rides)) p", "no column 'payment'"),
        ("select * from ml.predict(model tips, (select km, 1 as payment from rides)) p", "payment"),
        ("select * from ml.predict(model tips, table nope) p", "Table not found 'nope'"),
        ("select * from ml.predict(model tips, table rides, struct(2 as threshold)) p", "from 0 to 1"),
        ("select * from ml.predict(model tips, table rides, struct(2 as limit_)) p", "no 'limit_'"),
        ("select * from ml.roc_curve(model tips) p", "needs rows"), ("import model m from '/nowhere/m'", "no such file"),
        ("export model nothing to '/tmp/x'", "Model not found 'nothing'"), ("describe model nothing", "Model not found 'nothing'"),
        ("alter model nothing rename to n", "Model not found 'nothing'"), ("alter model tips rename to rides", "already exists"),
    ])
    func mistakesAreTold(_ statement: String, _ message: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(logistic)
        let failure = session.failure(statement)
        #expect(failure?.contains(message) == true, "\(statement): \(failure ?? "it runs")")
        #expect(try session.lines("show models") == ["tips"])
    }

    /// A damaged file is an error with its path; the warehouse goes on.
    @Test func damagedFilesAreErrors() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        try session.execute(logistic)
        let path = temporary.root + "/warehouse/tips/model"
        try Data("no model".utf8).write(to: URL(fileURLWithPath: path))
        #expect(session.failure("select * from ml.predict(model tips, table rides) p")?.contains(path) == true)
        try FileManager.default.removeItem(atPath: path)
        #expect(session.failure("select * from ml.weights(model tips) p")?.contains("no such file") == true)
        try session.execute(logistic)
        #expect(try session.lines("select count(*) from ml.predict(model tips, table rides) p") == ["1000"])
    }
}
