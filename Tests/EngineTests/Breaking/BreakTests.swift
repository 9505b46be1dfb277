#if os(Linux)
import Engine
import Glibc
import TestSupport
import Testing

/// `make break`: tries for some minutes to break the product, with two processes at a time. Without
/// `HIVEQL_BREAK_SECONDS` nothing is tried.
@Suite(.serialized, .enabled(if: environmentNumber("HIVEQL_BREAK_SECONDS") != nil && !BreakAssignment.isGiven))
struct BreakTests {
    private static let seconds = Double(environmentNumber("HIVEQL_BREAK_SECONDS") ?? 60)
    private static let seed = environmentNumber("HIVEQL_BREAK_SEED") ?? 1
    /// One part alone, and one trial with those of its round before it.
    private static let only = environmentText("HIVEQL_BREAK_PART").flatMap(BreakPart.init(rawValue:))
    private static let trial = environmentNumber("HIVEQL_BREAK_TRIAL").map { Int($0) }
    private static let parts = BreakPart.allCases.filter { only == nil || $0 == only }

    @Test(arguments: parts) func withstands(_ part: BreakPart) throws {
        let share = Double(part.share) / Double(Self.parts.reduce(0) { $0 + $1.share })
        let end = monotonicSeconds() + Self.seconds * share
        let folder = try makeTemporaryFolder(for: "break")
        defer { removeTree(folder) }
        let workers =
            if let trial = Self.trial {
                [try BreakingWorker(part, seed: Self.seed, folder: "\(folder)/0", end: .infinity, trial: trial)]
            } else {
                try (0..<2).map {
                    try BreakingWorker(part, seed: Self.seed, number: $0, of: 2, folder: "\(folder)/\($0)", end: end)
                }
            }
        while try workers.map({ try $0.poll() }).contains(true) { usleep(20_000) }
        let figures = workers.dropFirst().reduce(workers[0].figures) { $0 + $1.figures }
        report(([figures.line(part)] + figures.findings).joined(separator: "\n"))
        #expect(figures.isSound)
        #expect(Self.trial != nil || figures.tried > 0)
    }

    private func report(_ text: String) {
        guard let path = environmentText("HIVEQL_BREAK_REPORT"), let file = fopen(path, "a") else { return }
        fputs(text + "\n", file)
        fclose(file)
    }
}
#endif
