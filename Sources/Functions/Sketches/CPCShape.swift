/// How a CPC sketch is written, which follows from its size and the number of its bits: few bits one by one; of more the eight columns of a
/// window as bytes, and one by one the bits beside it that are not as most are, ones behind the window and zeros before it.
struct CPCShape {
    enum Flavor: String { case empty = "EMPTY", sparse = "SPARSE", hybrid = "HYBRID", pinned = "PINNED", sliding = "SLIDING" }

    let flavor: Flavor
    /// The first column of the window.
    let offset: Int
    /// Which codes are used.
    let phase: Int

    init(lgK: Int, count: Int) {
        let size = 1 << lgK
        if count == 0 {
            flavor = .empty
        } else if 32 * count < 3 * size {
            flavor = .sparse
        } else if 2 * count < size {
            flavor = .hybrid
        } else {
            flavor = 8 * count < 27 * size ? .pinned : .sliding
        }
        let beyond = 8 * count - 19 * size
        offset = beyond < 0 ? 0 : beyond >> (lgK + 3)
        guard 1000 * count < 2375 * size else {
            phase = count >> (lgK - 4) & 15
            return
        }
        let limits = [(4, 3), (10, 11), (100, 132), (3, 5), (1000, 1965), (1000, 2275)]
        phase = limits.firstIndex { $0 * count < $1 * size }.map { 16 + $0 } ?? 6
    }

    var hasWindow: Bool { flavor == .pinned || flavor == .sliding }

    /// Columns behind the window, and around to those before it, that are counted last in each phase: their bits are frequent.
    private static let lastColumns: [[Int]] = [
        [34, 14, 4], [35, 15, 4], [37, 16, 5], [39, 17, 5], [41, 18, 6], [43, 19, 6], [45, 20, 7, 0], [47, 21, 7, 0],
        [50, 22, 8, 0], [52, 23, 9, 1], [25, 9, 1], [26, 10, 1], [27, 11, 2], [29, 11, 2], [30, 12, 3], [32, 13, 3],
    ]

    /// For each of the 56 columns behind the window and around to its beginning the one that is written.
    private var permutation: [Int] {
        let last = Self.lastColumns[phase]
        return (0..<56).filter { !last.contains($0) } + last
    }

    /// The columns that are written for those of the matrix outside of the window; nil for those inside.
    var writtenColumns: [UInt32?] {
        switch flavor {
        case .empty, .sparse, .hybrid: return (0..<64).map { UInt32($0) }
        case .pinned: return (0..<64).map { $0 < 8 ? nil : UInt32($0 - 8) }
        case .sliding:
            let permutation = permutation
            return (0..<64).map { column in
                let behind = (column + 56 - offset) & 63
                return behind < 56 ? UInt32(permutation[behind]) : nil
            }
        }
    }
}
