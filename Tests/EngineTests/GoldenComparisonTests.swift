import TestSupport
import Testing

@Suite struct GoldenComparisonTests {
    /// Two workers wrote two files; which row is in the first one is nobody's promise.
    @Test func emptyRowsThatTheRecorderDroppedMayStandAnywhere() {
        let answers = [["1/a b", ""], ["", "1/a b"]]
        for answer in answers {
            let rows = GoldenComparison.normalized(answer, expectedCount: 1, ordered: false)
            #expect(rows == ["1/a b"])
        }
        #expect(GoldenComparison.normalized(["", "x"], expectedCount: 1, ordered: true) == ["(empty)", "x"])
        #expect(GoldenComparison.normalized(["x", ""], expectedCount: 1, ordered: true) == ["x"])
        #expect(GoldenComparison.normalized(["", "x"], expectedCount: 2, ordered: false) == ["(empty)", "x"])
    }
}
