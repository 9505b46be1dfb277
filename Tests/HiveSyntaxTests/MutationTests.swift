import Foundation
import HiveSyntax
import Testing

@Suite struct MutationTests {
    /// Spoiled statements must give an error or a tree, never end the process; what parses must print and parse.
    @Test func spoiledStatementsNeverTrap() throws {
        let corpus = try Corpus.all + RepositoryFiles.goldenStatements()
        let bytes = corpus.map { Array($0.utf8) }
        let seed = ProcessInfo.processInfo.environment["HIVEQL_TEST_SEED"].flatMap(UInt64.init) ?? 7
        var random = RandomSource(seed: seed)
        var parsed = 0
        for round in 0..<10_000 {
            let text = String(decoding: MutationTests.mutated(bytes, &random), as: UTF8.self)
            _ = StatementSplitter.isComplete(text)
            for piece in StatementSplitter.split(text) {
                do {
                    _ = try Parser.parseStatement(piece.text)
                    parsed += 1
                } catch {
                    #expect(!error.rendered(in: SourceText(piece.text)).isEmpty)
                    continue
                }
                if let problem = roundTripProblem(piece.text) {
                    Issue.record("seed \(seed), round \(round): \(problem)")
                }
            }
        }
        #expect(parsed > 500)
    }

    /// Bytes that are not UTF-8 come from files.
    @Test func randomBytesNeverTrap() {
        var random = RandomSource(seed: 11)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let source = SourceText(bytes: bytes)
            _ = StatementSplitter.split(source)
            do {
                _ = try Parser.parseStatement(source)
            } catch {
                #expect(!error.rendered(in: source).isEmpty)
            }
        }
    }

    private static let marks = [
        "(", ")", "'", "\"", "`", ";", "--", "/*", "*/", ",", ".", "select", "from", "\\", "\u{0}", "é", "1", "<", ">", "[",
        "]", "not", "as", "by", "in", "case", "interval", "day", "?", "$", "map", "table", "values", "with", "over", "=",
    ].map { Array($0.utf8) }

    private static func mutated(_ corpus: [[UInt8]], _ random: inout RandomSource) -> [UInt8] {
        guard var bytes = random.pick(corpus) else { return [] }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: random.pick(marks) ?? [], at: place)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 3: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            case 4: bytes.removeSubrange(place..<bytes.count)
            default:
                if let other = random.pick(corpus) {
                    let cut = Int.random(in: 0...other.count, using: &random)
                    bytes.replaceSubrange(place..<bytes.count, with: other[cut...])
                }
            }
        }
        return bytes
    }
}
