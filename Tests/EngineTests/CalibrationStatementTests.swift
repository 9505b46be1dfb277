import Engine
import Foundation
import TestSupport
import Testing

/// Calibrated models in SQL.
@Suite struct CalibrationStatementTests {
    /// Columns that repeat each other make naive Bayes too sure of itself.
    private let rides = """
        create table rides as select pos as id, pos % 7 as km, pos % 7 as kilometres, pos % 7 as distance, if(pos % 3 = 0, 'cash', 'card') as payment,
          if(pmod(hash(pos * 31), 10) < pos % 7 + 2, 'yes', 'no') as tipped
        from (select posexplode(split(space(1999), ' ')) as (pos, word)) n
        """

    private func create(_ name: String, _ options: String, _ transform: String = "") -> String {
        """
        create model \(name) \(transform) options (input_label_cols = 'tipped', identifier_cols = 'id', seed = 7, \(options)) as select * from rides
        """
    }

    @Test func calibratedProbabilitiesAreWorthMore() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute(rides)
        let scaling = "transform (ml.standard_scaler(km) over () as km, kilometres, distance, payment, tipped, id)"
        for (name, options, transform) in [
            ("plain", "", ""), ("sigmoid", ", calibration = 'sigmoid'", ""), ("isotonic", ", calibration = 'isotonic', calibration_folds = 3", ""),
            ("transformed", ", calibration = 'sigmoid'", scaling),
        ] {
            try session.execute(create(name, "model_type = 'naive_bayes', kind = 'gaussian'\(options)", transform))
        }
        func loss(_ model: String) throws -> Double {
            try #require(Double(try session.lines("select log_loss from ml.evaluate(model \(model)) e")[0]))
        }
        let plain = try loss("plain")
        for model in ["sigmoid", "isotonic", "transformed"] { #expect(try loss(model) < plain - 0.02, "\(model)") }
        #expect(try abs(loss("transformed") - loss("sigmoid")) < 1e-6)
        #expect(
            try session.lines(
                """
                select count(*), sum(if(abs(p[0].prob + p[1].prob - 1) < 1e-12 and p[0].prob between 0 and 1, 1, 0))
                from (select predicted_tipped_probs as p from ml.predict(model isotonic, table rides) x) y
                """) == ["2000\t2000"])
        #expect(try session.lines("describe formatted model isotonic").contains { $0.contains("calibrated (isotonic)") && $0.contains("2 of 3 folds") })
        // As it was after it has been a file.
        let file = temporary.root + "/sigmoid.model"
        try session.execute("export model sigmoid to 'file://\(file)'")
        try session.execute("import model again from 'file://\(file)'")
        let rows = { (model: String) in
            try session.lines("select id, predicted_tipped_probs[1].prob from ml.predict(model \(model), table rides) p order by id")
        }
        #expect(try rows("again") == rows("sigmoid"))
        #expect(session.failure("export model sigmoid to 'file://\(temporary.root)/m.onnx'") != nil)
    }

    @Test func linearModelsStayLinear() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute(rides)
        try session.execute(create("plain", "model_type = 'logistic_reg'"))
        for method in ["sigmoid", "isotonic"] { try session.execute(create(method, "model_type = 'logistic_reg', calibration = '\(method)'")) }
        #expect(try session.lines("select * from ml.weights(model sigmoid) w") == session.lines("select * from ml.weights(model plain) w"))
        try session.execute("export model sigmoid to 'file://\(temporary.root)/m.onnx'")
        #expect(
            session.failure("export model isotonic to 'file://\(temporary.root)/n.onnx'")?.contains("the model's probabilities are calibrated") == true)
        // Attributions add up to the log-odds of what is predicted.
        #expect(
            try session.lines(
                """
                select count(*), sum(if(abs(prediction_value - ln(probability / (1 - probability))) < 1e-9, 1, 0))
                from ml.explain_predict(model sigmoid, table rides) p
                """) == ["2000\t2000"])
        #expect(session.failure("select * from ml.explain_predict(model isotonic, table rides) p")?.contains("no sum of what each feature adds") == true)
    }

    @Test func mistakesAreTold() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute(rides)
        for (options, message) in [
            ("model_type = 'logistic_reg', calibration = 'platt'", "calibration takes sigmoid, isotonic, not 'platt'"),
            ("model_type = 'logistic_reg', calibration_folds = 3", "folds to calibrate by need a calibration"),
            ("model_type = 'logistic_reg', calibration = 'sigmoid', calibration_folds = 1", "calibration_folds takes a number of folds from 2 to"),
            ("model_type = 'boosted_tree_regressor', calibration = 'sigmoid'", "learns no two classes here"),
            ("model_type = 'logistic_reg', calibration = 'isotonic', enable_global_explain = true", "no sum of what each feature adds"),
        ] {
            let failure = session.failure(create("refused", options))
            #expect(failure?.contains(message) == true, "\(options): \(failure ?? "no failure")")
        }
        for option in ["calibration = 'sigmoid'", "calibration_folds = 3"] {
            #expect(
                session.failure("create model refused options (model_type = 'kmeans', \(option)) as select km from rides")?
                    .contains("learns without a label") == true)
        }
        #expect(
            session.failure(
                "create model refused options (model_type = 'logistic_reg', calibration = 'sigmoid', input_label_cols = 'km') as select km, payment from rides")?
                .contains("label 'km' has 7 classes") == true)
        #expect(try session.lines("show models") == [])
    }
}
