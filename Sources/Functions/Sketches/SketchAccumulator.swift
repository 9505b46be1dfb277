import Columnar

/// What an aggregate of sketches keeps for a group.
protocol SketchState {
    /// Bytes held beside the value itself, in constant time.
    var byteCount: Int { get }
    /// Takes in what `other` has seen.
    mutating func merge(_ other: Self) throws
    /// The group's sketch, in its published format.
    func sketch() throws -> [UInt8]
    /// All that there is to know of the state; `restore` of an empty state reads it back.
    func saved() throws -> [UInt8]
    mutating func restore(_ saved: StringView) throws
}

/// The states of one aggregate of sketches. A group without a value other than NULL has no sketch.
final class SketchAccumulator<State: SketchState>: RowwiseAccumulator {
    /// Takes in a row whose first argument is not NULL.
    typealias Fold = @Sendable (inout State, [Column], Int) throws -> Void

    private var states: [State] = []
    private var hasRows: [Bool] = []
    private var held = 0
    private let empty: State
    private let fold: Fold

    init(empty: State, fold: @escaping Fold) {
        self.empty = empty
        self.fold = fold
    }

    package var byteCount: Int { held + states.capacity * MemoryLayout<State>.stride + hasRows.capacity }

    package func resize(groupCount: Int) {
        guard groupCount > states.count else { return }
        states += repeatElement(empty, count: groupCount - states.count)
        hasRows += repeatElement(false, count: groupCount - hasRows.count)
    }

    package func reset(_ groups: Range<Int>) {
        for group in groups {
            held -= states[group].byteCount
            states[group] = empty
            hasRows[group] = false
        }
    }

    private func change(_ group: Int, _ body: (inout State) throws -> Void) rethrows {
        held -= states[group].byteCount
        defer { held += states[group].byteCount }
        try body(&states[group])
        hasRows[group] = true
    }

    func add(_ arguments: [Column], _ row: Int, to group: Int) throws {
        guard !arguments[0].isNull(row) else { return }
        try change(group) { try fold(&$0, arguments, row) }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? SketchAccumulator else { throw AccumulatorMismatch.error }
        for pair in 0..<count {
            let source = Int(sources[pair])
            if other.hasRows[source] { try change(Int(targets[pair])) { try $0.merge(other.states[source]) } }
        }
    }

    private func column(_ groups: Range<Int>, _ bytes: (State) throws -> [UInt8]) rethrows -> Column {
        let builder = ColumnBuilder(.binary, capacity: groups.count)
        for group in groups {
            if hasRows[group] {
                try bytes(states[group]).withUnsafeBufferPointer { builder.append(bytes: $0) }
            } else {
                builder.appendNull()
            }
        }
        return builder.finish()
    }

    package func finish(_ groups: Range<Int>) throws -> Column { try column(groups) { try $0.sketch() } }
    package func save(_ groups: Range<Int>) throws -> Column { try column(groups) { try $0.saved() } }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        let plain = saved.flattened(.all(saved.count))
        guard plain.type.physical == .string else { throw AccumulatorMismatch.error }
        let views = plain.values(as: StringView.self)
        for row in 0..<saved.count where !plain.isNull(row) {
            var state = empty
            try state.restore(views[row])
            try change(Int(targets[row])) { try $0.merge(state) }
        }
    }
}
