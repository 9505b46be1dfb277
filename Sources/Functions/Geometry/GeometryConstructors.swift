import Columnar

// Geometries of numbers: `st_point(x, y)`, `st_polygon(x1, y1, x2, y2, …)`. Each takes well-known text too.

/// Places that constructors collect.
private struct Places {
    var coordinates: [Coordinate] = []

    /// A line; one of a single place is empty, as Esri's.
    var line: Geometry {
        var line = Geometry(.lineString, .path)
        append(pathTo: &line)
        line.type = line.typeOfParts
        return line
    }

    func append(pathTo geometry: inout Geometry) {
        guard coordinates.count > 1 else { return }
        geometry.starts.append(geometry.coordinates.count)
        for place in coordinates { geometry.append(place) }
    }

    /// A ring that is closed if it is not.
    func append(ringTo geometry: inout Geometry) {
        append(pathTo: &geometry)
        geometry.finishRing(isOuter: true)
    }
}

extension KernelInput {
    /// The numbers of row `row` of all arguments by twos; nil when one is NULL or there is an odd number.
    fileprivate func places(_ row: Int) -> Places? {
        guard arguments.count % 2 == 0 else { return nil }
        var places = Places()
        for index in stride(from: 0, to: arguments.count, by: 2) {
            guard !arguments[index].isNull(row), !arguments[index + 1].isNull(row) else { return nil }
            places.coordinates.append(
                Coordinate(
                    x: arguments[index].values(as: Double.self)[row * scale(index)],
                    y: arguments[index + 1].values(as: Double.self)[row * scale(index + 1)]))
        }
        return places
    }

    /// The numbers of row `row` of an argument that is an ARRAY of them; nil when it, or one of them, is NULL.
    fileprivate func numbers(_ index: Int, _ row: Int) -> [Double]? {
        guard let list = arguments[index].list(row), let elements = arguments[index].children.first else { return nil }
        let values = (elements.base ?? elements).values(as: Double.self)
        var numbers: [Double] = []
        for place in list {
            if elements.isNull(place) { return nil }
            numbers.append(values[elements.element(of: place)])
        }
        return numbers
    }

    /// The same as places, x and y by turns.
    fileprivate func listedPlaces(_ index: Int, _ row: Int) -> Places? {
        guard let numbers = numbers(index, row), numbers.count % 2 == 0, !numbers.isEmpty else { return nil }
        return Places(coordinates: stride(from: 0, to: numbers.count, by: 2).map { Coordinate(x: numbers[$0], y: numbers[$0 + 1]) })
    }

    /// A geometry a row, NULL where there is none.
    fileprivate func geometries(_ body: (Int) throws -> Geometry?) rethrows -> Column {
        let buffer = ByteBuffer(capacity: 256)
        return try build(.binary) { row, builder in
            guard let geometry = try body(row) else { return builder.appendNull() }
            buffer.removeAll()
            geometry.appendStored(to: buffer)
            builder.append(bytes: buffer.bytes)
        }
    }
}

/// Well-known text of geometries of one type.
private func textConstructor(_ types: Set<GeometryType>) -> ResolvedScalar {
    ResolvedScalar(argumentTypes: [.string], resultType: .binary) { input in
        let writer = GeometryWriter()
        return input.compute(.binary, heap: writer.heap) { (text: StringView) -> StringView? in
            guard let geometry = Geometry(text: text), types.contains(geometry.type) else { return nil }
            return writer.stored(geometry)
        }
    }
}

private func numbersOrText(_ call: FunctionCall) throws {
    for index in call.argumentTypes.indices { try call.expectNumericOrString(index) }
}

private func isText(_ call: FunctionCall) -> Bool { call.count == 1 && call.argumentTypes[0].isCharacter }

/// Points of two numbers, as most are, without a geometry in between.
private func storedPlace(_ x: Double, _ y: Double, _ heap: StringHeap) -> StringView {
    let length = Geometry.headerLength + 20
    let bytes = UnsafeMutableRawPointer(heap.allocate(length))
    bytes.storeBytes(of: 0, as: UInt32.self)
    bytes.storeBytes(of: GeometryType.point.rawValue, toByteOffset: 4, as: UInt8.self)
    bytes.storeBytes(of: UInt32(1).littleEndian, toByteOffset: Geometry.headerLength, as: UInt32.self)
    bytes.storeBytes(of: x.bitPattern.littleEndian, toByteOffset: Geometry.headerLength + 4, as: UInt64.self)
    bytes.storeBytes(of: y.bitPattern.littleEndian, toByteOffset: Geometry.headerLength + 12, as: UInt64.self)
    return StringView(UnsafePointer(bytes.assumingMemoryBound(to: UInt8.self)), length: length)
}

