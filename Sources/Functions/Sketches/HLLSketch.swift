import Columnar

/// A HyperLogLog sketch as Apache DataSketches has it: the hashes of few values themselves, of many a register for each of `2^lgK`
/// groups of hashes, which holds the most zeros that one began with.
///
/// What a sketch holds depends on the values alone, not on their order nor on how they were dealt out, so sketches of equal values are
/// equal bytes. The estimate that needs the order (HIP) is kept of a sketch that was made elsewhere, as long as nothing is added.
struct HLLSketch: Sendable {
    static let sizes = 4...21
    static let usualSize = 12
    /// So many hashes are a list, more are a set.
    static let listLimit = 8
    /// Below this `lgK` a full list becomes registers at once.
    static let smallestWithSet = 8

    /// How registers are written. All three hold the same.
    enum Width: UInt8, Sendable {
        case four, six, eight

        var name: String {
            switch self {
            case .four: "HLL_4"
            case .six: "HLL_6"
            case .eight: "HLL_8"
            }
        }

        init?(name: String) {
            switch name {
            case "HLL_4": self = .four
            case "HLL_6": self = .six
            case "HLL_8": self = .eight
            default: return nil
            }
        }
    }

    /// The logarithm of the number of registers.
    private(set) var lgK: Int
    var width: Width
    /// While there are few values: where a value belongs, 26 bits, below how many zeros its hash has, and one.
    private(set) var coupons = CouponSet()
    /// Empty while there are few values.
    private(set) var registers: [UInt8] = []
    /// The estimate that was counted while the sketch was filled elsewhere.
    private(set) var historicEstimate: Double?

    init(lgK: Int, width: Width) {
        self.lgK = lgK
        self.width = width
    }

    init(lgK: Int, width: Width, registers: [UInt8], historicEstimate: Double?) {
        self.init(lgK: lgK, width: width)
        self.registers = registers
        self.historicEstimate = historicEstimate
    }

    var hasRegisters: Bool { !registers.isEmpty }
    var isEmpty: Bool { hasRegisters ? registers.allSatisfy { $0 == 0 } : coupons.count == 0 }

    /// The number of hashes that become registers.
    private var couponLimit: Int { lgK < Self.smallestWithSet ? Self.listLimit : 3 << (lgK - 5) + 1 }

    @inline(__always)
    static func coupon(_ hash: SketchHash) -> UInt32 {
        let zeros = UInt32(min(hash.high.leadingZeroBitCount, 62))
        return (zeros + 1) << 26 | UInt32(truncatingIfNeeded: hash.low & 0x3FF_FFFF)
    }

    @inline(__always)
    mutating func insert(_ coupon: UInt32) {
        if registers.isEmpty {
            coupons.insert(coupon)
            if coupons.count >= couponLimit { expand() }
        } else {
            raise(Int(coupon) & (registers.count - 1), UInt8(truncatingIfNeeded: coupon >> 26))
        }
    }

    @inline(__always)
    private mutating func raise(_ register: Int, _ value: UInt8) {
        if registers[register] < value { registers[register] = value }
    }

    /// Registers in the place of hashes.
    private mutating func expand() {
        let known = coupons
        coupons = CouponSet()
        registers = [UInt8](repeating: 0, count: 1 << lgK)
        known.forEach { raise(Int($0) & (registers.count - 1), UInt8(truncatingIfNeeded: $0 >> 26)) }
    }

    /// Fewer registers: each takes the greatest of those that fall together.
    private mutating func fold(to smaller: Int) {
        guard smaller < lgK else { return }
        lgK = smaller
        guard hasRegisters else { return }
        let before = registers
        registers = [UInt8](repeating: 0, count: 1 << smaller)
        for (place, value) in before.enumerated() { raise(place & (registers.count - 1), value) }
    }

    /// The union of both. It has as many registers as the one that has fewer.
    mutating func merge(_ other: HLLSketch) {
        guard !other.isEmpty else { return }
        guard other.hasRegisters else {
            historicEstimate = nil
            return other.coupons.forEach { insert($0) }
        }
        let historic = isEmpty ? other.historicEstimate : nil
        if !hasRegisters {
            let known = coupons
            coupons = CouponSet()
            lgK = min(lgK, other.lgK)
            registers = [UInt8](repeating: 0, count: 1 << lgK)
            known.forEach { insert($0) }
        }
        fold(to: other.lgK)
        for (place, value) in other.registers.enumerated() where value > 0 { raise(place & (registers.count - 1), value) }
        historicEstimate = historic
    }
}

/// Hashes, each once. 0 is none.
struct CouponSet: Sendable {
    private var slots: [UInt32] = []
    private(set) var count = 0

    var byteCount: Int { slots.capacity * 4 }

    mutating func insert(_ coupon: UInt32) {
        if (count + 1) * 4 > slots.count * 3 { grow() }
        let slot = place(of: coupon)
        if slots[slot] == 0 {
            slots[slot] = coupon
            count += 1
        }
    }

    private func place(of coupon: UInt32) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: (UInt64(coupon) &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while slots[slot] != 0, slots[slot] != coupon { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let known = slots
        slots = [UInt32](repeating: 0, count: max(8, known.count * 2))
        for coupon in known where coupon != 0 { slots[place(of: coupon)] = coupon }
    }

    func forEach(_ body: (UInt32) -> Void) {
        for coupon in slots where coupon != 0 { body(coupon) }
    }

    /// The same whatever the order in which they came.
    var sorted: [UInt32] { slots.filter { $0 != 0 }.sorted() }
}

extension HLLSketch: SketchState {
    var byteCount: Int { coupons.byteCount + registers.capacity }

    func sketch() -> [UInt8] { serialized() }

    func saved() -> [UInt8] {
        var copy = self
        copy.width = .eight
        return copy.serialized()
    }

    mutating func restore(_ saved: StringView) throws {
        let width = width
        self = try HLLSketch(saved)
        self.width = width
    }
}
