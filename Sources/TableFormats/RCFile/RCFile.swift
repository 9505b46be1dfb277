import Columnar

/// An open record columnar file of Hive (`RCFile`): what its header says. Any number of threads read it.
///
/// It begins with `RCF` and 1, or, of old writers, as a sequence file of `RCFile$KeyBuffer`s.
package final class RCFile: Sendable {
    package let path: String
    package let byteCount: Int
    package let columnCount: Int
    /// The codec's class in Hadoop; nil: nothing is compressed.
    package let codecClass: String?
    package let metadata: [String: String]
    let codec: BlockCodec.Kind?
    /// Sixteen bytes that stand behind the header, and before some row groups.
    let sync: [UInt8]
    /// Of what follows the header.
    package let dataStart: Int
    let file: FileReader

    static let columnCountKey = "hive.io.rcfile.column.number"
    static let mostColumns = 1 << 20
    private static let largestHeader = 16 << 20

    /// - Throws: `TableFormatError` for a damaged file, other versions and codecs that are unknown; `FileError` when the file
    ///   cannot be opened.
    package init(_ file: ScanFile, memory: (any ScanMemory)? = nil) throws {
        let reader = try file.openForLong()
        self.file = reader
        path = reader.path
        byteCount = file.byteCount
        guard file.byteCount > 0 else {
            (columnCount, codecClass, metadata, codec, sync, dataStart) = (0, nil, [:], nil, [], 0)
            return
        }
        let window = FileWindow(
            reader, from: 0, end: file.byteCount,
            memory: RowFileMemory(memory, path: reader.path, limit: Self.largestHeader))
        let magic = file.byteCount >= 4 ? Array(UnsafeBufferPointer(start: try window.require(4, "the header"), count: 4)) : []
        window.skip(magic.count)
        switch magic {
        case Array("RCF\u{1}".utf8): break
        case Array("SEQ\u{6}".utf8):
            let key = try window.hadoopText("the name of the keys' class")
            _ = try window.hadoopText("the name of the values' class")
            guard key.hasSuffix("RCFile$KeyBuffer") else {
                throw TableFormatError("not an RCFile: a sequence file of \(key)", path: reader.path, offset: 4)
            }
        default: throw TableFormatError("not an RCFile: it begins with neither 'RCF' nor 'SEQ'", path: reader.path, offset: 0)
        }
        let isCompressed = try window.byte("the header") != 0
        if magic.first == UInt8(ascii: "S"), try window.byte("the header") != 0 {
            throw TableFormatError("damaged RCFile: blocks of records", path: reader.path, offset: window.offset)
        }
        if isCompressed {
            let name = try window.hadoopText("the name of the codec")
            codecClass = name
            codec = try HadoopCodec.blockKind(ofClass: name, path: reader.path)
        } else {
            (codecClass, codec) = (nil, nil)
        }
        metadata = try window.hadoopMetadata()
        guard let count = metadata[Self.columnCountKey].flatMap({ Int($0) }), (0...Self.mostColumns).contains(count) else {
            throw TableFormatError("damaged RCFile: it does not say its number of columns", path: reader.path, offset: 0)
        }
        columnCount = count
        sync = Array(
            UnsafeBufferPointer(start: try window.require(SequenceFile.syncLength, "the header"), count: SequenceFile.syncLength))
        window.skip(SequenceFile.syncLength)
        dataStart = window.offset
    }

    package convenience init(path: String, memory: (any ScanMemory)? = nil) throws {
        let reader = try FileReader(path: path)
        try self.init(ScanFile(path: path, byteCount: reader.size(), reader: reader), memory: memory)
    }
}
