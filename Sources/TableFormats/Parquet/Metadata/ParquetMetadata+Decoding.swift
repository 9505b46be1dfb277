extension ParquetFileMetadata {
    /// - Throws: `CorruptParquet` or `ThriftCompactReader.EndOfBytes`.
    init(decoding reader: inout ThriftCompactReader) throws {
        try reader.fields { reader, field, wire in
            switch field {
            case 1: version = try reader.integer(wire)
            case 2: try reader.elements(wire) { schema.append(try ParquetSchemaElement(decoding: &$0, $1)) }
            case 3: rowCount = try reader.integer(wire)
            case 4: try reader.elements(wire) { rowGroups.append(try ParquetRowGroupMetadata(decoding: &$0, $1)) }
            case 5: try reader.elements(wire) { try Self.readKeyValue(&$0, $1, into: &keyValues) }
            case 6: createdBy = try reader.string(wire)
            case 7:
                try reader.elements(wire) { reader, wire in
                    var isTypeDefined = false
                    try reader.structure(wire) { _, field, _ in
                        if field == 1 { isTypeDefined = true }
                        return false
                    }
                    typeDefinedOrders.append(isTypeDefined)
                }
            case 8:
                isEncrypted = true
                return false
            default: return false
            }
            return true
        }
    }

    private static func readKeyValue(
        _ reader: inout ThriftCompactReader, _ wire: ThriftCompactReader.Wire, into list: inout [(key: String, value: String?)]
    ) throws {
        var key = ""
        var value: String?
        try reader.structure(wire) { reader, field, wire in
            switch field {
            case 1: key = try reader.string(wire)
            case 2: value = try reader.string(wire)
            default: return false
            }
            return true
        }
        list.append((key, value))
    }
}

extension ParquetSchemaElement {
    init(decoding reader: inout ThriftCompactReader, _ wire: ThriftCompactReader.Wire) throws {
        try reader.structure(wire) { reader, field, wire in
            switch field {
            case 1:
                let code = try reader.integer(wire)
                guard let type = ParquetPhysicalType(rawValue: code) else { throw CorruptParquet("physical type \(code)") }
                physical = type
            case 2: typeLength = try reader.integer(wire)
            case 3: repetition = ParquetRepetition(rawValue: try reader.integer(wire))
            case 4: name = try reader.string(wire)
            case 5: childCount = try reader.integer(wire)
            case 6: converted = ParquetConvertedType(rawValue: try reader.integer(wire))
            case 7: scale = try reader.integer(wire)
            case 8: precision = try reader.integer(wire)
            case 10: logical = try ParquetLogicalType.read(&reader, wire)
            default: return false
            }
            return true
        }
    }
}

extension ParquetLogicalType {
    fileprivate static func read(
        _ reader: inout ThriftCompactReader, _ wire: ThriftCompactReader.Wire
    ) throws -> ParquetLogicalType? {
        var type: ParquetLogicalType?
        try reader.structure(wire) { reader, field, wire in
            // Up to two numbers or flags, and a unit.
            var (first, second, unit) = (0, 0, 0)
            try reader.structure(wire) { reader, part, wire in
                switch (field, part, wire) {
                case (5, 1, _), (10, 1, _): first = try reader.integer(wire)
                case (5, 2, _): second = try reader.integer(wire)
                case (7, 1, _), (8, 1, _): first = try reader.boolean(wire) ? 1 : 0
                case (10, 2, _): second = try reader.boolean(wire) ? 1 : 0
                case (8, 2, _):
                    try reader.structure(wire) { _, choice, _ in
                        unit = choice
                        return false
                    }
                default: return false
                }
                return true
            }
            switch field {
            case 1: type = .string
            case 2: type = .map
            case 3: type = .list
            case 4: type = .enumeration
            case 5: type = .decimal(precision: second, scale: first)
            case 6: type = .date
            case 7: type = .time
            case 8: type = ParquetTimeUnit(rawValue: unit).map { .timestamp(isAdjustedToUTC: first == 1, unit: $0) } ?? .other
            case 10: type = .integer(bitWidth: first, isSigned: second == 1)
            case 11: type = .unknown
            case 12: type = .json
            case 13: type = .bson
            case 14: type = .uuid
            case 15: type = .float16
            default: type = .other
            }
            return true
        }
        return type
    }
}

extension ParquetRowGroupMetadata {
    fileprivate init(decoding reader: inout ThriftCompactReader, _ wire: ThriftCompactReader.Wire) throws {
        try reader.structure(wire) { reader, field, wire in
            switch field {
            case 1: try reader.elements(wire) { columns.append(try ParquetColumnChunk(decoding: &$0, $1)) }
            case 2: byteCount = try reader.integer(wire)
            case 3: rowCount = try reader.integer(wire)
            case 6: compressedByteCount = try reader.integer(wire)
            default: return false
            }
            return true
        }
    }
}

