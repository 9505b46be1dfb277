import Foundation
import Testing

/// `hiveql export`, and `predict --output`.
@Suite struct ExportCommandTests {
    private func makeTool() throws -> CommandLineTool {
        let tool = try CommandLineTool()
        let outcome = try tool.run(
            "-e",
            """
            create table rides as select pos as id, if(pos % 3 = 0, 'cash', 'card') as payment, pos % 11 as km,
              if(pos % 3 = 0 or pos % 13 = 0, 'no', 'yes') as tipped
            from (select posexplode(split(space(399), ' ')) as (pos, word)) n
            """)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return tool
    }

    private func run(_ tool: CommandLineTool, _ arguments: [String]) throws -> CommandLineTool.Outcome {
        try tool.run(arguments, input: [], outputPath: nil)
    }

    private func text(_ tool: CommandLineTool, _ name: String) throws -> String {
        try String(contentsOfFile: "\(tool.folder.path)/\(name)", encoding: .utf8)
    }

    @Test func rowsAreWrittenAsTheyAre() throws {
        let tool = try makeTool()
        let outcome = try tool.run("export", "--query", "select * from rides order by id", "--to", "rows.csv")
        #expect(outcome.status == 0 && outcome.output == "" && outcome.errors.contains("Wrote 400 row(s) of 4 column(s) to rows.csv"))
        let lines = try text(tool, "rows.csv").split(separator: "\n")
        #expect(lines.count == 401 && lines[0] == "id,payment,km,tipped" && lines[1] == "0,cash,0,no")
        let told = try tool.run("export", "--query", "rides", "--to", "r.arrow", "--json")
        #expect(told.output == "{\"files\":[{\"path\":\"r.arrow\",\"rows\":400,\"columns\":4}]}\n" && told.errors == "")
    }

    /// The parts are those that a training has, whatever the format.
    @Test func featuresAreWrittenInParts() throws {
        let tool = try makeTool()
        let options = ["export", "--query", "rides", "--label", "tipped", "--identifier", "id", "--seed", "3", "-S"]
        let one = try run(tool, options + ["--to", "t.csv", "--evaluation-to", "e.csv", "--split", "0.8"])
        #expect(one.status == 0 && one.errors == "", "\(one.errors)")
        #expect(try text(tool, "t.csv").split(separator: "\n").count == 321 && text(tool, "e.csv").split(separator: "\n").count == 81)
        #expect(try text(tool, "t.csv").hasPrefix("payment=card,payment=cash,km,tipped\n"))
        let two = try run(tool, options + ["--to", "t.libsvm", "--evaluation-to", "e.libsvm", "--split", "0.8"])
        #expect(try two.status == 0 && text(tool, "t.libsvm").split(separator: "\n").count == 320)
        let all = try run(tool, options + ["--to", "all.csv"])
        #expect(try all.status == 0 && text(tool, "all.csv").split(separator: "\n").count == 401)
    }

    @Test func predictionsAndModels() throws {
        let tool = try makeTool()
        #expect(try tool.run("train", "--query", "rides", "--label", "tipped", "--identifier", "id", "--save", "m", "-S").status == 0)
        let predicted = try tool.run("predict", "--model", "m", "--query", "select * from rides order by id", "--output", "p.tsv", "-S")
        #expect(predicted.status == 0 && predicted.output == "", "\(predicted.errors)")
        let printed = try tool.run("predict", "--model", "m", "--query", "select * from rides order by id", "--header", "-S")
        let written = try text(tool, "p.tsv").split(separator: "\n")
        #expect(written[0] == printed.lines[0] && written.count == 401 && printed.lines[7].hasPrefix("6\t"))
        #expect(try tool.run("export", "--model", "m", "--query", "rides", "--to", "f.csv").status == 0)
        #expect(try text(tool, "f.csv").hasPrefix("payment=card,payment=cash,km,tipped\n"))
        let model = try tool.run("export", "--model", "m", "--to", "m.onnx")
        #expect(model.status == 0 && model.errors == "Wrote the model to m.onnx\n")
    }

