import Columnar

// Lengths, areas, and geometries that follow from others.

/// What EPSG calls degrees of longitude and latitude on the ellipsoid of WGS 84.
private let degrees: Int32 = 4326

private let hull = ScalarFunction(
    "st_convexhull",
    documentation: FunctionDocumentation(
        "_FUNC_(geometry, ...) - Returns the smallest convex area around geometries",
        extended: "It is a collection of polygons; empty around one point. NULL for geometries of different reference systems.\n"
            + "Example:\n  > SELECT st_astext(_FUNC_(st_point(0, 0), st_point(0, 1), st_point(1, 1)));\n"
            + "  MULTIPOLYGON (((0 0, 1 1, 0 1, 0 0)))"
    ),
    traits: ScalarTraits(nulls: .propagated, cost: .dear)
) { call in
    try call.expect(atLeast: 1)
    for index in call.argumentTypes.indices { try call.expectGeometry(index) }
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .binary }, resultType: .binary) { input in
        let buffer = ByteBuffer(capacity: 256)
        return try input.buildValid(.binary) { row, builder in
            var places: [Coordinate] = []
            var reference: Int32?
            for (index, argument) in input.arguments.enumerated() {
                guard let geometry = Geometry(stored: argument.values(as: StringView.self)[row * input.scale(index)]), geometry.isFinite,
                    reference == nil || reference == geometry.reference
                else { return builder.appendNull() }
                reference = geometry.reference
                places += geometry.coordinates
            }
            if places.count > 1 << 12 { try input.context.checkCancellation() }
            var hull = ConvexHull.area(places)
            hull.reference = reference ?? 0
            buffer.removeAll()
            hull.appendStored(to: buffer)
            builder.append(bytes: buffer.bytes)
        }
    }
}

extension FunctionCall {
    /// A number other than a text, as sizes of bins are.
    fileprivate func expectSize(_ index: Int) throws {
        guard argumentTypes[index].isNumeric || argumentTypes[index] == .void else { throw mismatch(index, "numeric") }
    }
}

/// The place of a row's point, stored or as text.
private func place(_ view: StringView, isText: Bool) -> Coordinate? {
    if !isText, let place = Geometry.place(ofStored: view.rawBytes) { return place }
    guard let geometry = Geometry(view, isText: isText), geometry.typeOfParts == .point else { return nil }
    return geometry.coordinates.first
}

private let bin = ScalarFunction(
    "st_bin",
    documentation: FunctionDocumentation(
        "_FUNC_(size, point) - Returns the number of the square of a grid that a point is in",
        extended: "Points of one square have one number. NULL for a size that is not above 0.\n"
            + "Example:\n  > SELECT _FUNC_(0.01, st_point(-73.98, 40.7 + fare / 1000)), count(*) FROM trips "
            + "GROUP BY _FUNC_(0.01, st_point(-73.98, 40.7 + fare / 1000));\n"
            + "  > SELECT _FUNC_(1, st_point(0.5, 0.5));\n  4611686015463124501"),
    traits: .strict
) { call in
    try call.expect(2)
    try call.expectSize(0)
    try call.expectGeometryOrText(1)
    let isText = call.argumentTypes[1].isCharacter
    return ResolvedScalar(argumentTypes: [.double, isText ? .string : .binary], resultType: .bigint) { input in
        var known: (size: Double, bins: GeometryBins?)?
        return input.compute(.bigint) { (size: Double, view: StringView) -> Int64? in
            if known?.size != size { known = (size, GeometryBins(size: size)) }
            guard let bins = known?.bins, let place = place(view, isText: isText) else { return nil }
            return bins.number(place)
        }
    }
}

