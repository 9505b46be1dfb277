import Columnar

/// MIN or MAX of byte strings. Each group owns a buffer that is written over when a better string fits, so that input
/// in ascending order does not make the heap grow with the rows.
final class StringExtremeAccumulator: Accumulator {
    private struct State: BitwiseCopyable {
        var bytes: UnsafeMutablePointer<UInt8>?
        var length: UInt32 = 0
        var capacity: UInt32 = 0
        /// First bytes, big-endian, to decide most comparisons.
        var prefix: UInt32 = 0
        var isPresent = false

        @inline(__always)
        var view: StringView { bytes.map { StringView($0, length: Int(length)) } ?? StringView() }
    }

    private var buffer = StateBuffer(empty: State())
    private let heap = StringHeap()
    private let type: SQLType
    private let isMaximum: Bool

    init(_ type: SQLType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    package var byteCount: Int { buffer.byteCount + heap.byteCount }
    package func resize(groupCount: Int) { buffer.resize(groupCount) }

    package func reset(_ groups: Range<Int>) {
        for group in groups { buffer.states[group].isPresent = false }
    }

    @inline(__always)
    private func isBetter(_ value: StringView, than state: borrowing State) -> Bool {
        guard state.isPresent else { return true }
        let prefix = value.prefix.byteSwapped
        if prefix != state.prefix { return (prefix > state.prefix) == isMaximum }
        let order = StringView.compare(value, state.view)
        return isMaximum ? order > 0 : order < 0
    }

    private func replace(_ state: inout State, _ value: StringView) {
        let length = value.count
        if length > Int(state.capacity) || state.bytes == nil {
            // As much as a string's length can say.
            let capacity = min(max((length + 7) & ~7, 8), Int(UInt32.max))
            state.bytes = heap.allocate(capacity)
            state.capacity = UInt32(truncatingIfNeeded: capacity)
        }
        if let bytes = state.bytes { bytes.update(from: value.pointer, count: length) }
        state.length = value.length
        state.prefix = value.prefix.byteSwapped
        state.isPresent = true
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        let states = buffer.states
        let values = arguments[0].values(as: StringView.self)
        forEachValid(arguments[0], rows) { ordinal, element in
            let group = Int(groups[ordinal])
            if isBetter(values[element], than: states[group]) { replace(&states[group], values[element]) }
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        let values = arguments[0].values(as: StringView.self)
        var best: StringView?
        let isMaximum = isMaximum
        forEachValid(arguments[0], rows) { _, element in
            let value = values[element]
            if let current = best {
                let order = StringView.compare(value, current)
                if isMaximum ? order > 0 : order < 0 { best = value }
            } else {
                best = value
            }
        }
        if let best, isBetter(best, than: buffer.states[group]) { replace(&buffer.states[group], best) }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? StringExtremeAccumulator else { throw AccumulatorMismatch.error }
        for pair in 0..<count {
            let source = other.buffer.states[Int(sources[pair])]
            guard source.isPresent else { continue }
            let target = Int(targets[pair])
            if isBetter(source.view, than: buffer.states[target]) { replace(&buffer.states[target], source.view) }
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let copies = StringHeap()
        let column = Column(flat: type, count: groups.count, heap: copies)
        let target = column.values(as: StringView.self)
        for (row, group) in groups.enumerated() {
            let state = buffer.states[group]
            target[row] = state.isPresent ? copies.copy(state.view) : StringView()
            if !state.isPresent { column.setNull(row) }
        }
        return column
    }

    package func save(_ groups: Range<Int>) throws -> Column { finish(groups) }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) {
        update([saved.flattened(.all(saved.count))], rows: .all(saved.count), groups: targets)
    }
}