    /// Features are what a model's learner sees: behind its TRANSFORM, whether or not the rows have its label.
    @Test func modelsWithATransform() throws {
        let tool = try makeTool()
        let statement = """
            create model scaled transform (payment, ml.standard_scaler(km) over () as z, km * 2 as twice, tipped)
            options (model_type = 'logistic_reg', input_label_cols = array('tipped'), data_split_method = 'no_split')
            as select payment, km, tipped from rides
            """
        let made = try tool.run("-S", "-e", statement)
        try #require(made.status == 0, "\(made.errors)")
        let labelled = try tool.run("export", "rides", "--model", "scaled", "--to", "s.csv", "-S")
        #expect(labelled.status == 0, "\(labelled.errors)")
        let lines = try text(tool, "s.csv").split(separator: "\n")
        #expect(lines.count == 401 && lines[0] == "payment=card,payment=cash,z,twice,tipped", "\(lines[0])")
        let told = try tool.run("-S", "-e", "select sum(z), sum(twice) from ml.transform(model scaled, table rides) t").output
        let sums = told.split(whereSeparator: { $0 == "\t" || $0 == "\n" }).compactMap { Double($0) }
        for (place, column) in [2, 3].enumerated() {
            let own = lines.dropFirst().compactMap { Double($0.split(separator: ",")[column]) }
            #expect(own.count == 400 && sums.count == 2 && abs(own.reduce(0, +) - sums[place]) < 1e-9)
        }
        let bare = try tool.run("export", "select km, payment from rides", "--model", "scaled", "--to", "b.csv", "-S")
        #expect(try bare.status == 0 && text(tool, "b.csv").hasPrefix("payment=card,payment=cash,z,twice\n"), "\(bare.errors)")
        let lacking = try tool.run("export", "select km from rides", "--model", "scaled", "--to", "l.csv")
        #expect(lacking.status != 0 && lacking.errors.contains("TRANSFORM"), "\(lacking.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(tool.folder.path)/l.csv"))
    }

    /// Features and findings need no label; a model without one has no form of another program.
    @Test func withoutALabel() throws {
        let tool = try makeTool()
        let rows = ["--query", "select id, payment, km from rides order by id"]
        #expect(try run(tool, ["train"] + rows + ["--identifier", "id", "--learner", "kmeans", "--save", "k", "-S"]).status == 0)
        let own = try run(tool, ["export"] + rows + ["--model", "k", "--to", "k.csv", "-S"])
        let named = try run(tool, ["export"] + rows + ["--learner", "kmeans", "--identifier", "id", "--to", "n.csv", "-S"])
        #expect(own.status == 0 && named.status == 0, "\(own.errors) \(named.errors)")
        #expect(try text(tool, "k.csv").hasPrefix("payment=card,payment=cash,km\n") && text(tool, "k.csv") == text(tool, "n.csv"))
        let parts = ["--learner", "kmeans", "--label", "tipped", "--to", "t.csv", "--evaluation-to", "e.csv", "-S"]
        let divided = try run(tool, ["export", "--query", "rides", "--identifier", "id"] + parts)
        #expect(try divided.status == 0 && text(tool, "t.csv").hasPrefix("payment=card,payment=cash,km,tipped\n"), "\(divided.errors)")
        let found = try run(tool, ["predict"] + rows + ["--model", "k", "--output", "p.parquet", "-S"])
        #expect(found.status == 0, "\(found.errors)")
        let refused = try tool.run("export", "--model", "k", "--to", "k.onnx")
        #expect(refused.status != 0 && refused.errors.contains("a model of kmeans cannot be written as ONNX"), "\(refused.errors)")
    }

