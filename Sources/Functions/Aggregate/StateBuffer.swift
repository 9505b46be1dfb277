import Columnar

/// One fixed-size state a group, side by side in a buffer that grows by half.
struct StateBuffer<State: BitwiseCopyable>: ~Copyable {
    private(set) var states: UnsafeMutablePointer<State>
    private(set) var count = 0
    private var capacity: Int
    private let empty: State

    init(empty: State) {
        self.empty = empty
        capacity = 16
        states = .allocate(capacity: capacity)
    }

    deinit { states.deallocate() }

    var byteCount: Int { capacity * MemoryLayout<State>.stride }

    /// Makes states `0..<groupCount` exist.
    mutating func resize(_ groupCount: Int) {
        guard groupCount > count else { return }
        if groupCount > capacity {
            // By half, so that little is charged that is not used.
            let wanted = max(groupCount, capacity + capacity / 2)
            let grown = UnsafeMutablePointer<State>.allocate(capacity: wanted)
            grown.update(from: states, count: count)
            states.deallocate()
            states = grown
            capacity = wanted
        }
        (states + count).initialize(repeating: empty, count: groupCount - count)
        count = groupCount
    }

    func reset(_ groups: Range<Int>) {
        (states + groups.lowerBound).update(repeating: empty, count: groups.count)
    }
}

/// An accumulator whose states are of fixed size and are saved as their bytes. The conforming type gives the loops over
/// rows; merging, spilling and growing follow from `combine`.
protocol FixedStateAccumulator: Accumulator {
    associatedtype State: BitwiseCopyable
    var storage: StateStorage<State> { get }
    /// Folds the rows behind `addition` into `state`.
    func combine(_ state: inout State, _ addition: State)
}

/// Holds a `StateBuffer` for a class.
final class StateStorage<State: BitwiseCopyable> {
    var buffer: StateBuffer<State>
    init(empty: State) { buffer = StateBuffer(empty: empty) }
}

extension FixedStateAccumulator {
    var states: UnsafeMutablePointer<State> { storage.buffer.states }
    package func resize(groupCount: Int) { storage.buffer.resize(groupCount) }
    package func reset(_ groups: Range<Int>) { storage.buffer.reset(groups) }
    package var byteCount: Int { storage.buffer.byteCount }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? Self else { throw AccumulatorMismatch.error }
        let own = states, theirs = other.states
        for pair in 0..<count { combine(&own[Int(targets[pair])], theirs[Int(sources[pair])]) }
    }

    package func save(_ groups: Range<Int>) throws -> Column {
        let stride = MemoryLayout<State>.stride
        let heap = StringHeap()
        let column = Column(flat: .binary, count: groups.count, heap: heap)
        let views = column.values(as: StringView.self)
        let states = states
        for (row, group) in groups.enumerated() {
            let place = heap.allocate(stride)
            UnsafeMutableRawPointer(place).copyMemory(from: states + group, byteCount: stride)
            views[row] = StringView(place, length: stride)
        }
        return column
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        let plain = saved.flattened(.all(saved.count))
        guard plain.type.physical == .string else { throw AccumulatorMismatch.error }
        let views = plain.values(as: StringView.self)
        let own = states
        for row in 0..<saved.count {
            guard views[row].count == MemoryLayout<State>.stride else { throw AccumulatorMismatch.error }
            combine(&own[Int(targets[row])], UnsafeRawPointer(views[row].pointer).loadUnaligned(as: State.self))
        }
    }
}

/// The states of another aggregate were offered: a fault of the caller or of a spill file.
enum AccumulatorMismatch {
    static var error: FunctionError { FunctionError(.argument, "aggregate states do not belong to this aggregate") }
}
