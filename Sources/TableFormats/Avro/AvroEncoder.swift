import Columnar

/// How one value of a column becomes bytes of its schema.
final class AvroEncoding {
    enum Step: UInt8 {
        case null, boolean, int8, int16, int32, int64, float, double, bytes, fixed, decimal, fixedDecimal, timestamp, symbol
        case record, array, map, choice
    }

    let step: Step
    let children: [AvroEncoding]
    /// Numbers of branches in a union: of each member, and of null. nil: not in a union, NULLs cannot be written.
    var branches: [UInt8]?
    var nullBranch: UInt8?
    var size = 0
    var scale = (own: 0, file: 0, precision: 38)
    var units: Int64 = 1
    var symbols: [[UInt8]: Int] = [:]
    /// Field names, for errors.
    let place: String

    /// - Parameter type: of the column.
    /// - Throws: `AvroSchemaError` when no value of the type is one of the schema.
    init(_ schema: AvroSchema, _ type: SQLType, place: String) throws(AvroSchemaError) {
        self.place = place
        if case .union(let branches) = schema.kind {
            let others = branches.indices.filter { branches[$0].kind != .null }
            nullBranch = branches.firstIndex { $0.kind == .null }.flatMap { UInt8(exactly: $0) }
            guard branches.count <= 64, let first = others.first else {
                step = .null
                children = []
                return
            }
            self.branches = others.map { UInt8(truncatingIfNeeded: $0) }
            if case .union(let members) = type, others.count > 1 || branches.count == 1 {
                guard members.count == others.count else { throw Self.unfit(schema, type, place) }
                step = .choice
                var inner: [AvroEncoding] = []
                for (member, index) in zip(members, others) {
                    inner.append(try AvroEncoding(branches[index], member, place: place))
                }
                children = inner
            } else {
                guard others.count == 1 else { throw Self.unfit(schema, type, place) }
                let only = try AvroEncoding(branches[first], type, place: place)
                (step, children, size, scale, units, symbols) =
                    (only.step, only.children, only.size, only.scale, only.units, only.symbols)
            }
            return
        }
        switch (schema.kind, type) {
        case (.null, _):
            (step, children, nullBranch) = (.null, [], nil)
        case (.boolean, .boolean): (step, children) = (.boolean, [])
        case (.int, .tinyint), (.long, .tinyint): (step, children) = (.int8, [])
        case (.int, .smallint), (.long, .smallint): (step, children) = (.int16, [])
        case (.int, .int), (.long, .int), (.int, .date): (step, children) = (.int32, [])
        case (.long, .bigint): (step, children) = (.int64, [])
        case (.float, .float): (step, children) = (.float, [])
        case (.double, .double): (step, children) = (.double, [])
        case (.long, .timestamp):
            (step, children) = (.timestamp, [])
            units = if case .timestamp(let own) = schema.logical { own } else { 1_000 }
        case (.string, .string), (.string, .varchar), (.string, .char), (.bytes, .binary):
            (step, children) = (.bytes, [])
        case (.fixed(_, let count), .binary):
            (step, children) = (.fixed, [])
            size = count
        case (.bytes, .decimal(let precision, let own)), (.fixed, .decimal(let precision, let own)):
            if case .fixed(_, let count) = schema.kind {
                step = .fixedDecimal
                size = count
            } else {
                step = .decimal
            }
            children = []
            guard case .decimal(_, let file) = schema.logical else { throw Self.unfit(schema, type, place) }
            scale = (own, file, precision)
        case (.enumeration(_, let names, _), .string):
            (step, children) = (.symbol, [])
            for (index, name) in names.enumerated() { symbols[Array(name.utf8)] = index }
        case (.record(_, let fields), .structure(let own)) where fields.count == own.count:
            step = .record
            var inner: [AvroEncoding] = []
            for (field, column) in zip(fields, own) {
                inner.append(try AvroEncoding(field.schema, column.type, place: "\(place).\(field.name)"))
            }
            children = inner
        case (.array(let items), .array(let element)):
            step = .array
            children = [try AvroEncoding(items, element, place: "\(place)[]")]
        case (.map(let values), .map(let key, let value)) where key.isCharacter:
            step = .map
            children = [try AvroEncoding(AvroSchema(.string), .string, place: place), try AvroEncoding(values, value, place: "\(place)[]")]
        default: throw Self.unfit(schema, type, place)
        }
    }

    private static func unfit(_ schema: AvroSchema, _ type: SQLType, _ place: String) -> AvroSchemaError {
        AvroSchemaError(reason: "\(place) of type \(type) cannot be written as \(schema.kindName)")
    }
}

/// Appends values to the rows of a block.
struct AvroEncoder {
    let buffer: ByteBuffer
    let path: String

