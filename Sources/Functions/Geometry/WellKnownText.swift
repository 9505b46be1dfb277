import Columnar

// OGC's well-known text: `POLYGON ((0 0, 4 0, 0 4, 0 0))`, `POINT Z (1 2 3)`, `LINESTRING EMPTY`. Outer rings run against the clock
// in it, holes with it; those of a text that has them otherwise are turned round.

extension Geometry {
    /// Reads well-known text; nil for what is none, and for collections. What follows the geometry does not count.
    init?(text: StringView) {
        var reader = TextReader(bytes: text.bytes)
        guard let geometry = reader.geometry() else { return nil }
        self = geometry
    }

    /// Appends the geometry as text.
    func appendText(to buffer: ByteBuffer) {
        let type = writtenType
        let name: StaticString =
            switch type {
            case .point: "POINT"
            case .lineString: "LINESTRING"
            case .polygon: "POLYGON"
            case .multiPoint: "MULTIPOINT"
            case .multiLineString: "MULTILINESTRING"
            case .multiPolygon, .unknown: "MULTIPOLYGON"
            }
        buffer.append(name)
        buffer.append(heights != nil ? measures != nil ? " ZM " : " Z " : measures != nil ? " M " : " ")
        guard !isEmpty else { return buffer.append("EMPTY") }
        let isMultiple = type.rawValue >= GeometryType.multiPoint.rawValue
        switch form {
        case .point: appendList([[0]], "(", ")", to: buffer)
        case .multiPoint:
            appendList(coordinates.indices.map { [$0] }, isMultiple ? "((" : "(", isMultiple ? "))" : ")", to: buffer)
        case .path:
            appendList(starts.indices.map { Array(part($0)) }, isMultiple ? "((" : "(", isMultiple ? "))" : ")", to: buffer)
        case .area:
            if isMultiple { buffer.append("(") }
            for (number, polygon) in polygons.enumerated() {
                if number > 0 { buffer.append(", ") }
                appendList(polygon.map { closedForText($0) }, "((", "))", to: buffer)
            }
            if isMultiple { buffer.append(")") }
        }
    }

    /// The places of a ring as texts, well-known binary and GeoJSON have them: against the direction of shapes, and closed.
    func closedForText(_ ring: Int) -> [Int] {
        let places = reversed(part(ring))
        return places.first.map { places + [$0] } ?? []
    }

    private func appendList(_ lists: [[Int]], _ open: StaticString, _ close: StaticString, to buffer: ByteBuffer) {
        buffer.append(open)
        for (number, places) in lists.enumerated() {
            if number > 0 { buffer.append("), (") }
            for (index, place) in places.enumerated() {
                if index > 0 { buffer.append(", ") }
                buffer.append(coordinate: coordinates[place].x)
                buffer.append(UInt8(ascii: " "))
                buffer.append(coordinate: coordinates[place].y)
                for values in [heights, measures] {
                    guard let values else { continue }
                    buffer.append(UInt8(ascii: " "))
                    buffer.append(coordinate: values[place])
                }
            }
        }
        buffer.append(close)
    }
}

