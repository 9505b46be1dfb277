import Columnar

/// Places that an aggregate of geometries keeps of a group.
private struct CollectedPlaces {
    /// Places are thinned out when there are so many; the next time at twice as many as stayed.
    static let usualLimit = 1 << 10

    var places: [Coordinate] = []
    var limit = CollectedPlaces.usualLimit
    /// nil before the first geometry.
    var reference: Int32?
    /// Whether geometries of several reference systems came.
    var isMixed = false
}

/// Aggregates of geometries that keep places: corners of the convex hull so far, or different points. What cannot be read as a geometry
/// does not count, and geometries of several reference systems have no common one, so the value is NULL then.
private final class PlacesAccumulator: RowwiseAccumulator {
    enum Kind { case hull, points }

    private let kind: Kind
    private var groups: [CollectedPlaces] = []
    private let context: EvaluationContext
    /// Coordinates of all groups.
    private var placeCount = 0

    init(_ kind: Kind, _ context: EvaluationContext) {
        self.kind = kind
        self.context = context
    }

    package var byteCount: Int { 64 + groups.count * MemoryLayout<CollectedPlaces>.stride + placeCount * MemoryLayout<Coordinate>.stride }

    package func resize(groupCount: Int) {
        while groups.count < groupCount { groups.append(CollectedPlaces()) }
    }

    package func reset(_ range: Range<Int>) {
        for group in range {
            placeCount -= groups[group].places.count
            groups[group] = CollectedPlaces()
        }
    }

    package func add(_ arguments: [Column], _ row: Int, to group: Int) throws {
        guard !arguments[0].isNull(row) else { return }
        let view = arguments[0].values(as: StringView.self)[arguments[0].element(of: row)]
        guard let geometry = Geometry(stored: view), geometry.isFinite else { return }
        if kind == .points, geometry.form.dimension > 0, !geometry.isEmpty {
            throw FunctionError(.argument, "st_aggr_union takes points; the union of lines and areas is not there")
        }
        try take(geometry.coordinates, geometry.reference, into: group)
    }

    private func take(_ places: [Coordinate], _ reference: Int32?, into group: Int) throws {
        guard let reference else { return }
        if let known = groups[group].reference, known != reference { groups[group].isMixed = true }
        groups[group].reference = groups[group].reference ?? reference
        placeCount += places.count
        groups[group].places += places
        guard groups[group].places.count > groups[group].limit else { return }
        try context.checkCancellation()
        placeCount -= groups[group].places.count
        groups[group].places = thinned(groups[group].places)
        placeCount += groups[group].places.count
        groups[group].limit = max(CollectedPlaces.usualLimit, groups[group].places.count * 2)
    }

    /// What matters of places, in an order of their own.
    private func thinned(_ places: [Coordinate]) -> [Coordinate] {
        switch kind {
        case .hull: ConvexHull.corners(places)
        case .points: Set(places).sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        }
    }

    package func merge(_ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int) throws {
        guard let other = other as? PlacesAccumulator, other.kind == kind else { throw AccumulatorMismatch.error }
        for index in 0..<count {
            let source = other.groups[Int(sources[index])], target = Int(targets[index])
            groups[target].isMixed = groups[target].isMixed || source.isMixed
            try take(source.places, source.reference, into: target)
        }
    }

    package func finish(_ range: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(.binary, capacity: range.count)
        let buffer = ByteBuffer(capacity: 256)
        for group in range {
            let state = groups[group]
            guard let reference = state.reference, !state.isMixed else {
                builder.appendNull()
                continue
            }
            try context.checkCancellation()
            let places = thinned(state.places)
            var result: Geometry
            switch kind {
            case .hull:
                result = ConvexHull.area(places)
                result.type = result.typeOfParts
            case .points:
                result = Geometry(.multiPoint, places.count == 1 ? .point : .multiPoint)
                for place in places { result.append(place) }
                result.type = result.typeOfParts
            }
            result.reference = reference
            buffer.removeAll()
            result.appendStored(to: buffer)
            builder.append(bytes: buffer.bytes)
        }
        return builder.finish()
    }

    /// As stored collections of points, by twos for mixed groups: NULL says that another system came.
    package func save(_ range: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(.array(.binary), capacity: range.count)
        let buffer = ByteBuffer(capacity: 256)
        for group in range {
            let state = groups[group]
            var count = 0
            if let reference = state.reference {
                var points = Geometry(.multiPoint, .multiPoint)
                points.reference = reference
                points.coordinates = thinned(state.places)
                buffer.removeAll()
                points.appendStored(to: buffer)
                builder.children[0].append(bytes: buffer.bytes)
                count += 1
            }
            if state.isMixed {
                builder.children[0].appendNull()
                count += 1
            }
            builder.append(listOf: count)
        }
        return builder.finish()
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard let values = saved.children.first, values.type == .binary else { throw AccumulatorMismatch.error }
        let views = (values.base ?? values).values(as: StringView.self)
        for row in 0..<saved.count {
            let target = Int(targets[row])
            for place in saved.list(row) ?? 0..<0 {
                guard !values.isNull(place) else {
                    groups[target].isMixed = true
                    continue
                }
                guard let points = Geometry(stored: views[values.element(of: place)]) else { throw AccumulatorMismatch.error }
                try take(points.coordinates, points.reference, into: target)
            }
        }
    }
}

private func geometryAggregate(_ name: String, _ kind: PlacesAccumulator.Kind, documentation: FunctionDocumentation) -> AggregateFunction {
    AggregateFunction(name, documentation: documentation, traits: AggregateTraits(isDistinctSensitive: false)) { call in
        try call.expect(1)
        try call.expectGeometry(0)
        return ResolvedAggregate(argumentTypes: [.binary], resultType: .binary) { PlacesAccumulator(kind, $0) }
    }
}

let geometryAggregates: [AggregateFunction] = [
    geometryAggregate(
        "st_aggr_convexhull", .hull,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns the smallest convex area around all geometries",
            extended: "NULL for geometries of different reference systems.\n"
                + "Example:\n  > SELECT cab, st_astext(_FUNC_(st_point(-73.98, 40.7 + fare / 1000))) FROM trips GROUP BY cab;")),
    geometryAggregate(
        "st_aggr_union", .points,
        documentation: FunctionDocumentation(
            "_FUNC_(point) - Returns the different points of all geometries as one geometry",
            extended: "Lines and areas are refused. NULL for geometries of different reference systems.\n"
                + "Example:\n  > SELECT cab, st_numpoints(_FUNC_(st_point(-73.98, 40.7 + fare / 1000))) FROM trips GROUP BY cab;")),
]
