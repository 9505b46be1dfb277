/// A file of Hadoop in which sixteen bytes, the same throughout the file, stand before some of its records: whoever reads a
/// range of it begins behind the first of these in the range.
protocol SyncMarkedFile {
    var path: String { get }
    var byteCount: Int { get }
    var file: FileReader { get }
    var codec: BlockCodec.Kind? { get }
    var sync: [UInt8] { get }
    /// Of what follows the header, which ends with the marker.
    var dataStart: Int { get }
}

extension SyncMarkedFile {
    /// A range opened for reading.
    /// - Returns: a window at the first record of the range; its codec; the end before which a marker begins the range's last
    ///   records.
    func open(_ range: Range<Int>?, memory: RowFileMemory) throws -> (window: FileWindow, codec: BlockCodec?, limit: Int) {
        let range = range ?? 0..<byteCount
        let limit = min(range.upperBound, byteCount)
        let blockCodec: BlockCodec?
        do { blockCodec = try codec.map { try BlockCodec($0) } } catch let error as BlockCodecError {
            throw TableFormatError("\(error)", path: path, offset: 0)
        }
        let window = FileWindow(
            file, from: max(range.lowerBound, dataStart - SequenceFile.syncLength), end: byteCount, memory: memory)
        if byteCount > 0 { try window.skip(behind: sync, before: limit) }
        return (window, blockCodec, limit)
    }
}

extension SequenceFile: SyncMarkedFile {}
extension RCFile: SyncMarkedFile {}
