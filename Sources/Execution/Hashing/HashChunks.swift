/// Hashes as a stage gathers them, an array a batch.
extension [[UInt64]] {
    /// Writes the hashes of all batches one after the other.
    /// - Returns: how many there are.
    func write(to target: UnsafeMutablePointer<UInt64>) -> Int {
        var count = 0
        for chunk in self {
            chunk.withUnsafeBufferPointer { words in
                if let source = words.baseAddress { (target + count).update(from: source, count: words.count) }
            }
            count += chunk.count
        }
        return count
    }
}
