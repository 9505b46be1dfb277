import Columnar
import Foundation
import TableFormats
import Testing

/// Files of other writers in a folder of `Tests/Fixtures`: ROWS.VARIANT.EXTENSION has the rows of ROWS.tsv.
struct FixtureSet {
    let folder: String
    let fileExtension: String

    init(_ name: String) {
        folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/\(name)"
        fileExtension = "." + name
    }

    /// ROWS.VARIANT, sorted.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(fileExtension) }.map { String($0.dropLast(fileExtension.count)) }.sorted()
    }

    func path(_ name: String) -> String { "\(folder)/\(name)\(fileExtension)" }

    /// The rows that the writer put in, one a line.
    func rows(_ name: String) throws -> [String] {
        let rows = name.prefix { $0 != "." }
        var lines = try String(contentsOfFile: "\(folder)/\(rows).tsv", encoding: .utf8).components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

/// What read rows are held against.
enum RecordedRows {
    /// - Parameter read: the rows in batches of so many.
    static func expect(_ expected: [String], batches: [Int], read: (_ batch: Int) throws -> [String]) throws {
        for batch in batches {
            let lines = try read(batch)
            #expect(lines.count == expected.count)
            if let different = zip(lines, expected).enumerated().first(where: { $0.element.0 != $0.element.1 }) {
                Issue.record("row \(different.offset) in batches of \(batch): \(different.element.0) and not \(different.element.1)")
            }
        }
    }

    /// - Parameter read: the rows of one column.
    static func expectColumns(_ expected: [String], _ schema: [SchemaColumn], read: (_ column: Int) throws -> [String]) throws {
        let columns = expected.map { $0.components(separatedBy: "\t") }
        for column in schema.indices {
            let lines = try read(column)
            #expect(lines == columns.map { $0[column] }, "column \(schema[column].name)")
        }
    }
}

/// A batch with NULLs, a dictionary, a constant and a column of NULLs, one row of which is not selected.
enum MixedBatch {
    static let schema = zip("abcd", [SQLType.int, .string, .bigint, .array(.int)]).map { SchemaColumn(name: "\($0)", type: $1) }
    /// The selected rows, then the third and the first of them again.
    static let lines = [
        "0\ttwo\t-7\tNULL", "2\tzero\t-7\tNULL", "NULL\ttwo\t-7\tNULL", "NULL\ttwo\t-7\tNULL", "0\ttwo\t-7\tNULL",
    ]

    static func make() -> Batch {
        let builder = ColumnBuilder(.string)
        for word in ["zero", "one", "two"] { builder.append(word) }
        let numbers = Column(flat: .int, count: 4)
        for row in 0..<4 { numbers.values(as: Int32.self)[row] = Int32(row) }
        numbers.setNull(3)
        return Batch(
            columns: [
                numbers, .dictionary(builder.finish(), indices: [2, 1, 0, 2], count: 4),
                .constant(Int64(-7), type: .bigint, count: 4), .nulls(.array(.int), count: 4),
            ], capacity: 4, rows: RowSelection.all(4).filtered(capacity: 4) { $0 != 1 })
    }
}
