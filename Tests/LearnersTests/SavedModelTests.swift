import Columnar
import FeatureTables
import Foundation
import Learners
import Platform
import Testing

/// Models of other makers: of earlier versions, damaged, made up.
@Suite struct SavedModelTests {
    private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Models"

    private func reason(_ path: String) -> String? {
        do {
            _ = try TrainedModel.load(from: path)
            return nil
        } catch LearnerError.invalidModel(_, let reason) { return reason } catch { return "\(error)" }
    }

    /// The rows that the fixtures were trained on, as far as they are compared.
    private func fixtureRows() throws -> ImportData {
        let a = ColumnBuilder(.double), b = ColumnBuilder(.double), kind = ColumnBuilder(.string), id = ColumnBuilder(.int)
        for row in 0..<12 {
            id.append(Int32(row))
            a.append(Double(row % 7) * 1.5)
            if row % 9 == 4 { b.appendNull() } else { b.append(Double(row * 37 % 11)) }
            kind.append(["x", "y", "z"][row % 3])
        }
        let schema = [
            SchemaColumn(name: "id", type: .int), SchemaColumn(name: "a", type: .double),
            SchemaColumn(name: "b", type: .double), SchemaColumn(name: "kind", type: .string),
        ]
        let columns = [id.finish(), a.finish(), b.finish(), kind.finish()]
        return try ImportData(schema: schema, batches: [Batch(columns: columns, capacity: 12)])
    }

    /// The column lives while its values are read.
    private func numbers(_ column: Column) -> [Double] {
        withExtendedLifetime(column) { Array(UnsafeBufferPointer(start: column.values(as: Double.self), count: 12)) }
    }

    /// Models that were saved as JSON with a booster's file beside it predict what they predicted then.
    @Test(arguments: [
        ("trees", "probability_no", [0.5981377363204956, 0.627591609954834, 0.6064412891864777, 0.6188685894012451, 0.6081627011299133, 0.5159206688404083, 0.627591609954834, 0.6070339679718018, 0.6064412891864777, 0.627591609954834, 0.5736757814884186, 0.5146066248416901]),
        ("classes", "probability_y", [0.3095065653324127, 0.3266051910339239, 0.3266051910339239, 0.3087013065814972, 0.43888550632509626, 0.2942001731932112, 0.30581738633461636, 0.3266051910339239, 0.31789598816323245, 0.3179962133764092, 0.3171462620155137, 0.3087013065814972]),
        ("linear", "prediction", [5.631711456510757E-6, 1.0000035020378668, 2.0000023916094114, 5.999999671791738, 6.999997534580626, 7.999996431689693, 11.999993711872019, -0.9999944038427383, 4.485728806624678E-6, 4.000001765911133, 4.999999636237543, 5.999998019120069]),
    ]) func modelsOfTwoFilesStillLoad(_ name: String, _ column: String, _ expected: [Double]) throws {
        let model = try TrainedModel.load(from: "\(Self.models)/\(name).json")
        let outcome = try PredictionRequest(model: model).run(on: try fixtureRows())
        let position = try #require(outcome.schema.firstIndex { $0.name == column })
        #expect(numbers(outcome.columns[position]) == expected)
        // Saved again it is one file.
        try TestTable.withFolder { folder in
            try model.save(to: folder + "/again")
            let again = try PredictionRequest(model: try TrainedModel.load(from: folder + "/again")).run(on: try fixtureRows())
            #expect(numbers(again.columns[position]) == expected)
        }
    }

    /// A report whose confusion matrix is none, or that is on a model of numbers, is not shown.
    @Test func reportsOfOtherModelsAreRefused() throws {
        var model = try TrainedModel.load(from: "\(Self.models)/weighted.model")
        guard case .classification(let metrics)? = model.report?.training.unweighted ?? model.report?.training.weighted else {
            Issue.record("no classification")
            return
        }
        var cut = metrics
        cut.confusion.removeLast()
        let others: [EvaluationMetrics] = [.classification(cut), .regression(RegressionMetrics(predicted: [1], actual: [2]))]
        try TestTable.withFolder { folder in
            for other in others {
                model.report?.evaluation = ModelQuality(unweighted: other)
                try model.save(to: folder + "/other")
                #expect(reason(folder + "/other") == "its report is on another model")
            }
        }
    }

