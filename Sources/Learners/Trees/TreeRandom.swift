import Platform

/// The random numbers of one tree: the same for the same seed and tree on every machine and thread.
struct TreeRandom {
    private var state: UInt64

    init(seed: Int, tree: Int) {
        state = SplitMix.mix(SplitMix.mix(UInt64(bitPattern: Int64(seed))) ^ UInt64(bitPattern: Int64(tree)))
    }

    /// A number from 0 to below `bound`, which is above 0.
    @inline(__always)
    mutating func below(_ bound: Int) -> Int {
        let word = SplitMix.mix(state)
        state &+= SplitMix.step
        return Int(truncatingIfNeeded: word.multipliedFullWidth(by: UInt64(truncatingIfNeeded: bound)).high)
    }
}
