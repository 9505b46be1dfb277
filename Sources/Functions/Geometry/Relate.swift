// The matrix of two geometries, without rounding: every segment is cut where it meets the other geometry, and every piece is inside
// of it, outside or along its boundary.

extension PreparedGeometry {
    /// How this geometry lies to another.
    func relate(_ other: PreparedGeometry) -> IntersectionMatrix {
        if (dimension ?? -1) > (other.dimension ?? -1) { return other.relate(self).transposed }
        var matrix = IntersectionMatrix()
        matrix[.exterior, .exterior] = 2
        guard let lower = dimension, let higher = other.dimension else {
            // The first one is empty.
            matrix[.exterior, .interior] = other.dimension ?? -1
            matrix[.exterior, .boundary] = other.boundaryDimension
            return matrix
        }
        guard envelope.intersects(other.envelope) else {
            matrix[.interior, .exterior] = lower
            matrix[.boundary, .exterior] = boundaryDimension
            matrix[.exterior, .interior] = higher
            matrix[.exterior, .boundary] = other.boundaryDimension
            return matrix
        }
        switch (lower, higher) {
        case (0, _): relatePoints(other, &matrix)
        case (1, 1): relateLines(other, &matrix)
        case (1, _): relateLine(toArea: other, &matrix)
        default: relateAreas(other, &matrix)
        }
        return matrix
    }

    private func relatePoints(_ other: PreparedGeometry, _ matrix: inout IntersectionMatrix) {
        for point in points { matrix[.interior, other.location(point)] = 0 }
        switch other.dimension {
        case 0: if other.points.contains(where: { !points.contains($0) }) { matrix[.exterior, .interior] = 0 }
        case 1:
            matrix[.exterior, .interior] = 1
            if other.ends.contains(where: { !points.contains($0) }) { matrix[.exterior, .boundary] = 0 }
        default:
            matrix[.exterior, .interior] = 2
            matrix[.exterior, .boundary] = 1
        }
    }

    private func relateLines(_ other: PreparedGeometry, _ matrix: inout IntersectionMatrix) {
        let scale = scale(with: other)
        let pieces = EdgeCuts(edges, by: other.edges), others = EdgeCuts(other.edges, by: edges)
        for (cuts, line, isFirst) in [(pieces, self, true), (others, other, false)] {
            if cuts.isAnyEdgeUncovered { isFirst ? matrix.raise(.interior, .exterior, 1) : matrix.raise(.exterior, .interior, 1) }
            if cuts.hasOverlaps { matrix.raise(.interior, .interior, 1) }
            for end in line.ends {
                let location = (isFirst ? other : self).location(end)
                isFirst ? matrix.raise(.boundary, location, 0) : matrix.raise(location, .boundary, 0)
            }
        }
        // Places at which they meet and neither ends.
        for place in pieces.touched where matrix[.interior, .interior] < 0 {
            if !ends.contains(place), !other.ends.contains(place) { matrix[.interior, .interior] = 0 }
        }
        for (edge, crossed) in pieces.crossings where matrix[.interior, .interior] < 0 {
            let place = self.crossing(edge, other, crossed, scale)
            if !Self.isAny(of: ends, place, scale), !Self.isAny(of: other.ends, place, scale) { matrix[.interior, .interior] = 0 }
        }
    }

    private func relateLine(toArea area: PreparedGeometry, _ matrix: inout IntersectionMatrix) {
        matrix[.exterior, .interior] = 2
        let scale = scale(with: area)
        let cuts = EdgeCuts(edges, by: area.edges)
        for end in ends { matrix.raise(.boundary, area.location(end), 0) }
        if cuts.hasOverlaps { matrix.raise(.interior, .boundary, 1) }
        forEachPiece(cuts, area, scale) { matrix.raise(.interior, $0, 1) }
        for place in cuts.touched where matrix[.interior, .boundary] < 0 && !ends.contains(place) { matrix[.interior, .boundary] = 0 }
        for (edge, crossed) in cuts.crossings where matrix[.interior, .boundary] < 0 {
            if !Self.isAny(of: ends, crossing(edge, area, crossed, scale), scale) { matrix[.interior, .boundary] = 0 }
        }
        if EdgeCuts(area.edges, by: edges).isAnyEdgeUncovered { matrix[.exterior, .boundary] = 1 }
    }

