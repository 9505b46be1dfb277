import Foundation
import HiveQL
import Testing

@Suite struct ReadmeTests {
    @Test func theLibraryExampleRuns() throws {
        let folder = try TemporaryFolder()
        let shown = try readmeExample(folder: folder.path)
        #expect(abs(shown.longest - 17 / 1.609344) < 1e-12)
        #expect(shown.tips == [1.5, 0])
        #expect(shown.table.rowCount == 1000)
        #expect(shown.table.featureNames == ["kilometres", "payment=card", "payment=cash"])
        guard case .classification(let metrics) = shown.outcome.report.evaluationMetrics else {
            Issue.record("no metrics on the evaluation rows")
            return
        }
        #expect(metrics.accuracy > 0.85)
        #expect(try TrainedModel.load(from: "\(folder.path)/tipped.model").learner == "logistic-regression")
    }

    @Test func theReadmeShowsTheExample() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
        let code = try String(contentsOf: here.appendingPathComponent("ReadmeExample.swift"), encoding: .utf8)
            .components(separatedBy: "\n")
        let begin = try #require(code.firstIndex { $0.hasSuffix("// README begins") })
        let end = try #require(code.firstIndex { $0.hasSuffix("// README ends") })
        let example = code[(begin + 1)..<end].map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 }
        let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
            .components(separatedBy: "\n")
        let fences = readme.indices.filter { readme[$0] == "```swift" }
        let blocks = fences.compactMap { fence in
            readme[fence...].firstIndex(of: "```").map { Array(readme[(fence + 1)..<$0]) }
        }
        let wanted = ["import HiveQL", ""] + example
        #expect(blocks.contains(wanted), "README.md has no swift block equal to ReadmeExample.swift's text")
    }
}
