import Columnar

/// The right side of `IN (…)`. Long lists of constants are searched, others compared one by one.
package final class MembershipList: @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`.
    /// The nodes of the items, for those that must be compared.
    let nodes: [Int]
    /// Whether an item is the constant NULL: then nothing is outside the list.
    let hasNull: Bool
    private let integers: [Int64]
    private let strings: [StringView]
    private let heap: StringHeap
    let isSearchable: Bool

    /// A list shorter than this is compared item by item, without a branch a row.
    private static let searchedCount = 6

    init(type: SQLType, nodes all: [Int], literals: [LiteralValue?]) {
        hasNull = literals.contains(.some(.null))
        nodes = zip(all, literals).filter { $1 != .some(.null) }.map(\.0)
        let values = literals.compactMap { $0 }.filter { $0 != .null }
        var integers: [Int64] = []
        var strings: [StringView] = []
        let heap = StringHeap()
        self.heap = heap
        if nodes.count >= Self.searchedCount, values.count == nodes.count {
            for value in values {
                switch value {
                case .integer(let number): integers.append(number)
                case .bytes(let bytes): strings.append(bytes.withUnsafeBufferPointer { heap.copy($0) })
                default: break
                }
            }
        }
        switch type.physical {
        case .int8, .int16, .int32, .int64: isSearchable = !integers.isEmpty && integers.count == nodes.count
        case .string: isSearchable = !strings.isEmpty && strings.count == nodes.count
        default: isSearchable = false
        }
        self.integers = integers.sorted()
        self.strings = strings.sorted { StringView.compare($0, $1) < 0 }
    }

    /// The rows of a flat or constant column, none of them NULL, whose values are in the list.
    func select(_ column: Column, rows: RowSelection) -> RowSelection {
        switch column.type.physical {
        case .int8: search(Int8.self, column, rows)
        case .int16: search(Int16.self, column, rows)
        case .int32: search(Int32.self, column, rows)
        case .int64: search(Int64.self, column, rows)
        default: searchStrings(column, rows)
        }
    }

    private func search<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ column: Column, _ rows: RowSelection
    ) -> RowSelection {
        let values = UnsafePointer(column.values(as: T.self))
        let scale = column.isConstant ? 0 : 1
        return integers.withUnsafeBufferPointer { list in
            rows.filtered(capacity: rows.count) { row in
                let value = Int64(values[row &* scale])
                var low = 0
                var high = list.count
                while low < high {
                    let middle = (low &+ high) >> 1
                    if list[middle] < value { low = middle &+ 1 } else { high = middle }
                }
                return low < list.count && list[low] == value
            }
        }
    }

    private func searchStrings(_ column: Column, _ rows: RowSelection) -> RowSelection {
        let values = UnsafePointer(column.values(as: StringView.self))
        let scale = column.isConstant ? 0 : 1
        return strings.withUnsafeBufferPointer { list in
            rows.filtered(capacity: rows.count) { row in
                let value = values[row &* scale]
                var low = 0
                var high = list.count
                while low < high {
                    let middle = (low &+ high) >> 1
                    if StringView.compare(list[middle], value) < 0 { low = middle &+ 1 } else { high = middle }
                }
                return low < list.count && list[low] == value
            }
        }
    }
}