private func point(_ call: FunctionCall, fewest: Int) throws -> ResolvedScalar {
    if fewest == 1, isText(call) { return textConstructor([.point]) }
    try call.expect(max(fewest, 2)...4)
    try numbersOrText(call)
    let count = call.count
    return ResolvedScalar(argumentTypes: Array(repeating: .double, count: count), resultType: .binary) { input in
        if count == 2 {
            let heap = StringHeap(), writer = GeometryWriter()
            heap.retain(writer.heap)
            return input.compute(.binary, heap: heap) { (x: Double, y: Double) -> StringView in
                x.isNaN || y.isNaN ? writer.stored(Geometry(.point, .point)) : storedPlace(x, y, heap)
            }
        }
        return input.geometries { row in
            let values = input.arguments.indices.map { index -> Double? in
                input.arguments[index].isNull(row) ? nil : input.arguments[index].values(as: Double.self)[row * input.scale(index)]
            }
            guard let x = values[0], let y = values[1], fewest < 3 || values[2] != nil else { return nil }
            let height = values[2], measure = count > 3 ? values[3] : nil
            var point = Geometry(.point, .point, hasHeights: height != nil, hasMeasures: measure != nil)
            if !x.isNaN, !y.isNaN { point.append(Coordinate(x: x, y: y), height: height ?? .nan, measure: measure ?? .nan) }
            return point
        }
    }
}

private let pointFunction = ScalarFunction(
    "st_point",
    documentation: FunctionDocumentation(
        "_FUNC_(x, y[, z[, m]]) or _FUNC_(text) - Returns a point",
        extended: "Longitude is x, latitude y. A geometry is BINARY, as Hive 4 keeps it.\n"
            + "Example:\n  > SELECT cab, st_astext(_FUNC_(-73.98, 40.7 + fare / 1000)) FROM trips;\n"
            + "  > SELECT st_astext(_FUNC_(1.5, 2));\n  POINT (1.5 2)"
    ),
    traits: ScalarTraits()
) { try point($0, fewest: 1) }

private let pointZFunction = ScalarFunction(
    "st_pointz",
    documentation: FunctionDocumentation(
        "_FUNC_(x, y, z[, m]) - Returns a point with a height",
        extended: "Example:\n  > SELECT st_astext(_FUNC_(1, 2, 3));\n  POINT Z (1 2 3)"),
    traits: ScalarTraits()
) { try point($0, fewest: 3) }

private let lineFunction = ScalarFunction(
    "st_linestring",
    documentation: FunctionDocumentation(
        "_FUNC_(x1, y1, x2, y2, ...), _FUNC_(array of x, array of y), _FUNC_(array of points) or _FUNC_(text) - Returns a line",
        extended: "Example:\n  > SELECT cab, st_length(_FUNC_(collect_list(st_point(-73.98, 40.7 + fare / 1000)))) FROM trips GROUP BY cab;\n"
            + "  > SELECT st_astext(_FUNC_(1, 1, 2, 2, 3, 3));\n  LINESTRING (1 1, 2 2, 3 3)"),
    traits: ScalarTraits()
) { call in
    try call.expect(atLeast: 1)
    if isText(call) { return textConstructor([.lineString]) }
    if call.count == 1 {
        try call.expectArray(0, of: "geometry") { $0 == .binary || $0 == .void }
        return ResolvedScalar(argumentTypes: [.array(.binary)], resultType: .binary) { input in
            input.geometries { row in
                guard let list = input.arguments[0].list(row), let elements = input.arguments[0].children.first, !list.isEmpty else {
                    return nil
                }
                let views = (elements.base ?? elements).values(as: StringView.self)
                var points: [Geometry] = []
                for place in list {
                    guard !elements.isNull(place), let point = Geometry(stored: views[elements.element(of: place)]), point.form == .point,
                        !point.isEmpty
                    else { return nil }
                    points.append(point)
                }
                var line = Geometry(
                    .lineString, .path, hasHeights: points.contains { $0.heights != nil },
                    hasMeasures: points.contains { $0.measures != nil })
                if points.count > 1 { line.starts = [0] }
                for point in points where points.count > 1 { line.append(CollectionOfOne(0), of: point) }
                line.type = line.typeOfParts
                return line
            }
        }
    }
    if call.count == 2, case .array = call.argumentTypes[0] {
        for index in 0...1 { try call.expectArray(index, of: "numeric") { $0.isNumeric || $0 == .void } }
        return ResolvedScalar(argumentTypes: [.array(.double), .array(.double)], resultType: .binary) { input in
            input.geometries { row in
                guard let x = input.numbers(0, row), let y = input.numbers(1, row), x.count == y.count, !x.isEmpty else { return nil }
                return Places(coordinates: zip(x, y).map { Coordinate(x: $0, y: $1) }).line
            }
        }
    }
    try numbersOrText(call)
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .double }, resultType: .binary) { input in
        input.geometries { input.places($0)?.line }
    }
}