    private func relateAreas(_ other: PreparedGeometry, _ matrix: inout IntersectionMatrix) {
        let scale = scale(with: other)
        let cuts = EdgeCuts(edges, by: other.edges), others = EdgeCuts(other.edges, by: edges)
        forEachPiece(cuts, other, scale) { location in
            matrix.raise(.boundary, location, 1)
            // On one side of it is this area, on the other none.
            matrix.raise(.interior, location, 2)
            if location == .interior { matrix.raise(.exterior, .interior, 2) }
        }
        other.forEachPiece(others, self, scale) { location in
            matrix.raise(location, .boundary, 1)
            matrix.raise(location, .interior, 2)
            if location == .interior { matrix.raise(.interior, .exterior, 2) }
        }
        for overlap in cuts.overlaps {
            matrix.raise(.boundary, .boundary, 1)
            let isSameSide =
                (edges.edges[overlap.edge].isInsideRight == other.edges.edges[overlap.other].isInsideRight) == overlap.isSameDirection
            if isSameSide {
                matrix.raise(.interior, .interior, 2)
            } else {
                matrix.raise(.interior, .exterior, 2)
                matrix.raise(.exterior, .interior, 2)
            }
        }
        if !cuts.touched.isEmpty || !cuts.crossings.isEmpty { matrix.raise(.boundary, .boundary, 0) }
    }

    /// Tells where the pieces of own edges are that are not along edges of the area.
    private func forEachPiece(_ cuts: EdgeCuts, _ area: PreparedGeometry, _ scale: ExactScale, _ body: (Location) -> Void) {
        // An edge goes on where the one before it ended, if nothing is there.
        var known: (place: Coordinate, location: Location)?
        for (number, edge) in edges.edges.enumerated() {
            guard let stops = cuts.stops[number] else {
                let location: Location
                if let known, known.place == edge.from {
                    location = known.location
                } else {
                    location = area.edges.location(edge.from)
                    body(location)
                }
                known = (edge.to, location)
                continue
            }
            known = nil
            let isByX = edge.from.x != edge.to.x
            let isRising = isByX ? edge.from.x < edge.to.x : edge.from.y < edge.to.y
            var places = [ExactPlace(edge.from, scale), ExactPlace(edge.to, scale)]
            for stop in stops {
                switch stop {
                case .place(let place): places.append(ExactPlace(place, scale))
                case .crossing(let other):
                    let crossed = area.edges.edges[other]
                    places.append(ExactPlace(crossing: edge.from, edge.to, crossed.from, crossed.to, scale))
                }
            }
            places.sort { ExactPlace.compare($0, $1, byX: isByX) * (isRising ? 1 : -1) < 0 }
            let overlaps = cuts.overlapsByEdge[number] ?? []
            for (start, end) in zip(places, places.dropFirst()) where ExactPlace.compare(start, end, byX: isByX) != 0 {
                let isCovered = overlaps.contains { overlap in
                    let low = isByX ? min(overlap.start.x, overlap.end.x) : min(overlap.start.y, overlap.end.y)
                    let high = isByX ? max(overlap.start.x, overlap.end.x) : max(overlap.start.y, overlap.end.y)
                    return [start, end].allSatisfy { place in
                        isByX
                            ? place.compareX(low, scale) >= 0 && place.compareX(high, scale) <= 0
                            : place.compareY(low, scale) >= 0 && place.compareY(high, scale) <= 0
                    }
                }
                if isCovered { continue }
                body(area.edges.isInside(ExactPlace(between: start, end, scale), scale) ? .interior : .exterior)
            }
        }
    }

    private func crossing(_ edge: Int, _ other: PreparedGeometry, _ crossed: Int, _ scale: ExactScale) -> ExactPlace {
        let first = edges.edges[edge], second = other.edges.edges[crossed]
        return ExactPlace(crossing: first.from, first.to, second.from, second.to, scale)
    }

