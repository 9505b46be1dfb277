import Columnar
import Expressions
import Platform

/// Copies selected rows of batches into columns of its own, a chunk at a time. Chunks grow, so that nothing is copied
/// twice and few rows need little memory.
final class RowCollector: @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    /// Rows of one chunk: columns with room for more rows than they have.
    struct Chunk {
        let columns: [Column]
        var count: Int
    }

    private let types: [SQLType]
    private(set) var chunks: [Chunk] = []
    private(set) var rowCount = 0
    private let arena = StringArena()
    private let rowBytes: Int
    /// Columns of complex types are built whole.
    private let builders: [ColumnBuilder?]

    private static let firstChunk = 1024
    private static let largestChunk = 1 << 18

    init(_ types: [SQLType]) {
        self.types = types
        builders = types.map { $0.isComplex ? ColumnBuilder($0) : nil }
        rowBytes = types.reduce(0) { $0 + ($1.isComplex ? 0 : $1.physical.stride) }
    }

    func append(_ columns: [Column], rows: RowSelection) {
        var taken = 0
        while taken < rows.count {
            let room = chunks.last.map { ($0.columns.first?.count ?? .max) - $0.count } ?? 0
            if room == 0, !types.isEmpty {
                addChunk(atLeast: rows.count - taken)
                continue
            }
            let size = types.isEmpty ? rows.count : min(room, rows.count - taken)
            if !types.isEmpty {
                let part = size == rows.count ? rows : rows.dropFirst(taken).prefix(size)
                let last = chunks.count - 1
                for (index, column) in columns.enumerated() where index < types.count && builders[index] == nil {
                    copy(column, part, into: chunks[last].columns[index], at: chunks[last].count)
                }
                chunks[last].count += size
            }
            taken += size
        }
        for (builder, column) in zip(builders, columns) { builder?.append(column, rows: rows) }
        rowCount += rows.count
    }

    private func addChunk(atLeast rows: Int) {
        let size = max(rows, min(max(rowCount, Self.firstChunk), Self.largestChunk))
        let columns = types.map { type in
            let column = Column(flat: type.isComplex ? .boolean : type, count: size)
            LargeAllocation.advise(column.rawValues, size * type.physical.stride)
            return column
        }
        chunks.append(Chunk(columns: columns, count: 0))
    }

    private func copy(_ column: Column, _ rows: RowSelection, into target: Column, at begin: Int) {
        let plain = column.decoded(rows)
        switch target.type.physical {
        case .boolean: copy(UInt8.self, plain, rows, target, begin)
        case .int8: copy(Int8.self, plain, rows, target, begin)
        case .int16: copy(Int16.self, plain, rows, target, begin)
        case .int32: copy(Int32.self, plain, rows, target, begin)
        case .int64: copy(Int64.self, plain, rows, target, begin)
        case .float: copy(Float.self, plain, rows, target, begin)
        case .double: copy(Double.self, plain, rows, target, begin)
        case .int128: copy(Int128.self, plain, rows, target, begin)
        case .timestamp: copy(Timestamp.self, plain, rows, target, begin)
        case .string: copyStrings(plain, rows, target, begin)
        case .list, .structure, .union: break
        }
        guard let validity = plain.validity else { return }
        let scale = plain.isConstant ? 0 : 1
        var place = begin
        rows.forEach { row in
            if !validity[row &* scale] { target.setNull(place) }
            place &+= 1
        }
    }

    private func copy<T: ColumnElement>(
        _: T.Type, _ source: Column, _ rows: RowSelection, _ target: Column, _ begin: Int
    ) {
        let values = UnsafePointer(source.values(as: T.self))
        let scale = source.isConstant ? 0 : 1
        let written = target.values(as: T.self) + begin
        var place = 0
        rows.forEach { row in
            written[place] = values[row &* scale]
            place &+= 1
        }
    }

    private func copyStrings(_ source: Column, _ rows: RowSelection, _ target: Column, _ begin: Int) {
        let values = UnsafePointer(source.values(as: StringView.self))
        let scale = source.isConstant ? 0 : 1
        let written = target.values(as: StringView.self) + begin
        let validity = source.validity
        let arena = arena
        var place = 0
        if let validity {
            rows.forEach { row in
                written[place] = validity[row &* scale] ? arena.copy(values[row &* scale]) : StringView()
                place &+= 1
            }
        } else {
            rows.forEach { row in
                written[place] = arena.copy(values[row &* scale])
                place &+= 1
            }
        }
    }

    /// Bytes of the rows. What of the last chunk is not written takes no memory yet.
    var byteCount: Int {
        rowCount * rowBytes + arena.usedBytes + builders.reduce(0) { $0 + ($1?.byteCount ?? 0) }
    }

    /// Bytes of the copies that `concatenated` makes; texts are not copied.
    var concatenationBytes: Int { byteCount - arena.usedBytes }

    /// The rows of several collectors, one after the other, as flat columns. The collectors are empty afterwards.
    static func concatenated(_ collectors: [RowCollector], _ types: [SQLType]) -> [Column] {
        let columns = types.indices.map { concatenation(of: $0, types[$0], collectors) }
        for collector in collectors { collector.chunks = [] }
        return columns
    }

    /// The same, a column a task. The rows are there twice meanwhile, which is charged for `operation`.
    static func concatenated(
        _ collectors: [RowCollector], _ types: [SQLType], _ query: QueryExecution, for operation: String
    ) throws -> [Column] {
        let copies = try MemoryReservation(
            query.memory, for: operation, bytes: collectors.reduce(0) { $0 + $1.concatenationBytes })
        defer { withExtendedLifetime(copies) {} }
        let results = Guarded<[Column?]>(Array(repeating: nil, count: types.count))
        try query.forEachTask(types.count) { _, index in
            let whole = concatenation(of: index, types[index], collectors)
            results.withLock { $0[index] = whole }
        }
        for collector in collectors { collector.chunks = [] }
        return results.withLock { $0.compactMap { $0 } }
    }

    private static func concatenation(of index: Int, _ type: SQLType, _ collectors: [RowCollector]) -> Column {
        if type.isComplex {
            let builder = ColumnBuilder(type)
            for part in collectors.compactMap({ $0.builders[index]?.finish() }) {
                builder.append(part, rows: .all(part.count))
            }
            return builder.finish()
        }
        let count = collectors.reduce(0) { $0 + $1.rowCount }
        let heap = type.physical == .string ? StringHeap() : nil
        let result = Column(flat: type, count: count, heap: heap)
        let stride = type.physical.stride
        LargeAllocation.advise(result.rawValues, count * stride)
        var begin = 0
        for collector in collectors {
            heap?.retain(collector.arena)
            for chunk in collector.chunks {
                let part = chunk.columns[index]
                (result.rawValues + begin * stride).copyMemory(from: part.rawValues, byteCount: chunk.count * stride)
                if let validity = part.validity {
                    let bits = result.makeValidity()
                    for row in 0..<chunk.count where !validity[row] { bits.clear(begin + row) }
                }
                begin += chunk.count
            }
        }
        return result
    }
}
