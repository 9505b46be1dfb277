/// Reads columns that `RowBlockWriter` wrote. Nothing is allocated before the bytes that it stands for are there.
struct RowBlockReader {
    private let bytes: UnsafeRawBufferPointer
    private let owner: AnyObject
    private var offset = 0

    init(bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        self.bytes = bytes
        self.owner = owner
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func number<Word: FixedWidthInteger>(_: Word.Type) throws -> Word {
        try take(1, of: MemoryLayout<Word>.size).loadUnaligned(as: Word.self)
    }

    /// The next `count` elements of `width` bytes.
    private mutating func take(_ count: Int, of width: Int = 1) throws -> UnsafeRawPointer {
        guard let start = bytes.baseAddress, count >= 0, count <= (bytes.count - offset) / width else {
            throw RowBlockError("it ends too early")
        }
        defer { offset += count * width }
        return start + offset
    }

    /// - Parameter count: rows of the column.
    mutating func column(of type: SQLType, count: Int) throws -> Column {
        let form = RowBlock.Form(rawValue: try number(UInt8.self))
        guard RowBlock.Form.all.isSuperset(of: form) else { throw RowBlockError("a column has an unknown form") }
        let elements = form.contains(.constant) ? 1 : count
        let bits = form.contains(.hasNulls) ? try validity(elements) : nil
        let column = try flatColumn(of: type, elements, form)
        guard form.contains(.constant) else {
            if let bits { column.setValidity(bits) }
            return column
        }
        let constant = Column(constant: type, count: count, children: column.children, heap: column.heap)
        constant.rawValues.copyMemory(from: column.rawValues, byteCount: type.physical.stride)
        if let bits { constant.setValidity(bits) }
        return constant
    }

    private mutating func validity(_ count: Int) throws -> ValidityBitmap {
        let byteCount = count / 8 + (count % 8 == 0 ? 0 : 1)
        let source = try take(byteCount)
        let bitmap = ValidityBitmap(count: count)
        UnsafeMutableRawPointer(bitmap.words).copyMemory(from: source, byteCount: byteCount)
        for word in 0..<bitmap.wordCount { bitmap.words[word] = UInt64(littleEndian: bitmap.words[word]) }
        // Bits behind the last element are set, as in every bitmap.
        for element in count..<byteCount * 8 { bitmap.words[element >> 6] |= 1 << UInt64(element & 63) }
        return bitmap
    }

    private mutating func flatColumn(of type: SQLType, _ count: Int, _ form: RowBlock.Form) throws -> Column {
        switch type.physical {
        case .boolean: return try bytes(of: type, count, below: 2)
        case .int8, .int16, .int32, .int64, .float, .double: return try copied(type, count)
        case .int128: return form.contains(.isNarrow) ? try narrow(type, count) : try copied(type, count)
        case .timestamp: return try timestamps(type, count)
        case .string: return try strings(type, count, form)
        case .list: return try lists(type, count, form)
        case .structure:
            return Column(flat: type, count: count, children: try type.childTypes.map { try column(of: $0, count: count) })
        case .union:
            let tags = try bytes(of: .boolean, count, below: max(type.childTypes.count, 1))
            let members = try type.childTypes.map { try column(of: $0, count: count) }
            let result = Column(flat: type, count: count, children: members)
            result.rawValues.copyMemory(from: tags.rawValues, byteCount: count)
            return result
        }
    }

    private mutating func copied(_ type: SQLType, _ count: Int) throws -> Column {
        let width = type.physical.stride
        let source = try take(count, of: width)
        let column = Column(flat: type, count: count)
        column.rawValues.copyMemory(from: source, byteCount: count * width)
        return column
    }

    /// A byte an element, each less than `bound`.
    private mutating func bytes(of type: SQLType, _ count: Int, below bound: Int) throws -> Column {
        let column = try copied(type, count)
        let values = column.rawValues.assumingMemoryBound(to: UInt8.self)
        var largest: UInt8 = 0
        for element in 0..<count { largest = max(largest, values[element]) }
        guard Int(largest) < bound else { throw RowBlockError("\(largest) is no value of \(bound)") }
        return column
    }

    private mutating func narrow(_ type: SQLType, _ count: Int) throws -> Column {
        let source = try take(count, of: 8)
        let column = Column(flat: type, count: count)
        let target = column.values(as: Int128.self)
        for element in 0..<count {
            target[element] = Int128(source.loadUnaligned(fromByteOffset: element &* 8, as: Int64.self))
        }
        return column
    }

    private mutating func timestamps(_ type: SQLType, _ count: Int) throws -> Column {
        let seconds = try take(count, of: 8)
        let nanoseconds = try take(count, of: 4)
        let column = Column(flat: type, count: count)
        let target = column.values(as: Timestamp.self)
        var areRight = true
        for element in 0..<count {
            let part = nanoseconds.loadUnaligned(fromByteOffset: element &* 4, as: Int32.self)
            areRight = areRight && 0..<1_000_000_000 ~= part
            target[element] = Timestamp(
                seconds: seconds.loadUnaligned(fromByteOffset: element &* 8, as: Int64.self), nanoseconds: part)
        }
        guard areRight else { throw RowBlockError("a second has more than a billion nanoseconds") }
        return column
    }

    private mutating func strings(_ type: SQLType, _ count: Int, _ form: RowBlock.Form) throws -> Column {
        guard form.lengthWidth <= 4 else { throw RowBlockError("a string is too long") }
        let width = form.lengthWidth
        let lengths = try take(count, of: width)
        let heap = StringHeap()
        heap.retain(owner)
        let column = Column(flat: type, count: count, heap: heap)
        let target = column.values(as: StringView.self)
        for element in 0..<count {
            let length = Self.length(lengths, element, width)
            let start = try take(Int(truncatingIfNeeded: length))
            target[element] =
                length == 0 ? StringView() : StringView(start.assumingMemoryBound(to: UInt8.self), length: Int(length))
        }
        return column
    }

    private mutating func lists(_ type: SQLType, _ count: Int, _ form: RowBlock.Form) throws -> Column {
        let width = form.lengthWidth
        let lengths = try take(count, of: width)
        var total = 0
        for element in 0..<count {
            let length = Int(exactly: Self.length(lengths, element, width))
            let (sum, isTooLarge) = total.addingReportingOverflow(length ?? .max)
            guard length != nil, !isTooLarge else { throw RowBlockError("lists are too long") }
            total = sum
        }
        let children = try type.childTypes.map { try column(of: $0, count: total) }
        let result = Column(flat: type, count: count, children: children)
        let target = result.values(as: ListEntry.self)
        var begin = 0
        for element in 0..<count {
            let length = Int(truncatingIfNeeded: Self.length(lengths, element, width))
            target[element] = ListEntry(offset: begin, length: length)
            begin &+= length
        }
        return result
    }

    @inline(__always)
    private static func length(_ lengths: UnsafeRawPointer, _ element: Int, _ width: Int) -> UInt64 {
        switch width {
        case 1: UInt64(lengths.load(fromByteOffset: element, as: UInt8.self))
        case 2: UInt64(lengths.loadUnaligned(fromByteOffset: element &* 2, as: UInt16.self))
        case 4: UInt64(lengths.loadUnaligned(fromByteOffset: element &* 4, as: UInt32.self))
        default: lengths.loadUnaligned(fromByteOffset: element &* 8, as: UInt64.self)
        }
    }
}
