import FeatureTables
import Learners
import Platform
import Testing

/// Saved trees and distributions that were made up. What is taken gives numbers; nothing ends the process.
@Suite struct SavedTreeTests {
    private func saved(_ learner: String, _ label: String) throws -> SavedModel {
        let table = try ReferenceData.table(label: label)
        return try LearnerCatalog.learner(named: learner).train(table, context: TrainingContext()).model.saved()
    }

    /// - Returns: whether the model is taken.
    private func take(_ saved: SavedModel, _ learner: String) -> Bool {
        do {
            let model = try LearnerCatalog.kind(named: learner).decode(saved)
            let matrix = try FeatureMatrix(
                rows: [[.nan, .infinity, -.infinity, 1], [0, 0, 0, 0]] + ReferenceData.features.prefix(20), columnNames: ["a", "b", "c", "d"])
            let values = numbers(try model.predict(matrix, threads: 1))
            _ = model.influences
            _ = TreeRules(of: model).map { ($0.lines, $0.rules.count) }
            #expect(values.allSatisfy { $0.isFinite })
            return true
        } catch { return false }
    }

    /// A tree of two classes: numbers of nodes and shares, then nodes of 20 bytes (threshold, division, next, rows).
    private func tree(_ nodes: [(threshold: Double, division: Int32, next: Int32)], shares: [Double] = [], count: Int? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ number: some FixedWidthInteger) { Swift.withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
        append(UInt32(count ?? nodes.count))
        append(UInt32(shares.count))
        for node in nodes {
            append(node.threshold.bitPattern)
            append(node.division)
            append(node.next)
            append(UInt32(7))
        }
        for share in shares { append(share.bitPattern) }
        return bytes
    }

    @Test func madeUpTreesAreRefused() throws {
        let good: [(threshold: Double, division: Int32, next: Int32)] = [(0.5, 4, 1), (0, -1, 0), (0, -1, 2)]
        let model = try saved("decision-tree", "y")
        func isTaken(_ bytes: [UInt8]) -> Bool {
            var changed = model
            changed.setPart("trees", bytes)
            return take(changed, "decision-tree")
        }
        func isTaken(_ index: Int, _ node: (threshold: Double, division: Int32, next: Int32), shares: [Double] = [0.25, 0.75]) -> Bool {
            var nodes = good
            nodes[index] = node
            return isTaken(tree(nodes, shares: shares))
        }
        #expect(isTaken(tree(good, shares: [0.25, 0.75])))
        #expect(isTaken(tree([(0, -1, 1)])))
        // Children that are the node itself, before it, outside, or another's.
        for next in [0, -1, 2, 3, Int32.max, Int32.min] { #expect(!isTaken(0, (0.5, 4, next)), "\(next)") }
        #expect(!isTaken(1, (0.5, 4, 1)) && !isTaken(1, (0.5, 4, 0)) && !isTaken(1, (0.5, 0, 1)))
        #expect(!isTaken(tree([(0.5, 4, 1), (0.5, 4, 3), (0.5, 4, 3), (0, -1, 0), (0, -1, 1)])))
        #expect(!isTaken(tree([(0.5, 4, 1), (0, -1, 0), (0, -1, 0), (0, -1, 0)])))
        // Features, thresholds, classes and shares that are none.
        for division in [16, Int32.max, -2, Int32.min] { #expect(!isTaken(0, (0.5, division, 1)), "\(division)") }
        #expect(!isTaken(0, (.nan, 4, 1)) && isTaken(0, (.infinity, 4, 1)))
        for next in [3, -1, Int32.max] { #expect(!isTaken(2, (0, -1, next)), "\(next)") }
        for shares in [[0.25], [0.25, .nan], [2, -1], [0.25, 0.25], [0.5, 0.5, 1]] { #expect(!isTaken(2, (0, -1, 2), shares: shares)) }
        // Sizes that the bytes do not have.
        #expect(!isTaken([]) && !isTaken([1, 0, 0]) && !isTaken(tree(good, shares: [0.25, 0.75], count: 2)))
        #expect(!isTaken(tree(good, shares: [0.25, 0.75], count: Int(UInt32.max))) && !isTaken(tree([])))
        #expect(!isTaken(tree(good, shares: [0.25, 0.75]) + tree(good, shares: [0.25, 0.75])))
        #expect(!isTaken(tree(good, shares: [0.25, 0.75]) + [0]))
        var number = try saved("decision-tree", "r")
        number.setPart("trees", tree([(.infinity, -1, 0)]))
        #expect(!take(number, "decision-tree"))
        var without = model
        without.parts = []
        #expect(!take(without, "decision-tree"))
    }

    @Test(arguments: ["decision-tree", "random-forest", "naive-bayes"], ["y", "z", "r"]) func mutatedModelsDoNoHarm(_ learner: String, _ label: String) throws {
        guard learner != "naive-bayes" || label != "r" else { return }
        let model = try saved(learner, label)
        #expect(take(model, learner))
        var refused = 0
        let text = Array(try #require(model.coded).written().utf8)
        let letters = Array("0123456789-[]{},\"e:.".utf8)
        for seed in 0..<200 {
            var changed = model
            if seed % 2 == 0, let part = model.parts.first {
                var bytes = part.bytes
                for change in 0..<2 {
                    bytes[Int(uniform(seed * 10 + change) * Double(bytes.count))] = UInt8(uniform(seed * 10 + change + 5) * 256)
                }
                changed.setPart(part.name, bytes)
            } else {
                var bytes = text
                for change in 0..<2 {
                    bytes[Int(uniform(seed * 10 + change) * Double(bytes.count))] = letters[Int(uniform(seed * 10 + change + 5) * Double(letters.count))]
                }
                guard let coded = try? JSON(bytes) else { continue }
                changed.coded = coded
            }
            if !take(changed, learner) { refused += 1 }
        }
        #expect(refused > 10 && refused < 190, "\(refused)")
    }

    /// The parts of one kind are not those of another.
    @Test func kindsDoNotMix() throws {
        let kinds = ["decision-tree", "random-forest", "naive-bayes", "logistic-regression"]
        for kind in kinds {
            let model = try saved(kind, "y")
            for other in kinds where other != kind && !(kind == "decision-tree" && other == "random-forest") {
                #expect(!take(model, other), "\(kind) \(other)")
            }
        }
        var fewer = try saved("naive-bayes", "y")
        fewer.featureNames.removeLast()
        #expect(!take(fewer, "naive-bayes"))
        var tree = try saved("decision-tree", "z")
        tree.classes.removeLast()
        #expect(!take(tree, "decision-tree"))
    }
}
