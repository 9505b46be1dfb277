/// Numbers as parts of a saved model: eight bytes each, the least first, so that they read back to the same bits.
enum NumberBytes {
    static func bytes(_ words: some Sequence<UInt64>) -> [UInt8] {
        words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    static func bytes(_ numbers: [Double]) -> [UInt8] { bytes(numbers.lazy.map(\.bitPattern)) }

    /// nil for bytes that are no whole number of words.
    static func words(_ bytes: [UInt8]?) -> [UInt64]? {
        guard let bytes, bytes.count % 8 == 0 else { return nil }
        return (0..<bytes.count / 8).map { word in
            (0..<8).reduce(0) { $0 | UInt64(bytes[word * 8 + $1]) << (8 * $1) }
        }
    }

    static func numbers(_ bytes: [UInt8]?) -> [Double]? { words(bytes)?.map { Double(bitPattern: $0) } }
}
