import Columnar

/// Numbers as levels: eight bytes, which are ordered as the numbers are.
enum LevelNumber {
    /// A number's bits with the highest byte first; 0.0 and -0.0 are one.
    static func ordered(_ value: Double) -> UInt64 {
        let bits = (value + 0).bitPattern
        return (bits >> 63 == 0 ? bits | 1 << 63 : ~bits).bigEndian
    }

    /// The number whose level is `text`.
    static func number(_ text: StringView) -> Double? {
        guard text.count == MemoryLayout<UInt64>.size else { return nil }
        let bits = UInt64(bigEndian: UnsafeRawPointer(text.pointer).loadUnaligned(as: UInt64.self))
        return Double(bitPattern: bits >> 63 == 0 ? ~bits : bits & ~(1 << 63))
    }
}
