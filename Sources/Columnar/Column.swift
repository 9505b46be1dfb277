/// Rows of one type. Storage is raw and typed by `type.physical`; NULLs are a bitmap beside it.
///
/// A column is written by whoever makes it and immutable once shared. Three encodings:
/// - flat: one element a row;
/// - constant: one element (at index 0) for all rows;
/// - dictionary: one `Int32` a row that points into another, flat column.
///
/// Kernels take flat and constant columns; they call `decoded(_:)` first. Bytes of strings belong to the column's
/// `heap`, or, while a batch is pushed through a pipeline, to whoever pushes it.
public final class Column: @unchecked Sendable {
    // Unchecked: whoever makes a column writes it before it is shared, nobody afterwards.
    public enum Encoding: Sendable { case flat, constant, dictionary }

    public let type: SQLType
    /// Rows.
    public let count: Int
    public let encoding: Encoding
    /// Elements as `type.physical` lays them out (flat: `count`; constant: 1; dictionary: none).
    @usableFromInline let storage: UnsafeMutableRawPointer
    /// One bit an element, 1 = not NULL; nil when no element is NULL. A dictionary's own bits are nil: its base has them.
    public private(set) var validity: ValidityBitmap?
    /// ARRAY: elements. MAP: keys, values. STRUCT: fields. UNION: members.
    public let children: [Column]
    /// Dictionary encoding: the flat column that indices point into.
    package let base: Column?
    /// Keeps the bytes of string elements alive; nil when somebody else does.
    package var heap: StringHeap?
    /// Whatever else must outlive the column: a column whose storage or string bytes this one shares.
    private let owner: AnyObject?
    private let ownsStorage: Bool

    private init(
        type: SQLType, count: Int, encoding: Encoding, storage: UnsafeMutableRawPointer, validity: ValidityBitmap?,
        children: [Column], base: Column?, heap: StringHeap?, owner: AnyObject?, ownsStorage: Bool
    ) {
        self.type = type
        self.count = count
        self.encoding = encoding
        self.storage = storage
        self.validity = validity
        self.children = children
        self.base = base
        self.heap = heap
        self.owner = owner
        self.ownsStorage = ownsStorage
        assert(hasConsistentLayout, "a column of \(type) whose parts do not fit together")
    }

    deinit {
        if ownsStorage { storage.deallocate() }
    }

    /// A flat column with uninitialized elements and no NULLs. `children` as the type needs them.
    package convenience init(flat type: SQLType, count: Int, children: [Column] = [], heap: StringHeap? = nil) {
        let bytes = max(count * type.physical.stride, 16)
        self.init(
            type: type, count: count, encoding: .flat,
            storage: .allocate(byteCount: bytes, alignment: 16), validity: nil, children: children, base: nil,
            heap: heap, owner: nil, ownsStorage: true)
    }

    /// A flat column without NULLs that takes over elements allocated with 16 bytes' alignment.
    convenience init(
        adopting storage: UnsafeMutableRawPointer, type: SQLType, count: Int, children: [Column], heap: StringHeap
    ) {
        self.init(
            type: type, count: count, encoding: .flat, storage: storage, validity: nil, children: children, base: nil,
            heap: heap, owner: nil, ownsStorage: true)
    }

    /// A constant column whose single element is uninitialized.
    @usableFromInline
    package convenience init(constant type: SQLType, count: Int, children: [Column] = [], heap: StringHeap? = nil) {
        self.init(
            type: type, count: count, encoding: .constant,
            storage: .allocate(byteCount: 16, alignment: 16), validity: nil, children: children, base: nil,
            heap: heap, owner: nil, ownsStorage: true)
    }

    /// `count` NULLs.
    public static func nulls(_ type: SQLType, count: Int) -> Column {
        let children: [Column] =
            switch type {
            case .structure, .union: type.childTypes.map { nulls($0, count: 1) }
            default: type.childTypes.map(empty)
            }
        let column = Column(constant: type, count: count, children: children)
        column.storage.initializeMemory(as: UInt8.self, repeating: 0, count: 16)
        if type.physical == .string { column.values(as: StringView.self)[0] = StringView() }
        column.setNull(0)
        return column
    }

