import Columnar
import FeatureTables
import Functions

/// What a fitted function learns of rows: of all together, or of each group by itself.
final class LearnedGroups {
    private let accumulator: any Accumulator
    private let reservation: ImportReservation
    /// The places of groups by their keys; nil: there is one group.
    private var places: [[UInt8]: Int32]?
    private var keyBytes = 0

    init(_ accumulator: any Accumulator, hasKeys: Bool, _ reservation: ImportReservation) {
        self.accumulator = accumulator
        self.reservation = reservation
        places = hasKeys ? [:] : nil
        accumulator.resize(groupCount: hasKeys ? 0 : 1)
    }

    /// - Parameter keys: BINARY, the group of each row.
    func update(_ arguments: [Column], _ keys: Column?, _ rows: RowSelection) throws {
        if let keys {
            var groups: [Int32] = []
            groups.reserveCapacity(rows.count)
            let values = keys.values(as: StringView.self)
            for ordinal in 0..<rows.count { groups.append(place(of: Array(values[keys.element(of: rows[ordinal])].bytes))) }
            accumulator.resize(groupCount: places?.count ?? 1)
            try groups.withUnsafeBufferPointer { groups in
                if let first = groups.baseAddress { try accumulator.update(arguments, rows: rows, groups: first) }
            }
        } else {
            try accumulator.update(arguments, rows: rows, group: 0)
        }
        try charge()
    }

    private func place(of key: [UInt8]) -> Int32 {
        if let known = places?[key] { return known }
        let place = Int32(truncatingIfNeeded: places?.count ?? 0)
        places?[key] = place
        keyBytes += key.count + 64
        return place
    }

    func merge(_ other: LearnedGroups) throws {
        var sources: [Int32] = [0], targets: [Int32] = [0]
        if let theirs = other.places {
            // In the order in which they came.
            let found = theirs.sorted { $0.value < $1.value }
            sources = found.map(\.value)
            targets = found.map { place(of: $0.key) }
            accumulator.resize(groupCount: places?.count ?? 1)
        }
        try accumulator.merge(other.accumulator, sources: sources, targets: targets, count: sources.count)
        try charge()
    }

    private func charge() throws { try reservation.update(to: accumulator.byteCount + keyBytes) }

    /// The state, or the states of all groups as one.
    func state() throws -> [UInt8]? {
        let states = try accumulator.finish(0..<(places?.count ?? 1))
        func bytes(_ place: Int) -> [UInt8] { Array(states.values(as: StringView.self)[states.element(of: place)].bytes) }
        guard let places else { return states.isNull(0) ? nil : bytes(0) }
        return FittedGroups.bytes(of: places.map { (key: $0.key, state: bytes(Int($0.value))) })
    }
}
