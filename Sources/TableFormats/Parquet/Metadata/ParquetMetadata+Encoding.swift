extension ParquetFileMetadata {
    func encoded() -> [UInt8] {
        var writer = ThriftCompactWriter()
        writer.element { writer in
            writer.i32(1, version)
            writer.structures(2, schema) { $1.encode(to: &$0) }
            writer.i64(3, rowCount ?? 0)
            writer.structures(4, rowGroups) { writer, group in
                writer.structures(1, group.columns) { $1.encode(to: &$0) }
                writer.i64(2, group.byteCount)
                writer.i64(3, group.rowCount)
                if let compressed = group.compressedByteCount { writer.i64(6, compressed) }
            }
            if !keyValues.isEmpty {
                writer.structures(5, keyValues) { writer, pair in
                    writer.string(1, pair.key)
                    if let value = pair.value { writer.string(2, value) }
                }
            }
            if let createdBy { writer.string(6, createdBy) }
            writer.structures(7, typeDefinedOrders) { writer, _ in writer.structure(1) { _ in } }
        }
        return writer.bytes
    }
}

extension ParquetSchemaElement {
    fileprivate func encode(to writer: inout ThriftCompactWriter) {
        if let physical { writer.i32(1, physical.rawValue) }
        if physical == .fixedLengthByteArray { writer.i32(2, typeLength) }
        if let repetition { writer.i32(3, repetition.rawValue) }
        writer.string(4, name)
        if let childCount { writer.i32(5, childCount) }
        if let converted { writer.i32(6, converted.rawValue) }
        if case .decimal(let precision, let scale) = logical {
            writer.i32(7, scale)
            writer.i32(8, precision)
        }
        if let logical { writer.structure(10) { logical.encode(to: &$0) } }
    }
}

extension ParquetLogicalType {
    fileprivate func encode(to writer: inout ThriftCompactWriter) {
        switch self {
        case .string: writer.structure(1) { _ in }
        case .map: writer.structure(2) { _ in }
        case .list: writer.structure(3) { _ in }
        case .enumeration: writer.structure(4) { _ in }
        case .decimal(let precision, let scale):
            writer.structure(5) {
                $0.i32(1, scale)
                $0.i32(2, precision)
            }
        case .date: writer.structure(6) { _ in }
        case .timestamp(let isAdjusted, let unit):
            writer.structure(8) {
                $0.boolean(1, isAdjusted)
                $0.structure(2) { $0.structure(unit.rawValue) { _ in } }
            }
        case .integer(let bitWidth, let isSigned):
            writer.structure(10) {
                $0.i8(1, bitWidth)
                $0.boolean(2, isSigned)
            }
        case .unknown: writer.structure(11) { _ in }
        case .json: writer.structure(12) { _ in }
        case .bson: writer.structure(13) { _ in }
        case .uuid: writer.structure(14) { _ in }
        case .float16: writer.structure(15) { _ in }
        case .time, .other: break
        }
    }
}

extension ParquetColumnChunk {
    fileprivate func encode(to writer: inout ThriftCompactWriter) {
        writer.i64(2, dictionaryPageOffset ?? dataPageOffset)
        writer.structure(3) { writer in
            writer.i32(1, physical?.rawValue ?? 0)
            writer.integers(2, encodings)
            writer.strings(3, path)
            writer.i32(4, compression ?? 0)
            writer.i64(5, valueCount)
            writer.i64(6, byteCount)
            writer.i64(7, compressedByteCount)
            writer.i64(9, dataPageOffset)
            if let dictionaryPageOffset { writer.i64(11, dictionaryPageOffset) }
            if let statistics { writer.structure(12) { statistics.encode(to: &$0) } }
            if let bloomFilterOffset { writer.i64(14, bloomFilterOffset) }
            if let bloomFilterByteCount { writer.i32(15, bloomFilterByteCount) }
        }
        if let offsetIndexOffset { writer.i64(4, offsetIndexOffset) }
        if let offsetIndexByteCount { writer.i32(5, offsetIndexByteCount) }
        if let columnIndexOffset { writer.i64(6, columnIndexOffset) }
        if let columnIndexByteCount { writer.i32(7, columnIndexByteCount) }
    }
}

extension ParquetStatistics {
    fileprivate func encode(to writer: inout ThriftCompactWriter) {
        if let oldMaximum { writer.binary(1, oldMaximum) }
        if let oldMinimum { writer.binary(2, oldMinimum) }
        if let nullCount { writer.i64(3, nullCount) }
        if let maximum { writer.binary(5, maximum) }
        if let minimum { writer.binary(6, minimum) }
        if let isMaximumExact { writer.boolean(7, isMaximumExact) }
        if let isMinimumExact { writer.boolean(8, isMinimumExact) }
    }
}

extension ParquetPageHeader {
    /// Of a data page of version 1 or of a dictionary.
    func encoded() -> [UInt8] {
        var writer = ThriftCompactWriter()
        writer.element { writer in
            writer.i32(1, kind?.rawValue ?? 0)
            writer.i32(2, byteCount)
            writer.i32(3, compressedByteCount)
            if let checksum { writer.i32(4, Int(Int32(bitPattern: checksum))) }
            writer.structure(kind == .dictionary ? 7 : 5) { writer in
                writer.i32(1, valueCount)
                writer.i32(2, encoding?.rawValue ?? 0)
                guard kind == .data else { return }
                writer.i32(3, ParquetEncoding.rle.rawValue)
                writer.i32(4, ParquetEncoding.rle.rawValue)
            }
        }
        return writer.bytes
    }
}
