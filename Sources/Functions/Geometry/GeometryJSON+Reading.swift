import Columnar

// Esri's JSON (`{"x":1,"y":2}`, `{"paths":[[[1,2],[3,4]]],"spatialReference":{"wkid":4326}}`) and GeoJSON.

/// Reads geometries of JSON texts, one after the other. One worker's own.
final class GeometryJSONReader {
    private let document = JSONDocument()
    /// The web's Mercator projection, which Esri numbered before others did.
    static let webMercator: (old: Int32, current: Int32) = (102_100, 3857)
    static let formerMercator: (old: Int32, current: Int32) = (102_113, 3785)
    private static let degrees: Int32 = 4326

    // MARK: Esri's JSON

    /// nil for what is no geometry.
    func esri(_ text: StringView) -> Geometry? {
        guard case .value = document.read(text), document.tokens[0].kind == .object else { return nil }
        let hasHeights = flag("hasZ"), hasMeasures = flag("hasM")
        var result: Geometry
        if let points = member(0, "points") {
            result = Geometry(.multiPoint, .multiPoint, hasHeights: hasHeights, hasMeasures: hasMeasures)
            guard append(positions: points, to: &result) else { return nil }
        } else if let paths = member(0, "paths") {
            result = Geometry(.multiLineString, .path, hasHeights: hasHeights, hasMeasures: hasMeasures)
            guard append(parts: paths, to: &result) else { return nil }
        } else if let rings = member(0, "rings") {
            result = Geometry(.multiPolygon, .area, hasHeights: hasHeights, hasMeasures: hasMeasures)
            guard append(parts: rings, to: &result) else { return nil }
            result.openRings()
        } else if member(0, "xmin") != nil {
            result = box()
        } else if member(0, "x") != nil {
            result = point()
        } else {
            return nil
        }
        result.type = result.typeOfParts
        if let system = member(0, "spatialReference"), document.tokens[system].kind == .object {
            for name in ["wkid", "latestWkid"] {
                guard let id = member(system, name), let value = number(id), let whole = Int32(exactly: value) else { continue }
                result.reference = whole
            }
        }
        return result
    }

    private func flag(_ name: String) -> Bool {
        guard let value = member(0, name) else { return false }
        let token = document.tokens[value]
        return token.kind == .boolean && document.view(token).string == "true"
    }

    private func point() -> Geometry {
        let height = member(0, "z").map { number($0) ?? .nan }, measure = member(0, "m").map { number($0) ?? .nan }
        var point = Geometry(.point, .point, hasHeights: height != nil, hasMeasures: measure != nil)
        let x = member(0, "x").flatMap(number) ?? .nan, y = member(0, "y").flatMap(number) ?? .nan
        if !x.isNaN, !y.isNaN { point.append(Coordinate(x: x, y: y), height: height ?? .nan, measure: measure ?? .nan) }
        return point
    }

    private func box() -> Geometry {
        let values = ["xmin", "ymin", "xmax", "ymax"].map { member(0, $0).flatMap(number) ?? .nan }
        guard !values.contains(where: \.isNaN) else { return Geometry(.polygon, .area) }
        return .box(Envelope(minX: values[0], minY: values[1], maxX: values[2], maxY: values[3]))
    }

    private func append(parts: Int, to geometry: inout Geometry) -> Bool {
        guard document.tokens[parts].kind == .array else { return false }
        var isRead = true
        document.forEachPart(parts) { part in
            geometry.starts.append(geometry.coordinates.count)
            isRead = isRead && append(positions: part, to: &geometry)
            geometry.finishPath()
            geometry.dropEmptyPart()
        }
        return isRead
    }

    private func append(positions: Int, to geometry: inout Geometry) -> Bool {
        guard document.tokens[positions].kind == .array else { return false }
        var isRead = true
        document.forEachPart(positions) { isRead = isRead && append(position: $0, to: &geometry) }
        return isRead
    }

    private func append(position: Int, to geometry: inout Geometry) -> Bool {
        guard document.tokens[position].kind == .array else { return false }
        var values: [Double] = []
        document.forEachPart(position) { values.append(number($0) ?? .nan) }
        guard values.count >= 2, !values[0].isNaN, !values[1].isNaN else { return false }
        let hasHeights = geometry.heights != nil
        let rest = values.dropFirst(hasHeights ? 3 : 2)
        geometry.append(
            Coordinate(x: values[0], y: values[1]), height: hasHeights && values.count > 2 ? values[2] : 0,
            measure: geometry.measures != nil ? rest.first ?? .nan : .nan)
        return true
    }

    // MARK: GeoJSON

