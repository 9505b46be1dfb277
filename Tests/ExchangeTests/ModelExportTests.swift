import Exchange
import FeatureTables
import Foundation
import Learners
import Testing

/// A field of a message of Protocol Buffers.
private struct Field {
    var number: Int
    var value = 0
    var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    static func all(_ bytes: [UInt8]) throws -> [Field] {
        var fields: [Field] = []
        var place = 0
        func number() throws -> Int {
            var result: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                try #require(place < bytes.count)
                result |= UInt64(bytes[place] & 0x7F) << shift
                place += 1
                if bytes[place - 1] < 0x80 { break }
            }
            return Int(truncatingIfNeeded: result)
        }
        while place < bytes.count {
            let key = try number()
            var field = Field(number: key >> 3)
            switch key & 7 {
            case 0: field.value = try number()
            case 2, 5:
                let count = key & 7 == 5 ? 4 : try number()
                try #require(count >= 0 && place + count <= bytes.count)
                field.bytes = Array(bytes[place..<(place + count)])
                place += count
            default: throw ExportError.unknownWire
            }
            fields.append(field)
        }
        return fields
    }
}

extension ExportError {
    fileprivate static var unknownWire: any Error { CocoaError(.coderReadCorrupt) }
}

extension [Field] {
    fileprivate func messages(_ number: Int) throws -> [[Field]] { try filter { $0.number == number }.map { try Field.all($0.bytes) } }
    fileprivate func texts(_ number: Int) -> [String] { filter { $0.number == number }.map(\.text) }
    fileprivate func text(_ number: Int) -> String { texts(number).first ?? "" }
    fileprivate func value(_ number: Int) -> Int? { first { $0.number == number }?.value }
}

/// The formats' own programs read models in `Tests/Peers/models.py`; here is what they are made of.
@Suite struct ModelExportTests {
    private func trained(_ model: any Model, _ table: FeatureTable, learner: String) -> TrainedModel {
        TrainedModel(learner: learner, hyperparameters: [:], encoding: table.encoding, model: model)
    }

    private func table(label: FeatureLabel, names: [String] = ["x", "z"]) throws -> FeatureTable {
        let rows = (0..<40).map { [Double($0 % 7), Double($0 % 5)] }
        return try FeatureTable(matrix: FeatureMatrix(rows: rows, columnNames: names), label: label, labelName: "y")
    }

    private func linear(_ table: FeatureTable, learner: String) throws -> LinearModel {
        let learner = try LearnerCatalog.learner(named: learner, hyperparameters: [:])
        return try #require(try learner.train(table, context: TrainingContext()).model as? LinearModel)
    }

    @Test func linearModelsAreGraphs() throws {
        let folder = try ScratchFolder()
        let table = try table(label: .classes(codes: (0..<40).map { Int32($0 % 2) }, names: ["no", "ü"]))
        let linear = try linear(table, learner: "logistic-regression")
        try trained(linear, table, learner: "logistic-regression").export(to: folder.file("m"), format: .onnx)
        let model = try Field.all(try folder.bytes("m"))
        #expect(model.value(1) == 8 && model.text(2) == "hiveql")
        #expect(try model.messages(8).map { [$0.text(1), "\($0.value(2) ?? 0)"] } == [["", "17"], ["ai.onnx.ml", "3"]])
        let graph = try #require(try model.messages(7).first)
        #expect(try graph.messages(1).map { $0.text(4) } == ["Gemm", "Neg", "Sigmoid", "Sigmoid", "Concat", "ArgMax", "Gather", "Identity", "Identity"])
        #expect(try graph.messages(11).map { $0.text(1) } == ["features"] && graph.messages(12).map { $0.text(1) } == ["label", "probabilities"])
        // Every node takes what an earlier one, a constant or the input made.
        var known = Set(try graph.messages(11).map { $0.text(1) } + graph.messages(5).map { $0.text(8) })
        for node in try graph.messages(1) {
            #expect(known.isSuperset(of: node.texts(1)))
            for output in node.texts(2) { #expect(known.insert(output).inserted) }
        }
        let weights = try #require(try graph.messages(5).first { $0.value(2) == 11 })
        let numbers = try #require(weights.first { $0.number == 9 }).bytes.withUnsafeBytes { bytes in
            (0..<2).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
        }
        #expect(numbers == linear.outputs[0].weights && numbers[0] != numbers[1])
        #expect(try graph.messages(5).contains { $0.texts(6) == ["no", "ü"] })
        #expect(try model.messages(14).contains { $0.text(1) == "hiveql_classes" && $0.text(2) == "[\"no\",\"ü\"]" })
    }

