/// Signs of areas that are always right: doubles decide where their error cannot matter, whole numbers of any size elsewhere.
enum Orientation {
    /// 1 when `c` is left of the way from `a` to `b`, -1 when it is right of it, 0 when the three are on a line. All are finite.
    @inline(__always)
    static func of(_ a: Coordinate, _ b: Coordinate, _ c: Coordinate) -> Int {
        let left = (a.x - c.x) * (b.y - c.y), right = (a.y - c.y) * (b.x - c.x)
        let difference = left - right
        let size = abs(left) + abs(right)
        // Three roundings of differences, two of products and one of their difference; products too small to be exact, or
        // infinite, are left to the other way.
        if abs(difference) > 4e-16 * size, size > 1e-250, size < .infinity { return difference > 0 ? 1 : -1 }
        return slow(a, b, c)
    }

    @inline(never)
    private static func slow(_ a: Coordinate, _ b: Coordinate, _ c: Coordinate) -> Int {
        if let sign = exactDifferences(a, b, c) { return sign }
        var scale = ExactScale()
        for place in [a, b, c] {
            scale.include(place.x)
            scale.include(place.y)
        }
        let cx = scale.integer(c.x), cy = scale.integer(c.y)
        return ((scale.integer(a.x) - cx) * (scale.integer(b.y) - cy) - (scale.integer(a.y) - cy) * (scale.integer(b.x) - cx)).sign
    }

    /// The sign where the differences of coordinates are doubles, as they mostly are of places on a grid; nil elsewhere.
    private static func exactDifferences(_ a: Coordinate, _ b: Coordinate, _ c: Coordinate) -> Int? {
        guard let ax = difference(a.x, c.x), let ay = difference(a.y, c.y), let bx = difference(b.x, c.x), let by = difference(b.y, c.y)
        else { return nil }
        if ax == 0 || by == 0, ay == 0 || bx == 0 { return 0 }
        let left = ax * by, right = ay * bx
        // Rounding keeps the order of products, and what it took from equal ones is exact.
        for product in [left, right] where product != 0 && (abs(product) < 1e-250 || !product.isFinite) { return nil }
        if (left == 0) != (ax == 0 || by == 0) || (right == 0) != (ay == 0 || bx == 0) { return nil }
        if left != right { return left > right ? 1 : -1 }
        let lost = (-left).addingProduct(ax, by), other = (-right).addingProduct(ay, bx)
        return lost == other ? 0 : lost > other ? 1 : -1
    }

    /// `a - b` where it is a double.
    private static func difference(_ a: Double, _ b: Double) -> Double? {
        let difference = a - b
        let partOfB = a - difference, partOfA = difference + partOfB
        return difference.isFinite && (partOfB - b) == 0 && (a - partOfA) == 0 ? difference : nil
    }
}

/// A place whose coordinates are fractions: where two segments meet, or halfway between such places.
struct ExactPlace {
    /// Numerators of the coordinates in units of a scale, and their denominator, which is positive.
    let x: ExactInteger
    let y: ExactInteger
    let weight: ExactInteger
    /// The coordinates within a few units of their last place.
    let nearby: Coordinate

    private init(_ x: ExactInteger, _ y: ExactInteger, _ weight: ExactInteger, _ scale: ExactScale) {
        let isNegative = weight.sign < 0
        self.x = isNegative ? -x : x
        self.y = isNegative ? -y : y
        self.weight = isNegative ? -weight : weight
        nearby = Coordinate(x: Self.quotient(self.x, self.weight, scale), y: Self.quotient(self.y, self.weight, scale))
    }

    private static func quotient(_ number: ExactInteger, _ weight: ExactInteger, _ scale: ExactScale) -> Double {
        guard number.sign != 0 else { return 0 }
        let above = number.approximation, below = weight.approximation
        let quotient = above.fraction / below.fraction
        return Double(sign: .plus, exponent: above.exponent - below.exponent + scale.exponent, significand: quotient)
    }

