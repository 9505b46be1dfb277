import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// Places on the earth, as degrees of latitude and longitude. Hive has none of these; the distance is Trino's.

/// A place that there is; nil for one beyond the poles or the date line, as broken devices report them.
private struct Place {
    let latitude: Double
    let longitude: Double

    @inline(__always)
    init?(_ latitude: Double, _ longitude: Double) {
        guard abs(latitude) <= 90, abs(longitude) <= 180 else { return nil }
        self.latitude = latitude
        self.longitude = longitude
    }

    /// Kilometres along the surface of a sphere, by the haversine formula, which is good for near places too.
    @inline(__always)
    func distance(to other: Place) -> Double {
        let radians = Double.pi / 180
        let halfNorth = sin((other.latitude - latitude) * radians / 2), halfEast = sin((other.longitude - longitude) * radians / 2)
        let square = halfNorth * halfNorth + cos(latitude * radians) * cos(other.latitude * radians) * halfEast * halfEast
        // At the other side of the earth rounding would pass 1.
        return 2 * earthRadius * asin(min(square, 1).squareRoot())
    }

    /// Five bits a character, which halve longitude and latitude by turns. Halves of degrees are exact, so every place is in
    /// the cell that its borders say; a border belongs to the cell north or east of it.
    @inline(__always)
    func appendGeohash(_ length: Int, to text: UnsafeMutablePointer<UInt8>) {
        var west = -180.0, east = 180.0, south = -90.0, north = 90.0
        var isLongitude = true
        for character in 0..<length {
            var bits = 0
            for _ in 0..<5 {
                bits <<= 1
                if isLongitude {
                    let middle = (west + east) / 2
                    if longitude >= middle { west = middle; bits |= 1 } else { east = middle }
                } else {
                    let middle = (south + north) / 2
                    if latitude >= middle { south = middle; bits |= 1 } else { north = middle }
                }
                isLongitude.toggle()
            }
            text[character] = geohashAlphabet[bits]
        }
    }
}

/// Trino's mean radius, in kilometres.
private let earthRadius = 6371.01

/// Digits and letters without a, i, l and o.
private let geohashAlphabet = Array("0123456789bcdefghjkmnpqrstuvwxyz".utf8)
/// A cell of so many characters is a few centimetres wide.
private let longestGeohash = 12

private let greatCircleDistance = ScalarFunction(
    "great_circle_distance",
    documentation: FunctionDocumentation(
        "_FUNC_(latitude1, longitude1, latitude2, longitude2) - Returns the kilometres between two places along the earth's surface",
        extended: "Latitudes and longitudes are in degrees; NULL for those beyond 90 and 180. The earth is a sphere of radius 6371.01 km.\n"
            + "Example:\n  > SELECT round(_FUNC_(36.12, -86.67, 33.94, -118.40), 3);\n  2886.449"),
    traits: .strict
) { call in
    try call.expect(4)
    for index in 0..<4 { try call.expectNumericOrString(index) }
    return ResolvedScalar(argumentTypes: Array(repeating: .double, count: 4), resultType: .double) { input in
        input.compute(.double) { (latitude: Double, longitude: Double, otherLatitude: Double, otherLongitude: Double) -> Double? in
            guard let place = Place(latitude, longitude), let other = Place(otherLatitude, otherLongitude) else { return nil }
            return place.distance(to: other)
        }
    }
}

private let geohash = ScalarFunction(
    "geohash",
    documentation: FunctionDocumentation(
        "_FUNC_(latitude, longitude[, length]) - Returns the geohash of a place, of 1 to 12 characters (12 unless given)",
        extended: "Places of one cell have one hash, and its first characters are those of the larger cell. Latitude and longitude are in\n"
            + "degrees; NULL for those beyond 90 and 180 and for other lengths.\n"
            + "Example:\n  > SELECT _FUNC_(57.64911, 10.40744, 8);\n  'u4pruydq'"),
    traits: .strict
) { call in
    try call.expect(2...3)
    for index in 0...1 { try call.expectNumericOrString(index) }
    if call.count > 2 { try call.expectNumber(2) }
    let hasLength = call.count > 2
    return ResolvedScalar(argumentTypes: [.double, .double] + (hasLength ? [.int] : []), resultType: .string) { input in
        let latitudes = input.arguments[0].values(as: Double.self), latitudeScale = input.scale(0)
        let longitudes = input.arguments[1].values(as: Double.self), longitudeScale = input.scale(1)
        let lengths = hasLength ? input.arguments[2].values(as: Int32.self) : nil, lengthScale = hasLength ? input.scale(2) : 0
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longestGeohash) { text in
            input.buildValid(.string) { row, builder in
                let length = lengths.map { Int($0[row &* lengthScale]) } ?? longestGeohash
                guard let start = text.baseAddress, (1...longestGeohash).contains(length),
                    let place = Place(latitudes[row &* latitudeScale], longitudes[row &* longitudeScale])
                else { return builder.appendNull() }
                place.appendGeohash(length, to: start)
                builder.append(bytes: UnsafeBufferPointer(start: start, count: length))
            }
        }
    }
}

let geographyFunctions: [ScalarFunction] = [greatCircleDistance, geohash]
