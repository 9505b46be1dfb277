import Columnar
import Platform

extension ParquetFile {
    /// What the footer says.
    func description() throws -> FileDescription {
        var result = FileDescription(format: "Parquet", path: path, byteCount: byteCount)
        result.rowCount = rowCount
        result.writer = createdBy
        result.columns = columns
        result.storedSchema = SchemaText.message(metadata.schema)
        result.metadata = keyValues.map { ($0.key, $0.value ?? "") }
        result.partName = "row group"
        result.facts = [
            FileDescription.Fact("version", metadata.version),
            FileDescription.Fact("codec", codecs.joined(separator: ", ")),
            FileDescription.Fact("row groups", rowGroupCount),
            FileDescription.Fact("footer bytes", byteCount - 8 - dataEnd),
        ]
        result.parts = metadata.rowGroups.map { group in
            FileDescription.Part(
                offset: group.columns.map(\.firstPageOffset).min() ?? 0,
                byteCount: group.compressedByteCount
                    ?? group.columns.reduce(0) { $0 &+ max($1.compressedByteCount, 0) },
                rowCount: group.rowCount)
        }
        for (ordinal, leaf) in schema.leaves.enumerated() {
            let statistics = self.statistics(ofLeaf: ordinal)
            let minimum = try BoundTexts.texts(statistics.minimum)
            let maximum = try BoundTexts.texts(statistics.maximum)
            for (number, group) in metadata.rowGroups.enumerated() {
                let chunk = group.columns[ordinal]
                let index = try offsetIndex(rowGroup: number, leaf: ordinal, memory: ParquetMemory(nil, limit: Self.indexLimit))
                let filter = try ParquetBloomFilter(of: chunk, in: self)
                result.parts[number].columns.append(
                    FileDescription.PartColumn(
                        name: leaf.path.joined(separator: "."), type: leaf.physical.text(length: leaf.typeLength),
                        codec: chunk.codecName, encodings: chunk.encodingNames, byteCount: max(chunk.compressedByteCount, 0),
                        decompressedByteCount: max(chunk.byteCount, 0), nullCount: statistics.nullCounts[number],
                        minimum: minimum[number], maximum: maximum[number],
                        indexes: chunk.indexNames(pageCount: index?.pages.count, filterBytes: filter?.byteCount)))
            }
        }
        return result
    }

    /// More memory for the index of a chunk is not worth a description.
    private static let indexLimit = 1 << 30

    private var codecs: [String] {
        var names: [String] = []
        for group in metadata.rowGroups {
            for chunk in group.columns where !names.contains(chunk.codecName) { names.append(chunk.codecName) }
        }
        return names
    }
}

extension ParquetColumnChunk {
    fileprivate var firstPageOffset: Int {
        guard let dictionary = dictionaryPageOffset, dictionary > 0 else { return dataPageOffset }
        return min(dictionary, dataPageOffset)
    }

    fileprivate var codecName: String {
        guard let compression else { return "unknown" }
        return ParquetCompression(rawValue: compression)?.text ?? "codec \(compression)"
    }

    fileprivate var encodingNames: [String] {
        encodings.map { code in ParquetEncoding(rawValue: code)?.text ?? "encoding \(code)" }
    }

    /// - Parameters: what is said of them; nil for those that are missing or cannot be used.
    fileprivate func indexNames(pageCount: Int?, filterBytes: Int?) -> [String] {
        var names: [String] = []
        let codes = [ParquetEncoding.plainDictionary.rawValue, ParquetEncoding.rleDictionary.rawValue]
        if encodings.contains(where: { codes.contains($0) }) { names.append("dictionary") }
        if columnIndexOffset != nil { names.append("column index") }
        if offsetIndexOffset != nil { names.append("offset index" + (pageCount.map { " (\($0) page\($0 == 1 ? "" : "s"))" } ?? "")) }
        if bloomFilterOffset != nil { names.append("bloom filter" + (filterBytes.map { " (\($0) bytes)" } ?? "")) }
        return names
    }
}

