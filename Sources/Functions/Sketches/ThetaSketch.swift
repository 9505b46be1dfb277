import Columnar

/// A theta sketch of Apache DataSketches: of the hashes of the different values those below a threshold, theta. How many they are, by
/// theta's share of all hashes, tells how many values there were, and sketches can be united, intersected and taken from each other.
struct ThetaSketch: Sendable {
    /// The threshold of a sketch that has left nothing out: hashes have 63 bits.
    static let everything: UInt64 = 1 << 63 - 1

    let theta: UInt64
    /// Ascending, below theta.
    let hashes: [UInt64]
    /// Whether there was no value at all. A sketch without hashes may have seen values.
    let isEmpty: Bool

    init(theta: UInt64 = everything, hashes: [UInt64] = [], isEmpty: Bool = true) {
        self.theta = theta
        self.hashes = hashes
        self.isEmpty = isEmpty
    }

    /// What a theta sketch keeps of a hash; nil for the one in 2^63 that it cannot keep.
    @inline(__always)
    static func hash(_ hash: SketchHash) -> UInt64? {
        let kept = hash.low >> 1
        return kept == 0 ? nil : kept
    }

    var estimate: Double {
        theta == Self.everything ? Double(hashes.count) : Double(hashes.count) * (0x1p63 / Double(theta))
    }

    /// The values that both have seen.
    func intersection(_ other: ThetaSketch) -> ThetaSketch {
        guard !isEmpty, !other.isEmpty else { return ThetaSketch() }
        let theta = min(theta, other.theta)
        return Self(theta, Self.shared(hashes, other.hashes, isIn: true))
    }

    /// The values that only this one has seen.
    func exclusion(_ other: ThetaSketch) -> ThetaSketch {
        guard !isEmpty, !other.isEmpty else { return self }
        return Self(min(theta, other.theta), Self.shared(hashes, other.hashes, isIn: false))
    }

    private init(_ theta: UInt64, _ hashes: [UInt64]) {
        let below = hashes.prefix { $0 < theta }
        self.init(theta: theta, hashes: Array(below), isEmpty: below.isEmpty && theta == Self.everything)
    }

    /// Those of one ascending list that are in the other, or that are not.
    private static func shared(_ hashes: [UInt64], _ others: [UInt64], isIn: Bool) -> [UInt64] {
        var place = 0
        return hashes.filter { hash in
            while place < others.count, others[place] < hash { place += 1 }
            return (place < others.count && others[place] == hash) == isIn
        }
    }
}

/// Collects hashes of values and of other sketches: the `size` least ones, of which the next one is theta then. The result depends on the
/// values alone, not on their order.
struct ThetaUnion: SketchState {
    static let sizes = 16...(1 << 26)
    static let usualSize = 4096

    private let size: Int
    private let mark: UInt16
    private var theta: UInt64
    private var isEmpty = true
    /// Hashes below theta, each once, by open addressing. 0 is none.
    private var slots: [UInt64] = []
    private var count = 0

    /// - Parameters:
    ///   - size: how many hashes the result may have; rounded up to a power of two.
    ///   - sampling: the share of hashes that are looked at, above 0 up to 1.
    init(size: Int, sampling: Float = 1, mark: UInt16) {
        self.size = size <= 1 ? 1 : 1 << (Int.bitWidth - (size - 1).leadingZeroBitCount)
        self.mark = mark
        theta = sampling >= 1 ? ThetaSketch.everything : max(1, UInt64(Double(sampling) * 0x1p63))
    }

    var byteCount: Int { slots.capacity * 8 }

    @inline(__always)
    mutating func insert(_ hash: UInt64) {
        isEmpty = false
        guard hash < theta else { return }
        if (count + 1) * 4 > slots.count * 3 { makeRoom() }
        guard hash < theta else { return }
        let slot = Self.place(of: hash, in: slots)
        if slots[slot] == 0 {
            slots[slot] = hash
            count += 1
        }
    }

    private static func place(of hash: UInt64, in slots: [UInt64]) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0, slots[slot] != hash { slot = (slot + 1) & mask }
        return slot
    }

    /// More slots, or a lower theta.
    private mutating func makeRoom() {
        var known = slots.filter { $0 != 0 }
        var slotCount = max(16, slots.count * 2)
        if slots.count >= size * 2, slots.count > 16 {
            known.sort()
            theta = known[size]
            known.removeSubrange(size...)
            slotCount = slots.count
        }
        slots = [UInt64](repeating: 0, count: slotCount)
        for hash in known { slots[Self.place(of: hash, in: slots)] = hash }
        count = known.count
    }

    mutating func merge(_ sketch: ThetaSketch) {
        guard !sketch.isEmpty else { return }
        isEmpty = false
        theta = min(theta, sketch.theta)
        for hash in sketch.hashes {
            guard hash < theta else { break }
            insert(hash)
        }
    }

    mutating func merge(_ other: ThetaUnion) { merge(other.everything) }

    /// What is known, more hashes than the result may have.
    private var everything: ThetaSketch {
        guard !isEmpty else { return ThetaSketch() }
        let theta = theta
        return ThetaSketch(theta: theta, hashes: slots.filter { $0 != 0 && $0 < theta }.sorted(), isEmpty: false)
    }

    var result: ThetaSketch {
        let all = everything
        guard all.hashes.count > size else { return all }
        return ThetaSketch(theta: all.hashes[size], hashes: Array(all.hashes.prefix(size)), isEmpty: false)
    }

    func sketch() -> [UInt8] { result.serialized(mark: mark) }
    func saved() -> [UInt8] { everything.serialized(mark: mark) }
    mutating func restore(_ saved: StringView) throws { merge(try ThetaSketch(saved, mark: mark)) }
}

/// What all sketches of a group have in common.
struct ThetaIntersection: SketchState {
    private let mark: UInt16
    private var common: ThetaSketch?

    init(mark: UInt16) { self.mark = mark }

    var byteCount: Int { (common?.hashes.capacity ?? 0) * 8 }

    mutating func merge(_ sketch: ThetaSketch) { common = common?.intersection(sketch) ?? sketch }
    mutating func merge(_ other: ThetaIntersection) { if let sketch = other.common { merge(sketch) } }

    func sketch() -> [UInt8] { (common ?? ThetaSketch()).serialized(mark: mark) }
    func saved() -> [UInt8] { sketch() }
    mutating func restore(_ saved: StringView) throws { merge(try ThetaSketch(saved, mark: mark)) }
}
