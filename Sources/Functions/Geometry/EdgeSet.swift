/// A segment between two different places.
struct Edge {
    var from: Coordinate
    var to: Coordinate
    /// Of a ring, whether what it encloses is right of the edge.
    var isInsideRight = false

    var lowY: Double { min(from.y, to.y) }
    var highY: Double { max(from.y, to.y) }
    var lowX: Double { min(from.x, to.x) }
    var highX: Double { max(from.x, to.x) }

    /// Whether a place that is on the edge's line is on the edge.
    func reaches(_ place: Coordinate) -> Bool { lowX <= place.x && place.x <= highX && lowY <= place.y && place.y <= highY }

    func contains(_ place: Coordinate) -> Bool { reaches(place) && Orientation.of(from, to, place) == 0 }
}

/// Where a place is with respect to a geometry.
enum Location: Int {
    case interior = 0, boundary, exterior
}

/// The segments of a geometry, sorted into strips by height so that those near a place are found quickly. Even and odd count
/// of rings around a place tells whether it is inside of an area.
final class EdgeSet: Sendable {
    let edges: [Edge]
    let envelope: Envelope
    private let lowest: Double
    private let stripsPerUnit: Double
    private let stripCount: Int
    /// The edges of strip s are `members[offsets[s]..<offsets[s + 1]]`.
    private let offsets: [Int]
    private let members: [Int32]

    private static let fewEdges = 16
    private static let stripsPerEdge = 8.0

    init(_ edges: [Edge]) {
        self.edges = edges
        var envelope = Envelope()
        for edge in edges {
            envelope.include(edge.from)
            envelope.include(edge.to)
        }
        self.envelope = envelope
        let height = envelope.maxY - envelope.minY
        // Long edges are in many strips: all together are in a few times as many as there are edges.
        var spans = 0.0
        for edge in edges { spans += (edge.highY - edge.lowY) / height }
        let edgeCount = Double(edges.count)
        let most: Double = spans > 0 ? min(edgeCount * Self.stripsPerEdge / spans, edgeCount / 2, 16384) : 1
        let wanted = edges.count > Self.fewEdges && most >= 1 ? Int(most) : 1
        let scale = Double(wanted) / height
        let isCut = wanted > 1 && scale.isFinite && scale > 0
        let count = isCut ? wanted : 1, low = envelope.minY, perUnit = isCut ? scale : 0
        lowest = low
        stripsPerUnit = perUnit
        stripCount = count
        guard isCut else {
            offsets = [0, edges.count]
            members = edges.indices.map { Int32(truncatingIfNeeded: $0) }
            return
        }
        func strip(_ y: Double) -> Int { Self.strip(y, low, perUnit, count) }
        var sizes = [Int](repeating: 0, count: count + 1)
        for edge in edges {
            for strip in strip(edge.lowY)...strip(edge.highY) { sizes[strip + 1] += 1 }
        }
        for index in 1...count { sizes[index] += sizes[index - 1] }
        var next = sizes
        var members = [Int32](repeating: 0, count: sizes[count])
        for (number, edge) in edges.enumerated() {
            for strip in strip(edge.lowY)...strip(edge.highY) {
                members[next[strip]] = Int32(truncatingIfNeeded: number)
                next[strip] += 1
            }
        }
        offsets = sizes
        self.members = members
    }

    /// Rises with y, so the strip of a place is among those of every edge at its height.
    @inline(__always)
    private static func strip(_ y: Double, _ lowest: Double, _ stripsPerUnit: Double, _ count: Int) -> Int {
        let place = (y - lowest) * stripsPerUnit
        return place > 0 ? place < Double(count) ? Int(place) : count - 1 : 0
    }

    @inline(__always)
    private func strip(_ y: Double) -> Int { Self.strip(y, lowest, stripsPerUnit, stripCount) }

    /// Calls `body` once for the number of every edge whose envelope meets that of another edge.
    func forEachNear(_ other: Edge, _ body: (Int) -> Void) {
        let lowX = other.lowX, highX = other.highX, lowY = other.lowY, highY = other.highY
        guard lowX <= envelope.maxX, envelope.minX <= highX, lowY <= envelope.maxY, envelope.minY <= highY else { return }
        let first = strip(lowY)
        for number in first...strip(highY) {
            for member in members[offsets[number]..<offsets[number + 1]] {
                let edge = edges[Int(member)]
                guard edge.lowX <= highX, lowX <= edge.highX, edge.lowY <= highY, lowY <= edge.highY else { continue }
                // In the first strip that both are in.
                if number == max(first, strip(edge.lowY)) { body(Int(member)) }
            }
        }
    }

    /// Whether a place is on one of the edges.
    func touches(_ place: Coordinate) -> Bool {
        guard envelope.contains(place) else { return false }
        let strip = strip(place.y)
        return members[offsets[strip]..<offsets[strip + 1]].contains { edges[Int($0)].contains(place) }
    }

    /// Where a place is with respect to the area that the edges enclose.
    func location(_ place: Coordinate) -> Location {
        guard envelope.contains(place) else { return .exterior }
        let strip = strip(place.y)
        var isInside = false
        for member in members[offsets[strip]..<offsets[strip + 1]] {
            let edge = edges[Int(member)]
            let a = edge.from, b = edge.to
            if (a.y > place.y) != (b.y > place.y) {
                // The way to the right meets the edge, unless the place is right of it.
                if place.x > a.x, place.x > b.x { continue }
                if place.x < a.x, place.x < b.x {
                    isInside.toggle()
                    continue
                }
                let side = Orientation.of(a, b, place)
                if side == 0 { return .boundary }
                if (side > 0) == (b.y > a.y) { isInside.toggle() }
            } else if a.y == place.y, b.y == place.y {
                if min(a.x, b.x) <= place.x, place.x <= max(a.x, b.x) { return .boundary }
            } else if a == place || b == place {
                return .boundary
            }
        }
        return isInside ? .interior : .exterior
    }

    /// Whether a place that is on no edge is inside of the area.
    func isInside(_ place: ExactPlace, _ scale: ExactScale) -> Bool {
        // Strips next to that of the rounded place are looked at too: it may be a little off.
        let slack = abs(place.nearby.y) * 1e-14
        let first = strip(place.nearby.y - slack), last = strip(place.nearby.y + slack)
        var isInside = false
        for number in first...last {
            for member in members[offsets[number]..<offsets[number + 1]] {
                let edge = edges[Int(member)]
                guard number == max(first, strip(edge.lowY)) else { continue }
                let isAbove = place.compareY(edge.from.y, scale) < 0, endsAbove = place.compareY(edge.to.y, scale) < 0
                if isAbove != endsAbove, (place.side(of: edge.from, edge.to, scale) > 0) == endsAbove { isInside.toggle() }
            }
        }
        return isInside
    }
}
