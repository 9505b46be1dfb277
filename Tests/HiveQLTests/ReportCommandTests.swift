import Foundation
import Testing

/// `hiveql report`.
@Suite struct ReportCommandTests {
    /// Rides of which those paid by card are tipped, mostly; a model in a file, one in the warehouse that goes through a
    /// TRANSFORM, one of three classes and one of a number.
    private func makeTool() throws -> CommandLineTool {
        let tool = try CommandLineTool()
        let outcome = try tool.run(
            "-e",
            """
            create table rides as select pos as id, if(pos % 3 = 0, 'cash', 'card') as payment, pos * 7 % 11 as km,
              if(pos % 3 = 0 or pos % 13 = 0, 'no', 'yes') as tipped, pos * 7 % 11 * 2.0D + if(pos % 5 = 0, 1, 0) as fare,
              case when pos % 7 < 3 then 'a' when pos % 7 < 6 then 'b' else '<c>' end as zone
            from (select posexplode(split(space(599), ' ')) as (pos, word)) n;
            create model tips transform (ml.standard_scaler(km) over () as km, payment, tipped)
            options (model_type = 'logistic_reg', input_label_cols = 'tipped', seed = 7) as select km, payment, tipped from rides;
            """)
        try #require(outcome.status == 0, "\(outcome.errors)")
        for arguments in [
            ["--query", "select km, tipped from rides", "--label", "tipped", "--save", "km.model"],
            ["--query", "select km, payment, zone from rides", "--label", "zone", "--save", "zone.model"],
            ["--query", "select km, payment, fare from rides", "--label", "fare", "--learner", "linear-regression", "--save", "fare.model"],
        ] {
            let trained = try tool.run(["train", "-S"] + arguments, input: [], outputPath: nil)
            try #require(trained.status == 0, "\(trained.errors)")
        }
        return tool
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    @Test func aModelIsShownInTheTerminal() throws {
        let tool = try makeTool()
        let outcome = try tool.run("report", "tips", "rides", "--cost-false-negative", "5")
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.lines.first == "tips: logistic-regression · binary-classification of tipped")
        for text in ["positive class: yes", "AUC", "Brier score", "Matthews correlation", "ROC: recall over false positive rate",
            "calibration of yes", "least cost", "actual \\ predicted", "weight × deviation", "TRANSFORM", "for training"] {
            #expect(outcome.output.contains(text), "\(text)")
        }
        #expect(outcome.output.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        let number = try tool.run("report", "fare.model", "rides")
        for text in ["R², adjusted", "median absolute error", "residual (truth − prediction)", "mean truth"] {
            #expect(number.output.contains(text), "\(text): \(number.errors)")
        }
        let classes = try tool.run("report", "zone.model", "--query", "rides")
        #expect(classes.output.contains("each class against the rest") && classes.output.contains("accuracy of the first 2"))
    }

