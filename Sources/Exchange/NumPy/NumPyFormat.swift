import Columnar
import FeatureTables

/// One array of two axes, `float64`: a row a row, a column a column. NULL is NaN, a class its position.
struct NumPyFormat: RowFormat {
    let name = "npy"
    let suffixes = [".npy"]
    let summary = "one NumPy array of float64, NULL as NaN"

    func makeWriter(_ schema: RowSchema, to file: ExportFile) throws -> any RowWriter { try NumPyWriter(schema, file) }

    func write(_ table: FeatureTable, to file: ExportFile, check: () throws -> Void) throws {
        try write(FeatureRows(table, classes: .position), to: file, check: check)
    }
}

private final class NumPyWriter: RowWriter {
    private let schema: RowSchema
    private let file: ExportFile
    private let header: NumPyHeader
    private var rowCount = 0

    init(_ schema: RowSchema, _ file: ExportFile) throws {
        for column in schema.columns where !column.type.isNumeric && column.type != .boolean {
            throw ExportError(
                path: file.path,
                "column '\(column.name)' of type \(column.type) is no number, and an array holds nothing else: leave it out")
        }
        self.schema = schema
        self.file = file
        header = NumPyHeader(type: "<f8", shape: [nil, schema.columns.count])
        try file.append(header.encoded())
    }

    func write(_ batch: Batch) throws {
        let width = schema.columns.count
        rowCount += batch.rowCount
        let rows = batch.rows
        let together = max((1 << 20) / max(width, 1), 1)
        var start = 0
        while start < rows.count {
            let some = start..<min(start + together, rows.count)
            let elements = UnsafeMutableBufferPointer<Double>.allocate(capacity: max(some.count * width, 1))
            defer { elements.deallocate() }
            for (position, column) in batch.columns.enumerated() {
                try fill(elements, from: position, column.decoded(rows), rows, some)
            }
            if width > 0 {
                try file.append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: elements[..<(some.count * width)])))
            }
            start = some.upperBound
        }
    }

    func finish() throws { try file.overwrite(header.completed(rowCount), at: 0) }

    private func fill(
        _ elements: UnsafeMutableBufferPointer<Double>, from position: Int, _ column: Column, _ rows: RowSelection,
        _ some: Range<Int>
    ) throws {
        let width = schema.columns.count
        var target = position
        for ordinal in some {
            let row = rows[ordinal]
            let value = column.isNull(row) ? Double.nan : number(column, column.element(of: row))
            guard let value else {
                throw ExportError(
                    path: file.path,
                    "column '\(schema.columns[position].name)' holds whole numbers that a float64 has not: cast it to DOUBLE")
            }
            elements[target] = value
            target += width
        }
        withExtendedLifetime(column) {}
    }

    /// nil for an integer that would become another one.
    private func number(_ column: Column, _ element: Int) -> Double? {
        switch column.type {
        case .boolean: Double(column.values(as: UInt8.self)[element])
        case .tinyint: Double(column.values(as: Int8.self)[element])
        case .smallint: Double(column.values(as: Int16.self)[element])
        case .int: Double(column.values(as: Int32.self)[element])
        case .bigint: Double(exactly: column.values(as: Int64.self)[element])
        case .float: Double(column.values(as: Float.self)[element])
        case .double: column.values(as: Double.self)[element]
        case .decimal(_, let scale): Self.nearest(column.values(as: Int128.self)[element], scale: scale)
        default: nil
        }
    }

    private static func nearest(_ unscaled: Int128, scale: Int) -> Double? {
        guard scale > 0 else { return Double(exactly: unscaled) }
        return Double("\(unscaled)e-\(scale)")
    }
}
