import Foundation
import HiveQL
import TestSupport
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

    @Test func theReadmeCountsTheFunctions() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let count = try TemporaryWarehouse().session().lines("SHOW FUNCTIONS").count
        #expect(readme.contains("| functions | \(count), see"), "there are \(count) functions")
    }
}
