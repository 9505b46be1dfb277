import Columnar

/// What is read of values of which only some parts are wanted.
enum SelectedParts {
    /// The rows of a batch of one column.
    static func lines(_ batch: Batch, _ selection: FieldSelection) -> [String] { lines(batch, [selection]) }

    /// The selected rows of a batch, for each column what is wanted of it.
    static func lines(_ batch: Batch, _ selections: [FieldSelection]) -> [String] {
        var lines: [String] = []
        batch.rows.forEach { row in
            lines.append(zip(batch.columns, selections).map { text($0, row, $1) }.joined(separator: "\t"))
        }
        return lines
    }

    /// A value with `-` in place of what is not selected.
    static func text(_ column: Column, _ row: Int, _ selection: FieldSelection) -> String {
        if column.encoding == .dictionary { return text(column.decoded(.all(column.count)), row, selection) }
        if column.isNull(row) { return "NULL" }
        let element = column.element(of: row)
        func parts(_ elements: Range<Int>) -> String {
            column.children.enumerated().map { place, child in
                guard let part = selection[place] else { return "-" }
                return elements.map { text(child, $0, part) }.joined(separator: ", ")
            }.joined(separator: "; ")
        }
        switch column.type {
        case .structure: return "(\(parts(element..<element + 1)))"
        case .array, .map:
            let entry = column.elements(as: ListEntry.self)[element]
            return "\(entry.length)[\(parts(Int(entry.offset)..<Int(entry.offset + entry.length)))]"
        default:
            let buffer = ByteBuffer()
            TextFormatter(.output).append(column, row: row, to: buffer)
            return buffer.string
        }
    }

    static func selection(of type: SQLType, _ random: inout SeededGenerator) -> FieldSelection {
        switch type {
        case .array, .map, .structure:
            var children: [Int: FieldSelection] = [:]
            for (place, part) in type.childTypes.enumerated() where Bool.random(using: &random) {
                children[place] = selection(of: part, &random)
            }
            return FieldSelection(children: children)
        default: return .whole
        }
    }

    /// Whether nothing was made of the parts that are not wanted.
    static func sparesRest(_ column: Column, _ selection: FieldSelection) -> Bool {
        switch column.type {
        case .array, .map, .structure:
            column.children.enumerated().allSatisfy { place, child in
                selection[place].map { sparesRest(child, $0) } ?? (child.isConstant && child.isNull(0))
            }
        default: true
        }
    }
}
