import Columnar

// Geometries from texts and bytes, and back.

/// A function of a text or bytes, and a reference system where it is told.
private func reader(
    _ names: String..., from source: SQLType, takesReference: Bool = true, types: Set<GeometryType>? = nil,
    documentation: FunctionDocumentation,
    _ make: @escaping @Sendable () -> (StringView) -> Geometry?
) -> ScalarFunction {
    ScalarFunction(names: names, documentation: documentation, traits: ScalarTraits(nulls: .propagated, cost: .dear)) { call in
        try call.expect(takesReference ? 1...2 : 1...1)
        if source == .binary {
            guard call.argumentTypes[0] == .binary || call.argumentTypes[0] == .void else { throw call.mismatch(0, "BINARY") }
        } else {
            guard call.argumentTypes[0].isCharacter || call.argumentTypes[0] == .void else { throw call.mismatch(0, "string") }
        }
        if call.count > 1 { try call.expectIntegral(1) }
        let hasReference = call.count > 1
        return ResolvedScalar(argumentTypes: [source] + (hasReference ? [.int] : []), resultType: .binary) { input in
            let writer = GeometryWriter(), read = make()
            @inline(__always)
            func stored(_ view: StringView, _ reference: Int32?) -> StringView? {
                // There is no system of a negative number.
                if let reference, reference < 0 { return nil }
                guard var geometry = read(view), types?.contains(geometry.type) ?? true else { return nil }
                if let reference { geometry.reference = reference }
                return writer.stored(geometry)
            }
            if hasReference {
                return input.compute(.binary, heap: writer.heap) { (view: StringView, reference: Int32) in stored(view, reference) }
            }
            return input.compute(.binary, heap: writer.heap) { (view: StringView) in stored(view, nil) }
        }
    }
}

private func fromText(_ name: String, _ types: Set<GeometryType>?, _ kind: String, _ example: String) -> ScalarFunction {
    reader(
        name, from: .string, types: types,
        documentation: FunctionDocumentation(
            "_FUNC_(text[, reference system]) - Returns \(kind) of OGC's well-known text",
            extended: "NULL for what is none. Collections of different geometries are not known.\n"
                + "Example:\n  > SELECT st_astext(_FUNC_('\(example)'));\n  \(example)")
    ) { { Geometry(text: $0) } }
}

private func fromBinary(_ name: String, _ types: Set<GeometryType>?, _ kind: String, _ example: String) -> ScalarFunction {
    reader(
        name, from: .binary, types: types,
        documentation: FunctionDocumentation(
            "_FUNC_(bytes[, reference system]) - Returns \(kind) of OGC's well-known binary",
            extended:
                "NULL for what is none.\nExample:\n  > SELECT st_astext(_FUNC_(st_asbinary(st_geomfromtext('\(example)'))));\n  \(example)")
    ) { { Geometry(binary: $0.rawBytes) } }
}

/// What a geometry of parts is called when only its parts are looked at.
private func named(byParts geometry: Geometry) -> Geometry {
    var geometry = geometry
    geometry.type = geometry.typeOfParts
    return geometry
}

private let setReference = ScalarFunction(
    "st_setsrid",
    documentation: FunctionDocumentation(
        "_FUNC_(geometry, number) - Returns a geometry that says that its coordinates are of a reference system",
        extended: "Coordinates stay as they are. 4326: degrees of longitude and latitude (WGS 84).\n"
            + "Example:\n  > SELECT st_srid(_FUNC_(st_point(1.5, 2.5), 4326));\n  4326"),
    traits: ScalarTraits()
) { call in
    try call.expect(2)
    try call.expectGeometry(0)
    try call.expectIntegral(1)
    return ResolvedScalar(argumentTypes: [.binary, .int], resultType: .binary) { input in
        let views = input.arguments[0].values(as: StringView.self)
        let numbers = input.arguments[1].values(as: Int32.self)
        let buffer = ByteBuffer(capacity: 64)
        return input.build(.binary) { row, builder in
            guard !input.arguments[0].isNull(row) else { return builder.appendNull() }
            let view = views[row * input.scale(0)]
            // Without a number the geometry stays what it is.
            guard view.count >= 4, !input.arguments[1].isNull(row) else { return builder.append(view) }
            buffer.removeAll()
            withUnsafeBytes(of: numbers[row * input.scale(1)].bigEndian) { buffer.append($0.bindMemory(to: UInt8.self)) }
            buffer.append(UnsafeBufferPointer(rebasing: view.bytes[4...]))
            builder.append(bytes: buffer.bytes)
        }
    }
}

