// Whether geometries are simple as OGC has it: points differ, lines meet themselves and each other only at their ends, areas are those of
// rings that touch at most in single places, hold together and lie in each other as holes and outer rings should.

extension Geometry {
    /// False too for what has coordinates that are no finite numbers.
    var isSimple: Bool {
        guard isFinite else { return false }
        switch form {
        case .point: return true
        case .multiPoint: return Set(coordinates).count == coordinates.count
        case .path: return PathNetwork(self).isSimple
        case .area: return isSimpleArea
        }
    }

    private var isSimpleArea: Bool {
        let network = PathNetwork(self)
        guard network.isSimple else { return false }
        let rings = starts.indices.compactMap { PreparedGeometry(area(of: $0..<($0 + 1))) }
        guard rings.count == partCount else { return false }
        for polygon in polygons {
            for hole in polygon.dropFirst() {
                // Holes are in their ring and share nothing with each other.
                guard rings[hole].relate(rings[polygon.lowerBound])[.interior, .exterior] < 0 else { return false }
                for other in (polygon.lowerBound + 1)..<hole where rings[hole].envelope.intersects(rings[other].envelope) {
                    guard rings[hole].relate(rings[other])[.interior, .interior] < 0 else { return false }
                }
            }
            guard network.isConnected(polygon) else { return false }
        }
        let prepared = polygons.count > 1 ? polygons.compactMap { PreparedGeometry(area(of: $0)) } : []
        for (number, polygon) in prepared.enumerated() {
            for other in prepared[..<number] where polygon.envelope.intersects(other.envelope) {
                guard polygon.relate(other)[.interior, .interior] < 0 else { return false }
            }
        }
        return true
    }

    /// Some of the rings as a polygon.
    func area(of rings: Range<Int>) -> Geometry {
        var result = like(.polygon, .area)
        for ring in rings {
            result.starts.append(result.coordinates.count)
            result.append(part(ring), of: self)
        }
        return result
    }
}

/// The segments of lines or rings, and where they meet.
private struct PathNetwork {
    private struct Place {
        let part: Int
        let isFirst: Bool
        let isLast: Bool
    }

    private let areRings: Bool
    private var edges: [Edge] = []
    private var places: [Place] = []
    /// Whether each part ends where it begins.
    private var isClosed: [Bool] = []
    private var hasRepeatedPoint = false
    /// Single places in which two rings touch.
    private var contacts: [(first: Int, second: Int, place: Coordinate)] = []
    private(set) var isSimple = false

    init(_ geometry: Geometry) {
        areRings = geometry.form == .area
        for part in geometry.starts.indices {
            var way = Array(geometry.coordinates[geometry.part(part)])
            if areRings, let first = way.first { way.append(first) }
            isClosed.append(way.count > 1 && way.first == way.last)
            if areRings, way.count < 4 { hasRepeatedPoint = true }
            for (number, (from, to)) in zip(way, way.dropFirst()).enumerated() {
                if from == to {
                    hasRepeatedPoint = true
                    continue
                }
                edges.append(Edge(from: from, to: to))
                places.append(Place(part: part, isFirst: number == 0, isLast: number == way.count - 2))
            }
        }
        isSimple = !hasRepeatedPoint && areMeetingsAllowed()
    }

    private mutating func areMeetingsAllowed() -> Bool {
        let set = EdgeSet(edges)
        var isAllowed = true
        for number in edges.indices where isAllowed {
            set.forEachNear(edges[number]) { other in
                if other > number, isAllowed { isAllowed = isMeetingAllowed(number, other) }
            }
        }
        return isAllowed
    }

    private mutating func isMeetingAllowed(_ number: Int, _ other: Int) -> Bool {
        let first = edges[number], second = edges[other]
        let meeting = EdgeCuts(EdgeSet([first]), by: EdgeSet([second]))
        if meeting.hasOverlaps || !meeting.crossings.isEmpty { return false }
        guard let place = meeting.touched.first else { return true }
        let a = places[number], b = places[other]
        if a.part == b.part {
            if other == number + 1, place == first.to, place == second.from { return true }
            return isClosed[a.part] && a.isFirst && b.isLast && place == first.from && place == second.to
        }
        if areRings {
            contacts.append((a.part, b.part, place))
            return true
        }
        return isEnd(place, number) && isEnd(place, other)
    }

    /// Whether a place is an end of an open line, and of this segment of it.
    private func isEnd(_ place: Coordinate, _ number: Int) -> Bool {
        guard !isClosed[places[number].part] else { return false }
        return (places[number].isFirst && place == edges[number].from) || (places[number].isLast && place == edges[number].to)
    }

    /// Whether rings that touch leave what is between them in one piece: no way leads from ring to ring and back by other places.
    func isConnected(_ rings: Range<Int>) -> Bool {
        // Rings and places are the nodes of a graph, which has to be without a circle.
        var parents = Array(0..<rings.count)
        var nodes: [Coordinate: Int] = [:]
        var known: Set<[Int]> = []
        func root(_ node: Int) -> Int {
            var node = node
            while parents[node] != node { node = parents[node] }
            return node
        }
        for contact in contacts where rings.contains(contact.first) && rings.contains(contact.second) {
            let place = nodes[contact.place] ?? parents.count
            if place == parents.count {
                nodes[contact.place] = place
                parents.append(place)
            }
            for ring in [contact.first - rings.lowerBound, contact.second - rings.lowerBound] where known.insert([ring, place]).inserted {
                let left = root(ring), right = root(place)
                if left == right { return false }
                parents[left] = right
            }
        }
        return true
    }
}
