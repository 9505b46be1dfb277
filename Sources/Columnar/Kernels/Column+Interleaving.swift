/// Where a row of an interleaved column comes from.
package struct RowSource: BitwiseCopyable, Sendable {
    package var column: Int32
    package var row: Int32

    package init(column: Int32, row: Int32) {
        self.column = column
        self.row = row
    }
}

extension Column {
    /// A flat column whose row `r` is row `places[r].row` of `sources[places[r].column]`. Strings' bytes stay the
    /// sources', which the column keeps alive.
    /// - Precondition: the sources are flat or constant, all of the same type, and there is at least one.
    package static func interleaved(
        _ sources: [Column], _ places: UnsafePointer<RowSource>, count: Int
    ) -> Column {
        let type = sources[0].type
        switch type.physical {
        case .boolean, .int8: return interleaved(UInt8.self, sources, places, count)
        case .int16: return interleaved(UInt16.self, sources, places, count)
        case .int32, .float: return interleaved(UInt32.self, sources, places, count)
        case .int64, .double: return interleaved(UInt64.self, sources, places, count)
        case .int128, .string, .timestamp: return interleaved(UInt128.self, sources, places, count)
        case .list, .structure, .union:
            let builder = ColumnBuilder(type, capacity: count)
            for row in 0..<count { builder.append(sources[Int(places[row].column)], row: Int(places[row].row)) }
            return builder.finish()
        }
    }

    /// Elements are moved as what takes as many bytes, whatever they mean.
    private static func interleaved<Word: FixedWidthInteger>(
        _: Word.Type, _ sources: [Column], _ places: UnsafePointer<RowSource>, _ count: Int
    ) -> Column {
        var heap: StringHeap?
        if sources[0].type.physical == .string {
            let keeper = StringHeap()
            for source in sources { keeper.retain(source) }
            heap = keeper
        }
        let result = Column(flat: sources[0].type, count: count, heap: heap)
        let width = MemoryLayout<Word>.stride
        let target = result.rawValues
        let mayHaveNulls = sources.contains { $0.validity != nil }
        withUnsafeTemporaryAllocation(of: InterleavedElements.self, capacity: sources.count) { buffer in
            guard let from = buffer.baseAddress else { return }
            for (index, source) in sources.enumerated() {
                (from + index).initialize(
                    to: InterleavedElements(
                        start: UnsafeRawPointer(source.rawValues), scale: source.isConstant ? 0 : 1, valid: source.validity?.words))
            }
            for row in 0..<count {
                let place = places[row]
                let source = from[Int(place.column)]
                target.storeBytes(
                    of: source.start.load(fromByteOffset: Int(place.row) &* source.scale &* width, as: Word.self),
                    toByteOffset: row &* width, as: Word.self)
            }
            guard mayHaveNulls else { return }
            for row in 0..<count {
                let source = from[Int(places[row].column)]
                let element = Int(places[row].row) &* source.scale
                if let valid = source.valid, valid[element >> 6] & 1 << UInt64(element & 63) == 0 { result.setNull(row) }
            }
        }
        withExtendedLifetime(sources) {}
        return result
    }
}

private struct InterleavedElements: BitwiseCopyable {
    let start: UnsafeRawPointer
    /// 0 for a constant, whose one element all rows are.
    let scale: Int
    let valid: UnsafeMutablePointer<UInt64>?
}
