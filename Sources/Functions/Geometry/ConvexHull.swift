/// The smallest convex area around places.
enum ConvexHull {
    /// Its corners against the clock, each once, from the lowest of the leftmost places on; fewer than three when all are on a line.
    static func corners(_ places: some Sequence<Coordinate>) -> [Coordinate] {
        var sorted = places.sorted { $0.x == $1.x ? $0.y < $1.y : $0.x < $1.x }
        var kept = 0
        for place in sorted.indices where place == 0 || sorted[place] != sorted[kept - 1] {
            sorted[kept] = sorted[place]
            kept += 1
        }
        sorted.removeLast(sorted.count - kept)
        guard sorted.count > 2 else { return sorted }
        var hull: [Coordinate] = []
        hull.reserveCapacity(sorted.count)
        extend(&hull, sorted, from: 0)
        let lower = hull.count
        hull.removeLast()
        extend(&hull, sorted.reversed(), from: lower - 1)
        hull.removeLast()
        return hull
    }

    private static func extend(_ hull: inout [Coordinate], _ places: some Sequence<Coordinate>, from base: Int) {
        for place in places {
            while hull.count >= base + 2, Orientation.of(hull[hull.count - 2], hull[hull.count - 1], place) <= 0 { hull.removeLast() }
            hull.append(place)
        }
    }

    /// The hull of places as an area, from the first of them that is a corner; empty for one place, and flat for places on a line.
    static func area(_ places: [Coordinate]) -> Geometry {
        var hull = Geometry(.multiPolygon, .area)
        var corners = corners(places)
        guard corners.count > 1 else { return hull }
        let known = Set(corners)
        if let first = places.first(where: { known.contains($0) }), let start = corners.firstIndex(of: first) {
            corners = Array(corners[start...] + corners[..<start])
        }
        hull.starts = [0]
        // Rings of shapes run clockwise.
        hull.coordinates = [corners[0]] + corners.dropFirst().reversed()
        return hull
    }
}

extension Geometry {
    /// Points at the ends of lines, lines around areas, nothing of points.
    var boundary: Geometry {
        switch form {
        case .point, .multiPoint: return like(.multiPoint, .multiPoint)
        case .path:
            var result = like(.multiPoint, .multiPoint)
            var counts: [Coordinate: Int] = [:]
            var firsts: [Int] = []
            for index in starts.indices {
                guard let first = part(index).first, let last = part(index).last else { continue }
                for place in [first, last] {
                    if counts[coordinates[place]] == nil { firsts.append(place) }
                    counts[coordinates[place], default: 0] += 1
                }
            }
            result.append(firsts.filter { (counts[coordinates[$0]] ?? 0) % 2 == 1 }, of: self)
            return result
        case .area:
            var result = like(.multiLineString, .path)
            for index in starts.indices where !part(index).isEmpty {
                result.starts.append(result.coordinates.count)
                result.append(closedForText(index), of: self)
            }
            if result.partCount == 1 { result.type = .lineString }
            return result
        }
    }
}
