import Columnar
import TableFormats

/// Reads files through the seam of formats with a predicate, which also selects the rows.
struct PredicateScan {
    var format: String
    var tableProperties: [String: String] = [:]
    var batchCapacity = 2048

    struct Result {
        var lines: [String] = []
        var pages = 0
        var skippedPages = 0
        var parts = 0
        var skippedParts = 0
    }

    /// - Parameter skips: whether statistics, indexes and bloom filters are asked; the rows are to be the same.
    func rows(_ path: String, schema: [SchemaColumn], _ predicate: ColumnPredicate, skips: Bool, columns: [Int]? = nil) throws -> Result {
        let storage = TableStorage(format: format, serde: "", tableProperties: tableProperties)
        let format = try TableFormatRegistry.format(of: storage)
        let request = ScanRequest(
            schema: schema, columns: columns ?? Array(schema.indices), filter: PredicateFilter(predicate),
            predicates: skips ? [predicate] : [], batchCapacity: batchCapacity)
        let reader = try format.makeReader(request)
        var result = Result()
        let splits = try format.splits(of: DataFiles.list(in: path), for: request, splitBytes: 1 << 20)
        for split in splits.splits {
            try reader.scan(split, isCancelled: { false }) { batch in
                batch.rows.forEach { row in
                    result.lines.append(batch.columns.map { ParquetFixtures.text($0, row) }.joined(separator: "\t"))
                }
            }
        }
        result.pages = reader.statistics.pageCount
        result.skippedPages = reader.statistics.skippedPageCount
        result.parts = splits.partCount
        result.skippedParts = splits.skippedPartCount + reader.statistics.skippedPartCount
        return result
    }
}

/// Selects the rows that meet a predicate, of values alone.
final class PredicateFilter: ScanFilter {
    let columns: [Int]
    private let predicate: ColumnPredicate

    init(_ predicate: ColumnPredicate) {
        self.predicate = predicate
        columns = [predicate.ordinal]
    }

    func select(_ columns: [Column], count: Int) throws -> RowSelection {
        let all = RowSelection.all(count)
        let column = columns[0].flattened(all)
        let value = column.type == predicate.type ? column : try Cast.apply(column, to: predicate.type, rows: all, count: count)
        func holds(_ operation: ComparisonOperator, _ constant: Column) throws -> [Bool] {
            let result = try Comparison.apply(operation, value, constant.withCount(count), rows: all, count: count)
            return (0..<count).map { !result.isNull($0) && result.values(as: UInt8.self)[result.element(of: $0)] != 0 }
        }
        var kept: [Bool]
        switch predicate.test {
        case .comparison(let operation, let constant): kept = try holds(operation, constant)
        case .membership(let constants):
            kept = Array(repeating: false, count: count)
            for constant in constants { kept = zip(kept, try holds(.equal, constant)).map { $0 || $1 } }
        case .isNull: kept = (0..<count).map { value.isNull($0) }
        case .isNotNull: kept = (0..<count).map { !value.isNull($0) }
        }
        return all.filtered(capacity: count) { kept[$0] }
    }
}

/// Predicates made at random of what columns hold.
struct RandomPredicates {
    let schema: [SchemaColumn]
    /// For each column some of its values, flat.
    let values: [Column]
    var generator: SeededGenerator

    /// Nil for a column that no predicate is about.
    mutating func next() -> ColumnPredicate? {
        let ordinal = Int.random(in: schema.indices, using: &generator)
        let type = schema[ordinal].type
        guard type.isPrimitive, type != .void, values[ordinal].count > 0 else { return nil }
        let operations: [ComparisonOperator] = [.equal, .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .notEqual, .nullSafeEqual]
        let test: ColumnPredicate.Test
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: test = .isNull
        case 1: test = .isNotNull
        case 2: test = .membership((0..<3).compactMap { _ in constant(of: ordinal) })
        default:
            guard let constant = constant(of: ordinal), let operation = operations.randomElement(using: &generator) else { return nil }
            test = .comparison(operation, constant)
        }
        if case .membership(let list) = test, list.isEmpty { return nil }
        return ColumnPredicate(ordinal: ordinal, type: type, test: test)
    }

    /// One of the values, sometimes near another one that may not be there.
    private mutating func constant(of ordinal: Int) -> Column? {
        let column = values[ordinal]
        let row = Int.random(in: 0..<column.count, using: &generator)
        guard !column.isNull(row) else { return nil }
        let step = Int.random(in: -2...2, using: &generator)
        func value<T: ColumnElement>(_: T.Type) -> T { column.values(as: T.self)[row] }
        func made<T: ColumnElement>(_ value: T) -> Column { .constant(value, type: column.type, count: 1) }
        switch column.type {
        case .boolean: return made(value(UInt8.self))
        case .tinyint: return made(value(Int8.self) &+ Int8(step))
        case .smallint: return made(value(Int16.self) &+ Int16(step))
        case .int, .date: return made(value(Int32.self) &+ Int32(step))
        case .bigint: return made(value(Int64.self) &+ Int64(step))
        case .float: return made(step == 2 ? .nan : value(Float.self) * (step == 1 ? -1 : 1))
        case .double: return made(step == 2 ? .nan : value(Double.self) * (step == 1 ? -1 : 1))
        case .decimal: return made(value(Int128.self) + Int128(step))
        case .timestamp, .timestampLocalTimeZone:
            let time = value(Timestamp.self)
            return made(Timestamp(seconds: time.seconds + Int64(step), nanoseconds: time.nanoseconds))
        case .string, .varchar, .char, .binary:
            var bytes = Array(value(StringView.self).bytes)
            if step == 1 { bytes.append(UInt8(ascii: "!")) }
            if step == -1, !bytes.isEmpty { bytes.removeLast(min(3, bytes.count)) }
            // A part of a character is none.
            if column.type != .binary { bytes = Array(String(decoding: bytes, as: UTF8.self).utf8) }
            return .constant(string: bytes, type: column.type, count: 1)
        default: return nil
        }
    }
}
