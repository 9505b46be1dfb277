import Columnar
import Execution
import Expressions
import Foundation
import Planner
import Testing

/// Programs over rows of plans.
@Suite struct TransformOperatorTests {
    private func transform(_ source: LogicalPlan, _ arguments: [OutputColumn], _ command: String) -> LogicalPlan {
        let lines = LogicalTransform.Lines(format: RowFormatProperties(properties: ["field.delim": "\t"]), isJSON: true)
        return .transform(
            LogicalTransform(
                source: source, arguments: arguments.map { .column($0) }, command: command, input: lines, output: lines,
                outputs: arguments.enumerated().map { OutputColumn(id: ColumnID(100 + $0), name: $1.name, type: $1.type) },
                keepsGroups: false))
    }

    private func table(rows: Int) -> TestTable {
        TestTable([("a", .int), ("b", .string)], rows: (0..<rows).map { [.integer(Int64($0)), $0 % 3 == 0 ? .null : .string("t\($0)")] })
    }

    @Test(arguments: RunMode.all) func rowsComeBack(_ mode: RunMode) throws {
        for rows in [0, 1, 500] {
            let table = table(rows: rows)
            #expect(sorted(try run(transform(table.plan(pieces: 4), table.columns, "cat"), mode)) == sorted(table.rows))
        }
    }

    @Test func aProgramFindsTheFilesOfTheSessionWhereItRuns() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/scripts-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // A program, and what it reads beside itself.
        let program = "\(folder)/add.sh"
        try "#!/bin/sh\nwhile read a b; do echo \"$a\t$(cat words.txt)\"; done\n".write(toFile: program, atomically: true, encoding: .utf8)
        try "hello".write(toFile: "\(folder)/words.txt", atomically: true, encoding: .utf8)
        let scripts = ScriptSettings(files: [program, "\(folder)/words.txt"])
        let table = table(rows: 2)
        // Read by a shell: a program that was just written may not be run while another thread starts one.
        for command in ["sh add.sh", "sh ./add.sh"] {
            let consumer = CollectingConsumer()
            try QueryExecutor(settings: ExecutionSettings(threads: 1, scripts: scripts), context: testContext)
                .run(transform(table.plan(), table.columns, command), into: consumer)
            #expect(consumer.batches.flatMap(cells) == [[.integer(0), .string("hello")], [.integer(1), .string("hello")]])
        }
    }

    @Test func memoryIsAsked() throws {
        let table = table(rows: 2)
        #expect(throws: ExecutionError.self) { try run(transform(table.plan(), table.columns, "cat"), memoryLimit: 10_000) }
        // A line that does not end.
        #expect(throws: (any Error).self) {
            try run(transform(table.plan(), table.columns, "sh -c \"cat >/dev/null; head -c 100000000 /dev/zero\""), memoryLimit: 8 << 20)
        }
    }
}