    /// No rows.
    package static func empty(_ type: SQLType) -> Column {
        Column(flat: type, count: 0, children: type.childTypes.map(empty))
    }

    /// `count` times the same element.
    @inlinable
    public static func constant<T: ColumnElement>(_ value: T, type: SQLType, count: Int) -> Column {
        let column = Column(constant: type, count: count)
        column.values(as: T.self)[0] = value
        return column
    }

    /// `count` times the same string, whose bytes are copied.
    public static func constant(string: some Collection<UInt8>, type: SQLType = .string, count: Int) -> Column {
        let heap = StringHeap()
        let column = Column(constant: type, count: count, heap: heap)
        column.values(as: StringView.self)[0] = Array(string).withUnsafeBufferPointer { heap.copy($0) }
        return column
    }

    /// Rows `indices[0..<count]` of `base`, without copying elements. `indices` are copied.
    /// A dictionary or constant `base` is looked through.
    package static func dictionary(_ base: Column, indices: UnsafePointer<Int32>, count: Int) -> Column {
        switch base.encoding {
        case .constant: return base.withCount(count)
        case .flat, .dictionary:
            let storage = UnsafeMutableRawPointer.allocate(byteCount: max(count * 4, 16), alignment: 16)
            let own = storage.assumingMemoryBound(to: Int32.self)
            var target = base
            if base.encoding == .dictionary, let inner = base.base {
                let through = base.indices
                for row in 0..<count { own[row] = through[Int(indices[row])] }
                target = inner
            } else {
                own.update(from: indices, count: count)
            }
            return Column(
                type: base.type, count: count, encoding: .dictionary, storage: storage, validity: nil, children: [],
                base: target, heap: nil, owner: nil, ownsStorage: true)
        }
    }

    /// The same elements under another type of the same physical layout (`int` read as `date`, `string` as `varchar`).
    package func retyped(_ type: SQLType) -> Column {
        Column(
            type: type, count: count, encoding: encoding, storage: storage, validity: validity, children: children,
            base: base?.retyped(type), heap: heap, owner: self, ownsStorage: false)
    }

    /// The same storage with other NULLs.
    package func replacingValidity(_ validity: ValidityBitmap?) -> Column {
        Column(
            type: type, count: count, encoding: encoding, storage: storage, validity: validity, children: children,
            base: base, heap: heap, owner: self, ownsStorage: false)
    }

    /// A constant column of another length.
    package func withCount(_ count: Int) -> Column {
        precondition(encoding == .constant, "only a constant has no length of its own")
        return Column(
            type: type, count: count, encoding: encoding, storage: storage, validity: validity, children: children,
            base: base, heap: heap, owner: self, ownsStorage: false)
    }
}

extension Column {
    /// The elements of a flat or constant column; index 0 alone for a constant. `T` must be the layout's Swift type, and
    /// the column must outlive the pointer's use.
    @inlinable @inline(__always)
    public func elements<T: ColumnElement>(as type: T.Type) -> UnsafePointer<T> {
        precondition(type.physical == self.type.physical, "elements are of another type")
        return UnsafePointer(values(as: type))
    }

    /// The elements for whoever makes the column, and for loops of kernels.
    @inlinable @inline(__always)
    package func values<T: ColumnElement>(as type: T.Type) -> UnsafeMutablePointer<T> {
        assert(holds(type), "elements are of another type")
        return storage.assumingMemoryBound(to: T.self)
    }

    @inlinable package var rawValues: UnsafeMutableRawPointer { storage }

    /// Dictionary encoding: the row of `base` for each row.
    @inlinable package var indices: UnsafeMutablePointer<Int32> { storage.assumingMemoryBound(to: Int32.self) }

    @inlinable public var isConstant: Bool { encoding == .constant }

    /// Bytes that the column holds itself, with its children, bitmap and strings.
    package var byteCount: Int {
        let elements = encoding == .constant ? 1 : count
        let stride = encoding == .dictionary ? MemoryLayout<Int32>.stride : type.physical.stride
        return (ownsStorage ? elements * stride + (heap?.byteCount ?? 0) : 0) + (validity.map { $0.wordCount * 8 } ?? 0)
            + children.reduce(0) { $0 + $1.byteCount }
    }