private let binEnvelope = ScalarFunction(
    "st_binenvelope",
    documentation: FunctionDocumentation(
        "_FUNC_(size, number) or _FUNC_(size, point) - Returns the square of a grid that has a number, or that a point is the corner of",
        extended: "The corner is the upper left one. NULL for a size that is not above 0.\n"
            + "Example:\n  > SELECT st_astext(_FUNC_(1, st_bin(1, st_point(0.5, 0.25))));\n"
            + "  POLYGON ((0.5 -0.5, 1.5 -0.5, 1.5 0.5, 0.5 0.5, 0.5 -0.5))"),
    traits: .strict
) { call in
    try call.expect(2)
    try call.expectSize(0)
    if call.argumentTypes[1].isNumeric {
        return ResolvedScalar(argumentTypes: [.double, .bigint], resultType: .binary) { input in
            let writer = GeometryWriter()
            return input.compute(.binary, heap: writer.heap) { (size: Double, number: Int64) -> StringView? in
                GeometryBins(size: size).map { writer.stored(.box($0.envelope(number))) }
            }
        }
    }
    try call.expectGeometryOrText(1)
    let isText = call.argumentTypes[1].isCharacter
    return ResolvedScalar(argumentTypes: [.double, isText ? .string : .binary], resultType: .binary) { input in
        let writer = GeometryWriter()
        return input.compute(.binary, heap: writer.heap) { (size: Double, view: StringView) -> StringView? in
            guard let bins = GeometryBins(size: size), let place = place(view, isText: isText) else { return nil }
            return writer.stored(.box(bins.envelope(at: place)))
        }
    }
}

let geometryMeasureFunctions: [ScalarFunction] = [
    geometryMeasure(
        "st_length", type: .double,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns the length of lines, or that around areas, in units of the coordinates",
            extended: "Example:\n  > SELECT _FUNC_(st_linestring(0,0, 3,4));\n  5.0")
    ) { $0.length },
    geometryMeasure(
        "st_geodesiclengthwgs84", type: .double,
        documentation: FunctionDocumentation(
            "_FUNC_(line) - Returns the length of lines along the earth's surface, in meters",
            extended: "The earth is the ellipsoid of WGS 84. NULL unless the reference system is 4326 (st_setsrid).\n"
                + "Example:\n  > SELECT round(_FUNC_(st_setsrid(st_linestring(0,0, 0.3,0.4), 4326)), 3);\n  55421.409")
    ) { $0.reference == degrees ? $0.geodesicLength : nil },
    geometryMeasure(
        "st_area", type: .double,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns the area of polygons, in square units of the coordinates",
            extended: "Example:\n  > SELECT _FUNC_(st_polygon(1,1, 1,4, 4,4, 4,1));\n  9.0")
    ) { $0.area },
    geometryPart(
        "st_centroid",
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns the center of mass of a geometry",
            extended: "Example:\n  > SELECT st_astext(_FUNC_(st_geomfromtext('polygon ((0 0, 0 8, 8 8, 8 0, 0 0))')));\n  POINT (4 4)")
    ) { geometry in
        var center = Geometry(.point, .point)
        center.reference = geometry.reference
        if let place = geometry.centroid, place.isFinite { center.append(place) }
        return center
    },
    geometryPart(
        "st_envelope",
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns the smallest rectangle along the axes around a geometry",
            extended: "It is flat where the geometry is.\n"
                + "Example:\n  > SELECT st_astext(_FUNC_(st_linestring(0,0, 2,2)));\n  POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))")
    ) { geometry in
        var box = geometry.isEmpty ? Geometry(.multiPolygon, .area) : .box(geometry.envelope)
        box.reference = geometry.reference
        return box
    },
    geometryPart(
        "st_boundary",
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns the ends of lines, or the lines around areas",
            extended: "Ends in which an even number of lines end are none; points have no boundary.\n"
                + "Example:\n  > SELECT st_astext(_FUNC_(st_linestring(0,1, 1,0)));\n  MULTIPOINT ((0 1), (1 0))")
    ) { $0.boundary },
    hull, bin, binEnvelope,
]
