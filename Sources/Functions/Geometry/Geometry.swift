/// A place in the plane. Two are equal when their coordinates are.
struct Coordinate: Hashable {
    var x: Double
    var y: Double

    var isFinite: Bool { x.isFinite && y.isFinite }
}

/// What a geometry calls itself: the fifth byte of a stored one.
enum GeometryType: UInt8 {
    case unknown = 0
    case point, lineString, polygon, multiPoint, multiLineString, multiPolygon

    /// As `ST_GeometryType` prints it.
    var name: String {
        switch self {
        case .unknown: "UNKNOWN"
        case .point: "ST_POINT"
        case .lineString: "ST_LINESTRING"
        case .polygon: "ST_POLYGON"
        case .multiPoint: "ST_MULTIPOINT"
        case .multiLineString: "ST_MULTILINESTRING"
        case .multiPolygon: "ST_MULTIPOLYGON"
        }
    }

    /// As well-known text and GeoJSON call it.
    var word: String {
        switch self {
        case .unknown: "Geometry"
        case .point: "Point"
        case .lineString: "LineString"
        case .polygon: "Polygon"
        case .multiPoint: "MultiPoint"
        case .multiLineString: "MultiLineString"
        case .multiPolygon: "MultiPolygon"
        }
    }
}

/// Points, paths or rings, which one geometry is made of, whatever it calls itself.
enum GeometryForm: Int {
    case point, multiPoint, path, area

    /// Of points 0, of lines 1, of areas 2.
    var dimension: Int {
        switch self {
        case .point, .multiPoint: 0
        case .path: 1
        case .area: 2
        }
    }
}

/// Smallest and largest coordinates.
struct Envelope {
    var minX = Double.infinity
    var minY = Double.infinity
    var maxX = -Double.infinity
    var maxY = -Double.infinity

    var isEmpty: Bool { minX > maxX }

    mutating func include(_ place: Coordinate) {
        minX = min(minX, place.x)
        maxX = max(maxX, place.x)
        minY = min(minY, place.y)
        maxY = max(maxY, place.y)
    }

    func intersects(_ other: Envelope) -> Bool {
        minX <= other.maxX && other.minX <= maxX && minY <= other.maxY && other.minY <= maxY
    }

    @inline(__always)
    func contains(_ place: Coordinate) -> Bool { minX <= place.x && place.x <= maxX && minY <= place.y && place.y <= maxY }
}

/// A geometry that was read: coordinates of all its parts one after the other.
///
/// Rings are closed without their first point repeated; outer ones run clockwise and holes the other way round, as in Esri's shapes.
struct Geometry {
    var type: GeometryType
    var form: GeometryForm
    /// Which reference system the coordinates are of, as a well-known number; 0: not told.
    var reference: Int32 = 0
    var coordinates: [Coordinate] = []
    /// Heights and measures, one a coordinate; nil where the geometry has none.
    var heights: [Double]?
    var measures: [Double]?
    /// Where each path or ring begins.
    var starts: [Int] = []

    init(_ type: GeometryType, _ form: GeometryForm, hasHeights: Bool = false, hasMeasures: Bool = false) {
        self.type = type
        self.form = form
        heights = hasHeights ? [] : nil
        measures = hasMeasures ? [] : nil
    }

    var isEmpty: Bool { coordinates.isEmpty }
    var partCount: Int { starts.count }

    func part(_ index: Int) -> Range<Int> {
        starts[index]..<(index + 1 < starts.count ? starts[index + 1] : coordinates.count)
    }

    var envelope: Envelope {
        coordinates.reduce(into: Envelope()) { $0.include($1) }
    }

    var isFinite: Bool { coordinates.allSatisfy(\.isFinite) }

    mutating func append(_ place: Coordinate, height: Double = .nan, measure: Double = .nan) {
        coordinates.append(place)
        heights?.append(height)
        measures?.append(measure)
    }

    /// Appends coordinates of another geometry, which has no heights or measures that this one has not.
    mutating func append(_ places: some Sequence<Int>, of other: Geometry) {
        for place in places {
            append(other.coordinates[place], height: other.heights?[place] ?? .nan, measure: other.measures?[place] ?? .nan)
        }
    }

    /// A geometry without coordinates that has the heights, measures and reference system of this one.
    func like(_ type: GeometryType, _ form: GeometryForm) -> Geometry {
        var result = Geometry(type, form, hasHeights: heights != nil, hasMeasures: measures != nil)
        result.reference = reference
        return result
    }

    /// One coordinate as a point.
    func point(_ place: Int) -> Geometry {
        var result = like(.point, .point)
        result.append(CollectionOfOne(place), of: self)
        return result
    }

    // MARK: rings

    /// Twice the area within a ring, positive when it runs clockwise.
    func doubledArea(_ index: Int) -> Double {
        let ring = part(index)
        guard ring.count > 2 else { return 0 }
        // Coordinates relative to the ring's first keep the digits that matter.
        let origin = coordinates[ring.lowerBound]
        var sum = 0.0
        var former = Coordinate(x: 0, y: 0)
        for place in ring.dropFirst() {
            let next = Coordinate(x: coordinates[place].x - origin.x, y: coordinates[place].y - origin.y)
            sum += next.x * former.y - former.x * next.y
            former = next
        }
        return sum
    }

    /// The places of a ring in the other direction, with the same first.
    func reversed(_ ring: Range<Int>) -> [Int] {
        ring.isEmpty ? [] : [ring.lowerBound] + ring.dropFirst().reversed()
    }

    mutating func reverseRing(_ index: Int) {
        let ring = part(index)
        guard ring.count > 1 else { return }
        coordinates[ring.dropFirst()].reverse()
        heights?[ring.dropFirst()].reverse()
        measures?[ring.dropFirst()].reverse()
    }

    /// Rings of a polygon, the outer one first.
    var polygons: [Range<Int>] {
        guard form == .area, partCount > 0 else { return [] }
        // What runs as the first ring does is an outer one.
        let isClockwise = doubledArea(0) > 0
        var outer = [0]
        for ring in 1..<max(partCount, 1) where (doubledArea(ring) > 0) == isClockwise { outer.append(ring) }
        return outer.indices.map { outer[$0]..<($0 + 1 < outer.count ? outer[$0 + 1] : partCount) }
    }

    /// The type that the parts alone tell: one path is a line, several are a multi-line, none too.
    var typeOfParts: GeometryType {
        switch form {
        case .point: .point
        case .multiPoint: coordinates.count > 1 ? .multiPoint : .point
        case .path: partCount == 1 ? .lineString : .multiLineString
        case .area: polygons.count == 1 ? .polygon : .multiPolygon
        }
    }

    /// What the geometry calls itself, or what its parts tell where it cannot be that: a polygon of two outer rings is none.
    var writtenType: GeometryType {
        switch (form, type) {
        case (.multiPoint, .multiPoint), (.path, .multiLineString), (.area, .multiPolygon): type
        case (.path, .lineString): partCount <= 1 ? type : typeOfParts
        case (.area, .polygon): polygons.count <= 1 ? type : typeOfParts
        default: typeOfParts
        }
    }
}
