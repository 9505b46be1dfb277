import Platform

/// Numbers drawn one after the other, the same for a seed and a stream on every machine and with any number of threads.
struct RandomNumbers {
    private var state: UInt64

    /// - Parameter stream: which of the independent rows of numbers of a seed.
    init(seed: Int, stream: Int = 0) {
        state = SplitMix.mix(SplitMix.mix(UInt64(bitPattern: Int64(seed))) ^ UInt64(bitPattern: Int64(stream)))
    }

    private mutating func advanced() -> UInt64 {
        state &+= SplitMix.step
        return state
    }

    /// From 0 to below 1.
    mutating func share() -> Double { Double(SplitMix.mix(advanced()) >> 11) * 0x1p-53 }

    /// - Precondition: `count` is above 0.
    mutating func below(_ count: Int) -> Int { SplitMix.below(count, advanced()) }

    /// Different numbers below `count`, ascending (Bentley and Floyd, "A sample of brilliance", 1987).
    mutating func distinct(_ wanted: Int, below count: Int) -> [Int32] {
        guard wanted < count else { return (0..<Int32(count)).map { $0 } }
        var chosen: Set<Int32> = []
        for last in (count - wanted)..<count {
            let drawn = Int32(below(last + 1))
            if !chosen.insert(drawn).inserted { chosen.insert(Int32(last)) }
        }
        return chosen.sorted()
    }
}
