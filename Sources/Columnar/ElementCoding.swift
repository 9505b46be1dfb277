/// An element of any type as bytes, and back. Equal elements have equal bytes, so that nested values can be keys.
package enum ElementCoding {
    package enum Equality: Sendable {
        /// Of bits: 0.0 and -0.0 are two values.
        case exact
        /// Of keys: every NaN is one value, and -0.0 is 0.0.
        case canonical
    }

    /// Appends row `row` of a column, which may be NULL.
    package static func encode(_ column: Column, _ row: Int, to buffer: ByteBuffer, equality: Equality = .exact) {
        guard !column.isNull(row) else { return buffer.append(0) }
        buffer.append(1)
        let source = column.encoding == .dictionary ? column.base ?? column : column
        let element = column.element(of: row)
        switch source.type.physical {
        case .float:
            var value = source.values(as: Float.self)[element]
            if equality == .canonical { value = value == 0 ? 0 : value != value ? .nan : value }
            raw(value, to: buffer)
        case .double:
            var value = source.values(as: Double.self)[element]
            if equality == .canonical { value = value == 0 ? 0 : value != value ? .nan : value }
            raw(value, to: buffer)
        case .string:
            let text = source.values(as: StringView.self)[element]
            raw(UInt32(truncatingIfNeeded: text.length), to: buffer)
            buffer.append(text)
        case .timestamp:
            let time = source.values(as: Timestamp.self)[element]
            raw(time.seconds, to: buffer)
            raw(time.nanoseconds, to: buffer)
        case .list:
            let entry = source.values(as: ListEntry.self)[element]
            raw(Int64(entry.length), to: buffer)
            for item in 0..<Int(entry.length) {
                for child in source.children { encode(child, Int(entry.offset) + item, to: buffer, equality: equality) }
            }
        case .structure:
            for child in source.children { encode(child, element, to: buffer, equality: equality) }
        case .union:
            let tag = source.values(as: UInt8.self)[element]
            buffer.append(tag)
            guard Int(tag) < source.children.count else { return }
            encode(source.children[Int(tag)], element, to: buffer, equality: equality)
        case .boolean, .int8, .int16, .int32, .int64, .int128:
            let stride = source.type.physical.stride
            buffer.append((source.rawValues + element * stride).assumingMemoryBound(to: UInt8.self), count: stride)
        }
    }

    private static func raw<T: BitwiseCopyable>(_ value: T, to buffer: ByteBuffer) {
        withUnsafeBytes(of: value) { bytes in
            if let base = bytes.baseAddress { buffer.append(base.assumingMemoryBound(to: UInt8.self), count: bytes.count) }
        }
    }

    /// Appends the element that `encode` wrote into `bytes` to a builder of its type.
    package static func decode(_ bytes: StringView, to builder: ColumnBuilder) {
        var reader = Reader(bytes: UnsafeRawBufferPointer(bytes.bytes))
        reader.element(to: builder)
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var offset = 0

        private mutating func take<T: BitwiseCopyable>(_: T.Type) -> T {
            defer { offset += MemoryLayout<T>.size }
            return bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
        }

        mutating func element(to builder: ColumnBuilder) {
            guard take(UInt8.self) == 1 else { return builder.appendNull() }
            switch builder.type.physical {
            case .boolean: builder.append(take(UInt8.self))
            case .int8: builder.append(take(Int8.self))
            case .int16: builder.append(take(Int16.self))
            case .int32: builder.append(take(Int32.self))
            case .int64: builder.append(take(Int64.self))
            case .float: builder.append(take(Float.self))
            case .double: builder.append(take(Double.self))
            case .int128: builder.append(take(Int128.self))
            case .timestamp:
                let seconds = take(Int64.self)
                builder.append(Timestamp(seconds: seconds, nanoseconds: take(Int32.self)))
            case .string:
                let length = Int(take(UInt32.self))
                builder.append(
                    bytes: UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[offset..<offset + length]))
                offset += length
            case .list:
                let length = Int(take(Int64.self))
                for _ in 0..<length { for child in builder.children { element(to: child) } }
                builder.append(listOf: length)
            case .structure:
                for child in builder.children { element(to: child) }
                builder.appendStructure()
            case .union:
                let tag = take(UInt8.self)
                for (index, child) in builder.children.enumerated() {
                    if index == Int(tag) { element(to: child) } else { child.appendNull() }
                }
                builder.appendStructure(tag: tag)
            }
        }
    }
}
