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
        #expect(predicted.errors.contains("accuracy"))
        let objects = try tool.run("predict", "--model", "model.json", "--query", "select * from rides", "--json", "-S")
        #expect(objects.errors == "")
        for line in objects.lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(Set(object.keys) == ["id", "prediction", "probability", "probability_0", "probability_1"])
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
        for (label, reason) in [("null", "1 of 2 row(s) have no label 'tipped'"), ("7", "holds '7', a class unknown to the model")] {
            let outcome = try tool.run(
                "predict", "--model", "m", "--query",
                "select * from (select * from rides limit 1) a union all "
                    + "select id, payment, km, code, cast(\(label) as int), fare from (select * from rides limit 1) b")
            #expect(outcome.lines.count == 2 && outcome.errors.contains("no quality is told: ") && outcome.errors.contains(reason), "\(outcome.errors)")
        }
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
