import Columnar
import Platform

/// Values of fields that a file has not, as a schema's JSON spells them ("Complex Types", default).
enum AvroDefault {
    static func append(
        _ json: JSON, _ schema: AvroSchema, to builder: ColumnBuilder, place: String
    ) throws(AvroSchemaError) {
        func wrong() -> AvroSchemaError { AvroSchemaError(reason: "\(place) is no value of type \(schema.kindName)") }
        switch schema.kind {
        case .null:
            guard json == .null else { throw wrong() }
            builder.appendNull()
        case .boolean:
            guard case .boolean(let value) = json else { throw wrong() }
            builder.append(value)
        case .int:
            guard let value = json.integer.flatMap({ Int32(exactly: $0) }) else { throw wrong() }
            builder.append(value)
        case .long:
            guard let value = json.integer else { throw wrong() }
            if case .timestamp(let units) = schema.logical {
                let number = Int64(value)
                let rest = (number % units + units) % units
                builder.append(
                    Timestamp(
                        seconds: (number - rest) / units,
                        nanoseconds: Int32(truncatingIfNeeded: rest * (1_000_000_000 / units))))
            } else {
                builder.append(Int64(value))
            }
        case .float:
            guard let value = json.double else { throw wrong() }
            builder.append(Float(value))
        case .double:
            guard let value = json.double else { throw wrong() }
            builder.append(value)
        case .string:
            guard let text = json.text else { throw wrong() }
            appendText(Array(text.utf8), schema, builder)
        case .bytes, .fixed:
            guard let text = json.text else { throw wrong() }
            // Each character stands for the byte of its number.
            let bytes = text.unicodeScalars.map { UInt8(exactly: $0.value) }
            guard !bytes.contains(nil) else { throw wrong() }
            try appendBytes(bytes.compactMap { $0 }, schema, builder)
        case .enumeration:
            guard let text = json.text else { throw wrong() }
            builder.append(text)
        case .record(_, let fields):
            for (field, child) in zip(fields, builder.children) {
                guard let value = json[field.name] ?? field.fallback else { throw wrong() }
                try append(value, field.schema, to: child, place: place)
            }
            builder.appendStructure()
        case .array(let items):
            guard let elements = json.elements else { throw wrong() }
            for element in elements { try append(element, items, to: builder.children[0], place: place) }
            builder.append(listOf: elements.count)
        case .map(let values):
            guard case .object(let members) = json else { throw wrong() }
            for member in members {
                builder.children[0].append(member.name)
                try append(member.value, values, to: builder.children[1], place: place)
            }
            builder.append(listOf: members.count)
        case .union(let branches): try appendUnion(json, branches, schema, builder, place)
        }
    }

    /// A default is one of the first branch; those of others are taken too, as later versions have it.
    private static func appendUnion(
        _ json: JSON, _ branches: [AvroSchema], _ schema: AvroSchema, _ builder: ColumnBuilder, _ place: String
    ) throws(AvroSchemaError) {
        var tag = 0
        for branch in branches {
            let trial = ColumnBuilder(branch.sqlType, capacity: 1)
            let isOne: Bool
            do {
                try append(json, branch, to: trial, place: place)
                isOne = true
            } catch { isOne = false }
            if isOne {
                if branch.kind == .null { return builder.appendNull() }
                guard case .union = builder.type else {
                    return try append(json, branch, to: builder, place: place)
                }
                for (index, child) in builder.children.enumerated() where index != tag { child.appendNull() }
                try append(json, branch, to: builder.children[tag], place: place)
                return builder.appendStructure(tag: UInt8(truncatingIfNeeded: tag))
            }
            if branch.kind != .null { tag += 1 }
        }
        throw AvroSchemaError(reason: "\(place) is no value of any branch of its union")
    }

    private static func appendText(_ bytes: [UInt8], _ schema: AvroSchema, _ builder: ColumnBuilder) {
        bytes.withUnsafeBufferPointer { bytes in
            let view = StringView(bytes.address, length: bytes.count)
            switch schema.logical {
            case .char(let length): builder.append(FieldParser.cut(view, length: length, isPadded: true))
            case .varchar(let length): builder.append(FieldParser.cut(view, length: length, isPadded: false))
            default: builder.append(view)
            }
        }
    }

    private static func appendBytes(
        _ bytes: [UInt8], _ schema: AvroSchema, _ builder: ColumnBuilder
    ) throws(AvroSchemaError) {
        guard case .decimal(let precision, let scale) = schema.logical else {
            return bytes.withUnsafeBufferPointer { builder.append(bytes: $0) }
        }
        let unscaled = bytes.withUnsafeBufferPointer { Int128(bigEndianBytes: $0) }
        guard let value = unscaled.flatMap({ Decimals.rescale($0, from: scale, to: scale, precision: precision) }) else {
            return builder.appendNull()
        }
        builder.append(value)
    }
}
