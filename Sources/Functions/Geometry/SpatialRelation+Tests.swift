extension SpatialRelation {
    /// Whether the relation holds between two geometries.
    func holds(_ left: PreparedGeometry, _ right: PreparedGeometry) -> Bool {
        let isDisjoint = left.dimension == nil || right.dimension == nil || !left.envelope.intersects(right.envelope)
        if isDisjoint { return self == .disjoint }
        // One place beside lines or an area: only where it is matters.
        if right.formalDimension == 0, right.points.count == 1, let place = right.points.first { return holds(left, place) }
        if left.formalDimension == 0, left.points.count == 1, let place = left.points.first { return converse.holds(right, place) }
        let matrix = left.relate(right)
        return patterns(left.formalDimension, right.formalDimension).contains { matrix.matches($0) }
    }

    /// The relation of the second geometry to the first.
    var converse: SpatialRelation {
        switch self {
        case .contains: .within
        case .within: .contains
        default: self
        }
    }

    /// Whether the relation holds between a geometry and a place.
    @inline(__always)
    func holds(_ left: PreparedGeometry, _ place: Coordinate) -> Bool {
        let location = left.location(place)
        switch self {
        case .contains: return location == .interior
        case .intersects: return location != .exterior
        case .disjoint: return location == .exterior
        case .touches: return left.formalDimension > 0 && location == .boundary
        // A point is no part of a line, and covers only itself.
        case .equals: return left.formalDimension == 0 && left.points.count == 1 && location == .interior
        case .within: return left.dimension == 0 && left.points.count == 1 && location == .interior
        case .crosses, .overlaps: return false
        }
    }
}
