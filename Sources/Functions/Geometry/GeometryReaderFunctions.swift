import Columnar

// What a geometry is made of.

/// A coordinate of a point; NaN of an empty one, NULL of anything else.
private func coordinate(_ name: String, _ what: String, _ example: String, _ value: @escaping @Sendable (Geometry) -> Double?)
    -> ScalarFunction
{
    geometryMeasure(
        name, type: .double,
        documentation: FunctionDocumentation("_FUNC_(point) - Returns \(what) of a point", extended: "Example:\n  > SELECT \(example)")
    ) { $0.form == .point && $0.type == .point ? value($0) : nil }
}

/// The least or largest of coordinates.
private func extreme(
    _ name: String, _ what: String, _ example: String, _ choose: @escaping @Sendable (Double, Double) -> Double,
    _ values: @escaping @Sendable (Geometry) -> [Double]?
) -> ScalarFunction {
    geometryMeasure(
        name, type: .double,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns the \(what) of a geometry", extended: "Example:\n  > SELECT \(example)")
    ) { geometry -> Double? in
        guard let values = values(geometry) else { return nil }
        let known = values.filter { !$0.isNaN }
        guard let first = known.first else { return .nan }
        return known.reduce(first, choose)
    }
}

private func condition(
    _ name: String, _ what: String, _ example: String, _ value: @escaping @Sendable (Geometry) -> Bool?
) -> ScalarFunction {
    geometryMeasure(
        name, type: .boolean,
        documentation: FunctionDocumentation("_FUNC_(geometry) - Returns whether \(what)", extended: "Example:\n  > SELECT \(example)")
    ) { value($0).map { $0 ? 1 : 0 as UInt8 } }
}

private func count(_ name: String, _ what: String, _ example: String, _ value: @escaping @Sendable (Geometry) -> Int?) -> ScalarFunction {
    geometryMeasure(
        name, type: .int,
        documentation: FunctionDocumentation("_FUNC_(geometry) - Returns \(what)", extended: "Example:\n  > SELECT \(example)")
    ) { value($0).map { Int32(truncatingIfNeeded: $0) } }
}

private let referenceFunction = ScalarFunction(
    "st_srid",
    documentation: FunctionDocumentation(
        "_FUNC_(geometry) - Returns the number of the reference system that a geometry's coordinates are of",
        extended: "Example:\n  > SELECT _FUNC_(st_point(1.5, 2.5));\n  0"),
    traits: ScalarTraits.strict
) { call in
    try call.expect(1)
    try call.expectGeometry(0)
    return ResolvedScalar(argumentTypes: [.binary], resultType: .int) { input in
        input.compute(.int) { (view: StringView) -> Int32? in Geometry.reference(of: view.rawBytes) }
    }
}

private let typeFunction = ScalarFunction(
    "st_geometrytype",
    documentation: FunctionDocumentation(
        "_FUNC_(geometry) - Returns what a geometry is called: ST_POINT, ST_LINESTRING, ...",
        extended: "Example:\n  > SELECT _FUNC_(st_point(1.5, 2.5));\n  ST_POINT"),
    traits: ScalarTraits.strict
) { call in
    try call.expect(1)
    try call.expectGeometry(0)
    return ResolvedScalar(argumentTypes: [.binary], resultType: .string) { input in
        input.buildValid(.string) { row, builder in
            let view = input.arguments[0].values(as: StringView.self)[row * input.scale(0)]
            guard view.count > 4, let type = GeometryType(rawValue: view.bytes[4]) else { return builder.appendNull() }
            builder.append(type.name)
        }
    }
}

extension Geometry {
    /// The n-th part of a collection, counted from 1.
    fileprivate func member(_ number: Int) -> Geometry? {
        guard number >= 1 else { return nil }
        switch form {
        case .point: return nil
        case .multiPoint: return number <= coordinates.count ? point(number - 1) : nil
        case .path:
            guard type != .lineString, number <= partCount else { return nil }
            return path(number - 1)
        case .area:
            let polygons = self.polygons
            return type != .polygon && number <= polygons.count ? area(of: polygons[number - 1]) : nil
        }
    }

    /// A path as a line of its own.
    private func path(_ index: Int) -> Geometry {
        var line = like(.lineString, .path)
        line.starts = [0]
        line.append(part(index), of: self)
        return line
    }

