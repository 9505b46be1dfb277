/// Codes of a dictionary's entries.
struct CodeBuffer {
    private var codes: UnsafeMutablePointer<Int32>?
    private(set) var capacity = 0

    /// Room for `count` codes; keeps those that are there.
    mutating func room(_ count: Int) -> UnsafeMutablePointer<Int32> {
        if let codes, capacity >= count { return codes }
        let wanted = max(count, 2048, capacity * 2)
        let grown = UnsafeMutablePointer<Int32>.allocate(capacity: wanted)
        if let codes { grown.update(from: codes, count: capacity) }
        codes?.deallocate()
        codes = grown
        capacity = wanted
        return grown
    }

    func deallocate() { codes?.deallocate() }

    /// The decoder of a page of codes (Encodings.md, "Dictionary Encoding"); nil when the page has values.
    static func decoder(
        _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding
    ) throws -> (decoder: HybridDecoder, bitWidth: Int)? {
        guard encoding == .plainDictionary || encoding == .rleDictionary else { return nil }
        // One byte has the width of the codes. A page of NULLs alone may lack it.
        let width = Int(bytes.first ?? 0)
        let rest = UnsafeBufferPointer(rebasing: bytes.dropFirst())
        let start = UnsafeBufferPointer(start: rest.baseAddress ?? bytes.baseAddress, count: rest.count)
        return (try HybridDecoder(start, bitWidth: width), width)
    }

    @inline(__always)
    static func check(_ codes: UnsafePointer<Int32>, _ count: Int, _ limit: Int) throws {
        var largest: UInt32 = 0
        for index in 0..<count { largest = max(largest, UInt32(bitPattern: codes[index])) }
        guard Int(largest) < limit else { throw outside(Int(largest), limit) }
    }

    static func outside(_ code: Int, _ limit: Int) -> CorruptParquet {
        CorruptParquet("the code \(code) for a dictionary of \(limit) values")
    }
}
