import Columnar

/// How the values of a column are hashed for a sketch of distinct values: integers as eight bytes, numbers with fractions as those of a
/// DOUBLE, texts as UTF-8 or, in sketches whose Java library takes a text for its characters, as UTF-16.
struct SketchedValues: Sendable {
    enum TextForm: Sendable { case utf8, utf16 }

    private enum Kind: Sendable {
        case integer, real, bytes
        /// `width` characters, blanks behind the text; 0 for texts without a width.
        case text(width: Int)
    }

    private let kind: Kind
    private let form: TextForm
    private let seed: UInt64
    /// What a call's argument becomes before it is hashed.
    let type: SQLType

    /// - Throws: `FunctionError` for types that Hive's sketches do not take.
    init(_ call: FunctionCall, texts form: TextForm, seed: UInt64) throws {
        try call.expectPrimitive(0)
        self.form = form
        self.seed = seed
        switch call.argumentTypes[0] {
        case .tinyint, .smallint, .int, .bigint, .void: (kind, type) = (.integer, .bigint)
        case .float, .double: (kind, type) = (.real, .double)
        case .binary: (kind, type) = (.bytes, .binary)
        case .char(let width): (kind, type) = (.text(width: width), call.argumentTypes[0])
        case .string, .varchar: (kind, type) = (.text(width: 0), .string)
        case let other:
            throw FunctionError(
                .argumentType(0),
                "\(call.name) takes integers, FLOAT, DOUBLE, texts and BINARY as 1st argument, got \(other): use cast(… as string)")
        }
    }

    /// The hash of a value that is not NULL; nil for an empty one, which sketches pass over.
    /// - Parameter values: flat or constant, of `type`.
    @inline(__always)
    func hash(_ values: Column, _ row: Int) -> SketchHash? {
        let element = values.element(of: row)
        switch kind {
        case .integer:
            return SketchHash(word: UInt64(bitPattern: values.values(as: Int64.self)[element]), seed: seed)
        case .real:
            return SketchHash(word: Self.canonical(values.values(as: Double.self)[element]).bitPattern, seed: seed)
        case .bytes:
            return hash(values.values(as: StringView.self)[element].bytes)
        case .text(let width):
            let text = values.values(as: StringView.self)[element]
            let missing = width == 0 ? 0 : max(0, width - UTF8Text.length(text))
            if form == .utf16 { return hashUTF16(text, blanks: missing) }
            return missing == 0 ? hash(text.bytes) : hashUTF8(text, blanks: missing)
        }
    }

    /// One zero and one NaN, Java's.
    private static func canonical(_ value: Double) -> Double {
        if value.isNaN { return Double(bitPattern: 0x7ff8_0000_0000_0000) }
        return value == 0 ? 0 : value
    }

    private func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> SketchHash? {
        bytes.isEmpty ? nil : SketchHash(UnsafeRawBufferPointer(bytes), seed: seed)
    }

    private func hashUTF8(_ text: StringView, blanks: Int) -> SketchHash? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.count + blanks) { buffer in
            for (place, byte) in text.bytes.enumerated() { buffer[place] = byte }
            for place in text.count..<(text.count + blanks) { buffer[place] = 0x20 }
            return hash(UnsafeBufferPointer(buffer))
        }
    }

    private func hashUTF16(_ text: StringView, blanks: Int) -> SketchHash? {
        guard text.count + blanks > 0 else { return nil }
        // No character has more units of UTF-16 than bytes of UTF-8.
        return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: text.count + blanks) { units in
            var count = 0
            func append(_ unit: UInt16) {
                units[count] = unit.littleEndian
                count += 1
            }
            UTF8Text.forEachCharacter(text) { scalar in
                if scalar < 0x1_0000 { return append(UInt16(truncatingIfNeeded: scalar)) }
                append(0xD800 + UInt16(truncatingIfNeeded: (scalar - 0x1_0000) >> 10))
                append(0xDC00 + UInt16(truncatingIfNeeded: (scalar - 0x1_0000) & 0x3FF))
            }
            for _ in 0..<blanks { append(0x20) }
            return SketchHash(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(units)[..<(count * 2)]), seed: seed)
        }
    }
}
