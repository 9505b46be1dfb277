import Foundation
import Testing

/// `hiveql train --save-as`, and `predict`, `evaluate`, `explain` and `models` on models of the warehouse and of files.
@Suite struct NamedModelCommandTests {
    /// Rides of which those paid by card are tipped, nearly all; a model of the warehouse that goes through a TRANSFORM.
    private func makeTool() throws -> CommandLineTool {
        let tool = try CommandLineTool()
        let outcome = try tool.run(
            "-e",
            """
            create database other;
            create table rides as select pos as id, if(pos % 3 = 0, 'cash', 'card') as payment, pos * 7 % 11 as km,
              if(pos % 3 = 0 or pos % 13 = 0, 'no', 'yes') as tipped, pos * 7 % 11 * 2.0D + if(pos % 5 = 0, 1, 0) as fare,
              case when pos % 7 < 3 then 'a' when pos % 7 < 6 then 'b' else 'c' end as zone
            from (select posexplode(split(space(599), ' ')) as (pos, word)) n;
            create model scaled transform (ml.standard_scaler(km) over () as km, payment, tipped)
            options (model_type = 'logistic_reg', input_label_cols = 'tipped', seed = 7) as select km, payment, tipped from rides;
            """)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return tool
    }

    private func train(_ tool: CommandLineTool, _ arguments: String...) throws -> CommandLineTool.Outcome {
        try tool.run(["train", "--query", "rides", "--identifier", "id"] + arguments, input: [], outputPath: nil)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    private func objects(_ text: String) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]], "\(text)")
    }

    private let tips = ["--label", "tipped", "--exclude", "fare,zone"]

    @Test func aNameIsKeptInTheWarehouse() throws {
        let tool = try makeTool()
        func keep(_ name: String, _ options: String...) throws -> CommandLineTool.Outcome {
            try tool.run(
                ["train", "--query", "rides", "--identifier", "id"] + tips + ["--save-as", name] + options, input: [], outputPath: nil)
        }
        let kept = try keep("tips", "--save", "tips.model")
        #expect(kept.status == 0 && kept.errors.contains("Kept the model as tips"), "\(kept.errors)")
        // One model, whichever way it is asked.
        let named = try tool.run("predict", "tips", "rides", "--header")
        let filed = try tool.run("predict", "--model", "./tips.model", "--query", "select * from rides", "--header")
        #expect(named.status == 0 && named.lines.count == 601 && named.output == filed.output, "\(named.errors)")
        #expect(named.errors.hasPrefix("judged 600 of 600 row(s)"))
        let sql = try tool.run("-S", "-e", "select count(*), sum(if(predicted_tipped = 'yes', 1, 0)) from ml.predict(model tips, table rides) p")
        #expect(sql.output == "600\t400\n" && named.lines.count { $0.contains("\tyes\t") } == 400, "\(sql.output)")
        #expect(try tool.run("-S", "-e", "describe formatted model tips").output.contains("Query:\trides"))
        // The name is taken, which is found out before the rows are read; a replacement takes its place.
        let taken = try keep("tips")
        #expect(taken.status != 0 && taken.output == "" && taken.errors.contains("Model tips already exists"), "\(taken.errors)")
        #expect(taken.errors.contains("--replace"))
        // So are files where the model's would be.
        let place = URL(fileURLWithPath: "\(tool.folder.path)/warehouse/occupied")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: place.appendingPathComponent("file"))
        let occupied = try keep("occupied")
        #expect(occupied.status != 0 && occupied.output == "" && occupied.errors.contains("location already exists"), "\(occupied.errors)")
        let replaced = try keep("tips", "--replace", "--learner", "boosted-trees", "--set", "rounds=3")
        #expect(replaced.status == 0, "\(replaced.errors)")
        #expect(try tool.run("-S", "-e", "describe formatted model tips").output.contains("Learner:\tboosted-trees"))
        #expect(try keep("other.tips", "-S").status == 0)
        #expect(try tool.run("-S", "-e", "show models in other").output == "tips\n")
        #expect(try tool.run("predict", "other.tips", "rides", "-S").output == filed.lines.dropFirst().map { $0 + "\n" }.joined())
        for (name, message) in [
            ("rides", "Table rides already exists"), ("nope.tips", "Database does not exist: nope"), ("a.b.c", "'a.b.c' is no name of a model"),
            ("no-name", "not a valid object name"), ("", "not a valid object name"),
        ] {
            let outcome = try keep(name, "--replace")
            #expect(outcome.status != 0 && outcome.output == "" && outcome.errors.contains(message), "\(name): \(outcome.errors)")
        }
        #expect(try train(tool, "--label", "tipped", "--replace").errors.contains("--replace is for --save-as"))
        #expect(try tool.run("-S", "-e", "select count(*) from rides").output == "600\n")
    }

    @Test func transformsAreAppliedToRows() throws {
        let tool = try makeTool()
        #expect(try tool.run("-S", "-e", "export model scaled to '\(tool.folder.path)/scaled.model'").status == 0)
        let sql = try tool.run(
            "-S", "-e", "select id, predicted_tipped, p.prob from (select id, predicted_tipped, predicted_tipped_probs[1] as p from "
                + "ml.predict(model scaled, table rides) x) y order by id")
        for model in ["scaled", "scaled.model", "default.scaled"] {
            let outcome = try tool.run("predict", model, "select * from rides order by id", "--keep", "id")
            try #require(outcome.status == 0, "\(outcome.errors)")
            let fields = outcome.lines.map { $0.split(separator: "\t") }
            #expect(fields.map { "\($0[0])\t\($0[1])\t\($0[4])" } == sql.lines)
            #expect(outcome.errors.contains("judged 600 of 600 row(s)"))
        }
        // What the label needs is not needed of rows to predict; what the features need is.
        let unlabelled = try tool.run("predict", "scaled", "select km, payment from rides", "--json")
        #expect(unlabelled.status == 0 && unlabelled.lines.count == 600, "\(unlabelled.errors)")
        #expect(unlabelled.errors.contains("has no column 'tipped' to compare the predictions with"))
        let missing = try tool.run("predict", "scaled", "select id from rides")
        #expect(missing.status != 0 && missing.output == "" && missing.errors.contains("TRANSFORM"), "\(missing.errors)")
        let none = try tool.run("predict", "scaled", "select * from rides where false")
        #expect(none.status != 0 || none.output == "", "\(none.output)")
    }

    @Test func modelsAreEvaluatedByNumbers() throws {
        let tool = try makeTool()
        let outcome = try tool.run("evaluate", "scaled", "rides")
        #expect(outcome.lines.first == "scaled: logistic-regression · binary-classification of tipped", "\(outcome.errors)")
        #expect(outcome.output.contains("judged 600 of 600 row(s)") && outcome.output.contains("actual \\ predicted"))
        let found = try object(try tool.run("evaluate", "scaled", "--query", "rides", "--json").output)
        let metrics = try #require(found["metrics"] as? [String: Any])
        let sql = try tool.run("-S", "-e", "select accuracy, log_loss, roc_auc from ml.evaluate(model scaled, table rides) e")
        let values = sql.output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        let measured = ["accuracy", "logLoss", "areaUnderROC"].compactMap { (metrics[$0] as? NSNumber)?.doubleValue }
        try #require(values.count == 3 && measured.count == 3)
        for (one, other) in zip(values, measured) { #expect(abs(one - other) < 1e-12) }
        // Without rows it is what the training measured.
        let own = try object(try tool.run("evaluate", "scaled", "--json").output)
        #expect(own["rowsJudged"] as? Int == 150 && (own["notes"] as? [String]) == ["measured by the training, on rows that it did not see"])
        let whole = try train(tool, "--label", "fare", "--features", "km", "--learner", "linear-regression", "--split", "1", "--save", "fare.model")
        #expect(whole.status == 0, "\(whole.errors)")
        #expect(try tool.run("evaluate", "fare.model").output.contains("on the rows that it learned from"))
        // A model without a label says how it describes rows.
        #expect(try train(tool, "--features", "km,payment", "--learner", "kmeans", "--set", "num-clusters=2", "--save-as", "groups").status == 0)
        let groups = try tool.run("evaluate", "groups", "rides")
        #expect(groups.status == 0 && groups.output.contains("davies bouldin index"), "\(groups.errors)")
        for (arguments, message) in [
            ([], "evaluate needs a model"), (["scale"], "Did you mean 'scaled'?"), (["./none"], "no such file"),
            (["scaled", "ride"], "Table not found 'ride'"), (["scaled", "rides", "rides"], "One table or query is expected"),
            (["scaled", "select * from rides where false"], "no rows"), (["scaled", "drop table rides"], "ParseException"),
            (["fare.model", "select km from rides"], "the query has no column 'fare' to compare the predictions with"),
            (["scaled", "--save", "x"], "Unrecognized option: --save"),
        ] as [([String], String)] {
            let outcome = try tool.run(["evaluate"] + arguments, input: [], outputPath: nil)
            #expect(outcome.status != 0 && outcome.output == "" && outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
        }
    }

    @Test func predictionsAreExplained() throws {
        let tool = try makeTool()
        let trained = try tool.run(
            ["train", "--query", "rides", "--identifier", "id", "--save", "tips.model", "--save-as", "tips", "--enable-global-explain"] + tips,
            input: [], outputPath: nil)
        #expect(trained.status == 0 && trained.output.contains("mean |attribution|"), "\(trained.errors)")
        for model in ["tips", "tips.model"] {
            let outcome = try tool.run("explain", model, "select * from rides order by id", "--header", "-S")
            try #require(outcome.status == 0, "\(outcome.errors)")
            let names = ["id", "prediction", "probability", "baseline_prediction_value", "attribution_payment", "attribution_km", "prediction_value"]
            #expect(outcome.lines.first == names.joined(separator: "\t"))
            let sql = try tool.run(
                "-S", "-e",
                """
                select id, predicted_tipped, probability, baseline_prediction_value,
                  if(a[0].feature = 'payment', a[0].attribution, a[1].attribution), if(a[0].feature = 'km', a[0].attribution, a[1].attribution),
                  prediction_value
                from (select *, top_feature_attributions as a from ml.explain_predict(model tips, table rides) p) q order by id
                """)
            #expect(sql.lines.count == 600 && Array(outcome.lines.dropFirst()) == sql.lines)
        }
        // All rows together, by rows and as the training kept it.
        let all = try object(try tool.run("explain", "tips", "rides", "--global", "--json").output)
        #expect(all["rows"] as? Int == 600)
        let columns = try #require(all["columns"] as? [[String: Any]])
        #expect(columns.map { $0["name"] as? String } == ["payment", "km"])
        #expect(try object(try tool.run("explain", "tips", "--global", "--json").output)["rows"] as? Int == 150)
        // Through a TRANSFORM, into a file for other programs.
        let file = try tool.run("explain", "scaled", "rides", "--keep", "id", "--output", "why.csv")
        #expect(file.status == 0 && file.output == "", "\(file.errors)")
        let text = try String(contentsOfFile: "\(tool.folder.path)/why.csv", encoding: .utf8)
        #expect(text.split(separator: "\n").count == 601 && text.hasPrefix("id,prediction,probability,baseline_prediction_value,attribution_km,"))
        #expect(try train(tool, "--label", "tipped", "--exclude", "fare,zone", "--learner", "naive-bayes", "--save", "bayes.model").status == 0)
        for (arguments, message) in [
            ([], "explain needs a model"), (["tips"], "explain needs rows: a table, or a query"), (["scaled", "--global"], "explain --global needs rows"),
            (["bayes.model", "rides"], "do not tell what each feature adds"), (["tips", "rides", "--global", "--keep", "id"], "--global tells of all together"),
            (["tip", "rides"], "Did you mean 'tips'?"), (["tips", "select km from rides"], "no column 'payment'"),
            (["tips", "select *, 1 as prediction from rides", "--keep", "prediction"], "one of their columns"),
            (["tips", "rides", "--output", "tips.model"], "suffix"), (["tips", "drop table rides"], "query is expected here"),
        ] as [([String], String)] {
            let outcome = try tool.run(["explain"] + arguments, input: [], outputPath: nil)
            #expect(outcome.status != 0 && outcome.output == "" && outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
        }
        let refused = try train(tool, "--label", "tipped", "--learner", "naive-bayes", "--enable-global-explain")
        #expect(refused.status != 0 && refused.errors.contains("do not tell what each feature adds"), "\(refused.errors)")
    }

    /// A query, a table, some of its partitions, and files mean the same rows to every subcommand.
    @Test func rowsAreNamedAlikeEverywhere() throws {
        let tool = try makeTool()
        let made = try tool.run(
            "-e",
            """
            create table parted (km int, payment string, tipped string) partitioned by (day int) stored as parquet;
            insert into parted partition (day) select km, payment, tipped, id % 3 from rides;
            """)
        try #require(made.status == 0, "\(made.errors)")
        let query = "select * from parted where day >= 1"
        for command in [
            ["predict", "--model", "scaled"], ["explain", "scaled"], ["explain", "scaled", "--global"], ["evaluate", "scaled"], ["report", "scaled"],
            ["train", "--label", "tipped"],
        ] {
            func told(_ rows: String) throws -> CommandLineTool.Outcome { try tool.run(command + ["--query", rows], input: [], outputPath: nil) }
            let asked = try told(query)
            #expect(asked.status == 0 && asked.output != "", "\(command): \(asked.errors)")
            for rows in ["parted PARTITION (day >= 1)", "table default.parted partition (day > 0)"] {
                let named = try told(rows)
                #expect(named.output == asked.output, "\(command) \(rows): \(named.errors)")
            }
            let refused = try told("parted PARTITION (km = 1)")
            #expect(refused.status != 0 && refused.output == "", "\(command): \(refused.errors)")
        }
        let files = try tool.run("predict", "scaled", "parquet.`\(tool.folder.path)/warehouse/parted`")
        #expect(files.status == 0 && files.lines.count == 600, "\(files.errors)")
        let exported = try tool.run("export", "--query", "parted PARTITION (day = 2)", "--to", "day.csv")
        #expect(exported.errors == "Wrote 200 row(s) of 4 column(s) to day.csv\n", "\(exported.errors)")
        for arguments in [["predict", "scaled", "--model", "tips", "rides"], ["report", "--model", "scaled", "--model", "scaled"]] {
            #expect(try tool.run(arguments, input: [], outputPath: nil).errors.contains("there are two models"), "\(arguments)")
        }
        #expect(try tool.run("predict", "scaled").errors.contains("predict needs rows: a table, or a query"))
    }

    @Test func modelsAreListed() throws {
        let tool = try makeTool()
        #expect(try train(tool, "--label", "fare", "--features", "km", "--save-as", "fares").status == 0)
        #expect(try train(tool, "--features", "km,payment", "--learner", "kmeans", "--save-as", "groups").status == 0)
        let listed = try tool.run("models")
        #expect(listed.lines.count == 4 && listed.lines[0].hasPrefix("model   learner"), "\(listed.errors)")
        #expect(listed.lines[1].hasPrefix("fares   linear-regression") && listed.lines[1].contains("R² "))
        #expect(listed.lines[2].contains("davies bouldin index ") && listed.lines[3].contains("AUC "))
        let found = try objects(try tool.run("models", "--json").output)
        #expect(found.map { $0["name"] as? String } == ["fares", "groups", "scaled"])
        #expect(found.map { $0["label"] as? String } == ["fare", nil, "tipped"])
        #expect(found.map { $0["rows"] as? Int } == [600, 600, 600] && found[2]["hasTransform"] as? Bool == true)
        #expect((found[0]["measure"] as? [String: Any])?["isHeldOut"] as? Bool == true)
        #expect((found[1]["measure"] as? [String: Any])?["name"] as? String == "daviesBouldinIndex")
        #expect(try tool.run("models", "f*|scaled").lines.count == 3)
        #expect(try tool.run("models", "--database", "other").output == "")
        #expect(try tool.run("models", "--database", "other", "--json").output.filter { !$0.isWhitespace } == "[]")
        // A damaged file is told of, and the others are listed.
        let path = "\(tool.folder.path)/warehouse/groups/model"
        var bytes = try #require(FileManager.default.contents(atPath: path))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let damaged = try objects(try tool.run("models", "--json").output)
        #expect(damaged.count == 3 && (damaged[1]["error"] as? String)?.contains("damaged") == true && damaged[1]["task"] == nil)
        #expect(try tool.run("models").lines.count == 4)
        #expect(try tool.run("models", "a", "b").errors.contains("One pattern is expected"))
        #expect(try tool.run("models", "--nope").status == 1)
        #expect(try tool.run("models", "--database", "none").errors.contains("Database does not exist"))
    }

    @Test func anomaliesAreTold() throws {
        let tool = try makeTool()
        for (learner, names) in [
            ("kmeans", ["is_anomaly", "normalized_distance", "centroid_id"]), ("pca", ["is_anomaly", "mean_squared_error"]),
            ("isolation-forest", ["is_anomaly", "anomaly_score"]),
        ] {
            let options = learner == "pca" ? ["--set", "num-principal-components=1"] : []
            let trained = try tool.run(
                ["train", "--query", "rides", "--identifier", "id", "--features", "km,fare", "--learner", learner, "--save-as", "m", "--replace"] + options,
                input: [], outputPath: nil)
            try #require(trained.status == 0, "\(trained.errors)")
            let outcome = try tool.run("predict", "m", "select * from rides order by id", "--contamination", "0.1", "--header")
            #expect(outcome.lines.first == (["id"] + names).joined(separator: "\t"), "\(outcome.errors)")
            let sql = try tool.run(
                "-S", "-e", "select id, \(names.joined(separator: ", ")) from ml.detect_anomalies(model m, struct(0.1 as contamination), table rides) a order by id")
            #expect(sql.lines.count == 600 && Array(outcome.lines.dropFirst()) == sql.lines, "\(learner)")
        }
        for (model, share, message) in [
            ("m", "0.6", "--contamination takes a number from 0 to 0.5"), ("m", "nan", "--contamination takes a number from 0 to 0.5"),
            ("scaled", "0.1", "cannot do anomaly-detection"),
        ] {
            let outcome = try tool.run("predict", model, "rides", "--contamination", share)
            #expect(outcome.status != 0 && outcome.output == "" && outcome.errors.contains(message), "\(outcome.errors)")
        }
    }

    @Test func theLabelChoosesTheLearner() throws {
        let tool = try makeTool()
        func learner(_ query: String, _ label: String, _ options: String...) throws -> String {
            let outcome = try tool.run(["train", "--query", query, "--label", label] + options, input: [], outputPath: nil)
            guard outcome.status == 0 else { return outcome.errors }
            let name = outcome.lines.first?.split(separator: " ").first.map(String.init) ?? ""
            #expect(outcome.output.contains("no learner was named: \(name), since label \(label) is ") == !options.contains("--task"))
            return name
        }
        #expect(try learner("select km, fare from rides", "fare") == "linear-regression")
        #expect(try learner("select km, tipped from rides", "tipped") == "logistic-regression")
        #expect(try learner("select payment, km from rides", "km") == "logistic-regression")
        #expect(try learner("select payment, id * 2 as km from rides", "km") == "linear-regression")
        #expect(try learner("select payment, km, if(id % 2 = 0, 1.0D, 0.0D) as odd from rides", "odd") == "logistic-regression")
        #expect(try learner("select payment, km from rides", "km", "--task", "regression") == "linear-regression")
        #expect(try learner("select payment, km, fare from rides", "fare", "--set", "l2=0.1", "--try", "standardize=true,false") == "linear-regression")
        #expect(try learner("select payment, km, fare from rides", "fare", "--set", "magic=1").contains("no hyperparameter 'magic'"))
        #expect(try learner("select km, fare from rides", "none").contains("no column 'none'"))
        let named = try tool.run("train", "--query", "select km, fare from rides", "--label", "fare", "--learner", "linear-regression")
        #expect(named.status == 0 && !named.output.contains("no learner was named"))
    }
}