    /// Archives from before learners had a form of content, and reports two kinds of measures.
    @Test(arguments: [
        ("kinds", "probability_y", [0.3171550428019477, 0.3182081187305415, 0.3182081187305415, 0.32349024186999326, 0.4209464537533251, 0.32349024186999326, 0.32349024186999326, 0.3182081187305415, 0.3182081187305415, 0.3182081187305415, 0.32349024186999326, 0.3224279582500458]),
        ("weighted", "probability_legit", [5.060102932077927e-8, 0.0014495019364814015, 0.9975813114699178, 2.8914855419908986e-4, 0.8609436412464836, 0.9999995758258379, 0.6231012170455636, 0.018097113295631583, 0.9998090776747838, 0.0036588674787202606, 0.9905969451315093, 2.3384729924707837e-4]),
    ]) func archivesOfEarlierVersionsStillLoad(_ name: String, _ column: String, _ expected: [Double]) throws {
        let model = try TrainedModel.load(from: "\(Self.models)/\(name).model")
        let outcome = try PredictionRequest(model: model).run(on: try fixtureRows())
        let position = try #require(outcome.schema.firstIndex { $0.name == column })
        #expect(numbers(outcome.columns[position]) == expected)
        let report = try #require(model.report)
        guard name == "weighted" else {
            #expect(report.training.unweighted != nil && report.training.weighted == nil && report.positiveClass == nil)
            return
        }
        // Its only measures are weighted ones.
        #expect(report.training.unweighted == nil && report.evaluation?.unweighted == nil)
        guard case .classification(let metrics) = report.training.weighted else { throw LearnerError.noWeight }
        #expect(metrics.confusion == [[174, 5], [4, 195]] && report.weight == "w" && report.positiveClass == "legit")
        #expect(report.lines().contains { $0.contains("training, weighted") })
    }

    @Test func anUnknownLearnersModelIsRefused() throws {
        try TestTable.withFolder { folder in
            let archive = try ModelArchive(try RegularFile.contents(of: Self.models + "/weighted.model"))
            let text = try archive.model.written().replacing("logistic-regression", with: "oracle")
            try FileReplacement.write(try ModelArchive(model: try JSON(Array(text.utf8))).encoded(), to: folder + "/m")
            #expect(reason(folder + "/m") == "it is of learner 'oracle', which this program does not have")
        }
    }

    /// Of two files one was replaced: by a booster of another shape, or of the same shape.
    @Test func aForeignBoosterBesideIsRefused() throws {
        try TestTable.withFolder { folder in
            let files = FileManager.default
            try files.copyItem(atPath: Self.models + "/trees.json", toPath: folder + "/trees.json")
            #expect(reason(folder + "/trees.json")?.contains("no such file") == true)
            try files.copyItem(atPath: Self.models + "/classes.xgb.json", toPath: folder + "/trees.xgb.json")
            #expect(reason(folder + "/trees.json")?.contains("number of features") == true)
            var text = String(decoding: try RegularFile.contents(of: Self.models + "/trees.xgb.json"), as: UTF8.self)
            text = text.replacing("\"split_indices\":[1,2,0,0,0,2,", with: "\"split_indices\":[1,3,0,0,0,2,")
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/trees.xgb.json"))
            #expect(reason(folder + "/trees.json")?.contains("another model's") == true)
        }
    }

    @Test func partsOfTwoArchivesDoNotMix() throws {
        let data = try ReferenceData.data()
        func archive(_ label: String, rounds: String) throws -> [UInt8] {
            let request = TrainingRequest(
                roles: ColumnRoles(label: label, features: ["a", "b"]), learner: "boosted-trees",
                hyperparameters: ["rounds": rounds], split: nil)
            var bytes: [UInt8] = []
            try TestTable.withFolder { folder in
                try request.run(on: data).model.save(to: folder + "/m")
                bytes = try RegularFile.contents(of: folder + "/m")
            }
            return bytes
        }
        let one = try archive("y", rounds: "2"), other = try archive("y", rounds: "3")
        try TestTable.withFolder { folder in
            func reason(_ bytes: [UInt8]) throws -> String? {
                try FileReplacement.write(bytes, to: folder + "/m")
                return self.reason(folder + "/m")
            }
            #expect(try reason(one) == nil)
            let booster = try #require(try ModelArchive(one).part("booster"))
            let foreign = try #require(try ModelArchive(other).part("booster"))
            #expect(try reason(one.dropLast(booster.count) + foreign) != nil)
            #expect(try reason(Array(one.dropLast())) == "it is cut short")
            #expect(try reason(one + [10]) == "there are bytes behind its last part")
            for place in stride(from: one.count - booster.count, to: one.count, by: 501) {
                var changed = one
                changed[place] ^= 1
                #expect(try reason(changed)?.contains("'booster' is damaged") == true)
            }
            var without = try ModelArchive(one)
            without.parts = []
            #expect(try reason(try without.encoded()) == "it holds no trees")
        }
    }

    /// A head that was changed and sealed with a digest of its own is refused or gives numbers; it never ends the process.
    @Test func mutatedHeadsDoNoHarm() throws {
        let data = try ReferenceData.data()
        var request = TrainingRequest(
            roles: ColumnRoles(label: "z", features: ["a", "d", "y"], categorical: ["d", "y"]), learner: "logistic-regression")
        request.options.missing = .mode
        let outcome = try request.run(on: data)
        var refused = 0
        try TestTable.withFolder { folder in
            let path = folder + "/m"
            try outcome.model.save(to: path)
            let archive = try ModelArchive(try RegularFile.contents(of: path))
            let text = Array(try archive.model.written().utf8)
            let letters = Array("0123456789-[]{},\"ae:.".utf8)
            for seed in 0..<400 {
                var bytes = text
                for change in 0..<3 {
                    let place = Int(uniform(seed * 10 + change) * Double(bytes.count))
                    bytes[place] = letters[Int(uniform(90_000 + seed * 10 + change) * Double(letters.count))]
                }
                do {
                    try FileReplacement.write(try ModelArchive(model: try JSON(bytes)).encoded(), to: path)
                    _ = try PredictionRequest(model: try TrainedModel.load(from: path)).run(on: data)
                } catch { refused += 1 }
            }
        }
        #expect(refused > 50 && refused < 400)
    }
}

