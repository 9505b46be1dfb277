import Foundation
import TestSupport
import Testing

/// Every golden file, recorded from Hive, under every configuration that must not change an answer.
@Suite struct GoldenTests {
    static let files: [String] = ((try? GoldenFile.all(under: GoldenFolder.root)) ?? []).map(\.path)

    @Test(arguments: files, GoldenSession.Configuration.allCases)
    func answersAsHive(path: String, configuration: GoldenSession.Configuration) throws {
        guard configuration.applies(to: path) else { return }
        let report = try GoldenSession.run(try GoldenFile(path: path), configuration)
        for mismatch in report.mismatches { Issue.record("[\(configuration.rawValue)] \(mismatch)") }
    }

    @Test func thereAreEnoughQueries() throws {
        // A file that cannot be read leaves `files` empty; here it says why.
        let queries = try GoldenFile.all(under: GoldenFolder.root).reduce(0) { count, file in
            count + file.blocks.filter { if case .rows = $0.expectation { true } else { false } }.count
        }
        #expect(queries >= 200)
    }
}
