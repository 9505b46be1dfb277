import Columnar
import Platform

/// What a fitted function has learned of each group of rows, for rows that come later: `OVER (PARTITION BY g)` where a model is made.
package enum FittedGroups {
    private static let name = "fitted groups"
    private static let documentation = FunctionDocumentation("What was learned of the groups of rows, which statements cannot name")

    /// A row's group as bytes, of the texts of its values; NULL is a value of its own.
    package static let key = ScalarFunction("key of \(name)", documentation: documentation) { call in
        ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .string }, resultType: .binary) { input in
            var bytes: [UInt8] = []
            return try input.build(.binary) { row, builder in
                bytes.removeAll(keepingCapacity: true)
                for column in input.arguments {
                    let text = column.isNull(row) ? nil : column.stringAnyEncoding(row).bytes
                    withUnsafeBytes(of: UInt32(truncatingIfNeeded: text.map { $0.count + 1 } ?? 0).littleEndian) { bytes += $0 }
                    if let text { bytes += text }
                }
                bytes.withUnsafeBufferPointer { builder.append(bytes: $0) }
            }
        }
    }

    /// The state of a row's group, of what `bytes(of:)` made and the row's key; NULL for a group of which nothing was learned.
    package static let state = ScalarFunction(
        "state of \(name)", documentation: documentation, traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
    ) { call in
        try call.expect(2)
        let read = FittedStates<StatesByGroup>(of: name)
        return ResolvedScalar(argumentTypes: [.binary, .binary], resultType: .binary) { input in
            let heap = StringHeap()
            guard let frame = input.frame(.binary, heap: heap) else { return .nulls(.binary, count: input.count) }
            let keys = input.arguments[1].values(as: StringView.self), scale = input.scale(1)
            let target = frame.column.values(as: StringView.self)
            var groups = try read.cursor(input)
            var last: StatesByGroup?
            try frame.forEach { row in
                let found = try groups.state(row)
                if let found, found !== last {
                    heap.retain(found)
                    last = found
                }
                frame.store(found?.state(of: keys[row &* scale]), at: row, in: target)
            }
            return frame.column
        }
    }

    /// The states of groups as one.
    /// - Parameter groups: of different keys.
    package static func bytes(of groups: [(key: [UInt8], state: [UInt8])]) -> [UInt8] {
        let sorted = groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return FittedStateWriter.state(of: name) { writer in
            writer.write(UInt32(truncatingIfNeeded: sorted.count))
            for group in sorted {
                writer.write(group.key)
                writer.write(group.state)
            }
        }
    }
}

/// The states of groups by their keys.
private final class StatesByGroup: FittedState, @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`. Keys and states lie in its heap.
    private let heap = StringHeap()
    private let keys: [StringView]
    private let states: [StringView]

    init(_ reader: inout FittedStateReader) throws {
        var keys: [StringView] = [], states: [StringView] = []
        for _ in 0..<(try reader.entryCount(ofAtLeast: 8)) {
            let key = try reader.text()
            guard keys.last.map({ $0 < key }) ?? true else { throw reader.damage }
            keys.append(heap.copy(key))
            states.append(heap.copy(try reader.text()))
        }
        self.keys = keys
        self.states = states
    }

    func state(of key: StringView) -> StringView? { keys.sortedPlace(of: key).map { states[$0] } }
}
