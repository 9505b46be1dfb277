import Columnar
import Foundation
import TableFormats

/// The files of `Tests/Fixtures/parquet`, and how their values are written there (`make.py`).
enum ParquetFixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/parquet").path

    static func path(_ name: String) -> String { "\(folder)/\(name).parquet" }

    /// Each file, and whose expected values are its.
    static let files: [(name: String, expected: String)] = {
        let lines = (try? String(contentsOfFile: "\(folder)/shared.txt", encoding: .utf8)) ?? ""
        return lines.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t")
            return (String(parts[0]), String(parts[1]))
        }
    }()

    /// The columns' names and types, then the rows.
    static func expected(_ name: String) throws -> (header: [String], rows: [[String]]) {
        let lines = try String(contentsOfFile: "\(folder)/\(name).expected", encoding: .utf8).dropLast()
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        return (lines[0], Array(lines.dropFirst()))
    }

    static func header(_ file: ParquetFile) -> [String] { file.columns.map { "\($0.name):\($0.type)" } }

    /// All rows of the wanted columns.
    static func rows(_ file: ParquetFile, columns: [Int]? = nil, options: ParquetReadOptions) throws -> [[String]] {
        var rows: [[String]] = []
        for group in 0..<file.rowGroupCount {
            let reader = try ParquetRowGroupReader(
                file, rowGroup: group, columns: columns ?? Array(file.columns.indices), options: options)
            while let batch = try reader.next() {
                batch.rows.forEach { row in rows.append(batch.columns.map { text($0, row) }) }
            }
        }
        return rows
    }

    /// A value as the expected ones are written.
    static func text(_ column: Column, _ row: Int) -> String {
        if column.encoding != .flat { return text(column.flattened(.all(column.count)), row) }
        if column.isNull(row) { return "NULL" }
        func value<T: ColumnElement>(_: T.Type) -> T { column.values(as: T.self)[row] }
        func hex(_ value: some FixedWidthInteger, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        switch column.type {
        case .void: return "?"
        case .boolean: return value(UInt8.self) == 1 ? "true" : "false"
        case .tinyint: return "\(value(Int8.self))"
        case .smallint: return "\(value(Int16.self))"
        case .int, .date, .intervalYearMonth: return "\(value(Int32.self))"
        case .bigint: return "\(value(Int64.self))"
        case .float: return hex(value(Float.self).bitPattern, 8)
        case .double: return hex(value(Double.self).bitPattern, 16)
        case .decimal: return "\(value(Int128.self))"
        case .string, .varchar, .char: return "\"\(value(StringView.self).string)\""
        case .binary: return "x'" + value(StringView.self).bytes.map { hex($0, 2) }.joined() + "'"
        case .timestamp, .timestampLocalTimeZone, .intervalDayTime:
            return "\(value(Timestamp.self).seconds):\(value(Timestamp.self).nanoseconds)"
        case .array:
            let entry = value(ListEntry.self)
            return "[" + (0..<entry.length).map { text(column.children[0], entry.offset + $0) }.joined(separator: ", ") + "]"
        case .map:
            let entry = value(ListEntry.self)
            return "{"
                + (0..<entry.length).map {
                    text(column.children[0], entry.offset + $0) + "=" + text(column.children[1], entry.offset + $0)
                }.joined(separator: ", ") + "}"
        case .structure, .union: return "(" + column.children.map { text($0, row) }.joined(separator: ", ") + ")"
        }
    }
}

/// Keeps the rows whose ordinal among all rows is one of those that are wanted.
final class RowFilter: ScanFilter {
    let columns: [Int]
    private let keeps: (Int) -> Bool
    private var row = 0

    init(columns: [Int], keeps: @escaping (Int) -> Bool) {
        self.columns = columns
        self.keeps = keeps
    }

    func select(_ columns: [Column], count: Int) -> RowSelection {
        let first = row
        row += count
        return RowSelection.all(count).filtered(capacity: count) { keeps(first + $0) }
    }
}
