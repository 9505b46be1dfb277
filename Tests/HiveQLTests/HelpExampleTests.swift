import Foundation
import HiveQL
import TestSupport
import Testing

/// The examples that `DESCRIBE FUNCTION EXTENDED` shows.
@Suite struct HelpExampleTests {
    struct Example {
        let function: String
        let statement: String
        /// One line a row, texts in quotes; none when the example only shows how a call is written.
        let answer: [String]
    }

    /// The statements behind `  > ` and the indented lines below each.
    static func examples(of function: String, in help: [String]) -> [Example] {
        var examples: [Example] = []
        var rest = help[...]
        while let line = rest.popFirst() {
            guard line.hasPrefix("  > ") else { continue }
            let answer = rest.prefix { $0.hasPrefix("  ") && !$0.hasPrefix("  > ") }
            rest = rest.dropFirst(answer.count)
            let statement = line.dropFirst(4)
            examples.append(
                Example(
                    function: function, statement: String(statement.hasSuffix(";") ? statement.dropLast() : statement),
                    answer: answer.map { String($0.dropFirst(2)) }))
        }
        return examples
    }

    @Test func examplesGiveTheirAnswers() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        // What examples of aggregates and table functions read.
        try session.runScript("""
            CREATE TABLE trips (cab STRING, city STRING, pickup TIMESTAMP, fare DOUBLE, tipped BOOLEAN);
            INSERT INTO trips VALUES ('A', 'Bonn', '2020-01-01 10:00:00', 7.5, true), ('B', 'Köln', '2020-01-01 11:00:00', 9, false);
            CREATE TABLE t (id INT, tags ARRAY<STRING>);
            INSERT INTO t SELECT 1, array('a', 'b');
            """)
        var count = 0
        for name in try session.lines("SHOW FUNCTIONS") {
            let help = try session.lines("DESCRIBE FUNCTION EXTENDED `\(name)`")
            for example in Self.examples(of: name, in: help.flatMap { $0.components(separatedBy: "\n") }) {
                count += 1
                let rows: [String]
                do {
                    rows = try session.lines(example.statement)
                } catch {
                    Issue.record("\(name): \(example.statement): \(error)")
                    continue
                }
                if example.answer.isEmpty {
                    #expect(!rows.isEmpty, "\(name): \(example.statement) gives no row")
                } else {
                    let wanted = try example.answer.map { $0.hasPrefix("'") ? try session.lines("SELECT \($0)").joined() : $0 }
                    #expect(rows == wanted, "\(name): \(example.statement)")
                }
            }
        }
        #expect(count >= 60)
    }
}
