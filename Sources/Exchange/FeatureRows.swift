import Columnar
import FeatureTables

/// A feature table as rows: a DOUBLE a feature, then the label, then the weight. A missing value is NULL.
struct FeatureRows {
    /// How classes are written.
    enum ClassForm {
        case name, position
    }

    /// Elements that are held as columns at once, and rows: a table of a million columns is written a few rows at a time.
    private static let elementsTogether = 16 << 20
    private static let rowsTogether = 2_048

    let schema: RowSchema
    private let table: FeatureTable
    /// A row a class, as it is written.
    private let classes: Column?

    init(_ table: FeatureTable, classes classForm: ClassForm = .name) {
        self.table = table
        var schema = RowSchema(table.featureNames.map { SchemaColumn(name: $0, type: .double) })
        var classes: Column?
        if let label = table.label {
            schema.required.insert(schema.columns.count)
            if case .classes(_, let names) = label {
                if classForm == .name { schema.levels[schema.columns.count] = names }
                classes = Self.column(names, classForm)
            }
            schema.columns.append(
                SchemaColumn(name: table.encoding.label?.name ?? "label", type: classes?.type ?? .double))
        }
        self.classes = classes
        if table.weights != nil {
            schema.required.insert(schema.columns.count)
            schema.columns.append(SchemaColumn(name: table.encoding.weight ?? "weight", type: .double))
        }
        self.schema = schema
    }

    func forEachBatch(_ body: (Batch) throws -> Void) rethrows {
        let together = min(max(Self.elementsTogether / max(table.matrix.columnCount, 1), 1), Self.rowsTogether)
        var start = 0
        while start < table.rowCount {
            let rows = start..<min(start + together, table.rowCount)
            try body(Batch(columns: features(rows) + others(rows), capacity: rows.count))
            start = rows.upperBound
        }
    }

    private func features(_ rows: Range<Int>) -> [Column] {
        let width = table.matrix.columnCount
        let columns = (0..<width).map { _ in Column(flat: .double, count: rows.count) }
        switch table.matrix.storage {
        case .dense(let elements):
            for (position, column) in columns.enumerated() {
                let target = column.values(as: Double.self)
                var source = elements + rows.lowerBound * width + position
                for place in 0..<rows.count {
                    target[place] = source.pointee
                    if target[place].isNaN { column.setNull(place) }
                    source += width
                }
            }
        case .sparse(let sparse):
            let targets = columns.map { $0.values(as: Double.self) }
            for target in targets { target.initialize(repeating: 0, count: rows.count) }
            for (place, row) in rows.enumerated() {
                for element in sparse.range(row) {
                    let position = Int(sparse.columns[element])
                    targets[position][place] = sparse.values[element]
                    if sparse.values[element].isNaN { columns[position].setNull(place) }
                }
            }
        }
        withExtendedLifetime(table) {}
        return columns
    }

    private func others(_ rows: Range<Int>) -> [Column] {
        var columns: [Column] = []
        switch table.label {
        case .classes(let codes, _):
            codes[rows].withUnsafeBufferPointer { codes in
                guard let classes, let first = codes.baseAddress else { return }
                columns.append(Column.dictionary(classes, indices: first, count: codes.count))
            }
        case .numbers(let numbers): columns.append(Self.column(numbers[rows]))
        case nil: break
        }
        if let weights = table.weights { columns.append(Self.column(weights[rows])) }
        return columns
    }

    private static func column(_ values: some Collection<Double>) -> Column {
        let column = Column(flat: .double, count: values.count)
        let target = column.values(as: Double.self)
        for (place, value) in values.enumerated() { target[place] = value }
        return column
    }

    private static func column(_ names: [String], _ form: ClassForm) -> Column {
        guard form == .name else { return column(names.indices.lazy.map { Double($0) }) }
        let builder = ColumnBuilder(.string, capacity: names.count)
        for name in names { builder.append(name) }
        return builder.finish()
    }
}
