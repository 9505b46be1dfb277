import Columnar

/// An open sequence file of Hadoop (`SequenceFile`), versions 4 to 6: what its header says. Any number of threads read it.
package final class SequenceFile: Sendable {
    package enum Compression: Sendable, Equatable { case none, record, block }
    /// How values are framed.
    package enum Value: Sendable, Equatable {
        /// `Text`: a variable-length number, and as many bytes of UTF-8.
        case text
        /// `BytesWritable`: four bytes of length, and as many bytes.
        case bytes
    }

    package let path: String
    package let byteCount: Int
    package let version: Int
    package let keyClass: String
    package let valueClass: String
    package let compression: Compression
    /// The codec's class.
    package let codecClass: String?
    package let metadata: [String: String]
    /// Of a file that has no bytes nil.
    let value: Value
    let codec: BlockCodec.Kind?
    /// Sixteen bytes that stand behind the header, and before some records or every block.
    let sync: [UInt8]
    /// Of what follows the header.
    let dataStart: Int
    let file: FileReader

    static let syncLength = 16
    /// Stands where a record's length is expected, before a sync marker.
    static let syncEscape = -1
    /// More of the header is refused.
    private static let largestHeader = 16 << 20

    /// - Throws: `TableFormatError` for a damaged file, other versions, other values than `Text` and `BytesWritable`, and
    ///   codecs that are unknown; `FileError` when the file cannot be opened.
    package init(_ file: ScanFile, memory: (any ScanMemory)? = nil) throws {
        let reader = try file.openForLong()
        self.file = reader
        path = reader.path
        byteCount = file.byteCount
        guard file.byteCount > 0 else {
            (version, keyClass, valueClass, compression, codecClass, metadata) = (6, "", "", .none, nil, [:])
            (value, codec, sync, dataStart) = (.text, nil, [], 0)
            return
        }
        let window = FileWindow(
            reader, from: 0, end: file.byteCount,
            memory: RowFileMemory(memory, path: reader.path, limit: Self.largestHeader))
        guard file.byteCount >= 4, try UnsafeBufferPointer(start: window.require(3, "the header"), count: 3).elementsEqual("SEQ".utf8)
        else { throw TableFormatError("not a sequence file: it does not begin with 'SEQ'", path: reader.path, offset: 0) }
        window.skip(3)
        version = Int(try window.byte("the header"))
        guard (4...6).contains(version) else {
            throw TableFormatError("sequence files of version \(version) are not supported", path: reader.path, offset: 3)
        }
        keyClass = try window.hadoopText("the name of the keys' class")
        valueClass = try window.hadoopText("the name of the values' class")
        value =
            switch valueClass {
            case "org.apache.hadoop.io.Text": .text
            case "org.apache.hadoop.io.BytesWritable": .bytes
            default: throw TableFormatError("sequence files with values of \(valueClass) are not supported", path: reader.path, offset: 4)
            }
        let isCompressed = try window.byte("the header") != 0
        let isBlockCompressed = try window.byte("the header") != 0
        compression = isCompressed ? isBlockCompressed ? .block : .record : .none
        guard isCompressed || !isBlockCompressed else {
            throw TableFormatError("damaged sequence file: blocks without compression", path: reader.path, offset: window.offset)
        }
        if isCompressed {
            let name = version >= 5 ? try window.hadoopText("the name of the codec") : HadoopCodec.zlib.className
            codecClass = name
            codec = try HadoopCodec.blockKind(ofClass: name, path: reader.path)
        } else {
            (codecClass, codec) = (nil, nil)
        }
        metadata = version >= 6 ? try window.hadoopMetadata() : [:]
        sync = Array(UnsafeBufferPointer(start: try window.require(Self.syncLength, "the header"), count: Self.syncLength))
        window.skip(Self.syncLength)
        dataStart = window.offset
    }

    package convenience init(path: String, memory: (any ScanMemory)? = nil) throws {
        let reader = try FileReader(path: path)
        try self.init(ScanFile(path: path, byteCount: reader.size(), reader: reader), memory: memory)
    }
}
