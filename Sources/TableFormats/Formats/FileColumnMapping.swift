import Columnar

/// How the columns of a file that knows its own schema become those of a scan.
struct FileColumnMapping {
    /// Ordinals in the file of the columns that are wanted, each once.
    let fileColumns: [Int]
    /// What is needed of each of `fileColumns`.
    let fileFields: [FieldSelection]
    private let sources: [Source]
    private let context: CastContext

    /// What a wanted column is made of.
    private enum Source {
        /// A column of the file, by its place among `fileColumns`.
        case file(Int, ColumnConversion)
        /// The file has no such column.
        case missing(SQLType)
        /// The row's number in the file: what has no lines has no offsets of lines.
        case rowNumber
    }

    /// - Parameters:
    ///   - columns: ordinals in the request's schema.
    ///   - conversion: for a stored type and the table's; nil: the usual one.
    init(
        _ columns: [Int], of request: ScanRequest, file: [SchemaColumn], matching: ColumnMatching,
        conversion: ((_ file: Int, _ type: SQLType) -> ColumnConversion?)? = nil
    ) {
        let places = matching.places(of: request.storedSchema.map(\.name), among: file.map(\.name))
        var read: [Int] = []
        var fields: [FieldSelection] = []
        sources = columns.map { ordinal in
            if ordinal == ScanRequest.lineOffsetColumn { return .rowNumber }
            let type = request.schema[ordinal].type
            guard places.indices.contains(ordinal), let place = places[ordinal] else { return .missing(type) }
            let own = conversion?(place, type) ?? ColumnConversion(file[place].type, to: type, matching: matching)
            let needed = own.storedFields(request.fields[ordinal] ?? .whole).simplified(for: file[place].type)
            if let known = read.firstIndex(of: place) {
                fields[known].formUnion(needed)
                return .file(known, own)
            }
            read.append(place)
            fields.append(needed)
            return .file(read.count - 1, own)
        }
        fileColumns = read
        fileFields = fields
        context = CastContext(zone: request.zone)
    }

    /// `fileFields` by ordinal in the file.
    var fieldsByColumn: [Int: FieldSelection] { Dictionary(zip(fileColumns, fileFields)) { $0.union($1) } }

    /// The wanted columns.
    /// - Parameters:
    ///   - columns: those of `fileColumns`.
    ///   - count: rows of the batch.
    ///   - firstRow: number in the file of its first row.
    func columns(_ columns: [Column], count: Int, firstRow: Int) throws -> [Column] {
        try sources.map { source in
            switch source {
            case .file(let place, let conversion): try conversion.apply(columns[place], context: context)
            case .missing(let type): .nulls(type, count: count)
            case .rowNumber: Self.rowNumbers(count, from: firstRow)
            }
        }
    }

    /// What is known of the wanted columns in parts of the file.
    /// - Parameters:
    ///   - parts: how many they are.
    ///   - bounds: of a column of the file; nil: nothing is known.
    func summaries(
        parts: Int, bounds: (_ fileColumn: Int) throws -> ExactBounds?
    ) throws -> [FileSummary.ColumnSummary] {
        try sources.map { source in
            switch source {
            case .rowNumber: return FileSummary.ColumnSummary()
            case .missing(let type):
                let nulls = Column.nulls(type, count: parts)
                return FileSummary.ColumnSummary(
                    valueCounts: Array(repeating: 0, count: parts), minimum: nulls, maximum: nulls)
            case .file(let place, let conversion):
                guard let bounds = try bounds(fileColumns[place]) else { return FileSummary.ColumnSummary() }
                return try bounds.summary(conversion, context: context)
            }
        }
    }

    private static func rowNumbers(_ count: Int, from first: Int) -> Column {
        let column = Column(flat: .bigint, count: count)
        let values = column.values(as: Int64.self)
        for row in 0..<count { values[row] = Int64(first &+ row) }
        return column
    }
}

/// A scan's filter over the columns of a file.
final class FileScanFilter: ScanFilter {
    private let filter: any ScanFilter
    private let mapping: FileColumnMapping

    init(_ filter: any ScanFilter, mapping: FileColumnMapping) {
        self.filter = filter
        self.mapping = mapping
    }

    /// Ordinals in the file.
    var columns: [Int] { mapping.fileColumns }
    /// What is needed of them.
    var fields: [FieldSelection] { mapping.fileFields }

    func select(_ columns: [Column], count: Int) throws -> RowSelection {
        let wanted = try mapping.columns(columns, count: count, firstRow: 0).map { $0.decoded(.all(count)) }
        return try filter.select(wanted, count: count)
    }
}
