/// Blocks that do not say how many bytes they hold.
enum GrowingBlock {
    /// Decompresses a block, and asks for more memory while it is larger.
    /// - Parameter limit: bytes that were asked for so far; blocks before this one held no more.
    /// - Throws: what `damaged` makes of the reason; `TableFormatError` when there is no memory.
    static func decompress(
        _ source: UnsafeRawBufferPointer, _ codec: BlockCodec, _ limit: inout Int, _ memory: RowFileMemory, _ what: String,
        offset: Int, damaged: (String) -> TableFormatError
    ) throws -> [UInt8] {
        var wanted = max(limit, RowFileMemory.smallAllocation, min(source.count * 8, BlockCodec.largestBlock))
        while true {
            try memory.grow(by: wanted - limit, for: what, offset: offset)
            limit = wanted
            do {
                if let bytes = try codec.decompress(source, within: wanted) { return bytes }
            } catch let error as BlockCodecError { throw damaged("\(error)") }
            guard wanted < BlockCodec.largestBlock else { throw damaged("\(what) holds more than \(wanted) bytes") }
            wanted = min(wanted * 4, BlockCodec.largestBlock)
        }
    }
}