private let polygonFunction = ScalarFunction(
    "st_polygon",
    documentation: FunctionDocumentation(
        "_FUNC_(x1, y1, x2, y2, x3, y3, ...) or _FUNC_(text) - Returns a polygon",
        extended: "The ring is closed if its last corner is not the first one.\n"
            + "Example:\n  > SELECT st_astext(_FUNC_(1, 1, 1, 4, 4, 4, 4, 1));\n  POLYGON ((1 1, 4 1, 4 4, 1 4, 1 1))"),
    traits: ScalarTraits()
) { call in
    try call.expect(atLeast: 1)
    if isText(call) { return textConstructor([.polygon]) }
    try numbersOrText(call)
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .double }, resultType: .binary) { input in
        input.geometries { row in
            guard let places = input.places(row), places.coordinates.count > 2 else { return nil }
            var polygon = Geometry(.polygon, .area)
            places.append(ringTo: &polygon)
            return polygon
        }
    }
}

private let multiPointFunction = ScalarFunction(
    "st_multipoint",
    documentation: FunctionDocumentation(
        "_FUNC_(x1, y1, x2, y2, ...) or _FUNC_(text) - Returns a collection of points",
        extended: "Example:\n  > SELECT st_astext(_FUNC_(1, 1, 2, 2));\n  MULTIPOINT ((1 1), (2 2))"),
    traits: ScalarTraits()
) { call in
    try call.expect(atLeast: 1)
    if isText(call) { return textConstructor([.multiPoint]) }
    try numbersOrText(call)
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .double }, resultType: .binary) { input in
        input.geometries { row in
            guard let places = input.places(row) else { return nil }
            var points = Geometry(.multiPoint, .multiPoint)
            for place in places.coordinates { points.append(place) }
            return points
        }
    }
}

/// Lines or polygons of arrays with x and y by turns.
private func collection(
    _ name: String, _ type: GeometryType, _ form: GeometryForm, fewest: Int, documentation: FunctionDocumentation,
    _ append: @escaping @Sendable (Places, inout Geometry) -> Void
) -> ScalarFunction {
    ScalarFunction(name, documentation: documentation, traits: ScalarTraits()) { call in
        try call.expect(atLeast: 1)
        if isText(call) { return textConstructor([type]) }
        for index in call.argumentTypes.indices { try call.expectArray(index, of: "numeric") { $0.isNumeric || $0 == .void } }
        return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .array(.double) }, resultType: .binary) { input in
            input.geometries { row in
                var geometry = Geometry(type, form)
                for index in input.arguments.indices {
                    guard let places = input.listedPlaces(index, row), places.coordinates.count >= fewest else { return nil }
                    append(places, &geometry)
                }
                return geometry
            }
        }
    }
}

let geometryConstructors: [ScalarFunction] = [
    pointFunction, pointZFunction, lineFunction, polygonFunction, multiPointFunction,
    collection(
        "st_multilinestring", .multiLineString, .path, fewest: 1,
        documentation: FunctionDocumentation(
            "_FUNC_(array(x1, y1, x2, y2, ...), array(...), ...) or _FUNC_(text) - Returns a collection of lines",
            extended: "Example:\n  > SELECT st_astext(_FUNC_(array(1, 1, 2, 2), array(10, 10, 20, 20)));\n"
                + "  MULTILINESTRING ((1 1, 2 2), (10 10, 20 20))")
    ) { $0.append(pathTo: &$1) },
    collection(
        "st_multipolygon", .multiPolygon, .area, fewest: 3,
        documentation: FunctionDocumentation(
            "_FUNC_(array(x1, y1, x2, y2, ...), array(...), ...) or _FUNC_(text) - Returns a collection of polygons",
            extended: "Example:\n  > SELECT st_astext(_FUNC_(array(1, 1, 1, 2, 2, 2, 2, 1), array(3, 3, 3, 4, 4, 4)));\n"
                + "  MULTIPOLYGON (((1 1, 2 1, 2 2, 1 2, 1 1)), ((3 3, 4 4, 3 4, 3 3)))")
    ) { $0.append(ringTo: &$1) },
]
