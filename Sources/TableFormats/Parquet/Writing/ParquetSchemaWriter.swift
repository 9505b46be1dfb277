import Columnar

/// Makes the schema of a file and the writers of its columns: all optional, groups named as Hive names them.
struct ParquetSchemaWriter {
    private(set) var elements: [ParquetSchemaElement] = []
    private let options: ParquetWriteOptions
    private let codec: BlockCodec

    init(_ options: ParquetWriteOptions, columns: Int) throws {
        self.options = options
        codec = try BlockCodec(options.compression.codec)
        var root = ParquetSchemaElement()
        root.name = "hive_schema"
        root.childCount = columns
        elements = [root]
    }

    fileprivate struct Context {
        var path: [String] = []
        var definition = 0
        var repetition = 0
    }

    /// - Throws: `CorruptParquet` for a type that Parquet has not.
    mutating func column(_ column: SchemaColumn) throws -> NodeWriter {
        try node(column.name, column.type, Context(), isRequired: false)
    }

    private mutating func group(
        _ name: String, _ repetition: ParquetRepetition, children: Int, _ logical: ParquetLogicalType? = nil,
        _ converted: ParquetConvertedType? = nil
    ) {
        var element = ParquetSchemaElement()
        element.name = name
        element.repetition = repetition
        element.childCount = children
        element.logical = logical
        element.converted = converted
        elements.append(element)
    }

    private mutating func node(_ name: String, _ type: SQLType, _ outer: Context, isRequired: Bool) throws -> NodeWriter {
        var inner = outer
        inner.path.append(name)
        if !isRequired { inner.definition += 1 }
        guard inner.definition < ParquetSchema.deepest else { throw CorruptParquet("the type is nested too deeply") }
        let repetition: ParquetRepetition = isRequired ? .required : .optional
        switch type {
        case .structure(let fields):
            guard !fields.isEmpty else { throw CorruptParquet("Parquet has no structures without fields") }
            group(name, repetition, children: fields.count)
            let nodes = try fields.map { try node($0.name, $0.type, inner, isRequired: false) }
            return NodeWriter(name: name, kind: .structure(nodes), isRequired: isRequired)
        case .array(let element):
            group(name, repetition, children: 1, .list, .list)
            group("bag", .repeated, children: 1)
            let item = try node("array_element", element, inner.repeated("bag"), isRequired: false)
            return NodeWriter(name: name, kind: .list([item], repetition: inner.repetition + 1), isRequired: isRequired)
        case .map(let key, let value):
            group(name, repetition, children: 1, .map, .map)
            group("map", .repeated, children: 2, nil, .mapKeyValue)
            let around = inner.repeated("map")
            let keys = try node("key", key, around, isRequired: true)
            let values = try node("value", value, around, isRequired: false)
            return NodeWriter(name: name, kind: .list([keys, values], repetition: inner.repetition + 1), isRequired: isRequired)
        default:
            return NodeWriter(
                name: name, kind: .leaf(try leaf(name, type, inner, repetition)), isRequired: isRequired)
        }
    }

    private mutating func leaf(
        _ name: String, _ type: SQLType, _ context: Context, _ repetition: ParquetRepetition
    ) throws -> LeafWriter {
        var element = ParquetSchemaElement()
        element.name = name
        element.repetition = repetition
        // Two values need no filter.
        let bloomFilter = type == .boolean ? nil : options.bloomFilters.builder(context.path)
        func fixed(_ storage: some FixedStorage) -> any LeafValuesWriter {
            FixedValuesWriter(storage, options: options, bloomFilter: bloomFilter)
        }
        let values: any LeafValuesWriter
        switch type {
        case .boolean:
            element.physical = .boolean
            values = BooleanValuesWriter()
        case .tinyint:
            element.integer(8, .int8)
            values = fixed(IntegerStorage<Int8, UInt32>())
        case .smallint:
            element.integer(16, .int16)
            values = fixed(IntegerStorage<Int16, UInt32>())
        case .int:
            element.physical = .int32
            values = fixed(IntegerStorage<Int32, UInt32>())
        case .date:
            element.physical = .int32
            (element.logical, element.converted) = (.date, .date)
            values = fixed(IntegerStorage<Int32, UInt32>())
        case .bigint:
            element.physical = .int64
            values = fixed(IntegerStorage<Int64, UInt64>())
        case .float:
            element.physical = .float
            values = fixed(FloatStorage())
        case .double:
            element.physical = .double
            values = fixed(DoubleStorage())
        case .decimal(let precision, let scale):
            let storage = DecimalStorage(precision: precision)
            element.physical = .fixedLengthByteArray
            element.typeLength = storage.width
            (element.logical, element.converted) = (.decimal(precision: precision, scale: scale), .decimal)
            values = fixed(storage)
        case .string, .varchar, .char:
            element.physical = .byteArray
            (element.logical, element.converted) = (.string, .utf8)
            values = StringValuesWriter(type, options: options, bloomFilter: bloomFilter)
        case .binary:
            element.physical = .byteArray
            values = StringValuesWriter(type, options: options, bloomFilter: bloomFilter)
        case .timestamp, .timestampLocalTimeZone:
            values = timestamps(&element, isAdjusted: type == .timestampLocalTimeZone, bloomFilter)
        case .void, .intervalYearMonth, .intervalDayTime, .union, .array, .map, .structure:
            throw CorruptParquet("Parquet has no \(type)")
        }
        elements.append(element)
        return LeafWriter(
            path: context.path, physical: element.physical ?? .byteArray, values: values,
            maximumDefinition: context.definition, maximumRepetition: context.repetition, codec: codec, options: options,
            bloomFilter: bloomFilter)
    }

    private func timestamps(
        _ element: inout ParquetSchemaElement, isAdjusted: Bool, _ bloomFilter: BloomFilterBuilder?
    ) -> any LeafValuesWriter {
        func fixed(_ storage: some FixedStorage) -> any LeafValuesWriter {
            FixedValuesWriter(storage, options: options, bloomFilter: bloomFilter)
        }
        element.physical = .int64
        switch options.timestamps {
        case .int96:
            element.physical = .int96
            return fixed(JulianStorage())
        case .milliseconds:
            element.logical = .timestamp(isAdjustedToUTC: isAdjusted, unit: .millis)
            if isAdjusted { element.converted = .timestampMillis }
            return fixed(EpochStorage<Milliseconds>())
        case .microseconds:
            element.logical = .timestamp(isAdjustedToUTC: isAdjusted, unit: .micros)
            if isAdjusted { element.converted = .timestampMicros }
            return fixed(EpochStorage<Microseconds>())
        case .nanoseconds:
            element.logical = .timestamp(isAdjustedToUTC: isAdjusted, unit: .nanos)
            return fixed(EpochStorage<Nanoseconds>())
        }
    }
}

extension ParquetSchemaWriter.Context {
    /// In a repeated group.
    fileprivate func repeated(_ name: String) -> Self {
        var inner = self
        inner.path.append(name)
        inner.definition += 1
        inner.repetition += 1
        return inner
    }
}

extension ParquetSchemaElement {
    fileprivate mutating func integer(_ bitWidth: Int, _ older: ParquetConvertedType) {
        physical = .int32
        logical = .integer(bitWidth: bitWidth, isSigned: true)
        converted = older
    }
}
