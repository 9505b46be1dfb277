import Columnar

/// The values of one stored column: what a page's encoding gives, as elements of the column's type. Values of a batch are
/// written behind each other into slots; `spread` then makes room for the NULLs among them.
protocol LeafValues: AnyObject {
    /// Begins a batch of `capacity` slots at first; `isExact`: there will be no more.
    func begin(capacity: Int, isExact: Bool)
    /// Makes sure that there are so many slots.
    func reserve(_ slots: Int)
    /// Takes the dictionary of the chunk.
    func setDictionary(_ page: PageBuffer, _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding) throws
    /// From now on values are those of a data page, `count` at most.
    func beginPage(_ page: PageBuffer, _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding) throws
    /// The page may be overwritten unless the batch's column points into it.
    func endPage()
    /// The next `count` values of the page, into the slots from `slot` on.
    func read(_ count: Int, at slot: Int) throws
    func skip(_ count: Int) throws
    /// Moves `present` values at the beginning of `count` slots from `slot` on to those of them whose level is `maximum`.
    func spread(_ levels: UnsafePointer<UInt8>, maximum: UInt8, present: Int, at slot: Int, count: Int)
    /// The batch's slots as a column.
    func finish(_ slots: Int, validity: ValidityBitmap?) -> Column
}

extension LeafValues {
    func endPage() {}
}

/// Moves dense elements to the slots whose level says that there is a value, from the last on.
@inline(__always)
func spreadElements<T>(
    _ elements: UnsafeMutablePointer<T>, _ levels: UnsafePointer<UInt8>, maximum: UInt8, present: Int, count: Int,
    placeholder: T
) {
    var source = present
    var slot = count
    while slot > 0, source < slot {
        slot &-= 1
        if levels[slot] == maximum {
            source &-= 1
            elements[slot] = elements[source]
        } else {
            elements[slot] = placeholder
        }
    }
}

/// The slots of a batch: the storage of a column of exactly that size, or a buffer that grows.
struct LeafSlots<T: ColumnElement> {
    private let type: SQLType
    private var column: Column?
    private var buffer: UnsafeMutablePointer<T>?
    private var capacity = 0
    private(set) var elements: UnsafeMutablePointer<T>

    init(type: SQLType) {
        self.type = type
        let column = Column(flat: type, count: 0)
        elements = column.values(as: T.self)
        self.column = column
    }

    mutating func begin(capacity wanted: Int, isExact: Bool) {
        if isExact {
            let column = Column(flat: type, count: wanted)
            elements = column.values(as: T.self)
            self.column = column
        } else {
            column = nil
            if buffer == nil { grow(max(wanted, 64), keeping: 0) }
            if let buffer { elements = buffer }
        }
    }

    mutating func reserve(_ slots: Int) {
        if column == nil, slots > capacity { grow(max(slots, capacity * 2), keeping: capacity) }
    }

    private mutating func grow(_ wanted: Int, keeping kept: Int) {
        let grown = UnsafeMutablePointer<T>.allocate(capacity: wanted)
        if let buffer {
            grown.update(from: buffer, count: kept)
            buffer.deallocate()
        }
        buffer = grown
        elements = grown
        capacity = wanted
    }

    mutating func finish(_ slots: Int, heap: StringHeap? = nil) -> Column {
        defer { column = nil }
        if let column {
            column.heap = heap
            return column
        }
        let column = Column(flat: type, count: slots, heap: heap)
        column.values(as: T.self).update(from: elements, count: slots)
        return column
    }

    func deallocate() { buffer?.deallocate() }
}