    /// - Parameter row: of a column in any encoding.
    func append(_ column: Column, row: Int, _ encoding: AvroEncoding) throws {
        let source = column.encoding == .dictionary ? column.base.unsafelyUnwrapped : column
        let element = column.element(of: row)
        if encoding.step == .null {
            if let branch = encoding.nullBranch { append(byte: branch << 1) }
            return
        }
        if let bits = source.validity, !bits[element] {
            guard let branch = encoding.nullBranch else { throw error("\(encoding.place) is NULL, which its Avro schema does not allow") }
            return append(byte: branch << 1)
        }
        if encoding.step == .choice { return try appendChoice(source, element, encoding) }
        if let branch = encoding.branches?.first { append(byte: branch << 1) }
        try appendValue(source, element, encoding)
    }

    private func appendChoice(_ source: Column, _ element: Int, _ encoding: AvroEncoding) throws {
        let tag = Int(source.values(as: UInt8.self)[element])
        guard let branches = encoding.branches, branches.indices.contains(tag) else { return }
        append(byte: branches[tag] << 1)
        let member = source.children[tag]
        let plain = member.encoding == .dictionary ? member.base.unsafelyUnwrapped : member
        let place = member.element(of: member.isConstant ? 0 : element)
        if let bits = plain.validity, !bits[place] {
            throw error("\(encoding.place) is a union whose member is NULL, which Avro has not")
        }
        try appendValue(plain, place, encoding.children[tag])
    }

    private func appendValue(_ source: Column, _ element: Int, _ encoding: AvroEncoding) throws {
        switch encoding.step {
        case .null, .choice: break
        case .boolean: append(byte: source.values(as: UInt8.self)[element])
        case .int8: append(Int64(source.values(as: Int8.self)[element]))
        case .int16: append(Int64(source.values(as: Int16.self)[element]))
        case .int32: append(Int64(source.values(as: Int32.self)[element]))
        case .int64: append(source.values(as: Int64.self)[element])
        case .float: append(bits: source.values(as: Float.self)[element].bitPattern.littleEndian)
        case .double: append(bits: source.values(as: Double.self)[element].bitPattern.littleEndian)
        case .bytes:
            let view = source.values(as: StringView.self)[element]
            append(Int64(view.count))
            buffer.append(view)
        case .fixed:
            let view = source.values(as: StringView.self)[element]
            guard view.count == encoding.size else {
                throw error("\(encoding.place) has \(view.count) bytes, and its Avro schema \(encoding.size)")
            }
            buffer.append(view)
        case .decimal, .fixedDecimal: try append(decimal: source.values(as: Int128.self)[element], encoding)
        case .timestamp:
            let value = source.values(as: Timestamp.self)[element]
            let (whole, isTooLarge) = value.seconds.multipliedReportingOverflow(by: encoding.units)
            guard !isTooLarge else { throw error("\(encoding.place) has a timestamp that its Avro schema has no number for") }
            append(whole &+ Int64(value.nanoseconds) / (1_000_000_000 / encoding.units))
        case .symbol:
            let view = source.values(as: StringView.self)[element]
            guard let index = encoding.symbols[Array(view.bytes)] else {
                throw error("\(encoding.place) has the value '\(view.string)', which is no symbol of its enum")
            }
            append(Int64(index))
        case .record:
            for (child, field) in zip(encoding.children, source.children) {
                try append(field, row: field.isConstant ? 0 : element, child)
            }
        case .array, .map:
            let entry = source.values(as: ListEntry.self)[element]
            if entry.length > 0 {
                append(Int64(entry.length))
                for item in entry.offset..<(entry.offset + entry.length) {
                    for (child, column) in zip(encoding.children, source.children) { try append(column, row: item, child) }
                }
            }
            append(byte: 0)
        }
    }

    private func append(decimal value: Int128, _ encoding: AvroEncoding) throws {
        var unscaled = value
        if encoding.scale.own != encoding.scale.file {
            guard let scaled = Decimals.rescale(value, from: encoding.scale.own, to: encoding.scale.file, precision: 38) else {
                throw error("\(encoding.place) has a number that its Avro schema has no room for")
            }
            unscaled = scaled
        }
        let count = unscaled.bigEndianByteCount
        let length = encoding.step == .fixedDecimal ? encoding.size : count
        guard count <= length else { throw error("\(encoding.place) has a number that its Avro schema has no room for") }
        if encoding.step == .decimal { append(Int64(length)) }
        unscaled.writeBigEndian(length, to: buffer.reserve(length))
        buffer.advance(length)
    }

    // MARK: Primitive types

    @inline(__always)
    private func append(byte: UInt8) {
        buffer.reserve(1)[0] = byte
        buffer.advance(1)
    }

    func append(_ value: Int64) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        let target = buffer.reserve(10)
        var used = 0
        while rest >= 0x80 {
            target[used] = UInt8(truncatingIfNeeded: rest) | 0x80
            used &+= 1
            rest >>= 7
        }
        target[used] = UInt8(truncatingIfNeeded: rest)
        buffer.advance(used + 1)
    }

    private func append<Bits: FixedWidthInteger>(bits: Bits) {
        let size = MemoryLayout<Bits>.size
        UnsafeMutableRawPointer(buffer.reserve(size)).storeBytes(of: bits, as: Bits.self)
        buffer.advance(size)
    }

    private func error(_ message: String) -> TableFormatError { TableFormatError(message, path: path) }
}
