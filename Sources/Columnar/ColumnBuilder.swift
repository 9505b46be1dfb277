/// Grows a flat column that owns all it holds, strings' bytes included. Of a nested type it may be made for some parts of
/// the values; the others are constant NULLs of the column and take no memory.
public final class ColumnBuilder: @unchecked Sendable {
    // Unchecked: one worker uses a builder at a time.
    public let type: SQLType
    // One worker fills a builder at a time; the run-time checks of that would cost more than an append.
    @exclusivity(unchecked) @usableFromInline var used = 0
    @exclusivity(unchecked) @usableFromInline var capacity: Int
    @exclusivity(unchecked) @usableFromInline var storage: UnsafeMutableRawPointer
    /// Reaches as far as the last NULL; empty without any.
    @exclusivity(unchecked) private var validity: [UInt64] = []
    private var heap = StringHeap()
    /// Builders of the type's child columns; write list elements through these, then `append(listOf:)`.
    public let children: [ColumnBuilder]
    /// Whether values are wanted. Otherwise nothing is to be appended; the parent knows how many there would be.
    package let isWanted: Bool
    /// The children that are wanted, by their places.
    package let wantedChildren: [Int]
    /// Elements of lists so far, for children that are not wanted.
    @exclusivity(unchecked) private var elementCount = 0

    /// Rows so far.
    @inlinable public var count: Int { used }

    public convenience init(_ type: SQLType, capacity: Int = 0) { self.init(type, capacity: capacity, fields: .whole) }

    /// - Parameter fields: which parts of values are wanted; nil: none, and not the value itself.
    package init(_ type: SQLType, capacity: Int = 0, fields: FieldSelection?) {
        self.type = type
        self.capacity = max(capacity, 16)
        storage = .allocate(byteCount: max(self.capacity * type.physical.stride, 16), alignment: 16)
        isWanted = fields != nil
        // Members of unions are not told apart.
        let fields = if case .union = type, fields != nil { FieldSelection.whole } else { fields }
        let children = type.childTypes.enumerated().map { ColumnBuilder($1, fields: fields?[$0]) }
        self.children = children
        wantedChildren = children.indices.filter { children[$0].isWanted }
    }

    deinit { storage.deallocate() }

    /// The child at `place`, where it is wanted.
    package func wantedChild(_ place: Int) -> ColumnBuilder? { children[place].isWanted ? children[place] : nil }

    /// Bytes held, for the memory pool.
    public var byteCount: Int {
        capacity * type.physical.stride + validity.count * 8 + heap.byteCount
            + children.reduce(0) { $0 + $1.byteCount }
    }