extension ParquetColumnChunk {
    fileprivate init(decoding reader: inout ThriftCompactReader, _ wire: ThriftCompactReader.Wire) throws {
        try reader.structure(wire) { reader, field, wire in
            switch field {
            case 1: filePath = try reader.string(wire)
            case 3:
                hasMetadata = true
                try readMetadata(&reader, wire)
            case 4: offsetIndexOffset = try reader.integer(wire)
            case 5: offsetIndexByteCount = try reader.integer(wire)
            case 6: columnIndexOffset = try reader.integer(wire)
            case 7: columnIndexByteCount = try reader.integer(wire)
            case 8, 9:
                isEncrypted = true
                return false
            default: return false
            }
            return true
        }
    }

    /// The column's name (field 3) is left out: columns are told by their places.
    private mutating func readMetadata(_ reader: inout ThriftCompactReader, _ wire: ThriftCompactReader.Wire) throws {
        try reader.structure(wire) { reader, field, wire in
            switch field {
            case 1: physical = ParquetPhysicalType(rawValue: try reader.integer(wire))
            case 2: try reader.elements(wire) { encodings.append(try $0.integer($1)) }
            case 4: compression = try reader.integer(wire)
            case 5: valueCount = try reader.integer(wire)
            case 6: byteCount = try reader.integer(wire)
            case 7: compressedByteCount = try reader.integer(wire)
            case 9: dataPageOffset = try reader.integer(wire)
            case 11: dictionaryPageOffset = try reader.integer(wire)
            case 12: statistics = try ParquetStatistics(decoding: &reader, wire)
            case 14: bloomFilterOffset = try reader.integer(wire)
            case 15: bloomFilterByteCount = try reader.integer(wire)
            default: return false
            }
            return true
        }
    }
}

extension ParquetStatistics {
    fileprivate init(decoding reader: inout ThriftCompactReader, _ wire: ThriftCompactReader.Wire) throws {
        // The old fields come first, and writers that know the new ones repeat their values there.
        var (oldMinimum, oldMaximum): (Range<Int>?, Range<Int>?)
        try reader.structure(wire) { reader, field, wire in
            switch field {
            case 1: oldMaximum = try reader.binaryRange(wire)
            case 2: oldMinimum = try reader.binaryRange(wire)
            case 3: nullCount = try reader.integer(wire)
            case 4: distinctCount = try reader.integer(wire)
            case 5: maximum = try reader.binary(wire)
            case 6: minimum = try reader.binary(wire)
            case 7: isMaximumExact = try reader.boolean(wire)
            case 8: isMinimumExact = try reader.boolean(wire)
            default: return false
            }
            return true
        }
        guard minimum == nil, maximum == nil else { return }
        self.oldMinimum = oldMinimum.map { reader.bytes(in: $0) }
        self.oldMaximum = oldMaximum.map { reader.bytes(in: $0) }
    }
}

extension ParquetPageHeader {
    init(decoding reader: inout ThriftCompactReader) throws {
        var header = ParquetPageHeader()
        try reader.fields { reader, field, wire in
            switch field {
            case 1: header.kind = Kind(rawValue: try reader.integer(wire))
            case 2: header.byteCount = try reader.integer(wire)
            case 3: header.compressedByteCount = try reader.integer(wire)
            case 4: header.checksum = UInt32(truncatingIfNeeded: try reader.integer(wire))
            case 5: try header.readDataHeader(&reader, wire)
            case 7: try header.readDataHeader(&reader, wire)
            case 8: try header.readVersion2(&reader, wire)
            default: return false
            }
            return true
        }
        header.headerByteCount = reader.position
        self = header
    }

    /// Of a data page or of a dictionary: both begin with the count and the encoding.
    private mutating func readDataHeader(_ reader: inout ThriftCompactReader, _ wire: ThriftCompactReader.Wire) throws {
        var header = self
        try reader.structure(wire) { reader, field, wire in
            switch field {
            case 1: header.valueCount = try reader.integer(wire)
            case 2: header.encoding = ParquetEncoding(rawValue: try reader.integer(wire))
            case 3 where header.kind == .data: header.definitionEncoding = ParquetEncoding(rawValue: try reader.integer(wire))
            case 4: header.repetitionEncoding = ParquetEncoding(rawValue: try reader.integer(wire))
            default: return false
            }
            return true
        }
        self = header
    }

    private mutating func readVersion2(_ reader: inout ThriftCompactReader, _ wire: ThriftCompactReader.Wire) throws {
        var header = self
        try reader.structure(wire) { reader, field, wire in
            switch field {
            case 1: header.valueCount = try reader.integer(wire)
            case 3: header.rowCount = try reader.integer(wire)
            case 4: header.encoding = ParquetEncoding(rawValue: try reader.integer(wire))
            case 5: header.definitionByteCount = try reader.integer(wire)
            case 6: header.repetitionByteCount = try reader.integer(wire)
            case 7: header.isCompressed = try reader.boolean(wire)
            default: return false
            }
            return true
        }
        self = header
    }
}