    /// A ring of a polygon as a line.
    fileprivate func ring(_ index: Int) -> Geometry? {
        guard type == .polygon, form == .area, (0..<partCount).contains(index) else { return nil }
        var line = like(.lineString, .path)
        line.starts = [0]
        line.append(closedForText(index), of: self)
        return line
    }

    fileprivate var memberCount: Int? {
        switch (form, type) {
        case (.point, _), (.path, .lineString), (.area, .polygon): nil
        case (.multiPoint, _): coordinates.count
        case (.path, _): partCount
        case (.area, _): polygons.count
        }
    }

    /// Whether every path ends where it begins.
    fileprivate var isClosed: Bool {
        starts.indices.allSatisfy { index in
            part(index).first.map { coordinates[$0] } == part(index).last.map { coordinates[$0] }
        }
    }
}

private let line = "st_geomfromtext('linestring zm (1 2 5 8, 3 4 6 7)')"

private let extremes: [ScalarFunction] = [
    extreme("st_minx", "least x", "_FUNC_(st_linestring(1.5,2.5, 3.0,2.2));\n  1.5", min) { $0.coordinates.map(\.x) },
    extreme("st_maxx", "largest x", "_FUNC_(st_linestring(1.5,2.5, 3.0,2.2));\n  3.0", max) { $0.coordinates.map(\.x) },
    extreme("st_miny", "least y", "_FUNC_(st_linestring(1.5,2.5, 3.0,2.2));\n  2.2", min) { $0.coordinates.map(\.y) },
    extreme("st_maxy", "largest y", "_FUNC_(st_linestring(1.5,2.5, 3.0,2.2));\n  2.5", max) { $0.coordinates.map(\.y) },
    extreme("st_minz", "least height", "_FUNC_(\(line));\n  5.0", min) { $0.heights },
    extreme("st_maxz", "largest height", "_FUNC_(\(line));\n  6.0", max) { $0.heights },
    extreme("st_minm", "least measure", "_FUNC_(\(line));\n  7.0", min) { $0.measures },
    extreme("st_maxm", "largest measure", "_FUNC_(\(line));\n  8.0", max) { $0.measures },
]

