import Columnar
import Expressions

/// The right side of an ASOF join: its rows by key, and for each key in the order in which they are near.
final class AsofIndex: @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`.
    /// Rows that may match: none has a NULL that keeps it from that.
    let rowCount: Int
    /// The right input's columns; with room for it, row `rowCount` is NULL in all of them.
    let columns: [Column]
    let order: NearestOrder
    /// Numbers of the groups of rows with one key; nil when the join has no equalities.
    let groups: JoinTable?
    /// Where each group begins in `rows`, and where the last one ends.
    let starts: ChargedBuffer<Int32>
    /// Rows of `columns`: group after group, the nearest first, of equal values the first of the source.
    let rows: ChargedBuffer<Int32>
    /// Words of the values of `rows`.
    let words: ChargedBuffer<UInt64>
    /// Where words do not stand for values: the values of `rows`.
    let values: Column?
    private let valueReservation: MemoryReservation?

    /// - Parameters:
    ///   - program: the keys of the equalities, then the value that is searched.
    ///   - nullSafe: for each equality whether it is `<=>`.
    ///   - leftType: of the values that are looked for.
    ///   - addsNullRow: whether left rows without a match come out.
    init(
        _ stages: [JoinBuildStage], _ program: ExpressionProgram, types: [SQLType], nullSafe: [Bool], order: NearestOrder,
        leftType: SQLType, addsNullRow: Bool, _ query: QueryExecution
    ) throws {
        let count = stages.reduce(0) { $0 + $1.rows.rowCount }
        guard count < Int(Int32.max) - 1 else {
            throw ExecutionError.message("The right side of an ASOF join has more than 2,147,483,646 rows")
        }
        let kept = types + JoinTable.extraKeys(program).map { program.nodes[program.roots[$0]].type }
        var collectors = stages.map(\.rows)
        if addsNullRow {
            let nulls = RowCollector(kept)
            nulls.append(kept.map { Column.nulls($0, count: 1) }, rows: .all(1))
            collectors.append(nulls)
        }
        let all = try RowCollector.concatenated(collectors, kept, query, for: "JOIN")
        let searched = JoinTable.keyColumns(program, of: all, inputWidth: types.count)
        let build = try AsofIndexBuild(
            stages, keys: Array(searched.dropLast()), value: searched[searched.count - 1], count: count, order: order,
            isComparableByWord: leftType == searched[searched.count - 1].type, query)
        let (groupStarts, representatives) = try build.arrange()
        columns = Array(all.prefix(types.count))
        rowCount = count
        self.order = order
        rows = build.rows
        words = build.words
        starts = groupStarts
        groups = try representatives.map { rows in
            let keys = build.keys.map { key in
                rows.withUnsafeBufferPointer { buffer in
                    buffer.baseAddress.map {
                        Column.dictionary(key, indices: $0, count: rows.count).decoded(.all(rows.count))
                    } ?? .empty(key.type)
                }
            }
            let hashes = try ChargedBuffer<UInt64>(rows.count, query, for: "JOIN")
            for (group, row) in rows.enumerated() { hashes.pointer[group] = build.hash(of: Int(row)) }
            return try JoinTable(
                distinct: keys, count: rows.count, hashes: hashes.pointer, nullSafe: nullSafe, query)
        }
        if build.isExact {
            (values, valueReservation) = (nil, nil)
        } else {
            valueReservation = try MemoryReservation(
                query.memory, for: "JOIN", bytes: count * build.value.type.physical.stride)
            values = Column.dictionary(build.value, indices: build.rows.pointer, count: count).decoded(.all(count))
        }
    }

    var byteCount: Int {
        rows.byteCount + words.byteCount + starts.byteCount + (groups?.byteCount ?? 0)
            + columns.reduce(0) { $0 + $1.count * $1.type.physical.stride }
    }

    /// The least and the greatest word that a right value has; nil without rows.
    var extremes: (least: UInt64, greatest: UInt64)? {
        guard rowCount > 0 else { return nil }
        var least = UInt64.max
        var greatest = UInt64.min
        for group in 0..<starts.count - 1 where starts.pointer[group] < starts.pointer[group + 1] {
            least = min(least, words.pointer[Int(starts.pointer[group])])
            greatest = max(greatest, words.pointer[Int(starts.pointer[group + 1]) - 1])
        }
        return (least, greatest)
    }
}
