import Foundation
import Testing

/// `hiveql generate`, `train` and `predict`.
@Suite struct LearningCommandTests {
    /// A tool with a table `rides` of 400 rows: card payers tip, nearly all.
    private func makeTool() throws -> CommandLineTool {
        let tool = try CommandLineTool()
        let outcome = try tool.run(
            "-e",
            """
            create table rides as select pos as id, if(pos % 3 = 0, 'cash', 'card') as payment, pos % 11 as km,
              cast(pos % 5 as string) as code, if(pos % 3 = 0 or pos % 13 = 0, 0, 1) as tipped, pos % 11 * 2.0D as fare
            from (select posexplode(split(space(399), ' ')) as (pos, word)) n
            """)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return tool
    }

    @Test func modelsAreTrainedSavedAndApplied() throws {
        let tool = try makeTool()
        let trained = try tool.run(
            "train", "--query", "rides", "--label", "tipped", "--identifier", "id", "--exclude", "fare", "--numeric", "code",
            "--stratify", "--seed", "3", "--save", "model.json", "--json")
        try #require(trained.status == 0, "\(trained.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(trained.output.utf8)) as? [String: Any])
        #expect(report["learner"] as? String == "logistic-regression")
        #expect(trained.errors.contains("Saved the model to model.json"))

        let predicted = try tool.run(
            "predict", "--model", "model.json", "--query", "select * from rides order by id", "--keep", "payment", "--header")
        #expect(predicted.lines.first == "id\tpayment\tprediction\tprobability\tprobability_0\tprobability_1")
        #expect(predicted.lines.count == 401)
        #expect(predicted.lines.dropFirst().first?.hasPrefix("0\tcash\t0\t") == true)
        #expect(predicted.errors.hasPrefix("judged 400 of 400 row(s)\npositive class: 1 ") && predicted.errors.contains("accuracy"))
        let objects = try tool.run("predict", "--model", "model.json", "--query", "select * from rides", "--json", "-S")
        #expect(objects.errors == "")
        for line in objects.lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(Set(object.keys) == ["id", "prediction", "probability", "probability_0", "probability_1"])
        }
    }

    /// A table that does not fit into the memory limit is learned from a part at a time.
    @Test func moreRowsThanFitIntoMemory() throws {
        let tool = try makeTool()
        let columns = (0..<12).map { "(id * \($0 * 7 + 3)) % 101 / 10.0D as x\($0)" }.joined(separator: ", ")
        let made = try tool.run(
            "-S", "-e",
            """
            create table many as select id, concat('k', id % 5) as kind, \(columns), if((id * 3) % 101 > 50 or id % 11 = 0, 'yes', 'no') as answer
            from (select a.id * 400 + b.id as id from rides a join rides b) n
            """)
        try #require(made.status == 0, "\(made.errors)")
        let limit = ["--hiveconf", "hiveql.memory.limit=12MB", "-S"]
        let arguments = ["train", "--query", "many", "--label", "answer", "--exclude", "id", "--learner", "ftrl", "--set", "passes=2"]
        let held = try tool.run(arguments + limit, input: [], outputPath: nil)
        #expect(held.status != 0 && held.errors.contains("hiveql.memory.limit"), "\(held.errors)")
        let streamed = try tool.run(arguments + limit + ["--stream", "--save", "m", "--json"], input: [], outputPath: nil)
        try #require(streamed.status == 0, "\(streamed.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(streamed.output.utf8)) as? [String: Any])
        let training = try #require(report["trainingRows"] as? [String: Any])
        let evaluation = try #require(report["evaluationRows"] as? [String: Any])
        let kept = try #require(training["kept"] as? Int), judged = try #require(evaluation["kept"] as? Int)
        #expect(kept + judged == 160_000 && (115_000...125_000).contains(kept))
        let measures = try #require(report["evaluationMetrics"] as? [String: Any], "\(report.keys)")
        #expect((measures["areaUnderROC"] as? Double ?? 0) > 0.85, "\(measures)")
        let predicted = try tool.run("predict", "m", "select * from many where id < 100", "-S")
        #expect(predicted.status == 0 && predicted.lines.count == 100, "\(predicted.errors)")
        for (options, message) in [
            (["--stream-sample", "9"], "--stream-sample is for --stream"), (["--stream", "--stream-sample", "0"], "a number of rows above 0"),
            (["--stream", "--keep-on-interrupt"], "--keep-on-interrupt is not for --stream"),
            (["--stream", "--split-time", "id"], "cannot be divided by time"),
            (["--stream", "--save", "rides/none/m"], "cannot write"),
        ] {
            let refused = try tool.run(arguments + options, input: [], outputPath: nil)
            #expect(refused.status != 0 && refused.errors.contains(message), "\(options): \(refused.errors)")
        }
    }

    @Test func aNumberIsLearnedToo() throws {
        let tool = try makeTool()
        for learner in ["linear-regression", "boosted-trees"] {
            let outcome = try tool.run(
                "train", "--query", "select km, payment, fare from rides", "--label", "fare", "--learner", learner,
                "--encoding", "index", "--split", "0.5")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.lines.first == "\(learner) · regression of fare")
            #expect(outcome.output.contains("RMSE"))
        }
    }

    @Test func mistakesAreTold() throws {
        let tool = try makeTool()
        for (arguments, message) in [
            (["--query", "rides"], "--label is missing"), (["--label", "tipped"], "--query is missing"),
            (["--query", "rides", "--label", "nope"], "the query has no column 'nope'"),
            (["--query", "rides", "--label", "tipped", "--exclude", "nope"], "the query has no column 'nope'"),
            (["--query", "select * from rides where tipped = 1", "--label", "tipped"], "one class only"),
            (["--query", "select * from rides where false", "--label", "tipped"], "no rows"),
            (["--query", "missing", "--label", "tipped"], "Table not found 'missing'"),
            (["--query", "drop table rides", "--label", "tipped"], "query is expected here, not DROP"),
            (["--query", "/* x */ drop table rides", "--label", "tipped"], "query is expected here, not DROP"),
            (["--query", "from rides insert overwrite table rides select *", "--label", "tipped"], "not INSERT"),
            (["--query", "with c as (select * from rides) insert into table rides select * from c", "--label", "tipped"], "not INSERT"),
            (["--query", "select * from rides; drop table rides", "--label", "tipped"], "not 2 statements"),
            (["--query", "dfs -ls /", "--label", "tipped"], "not DFS"),
            (["--query", "rides", "--label", "tipped", "--save", "/dev/null"], "not a regular file"),
            (["--query", "rides", "--label", "tipped", "--learner", "oracle"], "unknown learner 'oracle'"),
            (["--query", "rides", "--label", "tipped", "--set", "magic=1"], "no hyperparameter 'magic'"),
            (["--query", "rides", "--label", "tipped", "--split", "2"], "--split takes a fraction"),
            (["--query", "rides", "--label", "tipped", "--rare", "hide"], "--rare takes"),
            (["--query", "rides", "--label", "tipped", "--max-levels", "1", "--rare", "error"], "levels"),
            (["--query", "rides", "--label", "tipped", "--save", "/missing/folder/m.json"], "No such file"),
        ] {
            let outcome = try tool.run(["train"] + arguments, input: [], outputPath: nil)
            #expect(outcome.status != 0, "\(arguments)")
            #expect(outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
            #expect(outcome.output == "", "\(arguments)")
        }
        #expect(try tool.run("predict", "--model", "missing.json", "--query", "rides").errors.contains("missing.json"))
        let trained = try tool.run("train", "--query", "rides", "--label", "tipped", "--save", "m", "-S")
        #expect(trained.status == 0, "\(trained.errors)")
        for query in ["/* x */ drop table rides", "from rides insert into table rides select *", "set x=1"] {
            let outcome = try tool.run("predict", "--model", "m", "--query", query)
            #expect(outcome.status != 0 && outcome.errors.contains("query is expected here"), "\(outcome.errors)")
        }
        #expect(try tool.run("-S", "-e", "select count(*) from rides").output == "400\n")
    }

    /// One row without a label, or with a class that the model does not know, leaves the others judged.
    @Test func rowsThatCanBeJudgedAre() throws {
        let tool = try makeTool()
        let trained = try tool.run("train", "--query", "rides", "--label", "tipped", "--exclude", "fare", "--save", "m", "-S")
        try #require(trained.status == 0, "\(trained.errors)")
        for (label, reason) in [("null", "1 without a label"), ("7", "1 with a label unknown to the model ('7')")] {
            let query = "select * from (select * from rides limit 20) a union all "
                + "select id, payment, km, code, cast(\(label) as int), fare from (select * from rides limit 1) b"
            let outcome = try tool.run("predict", "--model", "m", "--query", query)
            #expect(outcome.lines.count == 21)
            #expect(outcome.errors.contains("judged 20 of 21 row(s): \(reason)") && outcome.errors.contains("accuracy"), "\(outcome.errors)")
            // Rows stay rows: the judgement is one object on standard error, and a file where one is named.
            let objects = try tool.run("predict", "--model", "m", "--query", query, "--json")
            #expect(objects.lines.count == 21)
            let judgement = try object(objects.errors)
            #expect(judgement["rowsJudged"] as? Int == 20 && objects.errors.split(separator: "\n").count == 1)
            #expect((judgement["metrics"] as? [String: Any])?["accuracy"] is Double || (judgement["metrics"] as? [String: Any])?["accuracy"] is Int)
            let silent = try tool.run("predict", "--model", "m", "--query", query, "--json", "-S", "--metrics", "quality.json")
            #expect(silent.errors == "" && silent.lines == objects.lines)
            let file = try String(contentsOfFile: "\(tool.folder.path)/quality.json", encoding: .utf8)
            #expect(try object(file) as NSDictionary == judgement as NSDictionary)
        }
        let none = try tool.run("predict", "--model", "m", "--query", "select id, payment, km, code from rides", "--json")
        #expect(try object(none.errors)["notes"] as? [String] == ["the query has no column 'tipped' to compare the predictions with"])
        let refused = try tool.run("predict", "--model", "m", "--query", "rides", "--metrics", "/dev/null")
        #expect(refused.status != 0 && refused.output == "" && refused.errors.contains("not a regular file"), "\(refused.errors)")
    }

    @Test func thePositiveClassCanBeChosen() throws {
        let tool = try makeTool()
        let arguments = ["train", "--query", "rides", "--label", "tipped", "--exclude", "fare,id"]
        let chosen = try tool.run(arguments + ["--positive-class", "0", "--json", "--save", "m"], input: [], outputPath: nil)
        #expect(try object(chosen.output)["positiveClass"] as? String == "0", "\(chosen.errors)")
        let predicted = try tool.run("predict", "--model", "m", "--query", "rides", "--header")
        #expect(predicted.lines.first?.hasSuffix("\tprobability_1\tprobability_0") == true)
        #expect(predicted.errors.contains("positive class: 0"))
        let unknown = try tool.run(arguments + ["--positive-class", "yes"], input: [], outputPath: nil)
        #expect(unknown.status == 1 && unknown.errors.contains("label 'tipped' has no class 'yes' (classes: 0, 1)"), "\(unknown.errors)")
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    /// The rows to judge by are the same whatever is learned from; the report says by what they were chosen.
    @Test func splitsAreChosenByTheUser() throws {
        let tool = try makeTool()
        func train(_ query: String, _ options: String...) throws -> CommandLineTool.Outcome {
            let common = ["train", "--query", query, "--label", "tipped", "--identifier", "id", "--learner", "boosted-trees"]
            return try tool.run(common + ["--set", "rounds=3"] + options, input: [], outputPath: nil)
        }
        let plain = try train("rides")
        #expect(plain.output.contains("split by the rows' places in default.rides"), "\(plain.errors)")
        func matrix(_ outcome: CommandLineTool.Outcome) -> [String] { outcome.lines.filter { $0.hasPrefix("0 ") || $0.hasPrefix("1 ") } }
        #expect(!matrix(plain).isEmpty)
        #expect(matrix(try train("select *, 1 as k from rides", "--exclude", "k")) == matrix(plain))
        let group = try train("rides", "--split-group", "km")
        #expect(group.output.contains("rows of one km are in one part") && group.output.contains("column km left out: it divides the rows"))
        let time = try train("rides", "--split-time", "id", "--split", "0.9")
        #expect(time.output.contains("360 for training, 40 for evaluation") && time.output.contains("evaluated on rows from id = 360 on"))
        let inParts = "select *, case when id < 300 then 'train' when id < 350 then 'validation' else 'eval' end as part from rides"
        #expect(try train(inParts, "--split-column", "part").output.contains("50 row(s) for validation are not used"))
        let parts = try train(inParts, "--split-column", "part", "--set", "early-stopping=2")
        #expect(parts.output.contains("300 for training, 50 for evaluation"), "\(parts.output) \(parts.errors)")
        #expect(parts.output.contains("50 validation rows for early stopping"))
        #expect(try train("rides", "--split-by", "id", "--split-group", "km").errors.contains("exclude each other"))
        #expect(try train("rides", "--split-by", "nope").errors.contains("no column 'nope'"))
        #expect(try train("rides", "--encode", "km=target,km=counts").errors.contains("two encodings for km"))
        #expect(try train("rides", "--encode", "km=target").output.contains("learned from tipped, for training rows from the other 4 of 5 folds"))
    }

    @Test func datesAndOtherTypes() throws {
        let tool = try makeTool()
        let query = "select id, tipped, date_add('2020-01-01', id) as day, map('a', km) as m, bigint(9007199254740992) + id as large from rides"
        let trained = try tool.run(
            "train", "--query", query, "--label", "tipped", "--identifier", "id", "--date-parts", "month,weekday", "--save", "days.model")
        #expect(trained.output.contains("day.month") && trained.output.contains("day.weekday"), "\(trained.errors)")
        #expect(trained.output.contains("column m left out: type map<string,int> cannot be a feature"))
        #expect(trained.output.contains("value(s) beyond 2^53 are rounded"))
        let other = try tool.run(
            "predict", "--model", "days.model", "--query", query.replacing("date_add('2020-01-01', id)", with: "current_timestamp()"))
        #expect(other.errors.contains("column 'day' has type timestamp where date is expected"), "\(other.errors)")
        #expect(try tool.run("predict", "--model", "days.model", "--query", query).lines.count == 400)
    }

    @Test func tooMuchMemoryIsAnError() throws {
        let tool = try makeTool()
        let arguments = ["train", "--query", "rides", "--label", "tipped", "--categorical", "id", "--max-levels", "1000"]
        let refused = try tool.run(arguments + ["--hiveconf", "hiveql.memory.limit=20k"], input: [], outputPath: nil)
        #expect(refused.status != 0 && refused.errors.contains("hiveql.memory.limit"), "\(refused.errors)")
        #expect(try tool.run(arguments, input: [], outputPath: nil).status == 0)
    }

    @Test func theGeneratorRepeatsItself() throws {
        let tool = try CommandLineTool()
        for folder in ["one", "two"] {
            let outcome = try tool.run("generate", folder, "--rows", "600", "--seed", "5")
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        var rows = 0
        for month in 1...12 {
            for kind in ["data", "fare"] {
                let name = "trip_\(kind)_\(month).csv"
                let one = FileManager.default.contents(atPath: "\(tool.folder.path)/one/\(name)")
                #expect(one != nil && one == FileManager.default.contents(atPath: "\(tool.folder.path)/two/\(name)"))
                if kind == "fare" { rows += (one?.filter { $0 == 10 }.count ?? 1) - 1 }
            }
        }
        #expect(rows == 600)
        #expect(try tool.run("generate", "three", "--rows", "none").status == 1)
    }
}