    @inline(never)
    public func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        let wanted = max(count + more, capacity * 2)
        let stride = type.physical.stride
        let grown = UnsafeMutableRawPointer.allocate(byteCount: max(wanted * stride, 16), alignment: 16)
        grown.copyMemory(from: storage, byteCount: count * stride)
        storage.deallocate()
        storage = grown
        capacity = wanted
    }

    /// Appends an element of the layout's Swift type. Strings: the bytes are copied.
    @inlinable @inline(__always)
    public func append<T: ColumnElement>(_ value: T) {
        if used == capacity { reserve(1) }
        storage.assumingMemoryBound(to: T.self)[used] = value
        used &+= 1
    }

    public func append(_ value: StringView) {
        reserve(1)
        storage.assumingMemoryBound(to: StringView.self)[count] = heap.copy(value)
        advance(1)
    }

    public func append(_ string: some StringProtocol) {
        var copy = String(string)
        copy.withUTF8 { append(bytes: $0) }
    }

    public func append(bytes: UnsafeBufferPointer<UInt8>) {
        reserve(1)
        storage.assumingMemoryBound(to: StringView.self)[count] = heap.copy(bytes)
        advance(1)
    }

    public func append(_ value: Bool) { append(UInt8(value ? 1 : 0)) }

    public func appendNull() {
        reserve(1)
        let stride = type.physical.stride
        if type.physical == .string {
            storage.assumingMemoryBound(to: StringView.self)[count] = StringView()
        } else if stride > 0 {
            (storage + count * stride).initializeMemory(as: UInt8.self, repeating: 0, count: stride)
        }
        switch type {
        case .structure, .union: for child in wantedChildren { children[child].appendNull() }
        default: break
        }
        advance(1)
        markNull(count - 1)
    }

    /// Ends an ARRAY or MAP row whose `length` elements were just appended to every wanted child.
    public func append(listOf length: Int) {
        let offset = children[0].isWanted ? children[0].count - length : elementCount
        elementCount = offset + length
        append(ListEntry(offset: offset, length: length))
    }

    /// Ends a STRUCT row (or, with its `tag`, a UNION row) after one element was appended to every wanted child.
    public func appendStructure(tag: UInt8 = 0) {
        reserve(1)
        if case .union = type { storage.assumingMemoryBound(to: UInt8.self)[count] = tag }
        advance(1)
    }

    private func advance(_ rows: Int) { used += rows }

    private func markNull(_ row: Int) {
        while validity.count <= row >> 6 { validity.append(~0) }
        validity[row >> 6] &= ~(1 << UInt64(row & 63))
    }

    /// Appends one row of a column of the same type.
    public func append(_ column: Column, row: Int) {
        let source = column.encoding == .dictionary ? column.base.unsafelyUnwrapped : column
        let element = column.element(of: row)
        if let bits = source.validity, !bits[element] {
            appendNull()
            return
        }
        appendValue(source, element)
    }

    private func appendValue(_ source: Column, _ element: Int) {
        switch type.physical {
        case .boolean: append(source.values(as: UInt8.self)[element])
        case .int8: append(source.values(as: Int8.self)[element])
        case .int16: append(source.values(as: Int16.self)[element])
        case .int32: append(source.values(as: Int32.self)[element])
        case .int64: append(source.values(as: Int64.self)[element])
        case .float: append(source.values(as: Float.self)[element])
        case .double: append(source.values(as: Double.self)[element])
        case .int128: append(source.values(as: Int128.self)[element])
        case .string: append(source.values(as: StringView.self)[element])
        case .timestamp: append(source.values(as: Timestamp.self)[element])
        case .list:
            let entry = source.values(as: ListEntry.self)[element]
            for (child, from) in zip(children, source.children) where child.isWanted {
                for item in 0..<Int(entry.length) { child.append(from, row: Int(entry.offset) + item) }
            }
            append(listOf: Int(entry.length))
        case .structure:
            for (child, from) in zip(children, source.children) where child.isWanted {
                child.append(from, row: from.isConstant ? 0 : element)
            }
            appendStructure()
        case .union:
            for (child, from) in zip(children, source.children) { child.append(from, row: from.isConstant ? 0 : element) }
            appendStructure(tag: source.values(as: UInt8.self)[element])
        }
    }

    /// Appends the selected rows of a column of the same type.
    public func append(_ column: Column, rows: RowSelection) {
        reserve(rows.count)
        switch type.physical {
        case .boolean: appendElements(UInt8.self, column, rows)
        case .int8: appendElements(Int8.self, column, rows)
        case .int16: appendElements(Int16.self, column, rows)
        case .int32: appendElements(Int32.self, column, rows)
        case .int64: appendElements(Int64.self, column, rows)
        case .float: appendElements(Float.self, column, rows)
        case .double: appendElements(Double.self, column, rows)
        case .int128: appendElements(Int128.self, column, rows)
        case .timestamp: appendElements(Timestamp.self, column, rows)
        case .string: appendStrings(column, rows)
        case .list, .structure, .union: rows.forEach { append(column, row: $0) }
        }
    }

    private func appendElements<T: ColumnElement>(_: T.Type, _ column: Column, _ rows: RowSelection) {
        let plain = column.decoded(rows)
        let source = plain.values(as: T.self)
        let target = storage.assumingMemoryBound(to: T.self) + count
        let scale = plain.isConstant ? 0 : 1
        for ordinal in 0..<rows.count { target[ordinal] = source[rows[ordinal] * scale] }
        finishAppend(plain, rows)
    }

    private func appendStrings(_ column: Column, _ rows: RowSelection) {
        let plain = column.decoded(rows)
        let source = plain.values(as: StringView.self)
        let target = storage.assumingMemoryBound(to: StringView.self) + count
        let scale = plain.isConstant ? 0 : 1
        let validity = plain.validity
        let heap = heap
        for ordinal in 0..<rows.count {
            let element = rows[ordinal] * scale
            if let validity, !validity[element] {
                target[ordinal] = StringView()
            } else {
                target[ordinal] = heap.copy(source[element])
            }
        }
        finishAppend(plain, rows)
    }

    private func finishAppend(_ plain: Column, _ rows: RowSelection) {
        let first = count
        advance(rows.count)
        guard let bits = plain.validity else { return }
        let scale = plain.isConstant ? 0 : 1
        for ordinal in 0..<rows.count where !bits[rows[ordinal] * scale] { markNull(first + ordinal) }
    }

    /// From this size on elements are not copied into the column; below, the builder keeps its room for the next one.
    private static let bytesHandedOver = 1 << 20

    /// The rows so far as a flat column; the builder is empty afterwards.
    public func finish() -> Column {
        let column: Column
        let elements = type.physical == .list ? elementCount : count
        let children = children.map { $0.isWanted ? $0.finish() : .nulls($0.type, count: elements) }
        if count * type.physical.stride >= Self.bytesHandedOver {
            column = Column(adopting: storage, type: type, count: count, children: children, heap: heap)
            capacity = 16
            storage = .allocate(byteCount: max(capacity * type.physical.stride, 16), alignment: 16)
        } else {
            column = Column(flat: type, count: count, children: children, heap: heap)
            column.rawValues.copyMemory(from: storage, byteCount: count * type.physical.stride)
        }
        if !validity.isEmpty {
            let bits = column.makeValidity()
            validity.withUnsafeBufferPointer { words in
                if let first = words.baseAddress { bits.words.update(from: first, count: min(words.count, bits.wordCount)) }
            }
        }
        used = 0
        elementCount = 0
        validity = []
        heap = StringHeap()
        return column
    }
}