    @Test func mistakesAreTold() throws {
        let tool = try makeTool()
        #expect(try tool.run("train", "--query", "rides", "--label", "tipped", "--save", "m", "-S").status == 0)
        for (arguments, message) in [
            (["--query", "rides"], "--to is missing"), (["--to", "x.csv"], "--query is missing"),
            (["--query", "rides", "--to", "x.txt"], "the suffix of 'x.txt' says no format"),
            (["--query", "rides", "--to", "x", "--format", "xls"], "there is no format 'xls'"),
            (["--query", "rides", "--to", "none/x.csv"], "cannot write 'none/x.csv': No such file or directory"),
            (["--query", "rides", "--to", "x.csv", "--evaluation-to", "x.csv"], "would go to one file"),
            (["--query", "rides", "--to", "x.csv", "--evaluation-to", "./x.csv"], "would go to one file"),
            (["--query", "rides", "--to", "x.npy"], "column 'payment' of type string is no number"),
            (["--query", "rides", "--to", "x.libsvm"], "no label column is named"),
            (["--query", "select * from rides where false", "--to", "x.npz"], "the query gives no rows"),
            (["--query", "drop table rides", "--to", "x.csv"], "query is expected here, not DROP"),
            (["--query", "rides", "--to", "warehouse/metastore.db", "--format", "csv"], "warehouse"),
            (["--query", "rides", "--label", "tipped", "--model", "m", "--to", "x.csv"], "--model says what the features are"),
            (["--model", "m", "--to", "x.csv"], "says no form of a model"),
            (["--model", "m", "--to", "x.ubj"], "cannot write 'x.ubj': a model of logistic-regression is not XGBoost's"),
        ] {
            let outcome = try run(tool, ["export"] + arguments)
            #expect(outcome.status != 0 && outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: tool.folder.path)
        #expect(!files.contains { $0.hasPrefix("x") || $0.hasPrefix(".x") })
    }

    /// A query may stand in a file, for all commands that take one.
    @Test func queriesFromFiles() throws {
        let tool = try makeTool()
        _ = try tool.folder.file("q.sql", Array("-- trips\nselect id, tipped\nfrom rides where id < 30;\n".utf8))
        _ = try tool.folder.file("t.sql", Array("rides;".utf8))
        let rows = try tool.run("export", "--query-file", "q.sql", "--to", "q.csv")
        #expect(try rows.status == 0 && text(tool, "q.csv").split(separator: "\n").count == 31, "\(rows.errors)")
        #expect(try tool.run("export", "--query-file", "t.sql", "--to", "t.csv").errors.contains("Wrote 400 row(s)"))
        #expect(try tool.run("train", "--query-file", "q.sql", "--label", "tipped", "-S").status == 0)
        let missing = try tool.run("export", "--query-file", "none.sql", "--to", "x.csv")
        #expect(missing.status != 0 && missing.errors.contains("cannot read none.sql: No such file or directory"), "\(missing.errors)")
        let both = try tool.run("export", "--query", "rides", "--query-file", "q.sql", "--to", "x.csv")
        #expect(both.errors.contains("there are two queries"))
        let again = try tool.run("export", "--query", "rides", "--query", "select 1", "--to", "x.csv")
        #expect(again.status != 0 && again.errors.contains("there are two queries: --query 'select 1'"), "\(again.errors)")
    }

    /// What a query reads by its path is not replaced by what it gives, whatever path leads to it.
    @Test func filesThatAreReadStay() throws {
        let tool = try makeTool()
        let before = try tool.folder.file("rows.csv", Array("id,km\n1,2\n".utf8))
        symlink(before, "\(tool.folder.path)/link.csv")
        _ = try tool.run("-e", "create view seen as select * from csv.`\(tool.folder.path)/rows.csv`")
        for (query, target) in [
            ("select * from csv.`rows.csv`", "rows.csv"), ("select * from csv.`rows.csv`", "link.csv"),
            ("select * from csv.`*.csv`", "./rows.csv"), ("select * from seen", "rows.csv"),
            ("select count(*) from rides where id in (select id from csv.`link.csv`)", "rows.csv"),
        ] {
            let outcome = try tool.run("export", "--query", query, "--to", target)
            #expect(outcome.status != 0 && outcome.errors.contains("Cannot replace the file"), "\(query): \(outcome.errors)")
        }
        #expect(try text(tool, "rows.csv") == "id,km\n1,2\n")
        let other = try tool.run("export", "--query", "select `_c1`, `_c0` from csv.`rows.csv`", "--to", "new.csv")
        #expect(other.status == 0, "\(other.errors)")
        #expect(try text(tool, "new.csv") == "_c1,_c0\nkm,id\n2,1\n")
    }
}
