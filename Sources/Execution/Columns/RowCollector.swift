import Columnar

/// Copies selected rows of batches into columns of its own, a chunk at a time.
final class RowCollector: @unchecked Sendable {
    private let types: [SQLType]
    private var builders: [ColumnBuilder]
    private(set) var chunks: [[Column]] = []
    private(set) var rowCount = 0
    private var finishedBytes = 0
    private var openRows = 0

    private static let chunkRows = 1 << 16

    init(_ types: [SQLType]) {
        self.types = types
        builders = types.map { ColumnBuilder($0) }
    }

    func append(_ columns: [Column], rows: RowSelection) {
        for (builder, column) in zip(builders, columns) { builder.append(column, rows: rows) }
        rowCount += rows.count
        openRows += rows.count
        if openRows >= Self.chunkRows { closeChunk() }
    }

    private func closeChunk() {
        guard openRows > 0 else { return }
        finishedBytes += builders.reduce(0) { $0 + $1.byteCount }
        chunks.append(builders.map { $0.finish() })
        openRows = 0
    }

    var byteCount: Int { finishedBytes + builders.reduce(0) { $0 + $1.byteCount } }

    /// No rows follow.
    func finish() { closeChunk() }

    /// The rows of several collectors, one after the other, as flat columns. The collectors are empty afterwards.
    static func concatenated(_ collectors: [RowCollector], _ types: [SQLType]) -> [Column] {
        for collector in collectors { collector.finish() }
        let columns = types.indices.map { index in
            Column.concatenation(of: collectors.flatMap { $0.chunks.map { $0[index] } }, type: types[index])
        }
        for collector in collectors { collector.chunks = [] }
        return columns
    }

    /// The same, a column a task.
    static func concatenated(_ collectors: [RowCollector], _ types: [SQLType], _ query: QueryExecution) throws -> [Column] {
        for collector in collectors { collector.finish() }
        let results = Guarded<[Column?]>(Array(repeating: nil, count: types.count))
        try query.forEachTask(types.count) { _, index in
            let parts = collectors.flatMap { $0.chunks.map { $0[index] } }
            let whole = Column.concatenation(of: parts, type: types[index])
            results.withLock { $0[index] = whole }
        }
        for collector in collectors { collector.chunks = [] }
        return results.withLock { $0.compactMap { $0 } }
    }
}

extension Column {
    /// The rows of flat columns one after the other. Bytes of strings are shared with them.
    static func concatenation(of parts: [Column], type: SQLType) -> Column {
        if parts.count == 1 { return parts[0] }
        if type.isComplex {
            let builder = ColumnBuilder(type)
            for part in parts { builder.append(part, rows: .all(part.count)) }
            return builder.finish()
        }
        let count = parts.reduce(0) { $0 + $1.count }
        let heap = type.physical == .string ? StringHeap() : nil
        let result = Column(flat: type, count: count, heap: heap)
        let stride = type.physical.stride
        var begin = 0
        for part in parts {
            (result.rawValues + begin * stride).copyMemory(from: part.rawValues, byteCount: part.count * stride)
            if let own = part.heap { heap?.retain(own) }
            if let validity = part.validity {
                let bits = result.makeValidity()
                for row in 0..<part.count where !validity[row] { bits.clear(begin + row) }
            }
            begin += part.count
        }
        return result
    }
}
