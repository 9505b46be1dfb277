/// Scrambled numbers that are the same on every machine (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014).
package enum SplitMix {
    /// What one state lies behind the one before.
    @inlinable package static var step: UInt64 { 0x9E37_79B9_7F4A_7C15 }

    /// The number that the generator gives in a state: every bit of it depends on all bits of the state.
    @inlinable @inline(__always)
    package static func mix(_ state: UInt64) -> UInt64 {
        var word = state &+ step
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A number from 0 to below `bound` for a state.
    /// - Precondition: `bound` is above 0.
    @inlinable @inline(__always)
    package static func below(_ bound: Int, _ state: UInt64) -> Int {
        Int(truncatingIfNeeded: mix(state).multipliedFullWidth(by: UInt64(truncatingIfNeeded: bound)).high)
    }

    /// In which of `count` folds a row with a key is. The key is hashed once more: rows to train on are those with the smallest keys.
    /// - Precondition: `count` is above 0.
    @inlinable @inline(__always)
    package static func fold(of key: UInt64, _ count: Int) -> Int {
        Int(truncatingIfNeeded: mix(key ^ 0x666F_6C64_7321) % UInt64(truncatingIfNeeded: count))
    }
}
