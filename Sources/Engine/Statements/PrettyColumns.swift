import Catalog
import Columnar

/// The layout of DESCRIBE PRETTY: columns as wide as the longest name, long comments broken at blanks.
struct PrettyColumns {
    private(set) var lines: [[String]] = []
    private let nameWidth: Int
    private static let typeWidth = 14
    /// Of a terminal.
    private static let lineWidth = 80

    init(_ table: Table) {
        nameWidth = (table.allColumns.map { $0.name.unicodeScalars.count }.max() ?? 0) + 5
        append(table.allColumns)
        guard table.isPartitioned else { return }
        lines.append(["", " ", " "])
        lines.append(["# Partition Information", " ", " "])
        append(table.partitionColumns)
    }

    private mutating func append(_ columns: [SchemaColumn]) {
        append("col_name", "data_type", "comment")
        lines.append(["", "", ""])
        for column in columns { append(column.name, column.type.description, column.comment ?? "") }
    }

    private mutating func append(_ name: String, _ type: String, _ comment: String) {
        let type = Self.padded(type, Self.typeWidth)
        let typeWidth = type.unicodeScalars.count
        let parts = Self.broken(comment, width: max(Self.lineWidth - nameWidth - typeWidth - 1, 20))
        lines.append([Self.padded(name, nameWidth), type, parts[0]])
        let blanks = [nameWidth, typeWidth].map { String(repeating: " ", count: $0) }
        for part in parts.dropFirst() { lines.append(blanks + [part]) }
    }

    /// What is as wide as its column, or wider, is followed by four blanks.
    private static func padded(_ text: String, _ width: Int) -> String {
        let missing = width - text.unicodeScalars.count
        return text + String(repeating: " ", count: missing > 0 ? missing : 4)
    }

    private static func broken(_ comment: String, width: Int) -> [String] {
        var parts: [String] = []
        var rest = Array(comment)[...]
        while rest.count > width {
            let window = rest.prefix(width)
            if rest[window.endIndex] == " " {
                parts.append(String(window))
                rest = rest[window.endIndex...].dropFirst()
            } else {
                let end = window.lastIndex(of: " ").map { $0 + 1 } ?? window.endIndex
                parts.append(String(rest[..<end]))
                rest = rest[end...]
            }
        }
        return parts + [String(rest)]
    }
}
