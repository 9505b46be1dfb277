#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Distances on the ellipsoid of WGS 84, in meters, within a tenth of a millimeter: Vincenty's formulas, and for places nearly at the other
/// side of the earth, where they do not settle, the shortest of the ways over a third place.
enum Geodesic {
    private static let equatorRadius = 6_378_137.0
    private static let flattening = 1 / 298.257223563
    private static let poleRadius = equatorRadius * (1 - flattening)
    private static let mostSteps = 200

    /// Coordinates are degrees of longitude and latitude; beyond the poles one goes on on the other side.
    static func distance(_ a: Coordinate, _ b: Coordinate) -> Double {
        guard a.isFinite, b.isFinite else { return .nan }
        let from = Place(a), to = Place(b)
        return vincenty(from, to) ?? overThird(from, to)
    }

    /// Radians.
    private struct Place {
        var longitude: Double
        var latitude: Double

        init(longitude: Double, latitude: Double) {
            self.longitude = longitude
            self.latitude = latitude
        }

        init(_ place: Coordinate) {
            longitude = place.x * .pi / 180
            latitude = remainder(place.y, 360) * .pi / 180
            if abs(latitude) > .pi / 2 {
                longitude += .pi
                latitude = (latitude < 0 ? -.pi : .pi) - latitude
            }
        }
    }

    /// nil where the iteration does not settle.
    private static func vincenty(_ a: Place, _ b: Place) -> Double? {
        let difference = remainder(b.longitude - a.longitude, 2 * .pi)
        let reducedA = atan((1 - flattening) * tan(a.latitude)), reducedB = atan((1 - flattening) * tan(b.latitude))
        let sinA = sin(reducedA), cosA = cos(reducedA), sinB = sin(reducedB), cosB = cos(reducedB)
        var lambda = difference
        for _ in 0..<mostSteps {
            let sinLambda = sin(lambda), cosLambda = cos(lambda)
            let across = cosB * sinLambda, along = cosA * sinB - sinA * cosB * cosLambda
            let sinSigma = (across * across + along * along).squareRoot()
            if sinSigma == 0 { return lambda == 0 || (cosA < 1e-15 && cosB < 1e-15) ? 0 : nil }
            let cosSigma = sinA * sinB + cosA * cosB * cosLambda
            let sigma = atan2(sinSigma, cosSigma)
            let sinAlpha = cosA * cosB * sinLambda / sinSigma
            let cosAlphaSquare = 1 - sinAlpha * sinAlpha
            // Along the equator there is no middle latitude.
            let cosMiddle = cosAlphaSquare > 1e-24 ? cosSigma - 2 * sinA * sinB / cosAlphaSquare : 0
            let c = flattening / 16 * cosAlphaSquare * (4 + flattening * (4 - 3 * cosAlphaSquare))
            let next =
                difference + (1 - c) * flattening * sinAlpha
                * (sigma + c * sinSigma * (cosMiddle + c * cosSigma * (-1 + 2 * cosMiddle * cosMiddle)))
            if abs(next) > .pi { return nil }
            let isSettled = abs(next - lambda) < 1e-14
            lambda = next
            guard isSettled else { continue }
            let square = cosAlphaSquare * (equatorRadius * equatorRadius - poleRadius * poleRadius) / (poleRadius * poleRadius)
            let root = (1 + square).squareRoot()
            let k = (root - 1) / (root + 1)
            let lengthFactor = (1 + k * k / 4 * (1 + k * k / 16)) / (1 - k), b = k * (1 - 3 * k * k / 8)
            let correction =
                b * sinSigma
                * (cosMiddle + b / 4
                    * (cosSigma * (-1 + 2 * cosMiddle * cosMiddle)
                        - b / 6 * cosMiddle * (-3 + 4 * sinSigma * sinSigma) * (-3 + 4 * cosMiddle * cosMiddle)))
            return poleRadius * lengthFactor * (sigma - correction)
        }
        return nil
    }

    /// The least way over places halfway round, to which both parts are well away from the other side.
    private static func overThird(_ a: Place, _ b: Place) -> Double {
        func way(_ azimuth: Double) -> Double {
            let middle = onSphere(a, azimuth, .pi / 2)
            guard let first = vincenty(a, middle), let second = vincenty(middle, b) else { return .infinity }
            return first + second
        }
        let steps = 72
        let width = 2 * Double.pi / Double(steps)
        var best = (azimuth: 0.0, length: Double.infinity)
        for step in 0..<steps {
            let length = way(Double(step) * width)
            if length < best.length { best = (Double(step) * width, length) }
        }
        var low = best.azimuth - width, high = best.azimuth + width
        let golden = (5.0.squareRoot() - 1) / 2
        for _ in 0..<60 {
            let left = high - golden * (high - low), right = low + golden * (high - low)
            if way(left) < way(right) { high = right } else { low = left }
        }
        return min(best.length, way((low + high) / 2))
    }

    /// The place so far away in a direction, on a sphere.
    private static func onSphere(_ place: Place, _ azimuth: Double, _ angle: Double) -> Place {
        let sine = sin(place.latitude) * cos(angle) + cos(place.latitude) * sin(angle) * cos(azimuth)
        let latitude = asin(max(-1, min(1, sine)))
        let longitude =
            place.longitude + atan2(sin(azimuth) * sin(angle) * cos(place.latitude), cos(angle) - sin(place.latitude) * sine)
        return Place(longitude: longitude, latitude: latitude)
    }
}

extension Geometry {
    /// Along lines and around areas whose coordinates are degrees of WGS 84, in meters. As Esri's, an area's is without the way from the
    /// last corner of a ring to its first one.
    var geodesicLength: Double {
        var sum = 0.0
        for index in starts.indices {
            for place in part(index).dropLast() { sum += Geodesic.distance(coordinates[place], coordinates[place + 1]) }
        }
        return sum
    }
}