extension ParquetCompression {
    fileprivate var text: String {
        switch self {
        case .uncompressed: "UNCOMPRESSED"
        case .snappy: "SNAPPY"
        case .gzip: "GZIP"
        case .lzo: "LZO"
        case .brotli: "BROTLI"
        case .lz4: "LZ4"
        case .zstd: "ZSTD"
        case .lz4Raw: "LZ4_RAW"
        }
    }
}

extension ParquetEncoding {
    fileprivate var text: String {
        switch self {
        case .plain: "PLAIN"
        case .plainDictionary: "PLAIN_DICTIONARY"
        case .rle: "RLE"
        case .bitPacked: "BIT_PACKED"
        case .deltaBinaryPacked: "DELTA_BINARY_PACKED"
        case .deltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY"
        case .deltaByteArray: "DELTA_BYTE_ARRAY"
        case .rleDictionary: "RLE_DICTIONARY"
        case .byteStreamSplit: "BYTE_STREAM_SPLIT"
        }
    }
}

extension ParquetPhysicalType {
    /// As schemas are written: `fixed_len_byte_array(16)`.
    fileprivate func text(length: Int) -> String {
        switch self {
        case .boolean: "boolean"
        case .int32: "int32"
        case .int64: "int64"
        case .int96: "int96"
        case .float: "float"
        case .double: "double"
        case .byteArray: "binary"
        case .fixedLengthByteArray: "fixed_len_byte_array(\(length))"
        }
    }
}

/// A schema in the form that Parquet's own tools write: `message m { optional int32 a; }`.
private enum SchemaText {
    static func message(_ elements: [ParquetSchemaElement]) -> String {
        guard let root = elements.first else { return "" }
        var lines = ["message \(root.name) {"]
        // Children that are still to come, a number a level.
        var open = [root.childCount ?? 0]
        for element in elements.dropFirst() {
            while let last = open.last, last <= 0 { close(&open, &lines) }
            guard !open.isEmpty else { break }
            open[open.count - 1] -= 1
            let indentation = String(repeating: "  ", count: open.count)
            let repetition = element.repetition.map { "\($0) " } ?? ""
            let annotation = self.annotation(element).map { " (\($0))" } ?? ""
            if let physical = element.physical, element.childCount ?? 0 == 0 {
                lines.append(
                    "\(indentation)\(repetition)\(physical.text(length: element.typeLength)) \(element.name)\(annotation);")
            } else {
                lines.append("\(indentation)\(repetition)group \(element.name)\(annotation) {")
                open.append(element.childCount ?? 0)
            }
        }
        while !open.isEmpty { close(&open, &lines) }
        return lines.joined(separator: "\n")
    }

    private static func close(_ open: inout [Int], _ lines: inout [String]) {
        open.removeLast()
        lines.append(String(repeating: "  ", count: open.count) + "}")
    }

    private static func annotation(_ element: ParquetSchemaElement) -> String? {
        switch element.logical {
        case .string: return "STRING"
        case .map: return "MAP"
        case .list: return "LIST"
        case .enumeration: return "ENUM"
        case .decimal(let precision, let scale): return "DECIMAL(\(precision),\(scale))"
        case .date: return "DATE"
        case .time: return "TIME"
        case .timestamp(let isAdjusted, let unit):
            return "TIMESTAMP(\("\(unit)".uppercased()),\(isAdjusted))"
        case .integer(let width, let isSigned): return "INTEGER(\(width),\(isSigned))"
        case .unknown: return "UNKNOWN"
        case .json: return "JSON"
        case .bson: return "BSON"
        case .uuid: return "UUID"
        case .float16: return "FLOAT16"
        case .other, nil: break
        }
        switch element.converted {
        case .utf8: return "UTF8"
        case .map: return "MAP"
        case .mapKeyValue: return "MAP_KEY_VALUE"
        case .list: return "LIST"
        case .enumeration: return "ENUM"
        case .decimal: return "DECIMAL(\(element.precision),\(element.scale))"
        case .date: return "DATE"
        case .timeMillis: return "TIME_MILLIS"
        case .timeMicros: return "TIME_MICROS"
        case .timestampMillis: return "TIMESTAMP_MILLIS"
        case .timestampMicros: return "TIMESTAMP_MICROS"
        case .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64, .json, .bson, .interval:
            return element.converted.map { "\($0)".uppercased() }
        case nil: return nil
        }
    }
}