    /// nil for what is no geometry, and for collections and features.
    func geo(_ text: StringView) -> Geometry? {
        guard case .value = document.read(text), document.tokens[0].kind == .object,
            let name = member(0, "type").map({ document.tokens[$0] }),
            name.kind == .string, let positions = member(0, "coordinates"), document.tokens[positions].kind == .array
        else { return nil }
        let types: [(GeometryType, GeometryForm, depth: Int)] = [
            (.point, .point, 0), (.lineString, .path, 1), (.polygon, .area, 2), (.multiPoint, .multiPoint, 1), (.multiLineString, .path, 2),
            (.multiPolygon, .area, 3),
        ]
        let word = document.view(name).string
        guard let (type, form, depth) = types.first(where: { $0.0.word == word }) else { return nil }
        // Positions of three numbers have heights, of four measures too.
        let count = dimension(positions, depth)
        var geometry = Geometry(type, form, hasHeights: count > 2, hasMeasures: count > 3)
        geometry.reference = system()
        if form == .point, document.tokens[positions].next == positions + 1 { return geometry }
        return append(positions, depth, isOuter: true, to: &geometry) ? geometry : nil
    }

    /// Appends positions below `depth` arrays.
    private func append(_ value: Int, _ depth: Int, isOuter: Bool, to geometry: inout Geometry) -> Bool {
        guard document.tokens[value].kind == .array else { return false }
        if depth == 0 {
            guard document.forEachNumber(value) else { return false }
            return append(position: value, to: &geometry)
        }
        let isPart = depth == 1 && (geometry.form == .path || geometry.form == .area)
        if isPart { geometry.starts.append(geometry.coordinates.count) }
        var isRead = true
        var isFirst = true
        document.forEachPart(value) { part in
            isRead = isRead && append(part, depth - 1, isOuter: isFirst, to: &geometry)
            isFirst = false
        }
        if isPart, isRead {
            geometry.finishPath()
            if geometry.form == .area, geometry.starts.last != geometry.coordinates.count { geometry.finishRing(isOuter: isOuter) }
            geometry.dropEmptyPart()
        }
        return isRead
    }

    /// How many numbers the first position below `depth` arrays has.
    private func dimension(_ value: Int, _ depth: Int) -> Int {
        guard document.tokens[value].kind == .array else { return 0 }
        var count = 0
        var most = 0
        document.forEachPart(value) { part in
            count += 1
            if depth > 0 { most = max(most, dimension(part, depth - 1)) }
        }
        return depth > 0 ? most : count
    }

    /// The reference system: degrees unless the text names one; 0 where it says that there is none.
    private func system() -> Int32 {
        guard let crs = member(0, "crs") else { return Self.degrees }
        guard document.tokens[crs].kind == .object, let properties = member(crs, "properties"),
            document.tokens[properties].kind == .object, let name = member(properties, "name")
        else { return 0 }
        let text = document.view(document.tokens[name]).string.uppercased()
        if text.hasSuffix("CRS84") { return Self.degrees }
        // EPSG:4326, ESRI:102100, urn:ogc:def:crs:EPSG::4326
        return text.split(separator: ":").last.flatMap { Int32($0) } ?? 0
    }

    // MARK: values

    /// The value of a member of an object.
    private func member(_ object: Int, _ name: String) -> Int? {
        let key = Array(name.utf8)
        var found: Int?
        document.forEachPart(object) { part in
            if document.isKey(document.tokens[part], key) { found = part + 1 }
        }
        return found
    }

    /// A number, or a string that is one.
    private func number(_ value: Int) -> Double? {
        let token = document.tokens[value]
        let view = document.view(token)
        switch token.kind {
        case .whole, .fraction, .string: return TextParsing.double(view.pointer, view.count)
        case .notFinite: return JSONDocument.notFinite(view)
        case .object, .array, .boolean, .null: return nil
        }
    }
}

extension JSONDocument {
    /// Whether the elements of an array are numbers, of which a position has two at least.
    fileprivate func forEachNumber(_ array: Int) -> Bool {
        var count = 0
        var areNumbers = true
        forEachPart(array) { part in
            count += 1
            areNumbers = areNumbers && [.whole, .fraction].contains(tokens[part].kind)
        }
        return areNumbers && count >= 2
    }
}

extension Geometry {
    /// A rectangle, clockwise from its lowest corner.
    static func box(_ envelope: Envelope) -> Geometry {
        var box = Geometry(.polygon, .area)
        box.starts = [0]
        box.coordinates = [
            Coordinate(x: envelope.minX, y: envelope.minY), Coordinate(x: envelope.minX, y: envelope.maxY),
            Coordinate(x: envelope.maxX, y: envelope.maxY), Coordinate(x: envelope.maxX, y: envelope.minY),
        ]
        return box
    }
}
