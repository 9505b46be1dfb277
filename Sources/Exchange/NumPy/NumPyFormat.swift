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
        let columns = batch.columns.map { $0.decoded(rows) }
        let together = max((1 << 20) / max(width, 1), 1)
        var start = 0
        while start < rows.count {
            let some = start..<min(start + together, rows.count)
            let elements = UnsafeMutableBufferPointer<Double>.allocate(capacity: max(some.count * width, 1))
            defer { elements.deallocate() }
            for (position, column) in columns.enumerated() {
                guard fill(elements, from: position, column, rows, some) else {
                    throw ExportError(
                        path: file.path,
                        "column '\(schema.columns[position].name)' holds whole numbers that a float64 has not: cast it to DOUBLE")
                }
            }
            if width > 0 {
                try file.append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: elements[..<(some.count * width)])))
            }
            start = some.upperBound
        }
    }

    func finish() throws { try file.overwrite(header.encoded(length: rowCount), at: 0) }

    /// Puts some rows of a column in their places.
    /// - Returns: false for a whole number that would become another one.
    private func fill(
        _ elements: UnsafeMutableBufferPointer<Double>, from position: Int, _ column: Column, _ rows: RowSelection,
        _ some: Range<Int>
    ) -> Bool {
        switch column.type {
        case .boolean: fill(elements, from: position, column, rows, some) { (value: UInt8) in Double(value) }
        case .tinyint: fill(elements, from: position, column, rows, some) { (value: Int8) in Double(value) }
        case .smallint: fill(elements, from: position, column, rows, some) { (value: Int16) in Double(value) }
        case .int: fill(elements, from: position, column, rows, some) { (value: Int32) in Double(value) }
        case .bigint: fill(elements, from: position, column, rows, some) { (value: Int64) in Double(exactly: value) }
        case .float: fill(elements, from: position, column, rows, some) { (value: Float) in Double(value) }
        case .double: fill(elements, from: position, column, rows, some) { (value: Double) in value }
        case .decimal(_, let scale):
            fill(elements, from: position, column, rows, some) { (value: Int128) in Self.nearest(value, scale: scale) }
        default: false
        }
    }

    private func fill<Element: ColumnElement>(
        _ elements: UnsafeMutableBufferPointer<Double>, from position: Int, _ column: Column, _ rows: RowSelection,
        _ some: Range<Int>, _ number: (Element) -> Double?
    ) -> Bool {
        let width = schema.columns.count
        let values = column.values(as: Element.self)
        var target = position
        for ordinal in some {
            let row = rows[ordinal]
            let value: Double? = column.isNull(row) ? Double.nan : number(values[column.element(of: row)])
            guard let value else { return false }
            elements[target] = value
            target += width
        }
        withExtendedLifetime(column) {}
        return true
    }

    private static func nearest(_ unscaled: Int128, scale: Int) -> Double? {
        guard scale > 0 else { return Double(exactly: unscaled) }
        return Double("\(unscaled)e-\(scale)")
    }
}
