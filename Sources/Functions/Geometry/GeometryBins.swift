/// Squares of one size that are numbered from the upper left on, as Esri's: as many rows and columns as the square root of the largest
/// number allows, or of a part of the plane whose squares it numbers.
struct GeometryBins {
    private let size: Double
    private let highest: Double
    private let lowest: Double
    private let columns: Int64

    /// - Parameter size: positive and finite, or nil.
    init?(size: Double) {
        guard size > 0, size.isFinite else { return nil }
        let most = Double(Int64.max).squareRoot().rounded(.down)
        let extent = size < 1 ? most * size : most
        self.size = size
        highest = extent / 2
        lowest = highest - extent
        columns = Self.whole((extent / size).rounded(.up))
    }

    /// The number of the square that a place is in; places beyond the numbered part wrap.
    func number(_ place: Coordinate) -> Int64 {
        let down = Self.whole((highest - place.y) / size), over = Self.whole((place.x - lowest) / size)
        return down &* columns &+ over
    }

    func envelope(_ number: Int64) -> Envelope {
        envelope(down: Double(number / max(columns, 1)), over: Double(number % max(columns, 1)))
    }

    /// A square whose upper left corner is the place, as Esri's.
    func envelope(at place: Coordinate) -> Envelope {
        envelope(down: (highest - place.y) / size, over: (place.x - lowest) / size)
    }

    private func envelope(down: Double, over: Double) -> Envelope {
        let left = lowest + over * size, top = highest - down * size
        return Envelope(minX: left, minY: top - size, maxX: left + size, maxY: top)
    }

    /// As Java converts: the ends of the range for what is beyond them, 0 for NaN.
    private static func whole(_ value: Double) -> Int64 {
        if value.isNaN { return 0 }
        return Int64(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
    }
}