    private static func isAny(of ends: Set<Coordinate>, _ place: ExactPlace, _ scale: ExactScale) -> Bool {
        ends.contains { place.compareX($0.x, scale) == 0 && place.compareY($0.y, scale) == 0 }
    }

    private func scale(with other: PreparedGeometry) -> ExactScale {
        var scale = ExactScale()
        for set in [edges, other.edges] {
            for edge in set.edges {
                for place in [edge.from, edge.to] {
                    scale.include(place.x)
                    scale.include(place.y)
                }
            }
        }
        for place in ends.union(other.ends) {
            scale.include(place.x)
            scale.include(place.y)
        }
        return scale
    }
}

/// Where the edges of one geometry meet those of another.
struct EdgeCuts {
    enum Stop {
        case place(Coordinate)
        /// Both go on at both sides; the other edge's number.
        case crossing(Int)
    }

    /// What two edges on one line have in common.
    struct Overlap {
        let edge: Int
        let other: Int
        let start: Coordinate
        let end: Coordinate
        let isSameDirection: Bool
    }

    private let edges: [Edge]
    /// By edge; none for edges that meet nothing.
    private(set) var stops: [Int: [Stop]] = [:]
    private(set) var overlaps: [Overlap] = []
    private(set) var overlapsByEdge: [Int: [Overlap]] = [:]
    /// Ends of edges that are on an edge of the other geometry.
    private(set) var touched: Set<Coordinate> = []
    private(set) var crossings: [(edge: Int, other: Int)] = []

    var hasOverlaps: Bool { !overlaps.isEmpty }

    init(_ set: EdgeSet, by others: EdgeSet) {
        edges = set.edges
        for number in edges.indices {
            others.forEachNear(edges[number]) { meet(number, $0, others.edges[$0]) }
        }
    }

    private mutating func meet(_ number: Int, _ other: Int, _ second: Edge) {
        let first = edges[number]
        let start = Orientation.of(first.from, first.to, second.from), end = Orientation.of(first.from, first.to, second.to)
        if start != 0, start == end { return }
        let from = Orientation.of(second.from, second.to, first.from), to = Orientation.of(second.from, second.to, first.to)
        if from != 0, from == to { return }
        if start * end < 0, from * to < 0 {
            stops[number, default: []].append(.crossing(other))
            crossings.append((number, other))
            return
        }
        var places: [Coordinate] = []
        if start == 0, first.reaches(second.from) { places.append(second.from) }
        if end == 0, first.reaches(second.to) { places.append(second.to) }
        if from == 0, second.reaches(first.from), !places.contains(first.from) { places.append(first.from) }
        if to == 0, second.reaches(first.to), !places.contains(first.to) { places.append(first.to) }
        guard !places.isEmpty else { return }
        stops[number, default: []] += places.map { .place($0) }
        touched.formUnion(places)
        // Edges on one line that meet in two places have what is between them in common.
        guard start == 0, end == 0, places.count == 2 else { return }
        let isByX = first.from.x != first.to.x
        let isSame =
            isByX
            ? (first.from.x < first.to.x) == (second.from.x < second.to.x) : (first.from.y < first.to.y) == (second.from.y < second.to.y)
        let overlap = Overlap(edge: number, other: other, start: places[0], end: places[1], isSameDirection: isSame)
        overlaps.append(overlap)
        overlapsByEdge[number, default: []].append(overlap)
    }

    /// Whether some of an edge is not along edges of the other geometry.
    var isAnyEdgeUncovered: Bool {
        guard overlapsByEdge.count == edges.count else { return true }
        return edges.indices.contains { number in
            let edge = edges[number]
            let isByX = edge.from.x != edge.to.x
            let spans = (overlapsByEdge[number] ?? []).map { overlap -> (low: Double, high: Double) in
                let a = isByX ? overlap.start.x : overlap.start.y, b = isByX ? overlap.end.x : overlap.end.y
                return (min(a, b), max(a, b))
            }
            var reached = isByX ? edge.lowX : edge.lowY
            for span in spans.sorted(by: { $0.low < $1.low }) {
                if span.low > reached { return true }
                reached = max(reached, span.high)
            }
            return reached < (isByX ? edge.highX : edge.highY)
        }
    }
}