    /// Whether a NULL may occur.
    public var mayHaveNulls: Bool { encoding == .dictionary ? base?.validity != nil : validity != nil }

    /// Which element of the storage (or of `base`) a row is.
    @inlinable public func element(of row: Int) -> Int {
        switch encoding {
        case .flat: row
        case .constant: 0
        case .dictionary: Int(indices[row])
        }
    }

    /// Any encoding; for loops over rows hoist `validity` instead.
    public func isNull(_ row: Int) -> Bool {
        let element = element(of: row)
        let bits = encoding == .dictionary ? base?.validity : validity
        return bits.map { !$0[element] } ?? false
    }

    /// Makes sure there is a bitmap (all valid when it is new) and returns it.
    @discardableResult
    package func makeValidity() -> ValidityBitmap {
        if let validity { return validity }
        let made = ValidityBitmap(count: encoding == .constant ? 1 : count)
        validity = made
        return made
    }

    package func setNull(_ element: Int) { makeValidity().clear(element) }

    package func setValidity(_ bitmap: ValidityBitmap?) { validity = bitmap }

    /// This column as flat or constant; copies only a dictionary, and of it only the rows of `rows`.
    /// String bytes are not copied: the result keeps this column alive.
    public func decoded(_ rows: RowSelection) -> Column {
        guard encoding == .dictionary, let base else { return self }
        return base.gathered(indices, rows: rows, count: count)
    }

    /// This column as a flat one, whatever its encoding; elements of the rows outside `rows` are placeholders.
    public func flattened(_ rows: RowSelection) -> Column {
        switch encoding {
        case .flat: return self
        case .dictionary: return decoded(rows)
        case .constant:
            let zeros = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
            defer { zeros.deallocate() }
            zeros.initialize(repeating: 0, count: count)
            return gathered(zeros, rows: rows, count: count)
        }
    }

    /// A flat column of `count` rows: row `r` of `rows` is element `indices[r]` of this flat or constant column.
    private func gathered(_ indices: UnsafePointer<Int32>, rows: RowSelection, count: Int) -> Column {
        let gatheredChildren: [Column] =
            switch type {
            case .structure, .union:
                children.map { child in
                    // Fields that were not read stay one NULL.
                    if child.isConstant, child.isNull(0) { return child.withCount(count) }
                    let plain = child.encoding == .flat ? child : child.flattened(.all(child.count))
                    return plain.gathered(indices, rows: rows, count: count)
                }
            default: children
            }
        let storage = UnsafeMutableRawPointer.allocate(byteCount: max(count * type.physical.stride, 16), alignment: 16)
        let result = Column(
            type: type, count: count, encoding: .flat, storage: storage, validity: nil, children: gatheredChildren,
            base: nil, heap: heap, owner: self, ownsStorage: true)
        switch type.physical {
        case .boolean, .union: gather(UInt8.self, into: result, indices, rows)
        case .int8: gather(Int8.self, into: result, indices, rows)
        case .int16: gather(Int16.self, into: result, indices, rows)
        case .int32: gather(Int32.self, into: result, indices, rows)
        case .int64: gather(Int64.self, into: result, indices, rows)
        case .float: gather(Float.self, into: result, indices, rows)
        case .double: gather(Double.self, into: result, indices, rows)
        case .int128: gather(Int128.self, into: result, indices, rows)
        case .string: gather(StringView.self, into: result, indices, rows)
        case .timestamp: gather(Timestamp.self, into: result, indices, rows)
        case .list: gather(ListEntry.self, into: result, indices, rows)
        case .structure: break
        }
        if let validity {
            let bits = result.makeValidity()
            rows.forEach { row in
                if !validity[Int(indices[row])] { bits.clear(row) }
            }
        }
        return result
    }

    private func gather<T: ColumnElement>(
        _: T.Type, into result: Column, _ indices: UnsafePointer<Int32>, _ rows: RowSelection
    ) {
        let source = values(as: T.self)
        let target = result.values(as: T.self)
        if !rows.isAll { target.initialize(repeating: T.placeholder, count: result.count) }
        rows.forEach { row in target[row] = source[Int(indices[row])] }
    }
}
