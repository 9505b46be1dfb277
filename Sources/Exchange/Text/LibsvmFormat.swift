import Columnar
import FeatureTables

/// `label index:value …`: indices from 1, zeros left out, and missing values as well, which the format cannot tell from
/// them. A class is its position. There is no place for names and weights.
struct LibsvmFormat: FeatureFormat {
    let name = "libsvm"
    let suffixes = [".libsvm", ".svm", ".svmlight"]
    let summary = "label index:value …: features that are not 0 (LIBSVM, SVMlight, XGBoost)"

    func write(_ table: FeatureTable, to file: ExportFile, check: () throws -> Void) throws {
        guard let label = table.label else { throw FeatureError.missingLabel }
        let lines = ExportLines(file)
        let text = lines.text
        let width = table.matrix.columnCount
        for row in 0..<table.rowCount {
            switch label {
            case .classes(let codes, _): NumberFormatter.append(Int64(codes[row]), to: text)
            case .numbers(let numbers): PlainNumber.append(numbers[row], to: text)
            }
            switch table.matrix.storage {
            case .dense(let elements):
                let values = elements + row * width
                for column in 0..<width { append(column, values[column], to: text) }
            case .sparse(let rows):
                for place in rows.range(row) { append(Int(rows.columns[place]), rows.values[place], to: text) }
            }
            try lines.endLine(check: check)
        }
        withExtendedLifetime(table) {}
        try lines.flush()
    }

    private func append(_ column: Int, _ value: Double, to text: ByteBuffer) {
        guard value != 0, !value.isNaN else { return }
        text.append(0x20)
        NumberFormatter.append(Int64(column + 1), to: text)
        text.append(0x3A)
        PlainNumber.append(value, to: text)
    }
}