let geometryTextFunctions: [ScalarFunction] = [
    fromText("st_geomfromtext", nil, "the geometry", "LINESTRING (1 0, 2 3)"),
    fromText("st_pointfromtext", [.point], "the point", "POINT (1 2)"),
    fromText("st_linefromtext", [.lineString], "the line", "LINESTRING (1 0, 2 3)"),
    fromText("st_polyfromtext", [.polygon], "the polygon", "POLYGON ((0 0, 4 0, 0 4, 0 0))"),
    fromText("st_mpointfromtext", [.multiPoint, .point], "the points", "MULTIPOINT ((1 2), (3 4))"),
    fromText("st_mlinefromtext", [.multiLineString, .lineString], "the lines", "MULTILINESTRING ((1 0, 2 3), (5 7, 7 5))"),
    fromText("st_mpolyfromtext", [.multiPolygon, .polygon], "the polygons", "MULTIPOLYGON (((0 0, 1 0, 0 1, 0 0)))"),
    reader(
        "st_geomcollection", from: .string,
        documentation: FunctionDocumentation(
            "_FUNC_(text[, reference system]) - Returns the geometry of OGC's well-known text, named by its parts",
            extended: "A collection of one part is that part. Collections of different geometries are not known.\n"
                + "Example:\n  > SELECT st_astext(_FUNC_('multipoint ((1 0), (2 3))'));\n  MULTIPOINT ((1 0), (2 3))")
    ) { { Geometry(text: $0).map(named(byParts:)) } },
    fromBinary("st_geomfromwkb", nil, "the geometry", "LINESTRING (1 0, 2 3)"),
    fromBinary("st_pointfromwkb", [.point], "the point", "POINT (1 2)"),
    fromBinary("st_linefromwkb", [.lineString], "the line", "LINESTRING (1 0, 2 3)"),
    fromBinary("st_polyfromwkb", [.polygon], "the polygon", "POLYGON ((0 0, 4 0, 0 4, 0 0))"),
    fromBinary("st_mpointfromwkb", [.multiPoint, .point], "the points", "MULTIPOINT ((1 2), (3 4))"),
    fromBinary("st_mlinefromwkb", [.multiLineString, .lineString], "the lines", "MULTILINESTRING ((1 0, 2 3), (5 7, 7 5))"),
    fromBinary(
        "st_mpolyfromwkb", [.multiPolygon, .polygon], "the polygons", "MULTIPOLYGON (((0 0, 1 0, 0 1, 0 0)), ((5 5, 6 5, 5 6, 5 5)))"),
    reader(
        "st_geomfromshape", from: .binary,
        documentation: FunctionDocumentation(
            "_FUNC_(bytes[, reference system]) - Returns the geometry of Esri's shape",
            extended: "Lines and areas are called collections.\n"
                + "Example:\n  > SELECT st_astext(_FUNC_(st_asshape(st_point(1, 2))));\n  POINT (1 2)")
    ) { { Geometry(shape: $0.rawBytes) } },
    reader(
        "st_geomfromgeojson", from: .string, takesReference: false,
        documentation: FunctionDocumentation(
            "_FUNC_(json) - Returns the geometry of GeoJSON",
            extended:
                "Its reference system is 4326 unless the text names another. Features and collections of different geometries are none.\n"
                + "Example:\n  > SELECT st_astext(_FUNC_('{\"type\":\"Point\",\"coordinates\":[1.2,2.4]}'));\n  POINT (1.2 2.4)")
    ) {
        let reader = GeometryJSONReader()
        return { reader.geo($0) }
    },
    reader(
        "st_geomfromjson", from: .string, takesReference: false,
        documentation: FunctionDocumentation(
            "_FUNC_(json) - Returns the geometry of Esri's JSON",
            extended: "Example:\n  > SELECT st_astext(_FUNC_('{\"x\":0,\"y\":1}'));\n  POINT (0 1)")
    ) {
        let reader = GeometryJSONReader()
        return { reader.esri($0) }
    },
    setReference,
    geometryWriter(
        "st_astext", type: .string,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns OGC's well-known text of a geometry",
            extended: "Example:\n  > SELECT _FUNC_(st_point(1, 2));\n  POINT (1 2)")
    ) {
        $0.appendText(to: $1)
        return true
    },
    geometryWriter(
        "st_asbinary", type: .binary,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns OGC's well-known binary of a geometry",
            extended: "Example:\n  > SELECT hex(_FUNC_(st_point(1, 2)));\n  0101000000000000000000F03F0000000000000040")
    ) {
        $0.appendBinary(to: $1)
        return true
    },
    geometryWriter(
        "st_asshape", type: .binary,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns Esri's shape of a geometry",
            extended: "Example:\n  > SELECT hex(_FUNC_(st_point(1, 2)));\n  01000000000000000000F03F0000000000000040")
    ) {
        $0.appendShape(to: $1)
        return true
    },
    geometryWriter(
        "st_asgeojson", type: .string,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns GeoJSON of a geometry",
            extended: "NULL for measures without heights.\n"
                + "Example:\n  > SELECT _FUNC_(st_point(1, 2));\n  {\"type\":\"Point\",\"coordinates\":[1,2],\"crs\":null}")
    ) { $0.appendGeoJSON(to: $1) },
    geometryWriter(
        "st_asjson", type: .string,
        documentation: FunctionDocumentation(
            "_FUNC_(geometry) - Returns Esri's JSON of a geometry",
            extended:
                "Example:\n  > SELECT _FUNC_(st_setsrid(st_point(1, 1), 4326));\n  {\"x\":1,\"y\":1,\"spatialReference\":{\"wkid\":4326}}")
    ) {
        $0.appendEsriJSON(to: $1)
        return true
    },
]