    /// What a model of the warehouse says of rows is what SQL says, though it went through another way.
    @Test func transformedRowsAreJudgedAsInSQL() throws {
        let tool = try makeTool()
        let report = try object(try tool.run("report", "tips", "rides", "--json").output)
        let evaluation = try #require(report["evaluation"] as? [String: Any])
        let judgement = try #require(evaluation["judgement"] as? [String: Any])
        #expect(judgement["rowsJudged"] as? Int == 600)
        let metrics = try #require(judgement["metrics"] as? [String: Any])
        let sql = try tool.run("-S", "-e", "select accuracy, log_loss, roc_auc from ml.evaluate(model tips, table rides) e").output
        let values = sql.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        let found = ["accuracy", "logLoss", "areaUnderROC"].compactMap { (metrics[$0] as? NSNumber)?.doubleValue }
        try #require(values.count == 3 && found.count == 3)
        for (one, other) in zip(values, found) { #expect(abs(one - other) < 1e-12) }
        let classes = try #require(evaluation["classes"] as? [[String: Any]])
        #expect(classes.count == 1 && (classes[0]["curve"] as? [Any])?.isEmpty == false && (classes[0]["calibration"] as? [Any])?.count == 10)
        let partition = try object(try tool.run("report", "tips", "select * from rides where id < 60", "--json").output)
        #expect(((partition["evaluation"] as? [String: Any])?["judgement"] as? [String: Any])?["rows"] as? Int == 60)
    }

    @Test func withoutRowsTheTrainingIsTold() throws {
        let tool = try makeTool()
        let outcome = try tool.run("report", "tips")
        #expect(outcome.output.contains("there are no rows to judge by") && outcome.output.contains("evaluation rows"), "\(outcome.errors)")
        #expect(outcome.output.contains("actual \\ predicted") && !outcome.output.contains("ROC:"))
        let report = try object(try tool.run("report", "./fare.model", "--json").output)
        #expect(report["evaluation"] == nil && ((report["model"] as? [String: Any])?["training"] as? [String: Any])?["fit"] != nil)
    }

    @Test func pagesStandAloneAndEscapeWhatTheyShow() throws {
        let tool = try makeTool()
        for (model, texts) in [
            ("tips", ["Calibration", "Thresholds", "Confusion matrix"]), ("zone.model", ["&lt;c&gt;", "Lift"]), ("fare.model", ["Prediction and truth"]),
        ] {
            let outcome = try tool.run("report", model, "select * from rides where '<script>' <> ''", "--html", "page.html", "-S")
            try #require(outcome.status == 0 && outcome.output == "" && outcome.errors == "", "\(outcome.errors)")
            let page = try String(contentsOfFile: "\(tool.folder.path)/page.html", encoding: .utf8)
            #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n") && page.contains("<svg"))
            #expect(!page.contains("<script") && !page.contains("http") && !page.contains("<c>") && !page.contains("nan"))
            for text in texts { #expect(page.contains(text), "\(model): \(text)") }
        }
    }

    @Test func modelsAreCompared() throws {
        let tool = try makeTool()
        let outcome = try tool.run("report", "tips", "rides", "--against", "km.model", "--resamples", "200", "--html", "page.html")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let verdict = try #require(outcome.lines.first { $0.hasPrefix("tips is better than km.model: AUC ") })
        #expect(verdict.contains("DeLong's test: p < 0.0001") && verdict.contains("with 95 % confidence"))
        #expect(outcome.output.contains("McNemar's test: p < 0.0001"))
        #expect(try String(contentsOfFile: "\(tool.folder.path)/page.html", encoding: .utf8).contains("tips is better than km.model"))
        let same = try tool.run("report", "tips", "rides", "--against", "tips", "--resamples", "50")
        #expect(same.output.contains("tips and tips are as good as each other"))
        let json = ["report", "tips", "rides", "--against", "km.model", "--intervals", "0.9", "--resamples", "100", "--interval-method", "bca", "--json"]
        let one = try tool.run(json + ["--hiveconf", "hiveql.threads=1"], input: [], outputPath: nil)
        let three = try tool.run(json + ["--hiveconf", "hiveql.threads=3"], input: [], outputPath: nil)
        #expect(one.status == 0 && one.output == three.output, "\(one.errors)")
        let report = try object(one.output)
        let intervals = try #require((report["evaluation"] as? [String: Any])?["intervals"] as? [[String: Any]])
        let area = try #require(intervals.first { $0["measure"] as? String == "areaUnderROC" })
        let ends = ["lower", "value", "upper"].compactMap { area[$0] as? Double }
        #expect(ends.count == 3 && ends == ends.sorted() && ends[0] < ends[2])
        let other = try tool.run(json + ["--seed", "1"], input: [], outputPath: nil)
        #expect(other.output != one.output)
    }

    @Test func columnsAreExplained() throws {
        let tool = try makeTool()
        let outcome = try tool.run("report", "tips", "rides", "--explain", "--seed", "2", "--html", "page.html")
        #expect(outcome.status == 0 && outcome.output.contains("importance: loss of AUC"), "\(outcome.errors)")
        #expect(outcome.output.contains("if all rows had one payment") && outcome.output.contains("probability of yes"))
        let page = try String(contentsOfFile: "\(tool.folder.path)/page.html", encoding: .utf8)
        #expect(page.contains("id=\"importance\""))
        let report = try object(try tool.run("report", "tips", "rides", "--explain", "--json").output)
        let columns = try #require((report["importance"] as? [String: Any])?["columns"] as? [[String: Any]])
        #expect(columns.map { $0["name"] as? String } == ["payment", "km"])
    }

    @Test func mistakesAreTold() throws {
        let tool = try makeTool()
        _ = try tool.folder.file("torn.model", Array("hiveql-model 2 9 00\n{}".utf8))
        let groups = ["train", "--query", "select km, payment from rides", "--learner", "kmeans", "--save", "groups.model", "-S"]
        #expect(try tool.run(groups, input: [], outputPath: nil).status == 0)
        for (arguments, message) in [
            (["groups.model"], "learner kmeans learns without one"), (["groups.model", "rides"], "learner kmeans learns without one"),
            (["tips", "rides", "--against", "groups.model"], "learner kmeans learns without one"),
            ([], "report needs a model"), (["tip"], "Did you mean 'tips'?"), (["nope.model"], "no model of that name"),
            (["./nope.model"], "no such file"), (["torn.model", "rides"], "not a usable model"), (["tips", "ride"], "Table not found 'ride'"),
            (["tips", "rides", "rides"], "One table or query is expected"), (["tips", "drop table rides"], "ParseException"),
            (["tips", "select * from rides where false"], "the query gives no rows"),
            (["tips", "select km from rides"], "the model's TRANSFORM"), (["km.model", "select id from rides"], "no column 'km'"),
            (["tips", "--against", "km.model"], "--against needs rows"),
            (["tips", "rides", "--against", "zone.model"], "do not learn the same label"),
            (["tips", "rides", "--intervals", "1"], "--intervals takes a number between 0 and 1"),
            (["tips", "rides", "--intervals", "nan"], "--intervals takes a number between 0 and 1"),
            (["tips", "rides", "--resamples", "100"], "is for --intervals or --against"),
            (["tips", "rides", "--intervals", "0.9", "--resamples", "0"], "--resamples takes a number from"),
            (["tips", "rides", "--intervals", "0.9", "--interval-method", "magic"], "--interval-method takes"),
            (["tips", "rides", "--cost-false-positive", "-1"], "--cost-false-positive takes a number"),
            (["tips", "rides", "--nope"], "Unrecognized option: --nope"), (["tips", "rides", "--html", "/missing/folder/p.html"], "No such file"),
        ] as [([String], String)] {
            let outcome = try tool.run(["report"] + arguments, input: [], outputPath: nil)
            #expect(outcome.status != 0 && outcome.errors.contains(message) && outcome.output == "", "\(arguments): \(outcome.errors)")
        }
        #expect(try tool.run("report", "--help").output.hasPrefix("usage: hiveql report MODEL"))
    }

    /// Rows that say little: one class, none whose label is known, one row, a constant.
    @Test func rowsThatSayLittle() throws {
        let tool = try makeTool()
        let one = try tool.run("report", "tips", "select * from rides where tipped = 'no'", "--intervals", "0.9", "--html", "page.html")
        #expect(one.status == 0 && one.output.contains("accuracy") && !one.output.contains("nan"), "\(one.errors)")
        let unknown = try tool.run("report", "tips", "select km, payment, 'perhaps' as tipped from rides", "--html", "page.html")
        #expect(unknown.status == 0 && unknown.output.contains("600 with a label unknown to the model"), "\(unknown.errors)")
        for query in ["select km, payment, fare from rides limit 1", "select 1 as km, 'card' as payment, 2.0D as fare from rides",
            "select null as km, null as payment, fare from rides", "select km, payment, 1e300D as fare from rides",
            "select km, payment, if(id = 7, cast('NaN' as double), fare) as fare from rides"] {
            let outcome = try tool.run("report", "fare.model", query, "--intervals", "0.9", "--resamples", "20", "--html", "page.html")
            #expect(outcome.status == 0 || outcome.errors.contains("column"), "\(query): \(outcome.errors)")
            let json = try tool.run("report", "fare.model", query, "--json")
            if json.status == 0 { _ = try object(json.output) }
        }
    }
}
