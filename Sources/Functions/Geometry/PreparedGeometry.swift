/// A geometry made ready for questions about how it lies to others. Its coordinates are finite.
final class PreparedGeometry: Sendable {
    /// nil for an empty one. Lines that never leave a place count as points.
    let dimension: Int?
    /// What it calls itself: 0 points, 1 lines, 2 areas.
    let formalDimension: Int
    let envelope: Envelope
    /// The different places of points.
    let points: Set<Coordinate>
    /// Segments of lines and rings.
    let edges: EdgeSet
    /// Ends of lines that an odd number of lines end in.
    let ends: Set<Coordinate>

    init?(_ geometry: Geometry) {
        guard geometry.isFinite else { return nil }
        formalDimension = geometry.form.dimension
        envelope = geometry.envelope
        var points: Set<Coordinate> = []
        var edges: [Edge] = []
        var ends: Set<Coordinate> = []
        switch geometry.form {
        case .point, .multiPoint: points = Set(geometry.coordinates)
        case .path:
            for index in geometry.starts.indices {
                let places = geometry.coordinates[geometry.part(index)]
                guard let first = places.first, let last = places.last else { continue }
                for (from, to) in zip(places, places.dropFirst()) where from != to { edges.append(Edge(from: from, to: to)) }
                if places.allSatisfy({ $0 == first }) { continue }
                for end in [first, last] where ends.remove(end) == nil { ends.insert(end) }
            }
        case .area: edges = Self.rings(geometry)
        }
        if edges.isEmpty, !geometry.isEmpty, points.isEmpty { points = Set(geometry.coordinates) }
        self.points = points
        self.edges = EdgeSet(edges)
        self.ends = ends
        dimension = !edges.isEmpty ? geometry.form.dimension : points.isEmpty ? nil : 0
    }

    /// The edges of rings. On which side of them the area is follows from the ring's direction and from how many other rings are
    /// around it, so a shape whose rings run the wrong way is read as what it looks like.
    private static func rings(_ geometry: Geometry) -> [Edge] {
        var rings: [[Edge]] = []
        for index in geometry.starts.indices {
            let places = geometry.coordinates[geometry.part(index)]
            guard let first = places.first else { continue }
            var ring: [Edge] = []
            for (from, to) in zip(places, places.dropFirst() + [first]) where from != to { ring.append(Edge(from: from, to: to)) }
            if ring.count > 1 { rings.append(ring) }
        }
        let sets = rings.count > 1 ? rings.map { EdgeSet($0) } : []
        for index in rings.indices {
            var isInsideRight = isClockwise(rings[index])
            for other in sets.indices where other != index && sets[other].envelope.intersects(sets[index].envelope) {
                // A place of the ring that is on no other one tells.
                let location = rings[index].lazy.map { sets[other].location($0.from) }.first { $0 != .boundary }
                if location == .interior { isInsideRight.toggle() }
            }
            for edge in rings[index].indices { rings[index][edge].isInsideRight = isInsideRight }
        }
        return Array(rings.joined())
    }

    /// The direction of a ring, by the turn at its lowest place, or the sum of areas where it is cut off there.
    private static func isClockwise(_ ring: [Edge]) -> Bool {
        let places = ring.map(\.from)
        guard let lowest = places.indices.min(by: { (places[$0].y, places[$0].x) < (places[$1].y, places[$1].x) }) else { return true }
        let before = places[(lowest + places.count - 1) % places.count], after = places[(lowest + 1) % places.count]
        let turn = Orientation.of(before, places[lowest], after)
        if turn != 0 { return turn < 0 }
        var sum = 0.0
        let origin = places[lowest]
        for edge in ring { sum += (edge.from.x - origin.x) * (edge.to.y - origin.y) - (edge.to.x - origin.x) * (edge.from.y - origin.y) }
        return sum < 0
    }

    /// Where a place is with respect to the geometry.
    func location(_ place: Coordinate) -> Location {
        switch dimension {
        case 0: points.contains(place) ? .interior : .exterior
        case 1: !edges.touches(place) ? .exterior : ends.contains(place) ? .boundary : .interior
        case 2: edges.location(place)
        default: .exterior
        }
    }

    /// Whether the boundary has places: an area's has, a line's ends may be each other's.
    var boundaryDimension: Int {
        switch dimension {
        case 1: ends.isEmpty ? -1 : 0
        case 2: 1
        default: -1
        }
    }
}