/// Boosters that were made up. XGBoost itself ends the process on many of them, or never comes back.
@Suite struct BoosterStructureTests {
    private static let booster: [UInt8] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Models"
        return (try? RegularFile.contents(of: folder + "/classes.xgb.json")) ?? []
    }()

    private func load(_ bytes: [UInt8]) throws {
        let model = try BoostedTreesModel(
            task: .multiclassClassification, featureNames: ["a", "b"], classes: ["x", "y", "z"], savedBooster: bytes)
        let matrix = try FeatureMatrix(rows: [[1, 2], [3, .nan]], columnNames: ["a", "b"])
        _ = try model.predict(matrix, threads: 1)
    }

    @Test func theRealOneIsSound() throws { try load(Self.booster) }

    @Test(arguments: [
        (#""left_children":[1,3,-1,5,-1,-1,-1]"#, #""left_children":[0,3,-1,5,-1,-1,-1]"#),
        (#""left_children":[1,3,-1,5,-1,-1,-1]"#, #""left_children":[1,3,-1,3,-1,-1,-1]"#),
        (#""left_children":[1,3,-1,5,-1,-1,-1]"#, #""left_children":[1,3,-1,1000000,-1,-1,-1]"#),
        (#""left_children":[1,3,-1,5,-1,-1,-1]"#, #""left_children":[1,3,-1,5,-1,-1]"#),
        (#""left_children":[1,3,-1,5,-1,-1,-1]"#, #""left_children":[1,3,-1,-1,-1,-1,-1]"#),
        (#""left_children":[1,3,-1,5,-1,-1,-1]"#, #""left_children":[1,3,-1,5,-1,-1,-1],"left_children":[1,3,-1,5,-1,-1,-1]"#),
        (#""split_indices":[1,0,0,1,0,0,0]"#, #""split_indices":[1,0,0,2,0,0,0]"#),
        (#""split_indices":[1,0,0,1,0,0,0]"#, #""split_indices":[1000000000,0,0,1,0,0,0]"#),
        (#""split_indices":[1,0,0,1,0,0,0]"#, #""split_indices":[-1,0,0,1,0,0,0]"#),
        (#""parents":[2147483647,0,0,1,1,3,3]"#, #""parents":[2147483647,1,0,1,1,3,3]"#),
        (#""parents":[2147483647,0,0,1,1,3,3]"#, #""parents":[3,0,0,1,1,3,3]"#), (#""id":0,"#, #""id":2,"#),
        (#""id":0,"#, #""id":1000000,"#), (#""id":0,"#, #""id":-1,"#), (#""id":0,"#, ""),
        (#""tree_info":[0,1,2,"#, #""tree_info":[0,1,7,"#), (#""tree_info":[0,1,2,"#, #""tree_info":[0,-1,2,"#),
        (#""num_nodes":"7""#, #""num_nodes":"2000000000""#), (#""num_nodes":"7""#, #""num_nodes":"0""#),
        (#""num_trees":"9""#, #""num_trees":"8""#), (#""num_class":"3""#, #""num_class":"1000000000""#),
        (#""num_feature":"2""#, #""num_feature":"3""#), (#""split_type":[0,"#, #""split_type":[1,"#),
        (#""num_deleted":"0""#, #""num_deleted":"1""#), (#""name":"gbtree""#, #""name":"dart""#),
        (#""name":"multi:softprob""#, #""name":"multi:softmax""#), (#""default_left":[0,"#, #""default_left":[9,"#),
    ]) func madeUpTreesAreRefused(_ part: String, _ change: String) throws {
        let text = String(decoding: Self.booster, as: UTF8.self)
        try #require(text.contains(part), "\(part)")
        let changed = Array(text.replacing(part, with: change).utf8)
        do {
            try load(changed)
            Issue.record("\(change) was taken")
        } catch LearnerError.library(let reason) { #expect(reason.contains("not sound"), "\(reason)") }
    }

    /// Numbers are changed at random; what is taken gives numbers.
    @Test func mutatedBoostersDoNoHarm() throws {
        let numbers = ["0", "1", "2", "3", "-1", "7", "1000000", "2147483647", "-2147483648", "0.5", "null", "\"1\"", "[]"]
        var refused = 0
        for seed in 0..<300 {
            var bytes = Self.booster
            for change in 0..<2 {
                var place = Int(uniform(seed * 7 + change) * Double(bytes.count))
                while place < bytes.count, !(0x30...0x39).contains(bytes[place]) { place += 1 }
                var end = place
                while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
                let number = numbers[Int(uniform(40_000 + seed * 7 + change) * Double(numbers.count))]
                bytes.replaceSubrange(place..<end, with: Array(number.utf8))
            }
            do { try load(bytes) } catch { refused += 1 }
        }
        #expect(refused > 100 && refused < 300)
    }
}
