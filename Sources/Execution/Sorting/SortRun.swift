import Columnar
import Expressions
import Functions

/// What a sort evaluates: the keys, and which of them are kept beside the input's columns.
final class SortSpecification: Sendable {
    let program: ExpressionProgram
    let comparison: SortKeyComparison
    /// The input's columns, then keys that are no column of it.
    let types: [SQLType]
    private let inputWidth: Int
    /// Where each key stands in `types`.
    let keyPlaces: [Int]
    let extraKeys: [Int]

    init(_ program: ExpressionProgram, orders: [SortOrder], inputTypes: [SQLType]) {
        self.program = program
        let keyTypes = program.roots.map { program.nodes[$0].type }
        comparison = SortKeyComparison(types: keyTypes, orders: orders)
        inputWidth = inputTypes.count
        // Keys that bytes hold whole need not be kept.
        let extra = program.roots.indices.filter { root in
            guard program.inputColumn(of: root) == nil else { return false }
            switch keyTypes[root].physical {
            case .string, .list, .structure, .union: return true
            default: return false
            }
        }
        extraKeys = extra
        types = inputTypes + extra.map { keyTypes[$0] }
        keyPlaces = program.roots.indices.map { root in
            if let column = program.inputColumn(of: root) { return column }
            return extra.firstIndex(of: root).map { inputTypes.count + $0 } ?? -1
        }
    }

    /// The keys among kept columns; what is not kept is never looked at.
    func keyColumns(_ columns: [Column]) -> [Column] {
        keyPlaces.enumerated().map { key, place in
            columns.indices.contains(place) ? columns[place] : Column(flat: .boolean, count: 0)
        }
    }
}

/// Rows that one worker collected for sorting, with their keys encoded.
final class SortRun {
    private let specification: SortSpecification
    private(set) var rows: RowCollector
    private(set) var keys: UnsafeMutablePointer<UInt8>
    private var keyCapacity = 0
    /// The morsel each row came from: ties keep the order of the source.
    private(set) var morsels: UnsafeMutablePointer<Int32>
    private(set) var count = 0

    init(_ specification: SortSpecification) {
        self.specification = specification
        rows = RowCollector(specification.types)
        keys = .allocate(capacity: 1)
        morsels = .allocate(capacity: 1)
    }

    deinit {
        keys.deallocate()
        morsels.deallocate()
    }

    /// Bytes of the rows and their keys; room that is not written takes no memory yet.
    var byteCount: Int { rows.byteCount + count * (specification.comparison.stride + MemoryLayout<Int32>.stride) }

    /// Bytes that sorting the rows needs beside them: first columns are copied, then numbers of rows are sorted.
    /// - Parameter withOthers: the runs of several workers are put together.
    func sortingBytes(withOthers: Bool) -> Int {
        let perRow = 2 * MemoryLayout<Int32>.stride + RowSorter.bytesPerRow + (withOthers ? specification.comparison.stride : 0)
        return max(rows.concatenationBytes, count * perRow)
    }

    /// Makes room for `more` rows and returns where their keys begin.
    func reserve(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        let stride = specification.comparison.stride
        if count + more > keyCapacity {
            let wanted = max(count + more, keyCapacity * 2, 1024)
            let grown = LargeAllocation.elements(UInt8.self, wanted * stride)
            grown.update(from: keys, count: count * stride)
            keys.deallocate()
            keys = grown
            let grownMorsels = LargeAllocation.elements(Int32.self, wanted)
            grownMorsels.update(from: morsels, count: count)
            morsels.deallocate()
            morsels = grownMorsels
            keyCapacity = wanted
        }
        return keys + count * stride
    }

    /// Adds rows whose keys were written behind the others.
    func append(_ columns: [Column], rows selected: RowSelection, morsel: Int) {
        rows.append(columns, rows: selected)
        (morsels + count).initialize(repeating: Int32(truncatingIfNeeded: morsel), count: selected.count)
        count += selected.count
    }

    /// The rows as flat columns and the order of their numbers. The collected rows are gone afterwards.
    func sorted(check: @escaping () throws -> Void) throws -> (columns: [Column], order: RowOrder) {
        let columns = RowCollector.concatenated([rows], specification.types)
        let order = RowOrder(count: count)
        let sorter = RowSorter(
            comparison: specification.comparison, bytes: keys, columns: specification.keyColumns(columns), check: check)
        try sorter.sort(order.rows, count: count)
        return (columns, order)
    }

    func key(of row: Int) -> [UInt8] {
        let stride = specification.comparison.stride
        return Array(UnsafeBufferPointer(start: keys + row * stride, count: stride))
    }

    /// Keeps the first `limit` rows of the order only, in the order in which they came, and returns the last one's key.
    func prune(to limit: Int, check: @escaping () throws -> Void) throws -> [UInt8] {
        let (columns, order) = try sorted(check: check)
        let kept = min(limit, count)
        let stride = specification.comparison.stride
        let last = kept > 0 ? key(of: Int(order.rows[kept - 1])) : []
        let selection = SelectionVector(capacity: kept)
        selection.indices.update(from: order.rows, count: kept)
        var ascending = UnsafeMutableBufferPointer(start: selection.indices, count: kept)
        ascending.sort()
        selection.setCount(kept)
        for (index, row) in UnsafeBufferPointer(start: selection.indices, count: kept).enumerated() {
            if index != Int(row) {
                (keys + index * stride).update(from: keys + Int(row) * stride, count: stride)
                morsels[index] = morsels[Int(row)]
            }
        }
        rows = RowCollector(specification.types)
        rows.append(columns, rows: RowSelection(selection))
        count = kept
        return last
    }
}
