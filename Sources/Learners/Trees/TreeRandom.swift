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
        defer { state &+= SplitMix.step }
        return SplitMix.below(bound, state)
    }
}
