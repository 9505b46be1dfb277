/// The rows of a stream with the least keys, of rows that come in pieces. Keys that are drawn uniformly make it a uniform sample, the
/// same one however the stream is cut into pieces: of rows with equal keys the first are kept.
///
/// Rows come in as long as their keys are below a threshold, which sinks each time that there are more than are wanted.
package struct LeastKeys<Rows> {
    package typealias Piece = (rows: Rows, keys: [UInt64])

    /// The key of rows that are kept in any case.
    package static var always: UInt64 { 0 }

    /// What was kept so far, in the rows' order: up to a quarter more rows than are wanted.
    package private(set) var pieces: [Piece] = []
    /// Rows in `pieces`.
    package private(set) var count = 0
    private let limit: Int
    private let select: (_ rows: Rows, _ places: [Int32]) throws -> Rows
    /// nil: rows of all keys come in.
    private var threshold: UInt64?

    /// - Parameters:
    ///   - limit: how many rows are wanted, at least one.
    ///   - select: makes a piece of the rows at some of a piece's places, ascending.
    package init(limit: Int, select: @escaping (_ rows: Rows, _ places: [Int32]) throws -> Rows) {
        self.limit = max(limit, 1)
        self.select = select
    }

    /// - Parameters:
    ///   - places: rows of the piece that may be kept, ascending.
    ///   - keys: of all rows of the piece.
    package mutating func add(_ rows: Rows, places: [Int32], keys: [UInt64]) throws {
        let chosen = places.filter { place in
            let key = keys[Int(place)]
            return key == Self.always || threshold.map { key < $0 } ?? true
        }
        guard !chosen.isEmpty else { return }
        pieces.append((try select(rows, chosen), chosen.map { keys[Int($0)] }))
        count += chosen.count
        // Not at each row too many: choosing looks at all keys.
        if count > limit + limit / 4 { try keep(limit) }
    }

    /// Keeps so many of the rows, at least one, and those that are kept in any case.
    /// - Returns: whether any row went.
    @discardableResult package mutating func keep(_ wanted: Int) throws -> Bool {
        let wanted = max(wanted, 1), before = count
        guard wanted < before else { return false }
        let least = pieces.flatMap(\.keys).sorted().prefix(wanted)
        guard let last = least.last else { return false }
        var equal = least.reduce(0) { $0 + ($1 == last ? 1 : 0) }
        threshold = last
        count = 0
        var kept: [Piece] = []
        for piece in pieces {
            let places = piece.keys.indices.filter { place in
                let key = piece.keys[place]
                guard key == last, key != Self.always else { return key <= last }
                equal -= 1
                return equal >= 0
            }
            if places.isEmpty { continue }
            kept.append(
                places.count == piece.keys.count
                    ? piece : (try select(piece.rows, places.map { Int32($0) }), places.map { piece.keys[$0] }))
            count += places.count
        }
        pieces = kept
        return count < before
    }

    /// Hands out the rows, of which none are kept here any longer.
    package mutating func finished() throws -> [Rows] {
        try keep(limit)
        defer { (pieces, count) = ([], 0) }
        return pieces.map(\.rows)
    }
}
