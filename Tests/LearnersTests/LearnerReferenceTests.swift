import Foundation
import Learners
import Testing

/// `docs/learners.md` says what the descriptions of the hyperparameters say.
@Suite struct LearnerReferenceTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/learners.md")

    @Test func theTablesAreTrue() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let updated = LearnerReference.updated(text)
        if ProcessInfo.processInfo.environment["HIVEQL_WRITE_REFERENCE"] != nil {
            try updated.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.page, encoding: .utf8) == updated)
    }

    @Test func everyLearnerWarningAndMemberIsExplained() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        for name in [
            LogisticRegression.name, LinearRegression.name, PoissonRegression.name, LinearSVM.name, FTRL.name, BoostedTrees.name, DecisionTree.name,
            RandomForest.name, NaiveBayes.name, KMeans.name, PrincipalComponents.name, IsolationForest.name,
        ] {
            #expect(text.contains("<!-- parameters of \(name) -->"), "\(name)")
        }
        for kind in ModelWarning.Kind.allCases { #expect(text.contains("`\(kind.rawValue)`"), "\(kind)") }
    }
}
