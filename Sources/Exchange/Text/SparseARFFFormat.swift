import Columnar
import FeatureTables

/// Weka's format with lines that hold what is not 0, each with the position of its attribute.
struct SparseARFFFormat: FeatureFormat {
    let name = "sparse-arff"
    let suffixes: [String] = []
    let summary = "Weka's format, features that are not 0"

    func write(_ table: FeatureTable, to file: ExportFile, check: () throws -> Void) throws {
        let lines = ExportLines(file)
        let text = lines.text
        ARFFHeader.append(FeatureRows(table).schema, to: text)
        let width = table.matrix.columnCount
        for row in 0..<table.rowCount {
            var separator: UInt8 = 0x7B
            func begin(_ column: Int) {
                text.append(separator)
                separator = 0x2C
                NumberFormatter.append(Int64(column), to: text)
                text.append(0x20)
            }
            func append(_ column: Int, _ value: Double) {
                guard value != 0 || value.sign == .minus else { return }
                begin(column)
                if value.isNaN { text.append(0x3F) } else { PlainNumber.append(value, to: text) }
            }
            switch table.matrix.storage {
            case .dense(let elements):
                for column in 0..<width { append(column, elements[row * width + column]) }
            case .sparse(let rows):
                for place in rows.range(row) { append(Int(rows.columns[place]), rows.values[place]) }
            }
            switch table.label {
            case .classes(let codes, let names):
                // What is left out would be the first class.
                begin(width)
                ARFFHeader.append(quoting: names[Int(codes[row])], to: text)
            case .numbers(let numbers): append(width, numbers[row])
            case nil: break
            }
            if let weights = table.weights { append(width + (table.label == nil ? 0 : 1), weights[row]) }
            if separator == 0x7B { text.append(separator) }
            text.append(0x7D)
            try lines.endLine(check: check)
        }
        withExtendedLifetime(table) {}
        try lines.flush()
    }
}
