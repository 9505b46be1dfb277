/// The parts of a Parquet file's footer that matter here, as `parquet.thrift` names them.
struct ParquetFileMetadata: Sendable {
    var version = 1
    var schema: [ParquetSchemaElement] = []
    var rowCount: Int?
    var rowGroups: [ParquetRowGroupMetadata] = []
    var keyValues: [(key: String, value: String?)] = []
    var createdBy: String?
    /// Whether a column's statistics are ordered as its type says; empty when the writer did not say.
    var typeDefinedOrders: [Bool] = []
    var isEncrypted = false
}

struct ParquetSchemaElement: Sendable {
    var physical: ParquetPhysicalType?
    var typeLength = 0
    var repetition: ParquetRepetition?
    var name = ""
    var childCount: Int?
    var converted: ParquetConvertedType?
    var scale = 0
    var precision = 0
    var logical: ParquetLogicalType?
}

enum ParquetPhysicalType: Int, Sendable {
    case boolean, int32, int64, int96, float, double, byteArray, fixedLengthByteArray
}

enum ParquetRepetition: Int, Sendable {
    case required, optional, repeated
}

enum ParquetConvertedType: Int, Sendable {
    case utf8, map, mapKeyValue, list, enumeration, decimal, date, timeMillis, timeMicros, timestampMillis,
        timestampMicros, uint8, uint16, uint32, uint64, int8, int16, int32, int64, json, bson, interval
}

enum ParquetTimeUnit: Int, Sendable {
    case millis = 1, micros, nanos
}

enum ParquetLogicalType: Sendable, Hashable {
    case string, map, list, enumeration
    case decimal(precision: Int, scale: Int)
    case date
    case time
    case timestamp(isAdjustedToUTC: Bool, unit: ParquetTimeUnit)
    case integer(bitWidth: Int, isSigned: Bool)
    case unknown, json, bson, uuid, float16
    /// One that was defined later: its values are read as the physical type has them.
    case other
}

enum ParquetEncoding: Int, Sendable {
    case plain = 0
    case plainDictionary = 2
    case rle, bitPacked, deltaBinaryPacked, deltaLengthByteArray, deltaByteArray, rleDictionary, byteStreamSplit
}

enum ParquetCompression: Int, Sendable {
    case uncompressed, snappy, gzip, lzo, brotli, lz4, zstd, lz4Raw
}

struct ParquetRowGroupMetadata: Sendable {
    var columns: [ParquetColumnChunk] = []
    var byteCount = 0
    var compressedByteCount: Int?
    var rowCount = 0
}

/// A column chunk and its `ColumnMetaData`.
struct ParquetColumnChunk: Sendable {
    var filePath: String?
    var isEncrypted = false
    var hasMetadata = false
    var physical: ParquetPhysicalType?
    var compression: Int?
    var encodings: [Int] = []
    /// What the writer calls the column; not read.
    var path: [String] = []
    var valueCount = 0
    var byteCount = 0
    var compressedByteCount = 0
    var dataPageOffset = 0
    var dictionaryPageOffset: Int?
    var columnIndexOffset: Int?
    var columnIndexByteCount: Int?
    var offsetIndexOffset: Int?
    var offsetIndexByteCount: Int?
    var bloomFilterOffset: Int?
    /// Header and blocks.
    var bloomFilterByteCount: Int?
    var statistics: ParquetStatistics?
}

struct ParquetStatistics: Sendable {
    /// The deprecated fields, ordered as signed values by writers that knew no better; read where the newer ones are missing.
    var oldMinimum: [UInt8]?
    var oldMaximum: [UInt8]?
    var nullCount: Int?
    var distinctCount: Int?
    var minimum: [UInt8]?
    var maximum: [UInt8]?
    var isMinimumExact: Bool?
    var isMaximumExact: Bool?
}

struct ParquetPageHeader {
    enum Kind: Int {
        case data, index, dictionary, dataV2
    }

    var kind: Kind?
    var byteCount = -1
    var compressedByteCount = -1
    var checksum: UInt32?
    var valueCount = -1
    var encoding: ParquetEncoding?
    var definitionEncoding: ParquetEncoding?
    var repetitionEncoding: ParquetEncoding?
    /// Version 2 alone.
    var rowCount: Int?
    var definitionByteCount = 0
    var repetitionByteCount = 0
    var isCompressed = true
    /// Bytes of the header itself.
    var headerByteCount = 0
}
