import Foundation

/// What answers the statements of a golden file, one after the other, in one session.
package protocol GoldenEngine {
    /// Runs one statement and gives its rows as Hive's command line prints them: columns separated by tabs, `NULL` for
    /// NULL, an empty cell as `(empty)` or as nothing.
    /// - Throws: when the statement is refused or fails.
    func run(_ sql: String) throws -> [String]

    /// Whether the engine rightly answers a block otherwise than the recorded one did.
    func answersDiffer(_ block: GoldenFile.Block) -> Bool
}

/// A block whose answer was not the recorded one.
package struct GoldenMismatch: Sendable, CustomStringConvertible {
    package let path: String
    package let line: Int
    package let sql: String
    package let expected: [String]
    package let got: [String]

    /// `file:line: sql`, then both answers, each cut after twenty rows.
    package var description: String {
        func shown(_ rows: [String]) -> String {
            let head = rows.prefix(20).map { "    " + $0 }
            let rest = rows.count > 20 ? ["    … \(rows.count - 20) more"] : []
            return (rows.isEmpty ? ["    (no rows)"] : head + rest).joined(separator: "\n")
        }
        return "\(path):\(line): \(sql)\n  expected:\n\(shown(expected))\n  got:\n\(shown(got))"
    }
}

/// What came of one golden file.
package struct GoldenReport: Sendable {
    package let path: String
    /// Blocks that compare rows, and blocks that only succeed or are refused.
    package let queryCount: Int
    package let statementCount: Int
    /// Both kinds, in the order of the file; empty when everything agreed.
    package let mismatches: [GoldenMismatch]
}

/// Runs golden files against an engine and reports every block that answers otherwise.
package struct GoldenRunner<Engine: GoldenEngine> {
    package let engine: Engine
    /// Stands for `${DATA}`: the folder of the input files.
    package let dataFolder: String
    /// Stands for `${SCRATCH}`: a folder the statements may write to; it need not exist yet.
    package let scratchFolder: String

    package init(engine: Engine, dataFolder: String = GoldenFolder.data, scratchFolder: String) {
        self.engine = engine
        self.dataFolder = dataFolder
        self.scratchFolder = scratchFolder
    }

    /// Runs all blocks, also those after a mismatch: the report names each.
    package func run(_ file: GoldenFile) -> GoldenReport {
        var queryCount = 0, statementCount = 0
        var mismatches: [GoldenMismatch] = []
        for block in file.blocks {
            let sql = replacingFolders(in: block.sql)
            let answer = Result { try engine.run(sql) }
            if case .rows = block.expectation { queryCount += 1 } else { statementCount += 1 }
            if !engine.answersDiffer(block), let (expected, got) = difference(block.expectation, answer) {
                mismatches.append(
                    GoldenMismatch(path: file.path, line: block.line, sql: sql, expected: expected, got: got))
            }
        }
        return GoldenReport(
            path: file.path, queryCount: queryCount, statementCount: statementCount, mismatches: mismatches)
    }

    private func replacingFolders(in text: String) -> String {
        text.replacingOccurrences(of: "${DATA}", with: dataFolder)
            .replacingOccurrences(of: "${SCRATCH}", with: scratchFolder)
    }

    /// Nil when the answer is the expected one, else both as lines to print.
    private func difference(
        _ expectation: GoldenFile.Expectation, _ answer: Result<[String], any Error>
    ) -> (expected: [String], got: [String])? {
        switch (expectation, answer) {
        case (.success, .success):
            return nil
        case (.refusal(let message), .failure(let error)):
            let expected = replacingFolders(in: message)
            return GoldenRefusal(expected).agrees(with: "\(error)") ? nil : ([expected], ["\(error)"])
        case (.success, .failure(let error)):
            return (["success"], ["error: \(error)"])
        case (.refusal(let message), .success):
            return ([message], ["success"])
        case (.rows(_, _, let rows), .failure(let error)):
            return (rows, ["error: \(error)"])
        case (.rows(let columnTypes, let ordered, let rows), .success(let lines)):
            let got = GoldenComparison.normalized(lines, expectedCount: rows.count, ordered: ordered)
            let comparison = GoldenComparison(columnTypes: columnTypes, ordered: ordered)
            if comparison.agrees(expected: rows, got: got) { return nil }
            return ordered ? (rows, got) : (rows.sorted(), got.sorted())
        }
    }
}

/// Where the golden files of this package lie.
package enum GoldenFolder {
    /// `Tests/Golden`, found from this source file's place.
    package static let root: String = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden").path
    package static let data = root + "/data"
}