    init(_ place: Coordinate, _ scale: ExactScale) {
        x = scale.integer(place.x)
        y = scale.integer(place.y)
        weight = ExactInteger(1)
        nearby = place
    }

    /// Where the lines through `a`, `b` and through `c`, `d` meet, which are not parallel.
    init(crossing a: Coordinate, _ b: Coordinate, _ c: Coordinate, _ d: Coordinate, _ scale: ExactScale) {
        let first = ExactPlace.line(a, b, scale), second = ExactPlace.line(c, d, scale)
        self.init(
            first.1 * second.2 - first.2 * second.1, first.2 * second.0 - first.0 * second.2, first.0 * second.1 - first.1 * second.0, scale
        )
    }

    /// Halfway between two places.
    init(between a: ExactPlace, _ b: ExactPlace, _ scale: ExactScale) {
        self.init(
            a.x * b.weight + b.x * a.weight, a.y * b.weight + b.y * a.weight, ExactInteger(2) * a.weight * b.weight, scale)
    }

    /// The line's p, q, r with px + qy + r = 0.
    private static func line(_ a: Coordinate, _ b: Coordinate, _ scale: ExactScale) -> (ExactInteger, ExactInteger, ExactInteger) {
        let ax = scale.integer(a.x), ay = scale.integer(a.y), bx = scale.integer(b.x), by = scale.integer(b.y)
        return (ay - by, bx - ax, ax * by - bx * ay)
    }

    /// How far `nearby` may be off, with room to spare.
    private static func slack(_ value: Double) -> Double { abs(value) * 8e-15 + .leastNormalMagnitude }

    /// The sign of own `y` (or `x`) less a coordinate.
    private func comparison(_ numerator: ExactInteger, _ nearby: Double, _ value: Double, _ scale: ExactScale) -> Int {
        let slack = Self.slack(nearby)
        if nearby - value > slack { return 1 }
        if value - nearby > slack { return -1 }
        return (numerator - scale.integer(value) * weight).sign
    }

    func compareX(_ value: Double, _ scale: ExactScale) -> Int { comparison(x, nearby.x, value, scale) }
    func compareY(_ value: Double, _ scale: ExactScale) -> Int { comparison(y, nearby.y, value, scale) }

    /// The sign of the difference of two places' coordinates, of x or of y.
    static func compare(_ a: ExactPlace, _ b: ExactPlace, byX: Bool) -> Int {
        let left = byX ? a.nearby.x : a.nearby.y, right = byX ? b.nearby.x : b.nearby.y
        let slack = slack(left) + slack(right)
        if left - right > slack { return 1 }
        if right - left > slack { return -1 }
        return byX ? (a.x * b.weight - b.x * a.weight).sign : (a.y * b.weight - b.y * a.weight).sign
    }

    static func equal(_ a: ExactPlace, _ b: ExactPlace) -> Bool { compare(a, b, byX: true) == 0 && compare(a, b, byX: false) == 0 }

    /// 1 when the place is left of the way from `a` to `b`, -1 right of it, 0 on their line.
    func side(of a: Coordinate, _ b: Coordinate, _ scale: ExactScale) -> Int {
        let left = (b.x - a.x) * (nearby.y - a.y), right = (b.y - a.y) * (nearby.x - a.x)
        let error =
            (abs(b.x - a.x) * (abs(nearby.y) + abs(a.y)) + abs(b.y - a.y) * (abs(nearby.x) + abs(a.x))) * 3e-14 + .leastNormalMagnitude
            * 1e20
        let difference = left - right
        if error < .infinity, abs(difference) > error { return difference > 0 ? 1 : -1 }
        let ax = scale.integer(a.x), ay = scale.integer(a.y)
        let bx = scale.integer(b.x) - ax, by = scale.integer(b.y) - ay
        return (bx * (y - ay * weight) - by * (x - ax * weight)).sign
    }
}
