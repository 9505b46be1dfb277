/// How two geometries lie to each other: the dimensions of what their interiors, boundaries and exteriors have in common, nine
/// numbers by rows of the first one; -1 for nothing (DE-9IM).
struct IntersectionMatrix: Equatable {
    private var dimensions = [Int8](repeating: -1, count: 9)

    subscript(_ left: Location, _ right: Location) -> Int {
        get { Int(dimensions[left.rawValue * 3 + right.rawValue]) }
        set { dimensions[left.rawValue * 3 + right.rawValue] = Int8(truncatingIfNeeded: newValue) }
    }

    /// Notes that something of `dimension` is in common.
    mutating func raise(_ left: Location, _ right: Location, _ dimension: Int) {
        if self[left, right] < dimension { self[left, right] = dimension }
    }

    var transposed: IntersectionMatrix {
        var result = self
        for row in 0..<3 {
            for column in 0..<3 { result.dimensions[column * 3 + row] = dimensions[row * 3 + column] }
        }
        return result
    }

    /// `T*F**FFF*`
    func matches(_ pattern: MatrixPattern) -> Bool {
        zip(dimensions, pattern.signs).allSatisfy { dimension, sign in
            switch sign {
            case .any: true
            case .something: dimension >= 0
            case .nothing: dimension < 0
            case .dimension(let wanted): dimension == wanted
            }
        }
    }
}

/// What a matrix has to be: nine of `T`, `F`, `*`, `0`, `1`, `2`.
struct MatrixPattern {
    enum Sign { case any, something, nothing, dimension(Int8) }

    let signs: [Sign]

    /// nil for what is no pattern.
    init?(_ text: some Collection<UInt8>) {
        var signs: [Sign] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "*"): signs.append(.any)
            case UInt8(ascii: "T"): signs.append(.something)
            case UInt8(ascii: "F"): signs.append(.nothing)
            case UInt8(ascii: "0")...UInt8(ascii: "2"): signs.append(.dimension(Int8(byte - UInt8(ascii: "0"))))
            default: return nil
            }
        }
        guard signs.count == 9 else { return nil }
        self.signs = signs
    }
}

/// What `ST_Contains` and its like ask of two geometries.
enum SpatialRelation {
    case contains, within, intersects, disjoint, equals, touches, crosses, overlaps

    /// Patterns of which one has to fit, for geometries of these dimensions.
    func patterns(_ left: Int, _ right: Int) -> [MatrixPattern] {
        let texts: [String] =
            switch self {
            case .contains: ["T*****FF*"]
            case .within: ["T*F**F***"]
            case .intersects: ["T********", "*T*******", "***T*****", "****T****"]
            case .disjoint: ["FF*FF****"]
            case .equals: left == right ? ["T*F**FFF*"] : []
            case .touches: left == 0 && right == 0 ? [] : ["FT*******", "F**T*****", "F***T****"]
            case .crosses: left == 1 && right == 1 ? ["0********"] : left < right ? ["T*T******"] : left > right ? ["T*****T**"] : []
            case .overlaps: left != right ? [] : left == 1 ? ["1*T***T**"] : ["T*T***T**"]
            }
        return texts.compactMap { MatrixPattern($0.utf8) }
    }
}