    private func operations(_ model: LinearModel, _ table: FeatureTable, learner: String) throws -> [String] {
        let folder = try ScratchFolder()
        try trained(model, table, learner: learner).export(to: folder.file("m"), format: .onnx)
        let graph = try #require(try Field.all(try folder.bytes("m")).messages(7).first)
        return try graph.messages(1).map { $0.text(4) }
    }

    /// What makes predictions of the sums.
    @Test func linksAreNodes() throws {
        let counts = try table(label: .numbers((0..<40).map { Double($0 % 4) }))
        #expect(
            try operations(try linear(counts, learner: "poisson-regression"), counts, learner: "poisson-regression")
                == ["Gemm", "Min", "Exp", "Identity"])
        let classes = try table(label: .classes(codes: (0..<40).map { Int32($0 % 3) }, names: ["a", "b", "c"]))
        let machine = try linear(classes, learner: "linear-svm")
        #expect(
            try operations(machine, classes, learner: "linear-svm").prefix(9)
                == ["Gemm", "Abs", "Neg", "Exp", "Add", "Log", "Min", "Sub", "Softmax"])
        // Scores become log-odds before.
        let folder = try ScratchFolder()
        try trained(machine, classes, learner: "linear-svm").export(to: folder.file("m"), format: .onnx)
        let graph = try #require(try Field.all(try folder.bytes("m")).messages(7).first)
        let constants = try graph.messages(5).filter { $0.value(2) == 11 }.map { constant in
            try #require(constant.first { $0.number == 9 }).bytes.withUnsafeBytes { bytes in
                (0..<3).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
            }
        }
        #expect(constants.contains(machine.scores.map { $0.weights[0] }) && !constants.contains(machine.outputs.map { $0.weights[0] }))
    }

    @Test func treesAreXGBoosts() throws {
        let folder = try ScratchFolder()
        for names in [["x", "a\"z"], ["x", "v[0]"]] {
            let table = try table(label: .classes(codes: (0..<40).map { Int32($0 % 7 > 3 ? 1 : 0) }, names: ["no", "yes"]), names: names)
            let learner = try LearnerCatalog.learner(named: "boosted-trees", hyperparameters: ["rounds": "3"])
            let model = trained(try learner.train(table, context: TrainingContext()).model, table, learner: "boosted-trees")
            try model.export(to: folder.file("m.json"), format: .xgboostJSON)
            let document = try #require(try JSONSerialization.jsonObject(with: Data(folder.bytes("m.json"))) as? [String: Any])
            let booster = try #require(document["learner"] as? [String: Any])
            // XGBoost's Python refuses brackets in names.
            #expect(booster["feature_names"] as? [String] == (names[1].contains("[") ? [] : names))
            #expect((booster["attributes"] as? [String: Any])?["hiveql_classes"] as? String == "[\"no\",\"yes\"]")
            let again = try BoostedTreesModel(
                task: .binaryClassification, featureNames: names, classes: ["no", "yes"], savedBooster: folder.bytes("m.json"))
            guard case .classes(let one, _) = try again.predict(table.matrix, threads: 1),
                case .classes(let other, _) = try model.model.predict(table.matrix, threads: 1)
            else {
                Issue.record("no probabilities")
                return
            }
            #expect(one == other)
            try model.export(to: folder.file("m.ubj"), format: .xgboostUBJ)
            #expect(try folder.bytes("m.ubj").starts(with: [UInt8(ascii: "{"), UInt8(ascii: "L")]))
            try model.export(to: folder.file("m.onnx"), format: .onnx)
            let graph = try #require(try Field.all(try folder.bytes("m.onnx")).messages(7).first)
            #expect(try graph.messages(1).map { $0.text(4) }.prefix(3) == ["Cast", "TreeEnsembleRegressor", "Cast"])
        }
    }

    @Test func whatHasNoFormIsRefused() throws {
        let folder = try ScratchFolder()
        let table = try table(label: .numbers((0..<40).map(Double.init)))
        let model = trained(try linear(table, learner: "linear-regression"), table, learner: "linear-regression")
        for format in [ModelFormat.xgboostJSON, .xgboostUBJ] {
            let error = #expect(throws: ExportError.self) { try model.export(to: folder.file("m"), format: format) }
            #expect(error?.path == folder.file("m") && error?.reason == "a model of linear-regression is not XGBoost's")
        }
        var transformed = model
        transformed.transform = FittedTransform(items: [], inputs: [])
        #expect(throws: ExportError.self) { try transformed.export(to: folder.file("m"), format: .onnx) }
        #expect(throws: ExportError.self) { try model.export(to: folder.file("none/m"), format: .onnx) }
        #expect(folder.names == [])
        #expect(ModelFormat(ofFile: "/x/A.ONNX") == .onnx && ModelFormat(ofFile: "m.model") == nil)
    }
}