let geometryReaderFunctions: [ScalarFunction] =
    extremes + [
        referenceFunction, typeFunction,
        coordinate("st_x", "the x (longitude)", "_FUNC_(st_point(1.5, 2.5));\n  1.5") { $0.coordinates.first?.x ?? .nan },
        coordinate("st_y", "the y (latitude)", "_FUNC_(st_point(1.5, 2.5));\n  2.5") { $0.coordinates.first?.y ?? .nan },
        coordinate("st_z", "the height", "_FUNC_(st_pointz(1, 2, 3));\n  3.0") { $0.heights.map { $0.first ?? .nan } },
        coordinate("st_m", "the measure", "_FUNC_(st_point(1, 2, 3, 4));\n  4.0") { $0.measures.map { $0.first ?? .nan } },
        count(
            "st_coorddim", "how many numbers a place of a geometry has: 2, or more with heights and measures",
            "_FUNC_(st_pointz(1, 2, 3));\n  3"
        ) {
            2 + ($0.heights != nil ? 1 : 0) + ($0.measures != nil ? 1 : 0)
        },
        count("st_dimension", "0 for points, 1 for lines and 2 for areas", "_FUNC_(st_linestring(1.5,2.5, 3.0,2.2));\n  1") {
            $0.form.dimension
        },
        count(
            "st_numpoints", "the number of points of a geometry, those that close rings counted",
            "_FUNC_(st_geomfromtext('polygon ((0 0, 10 0, 0 10, 0 0))'));\n  4"
        ) { $0.coordinates.count + ($0.form == .area ? $0.partCount : 0) },
        count(
            "st_numgeometries", "the number of parts of a collection",
            "_FUNC_(st_geomfromtext('multilinestring ((2 4, 10 10), (20 20, 7 8))'));\n  2"
        ) { $0.memberCount },
        count(
            "st_numinteriorring", "the number of holes of a polygon",
            "_FUNC_(st_polygon('polygon ((0 0, 8 0, 0 8, 0 0), (1 1, 1 5, 5 1, 1 1))'));\n  1"
        ) { $0.type == .polygon && $0.partCount > 0 ? $0.partCount - 1 : nil },
        condition("st_is3d", "a geometry has heights", "_FUNC_(st_pointz(3, 4, 2));\n  true") { $0.heights != nil },
        condition("st_ismeasured", "a geometry has measures", "_FUNC_(st_point(3, 4, 2, 1));\n  true") { $0.measures != nil },
        condition("st_isempty", "a geometry has no points", "_FUNC_(st_geomfromtext('point empty'));\n  true") { $0.isEmpty },
        condition("st_isclosed", "lines end where they begin", "_FUNC_(st_linestring(0,0, 3,4, 0,4, 0,0));\n  true") {
            $0.form == .path ? $0.isClosed : nil
        },
        condition(
            "st_isring", "a line ends where it begins and meets itself nowhere else", "_FUNC_(st_linestring(0,0, 3,4, 0,4, 0,0));\n  true"
        ) {
            $0.form == .path && $0.type == .lineString ? $0.partCount == 1 && $0.isClosed && $0.isSimple : nil
        },
        condition(
            "st_issimple", "a geometry is simple: lines meet themselves nowhere, rings do not cross, points differ",
            "_FUNC_(st_linestring(0,0, 1,1, 0,1, 1,0));\n  false"
        ) { $0.isSimple },
        geometryPart(
            "st_startpoint",
            documentation: FunctionDocumentation(
                "_FUNC_(line) - Returns the first point of a line",
                extended: "Example:\n  > SELECT st_astext(_FUNC_(st_linestring(1,2, 3,4)));\n  POINT (1 2)")
        ) { $0.form == .path && $0.type == .lineString && !$0.isEmpty ? $0.point(0) : nil },
        geometryPart(
            "st_endpoint",
            documentation: FunctionDocumentation(
                "_FUNC_(line) - Returns the last point of a line",
                extended: "Example:\n  > SELECT st_astext(_FUNC_(st_linestring(1,2, 3,4)));\n  POINT (3 4)")
        ) { $0.form == .path && $0.type == .lineString && !$0.isEmpty ? $0.point($0.coordinates.count - 1) : nil },
        geometryPart(
            "st_exteriorring",
            documentation: FunctionDocumentation(
                "_FUNC_(polygon) - Returns the outer ring of a polygon as a line",
                extended: "Example:\n  > SELECT st_astext(_FUNC_(st_polygon(1,1, 1,4, 4,1)));\n  LINESTRING (1 1, 4 1, 1 4, 1 1)")
        ) { $0.ring(0) },
        numberedGeometryPart(
            "st_interiorringn",
            documentation: FunctionDocumentation(
                "_FUNC_(polygon, n) - Returns the n-th hole of a polygon as a line, counted from 1",
                extended: "Example:\n  > SELECT st_astext(_FUNC_(st_polygon('polygon ((0 0, 8 0, 0 8, 0 0), (1 1, 1 5, 5 1, 1 1))'), 1));\n"
                    + "  LINESTRING (1 1, 1 5, 5 1, 1 1)")
        ) { $1 >= 1 ? $0.ring($1) : nil },
        numberedGeometryPart(
            "st_pointn",
            documentation: FunctionDocumentation(
                "_FUNC_(geometry, n) - Returns the n-th point of lines or of a collection of points, counted from 1",
                extended: "0 is the first one too.\nExample:\n  > SELECT st_astext(_FUNC_(st_linestring(1,2, 3,4), 2));\n  POINT (3 4)")
        ) { geometry, number in
            let place = number == 0 ? 0 : number - 1
            guard geometry.form == .path || geometry.form == .multiPoint, geometry.coordinates.indices.contains(place) else { return nil }
            return geometry.point(place)
        },
        numberedGeometryPart(
            "st_geometryn",
            documentation: FunctionDocumentation(
                "_FUNC_(geometry, n) - Returns the n-th part of a collection, counted from 1",
                extended:
                    "Example:\n  > SELECT st_astext(_FUNC_(st_geomfromtext('multipoint ((10 40), (40 30), (20 20))'), 3));\n  POINT (20 20)"
            )
        ) { $0.member($1) },
    ]
