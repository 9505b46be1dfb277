import Foundation
import Testing

/// The scripts of `warehouse/scenarios` at a small size: what they show is there to be seen.
@Suite struct ScenarioTests {
    /// The lines of a script's output that begin with some words, by these; each with its columns.
    private func run(_ scenario: String, rows: Int) throws -> [[String]] {
        let clone = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let tool = try CommandLineTool()
        let outcome = try tool.run("-S", "-hiveconf", "ROWS=\(rows)", "-f", "\(clone.path)/warehouse/scenarios/\(scenario).hql")
        try #require(outcome.status == 0, "\(outcome.errors)")
        return outcome.lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }

    private func number(_ lines: [[String]], _ first: String, _ column: Int) throws -> Double {
        let line = try #require(lines.first { $0.first == first }, "\(first)")
        return try #require(Double(line[column]))
    }

    /// Counts of wide columns tell what other columns cannot, and no more than there is to be told.
    @Test func countsOfClicks() throws {
        let lines = try run("clicks", rows: 30_000)
        let plain = try number(lines, "without counts", 1), counts = try number(lines, "with counts", 1)
        let truth = try number(lines, "the truth", 1)
        #expect(plain > 0.6 && counts > plain + 0.1 && counts < truth, "\(plain) \(counts) \(truth)")
    }

    @Test func wordsOfHeating() throws {
        let lines = try run("heating", rows: 6000)
        // Numbers from 1 to 30 are systems and ages alike.
        #expect(lines.contains(["30"]))
        #expect(lines.filter { $0.first == "99 99" }.count == 1)
        let old = try number(lines, "20 25", 2), young = try number(lines, "16 9", 2)
        #expect(old > 0.5 && young < old)
    }

    @Test func wordsOfInspections() throws {
        let lines = try run("inspections", rows: 8000)
        let right = try #require(lines.first { $0.count == 2 && Double($0[1]).map { $0 > 50 && $0 <= 100 && $0 != $0.rounded() } == true })
        #expect(try #require(Double(right[1])) > 86.8)
    }
}