/// Walks along well-known text.
private struct TextReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    private var numbersOfPoint = 2
    private var scratch: [Double] = []

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func geometry() -> Geometry? {
        // POINTZ is POINT Z.
        var name = word()
        var attributes = ""
        for ending in ["zm", "z", "m"] where attributes.isEmpty && name.hasSuffix(ending) && Self.types[name] == nil {
            attributes = ending
            name.removeLast(ending.count)
        }
        guard let (type, form) = Self.types[name] else { return nil }
        if attributes.isEmpty {
            let start = at
            let next = word()
            if ["z", "m", "zm"].contains(next) { attributes = next } else { at = start }
        }
        var geometry = Geometry(type, form, hasHeights: attributes.hasPrefix("z"), hasMeasures: attributes.hasSuffix("m"))
        numbersOfPoint = 2 + attributes.utf8.count
        if isEmptyWord() { return geometry }
        let isRead =
            switch type {
            case .unknown: false
            case .point: list { $0.point(into: &geometry) } == 1
            case .multiPoint: list { $0.member(into: &geometry) } != nil
            case .lineString: path(into: &geometry)
            case .multiLineString: list { $0.path(into: &geometry) } != nil
            case .polygon: polygon(into: &geometry)
            case .multiPolygon: list { $0.polygon(into: &geometry) } != nil
            }
        guard isRead else { return nil }
        // A point of NaN is an empty one.
        if form == .point, let place = geometry.coordinates.first, place.x.isNaN || place.y.isNaN {
            return Geometry(type, form, hasHeights: geometry.heights != nil, hasMeasures: geometry.measures != nil)
        }
        return geometry
    }

    private static let types: [String: (GeometryType, GeometryForm)] = [
        "point": (.point, .point), "linestring": (.lineString, .path), "polygon": (.polygon, .area),
        "multipoint": (.multiPoint, .multiPoint),
        "multilinestring": (.multiLineString, .path), "multipolygon": (.multiPolygon, .area),
    ]

    private mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    /// The letters that follow, in lower case.
    private mutating func word() -> String {
        skipSpace()
        let start = at
        while at < bytes.count, (bytes[at] | 0x20) >= UInt8(ascii: "a"), (bytes[at] | 0x20) <= UInt8(ascii: "z") { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self).lowercased()
    }

    private mutating func isEmptyWord() -> Bool {
        let start = at
        if word() == "empty" { return true }
        at = start
        return false
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// Reads `(item, item, …)`; how many there were, or nil.
    private mutating func list(_ item: (inout TextReader) -> Bool) -> Int? {
        guard take(UInt8(ascii: "(")) else { return nil }
        var count = 0
        repeat {
            guard item(&self) else { return nil }
            count += 1
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: ")")) ? count : nil
    }

    private mutating func number() -> Double? {
        skipSpace()
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                at += 1
                continue
            default: break
            }
            break
        }
        guard start < at, let first = bytes.baseAddress else { return nil }
        // Neither Java's suffixes nor hexadecimal digits are numbers here.
        switch String(decoding: bytes[start..<at], as: UTF8.self).lowercased() {
        case "nan": return .nan
        case let text where text.contains { $0 >= "a" && $0 <= "z" && $0 != "e" }: return nil
        default: return TextParsing.double(first + start, at - start)
        }
    }

    private mutating func point(into geometry: inout Geometry) -> Bool {
        scratch.removeAll(keepingCapacity: true)
        for _ in 0..<numbersOfPoint {
            guard let value = number() else { return false }
            scratch.append(value)
        }
        geometry.append(
            Coordinate(x: scratch[0], y: scratch[1]), height: geometry.heights != nil ? scratch[2] : .nan,
            measure: geometry.measures != nil ? scratch[numbersOfPoint - 1] : .nan)
        return true
    }

    /// A point of several, with parentheses or without.
    private mutating func member(into geometry: inout Geometry) -> Bool {
        if isEmptyWord() { return true }
        guard take(UInt8(ascii: "(")) else { return point(into: &geometry) }
        return point(into: &geometry) && take(UInt8(ascii: ")"))
    }

    private mutating func path(into geometry: inout Geometry) -> Bool {
        if isEmptyWord() { return true }
        geometry.starts.append(geometry.coordinates.count)
        guard list({ $0.point(into: &geometry) }) != nil else { return false }
        geometry.finishPath()
        return true
    }

    private mutating func polygon(into geometry: inout Geometry) -> Bool {
        if isEmptyWord() { return true }
        var isOuter = true
        return list { reader in
            if reader.isEmptyWord() { return true }
            guard reader.path(into: &geometry) else { return false }
            geometry.finishRing(isOuter: isOuter)
            isOuter = false
            return true
        } != nil
    }
}

extension Geometry {
    /// Ends a path that was appended: a line of one point stays there.
    mutating func finishPath() {
        guard let start = starts.last, coordinates.count == start + 1 else { return }
        append(CollectionOfOne(start), of: self)
    }

    /// Takes the last path away if it has no points.
    mutating func dropEmptyPart() {
        if starts.last == coordinates.count { starts.removeLast() }
    }

    /// Ends a ring that was appended as texts have it: takes the repeated first point away, and turns the ring in the direction that an
    /// outer ring or a hole has.
    mutating func finishRing(isOuter: Bool) {
        guard let start = starts.last else { return }
        let last = coordinates.count - 1
        if last > start + 1, coordinates[start] == coordinates[last] {
            coordinates.removeLast()
            heights?.removeLast()
            measures?.removeLast()
        }
        let area = doubledArea(starts.count - 1)
        if isOuter ? area < 0 : area > 0 { reverseRing(starts.count - 1) }
    }
}
