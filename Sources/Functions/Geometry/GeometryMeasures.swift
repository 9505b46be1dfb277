// Lengths, areas, centers and distances in the plane of the coordinates.

extension Geometry {
    /// Calls `body` with both ends of every segment, those that close rings too.
    func forEachSegment(_ body: (Coordinate, Coordinate) -> Void) {
        for index in starts.indices {
            let places = part(index)
            guard let first = places.first, let last = places.last else { continue }
            for place in places.dropLast() { body(coordinates[place], coordinates[place + 1]) }
            if form == .area, last > first { body(coordinates[last], coordinates[first]) }
        }
    }

    /// Of lines, and around areas.
    var length: Double {
        var sum = 0.0
        forEachSegment { sum += Self.distance($0, $1) }
        return sum
    }

    /// Holes count as less; negative when outer rings run against the clock.
    var area: Double {
        guard form == .area else { return 0 }
        return starts.indices.reduce(0) { $0 + doubledArea($1) } / 2
    }

    /// The center of mass; nil for an empty geometry.
    var centroid: Coordinate? {
        guard let origin = coordinates.first else { return nil }
        switch form {
        case .point, .multiPoint: return mean(origin)
        case .path: return weightedMiddle() ?? mean(origin)
        case .area:
            var weight = 0.0, x = 0.0, y = 0.0
            forEachSegment { from, to in
                let a = Coordinate(x: from.x - origin.x, y: from.y - origin.y), b = Coordinate(x: to.x - origin.x, y: to.y - origin.y)
                let area = a.x * b.y - b.x * a.y
                weight += area
                x += (a.x + b.x) * area
                y += (a.y + b.y) * area
            }
            guard weight != 0 else { return weightedMiddle() ?? mean(origin) }
            return Coordinate(x: origin.x + x / (3 * weight), y: origin.y + y / (3 * weight))
        }
    }

    private func mean(_ origin: Coordinate) -> Coordinate {
        let count = Double(coordinates.count)
        let x = coordinates.reduce(0) { $0 + ($1.x - origin.x) }, y = coordinates.reduce(0) { $0 + ($1.y - origin.y) }
        return Coordinate(x: origin.x + x / count, y: origin.y + y / count)
    }

    /// The middle of segments by their lengths; nil without any.
    private func weightedMiddle() -> Coordinate? {
        guard let origin = coordinates.first else { return nil }
        var weight = 0.0, x = 0.0, y = 0.0
        forEachSegment { from, to in
            let length = Self.distance(from, to)
            weight += length
            x += ((from.x - origin.x) + (to.x - origin.x)) / 2 * length
            y += ((from.y - origin.y) + (to.y - origin.y)) / 2 * length
        }
        return weight > 0 ? Coordinate(x: origin.x + x / weight, y: origin.y + y / weight) : nil
    }

    static func distance(_ a: Coordinate, _ b: Coordinate) -> Double {
        let x = b.x - a.x, y = b.y - a.y
        let square = x * x + y * y
        if square > 1e-280, square < .infinity { return square.squareRoot() }
        let larger = max(abs(x), abs(y))
        guard larger > 0, larger.isFinite else { return larger }
        return larger * ((x / larger) * (x / larger) + (y / larger) * (y / larger)).squareRoot()
    }

    /// From a place to the nearest of a segment.
    static func distance(_ place: Coordinate, from a: Coordinate, to b: Coordinate) -> Double {
        let x = b.x - a.x, y = b.y - a.y
        let square = x * x + y * y
        guard square > 0 else { return distance(place, a) }
        let share = ((place.x - a.x) * x + (place.y - a.y) * y) / square
        if share <= 0 { return distance(place, a) }
        if share >= 1 { return distance(place, b) }
        return abs((place.x - a.x) * y - (place.y - a.y) * x) / square.squareRoot()
    }
}

extension PreparedGeometry {
    /// The least distance of places of the two; 0 where they meet, NaN when one is empty.
    func distance(_ other: PreparedGeometry) -> Double {
        guard dimension != nil, other.dimension != nil else { return .nan }
        if points.count == 1, other.points.count == 1, let a = points.first, let b = other.points.first { return Geometry.distance(a, b) }
        if SpatialRelation.intersects.holds(self, other) { return 0 }
        // Where they do not meet, an end of a segment or a point is the nearest place of one of them.
        return min(least(to: other), other.least(to: self))
    }

    /// The least distance of own points and ends of segments to another geometry's points and segments.
    private func least(to other: PreparedGeometry) -> Double {
        var least = Double.infinity
        func look(_ place: Coordinate) {
            for point in other.points { least = min(least, Geometry.distance(place, point)) }
            for edge in other.edges.edges {
                // What is farther in one direction is farther.
                if edge.lowX - place.x > least || place.x - edge.highX > least || edge.lowY - place.y > least
                    || place.y - edge.highY > least
                {
                    continue
                }
                least = min(least, Geometry.distance(place, from: edge.from, to: edge.to))
            }
        }
        for point in points { look(point) }
        for edge in edges.edges {
            look(edge.from)
            look(edge.to)
        }
        return least
    }
}
