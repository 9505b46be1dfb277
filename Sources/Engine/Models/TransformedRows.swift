import Columnar
import Expressions
import FeatureTables
import Planner
import Platform

/// The columns that TRANSFORM is computed over: those of the imported rows and, where it learns, the keys by which rows are in folds, which
/// are made when somebody asks.
final class TransformedRows: Sendable {
    let columns: [OutputColumn]
    private let data: ImportData
    private let makeKeys: @Sendable () throws -> [Int64?]
    private let keys = Guarded<(column: Column, reservation: ImportReservation)?>(nil)

    /// - Parameter keys: a number a row for the last of `columns`, where this is no column of the data.
    init(_ data: ImportData, columns: [OutputColumn], keys: @escaping @Sendable () throws -> [Int64?] = { [] }) {
        self.data = data
        self.columns = columns
        makeKeys = keys
    }

    /// The values of a column, one a row.
    func values(_ place: Int) throws -> Column {
        if place < data.columns.count { return data.columns[place] }
        return try keys.withLock { known in
            if let known { return known.column }
            let reservation = try ImportReservation(
                data.memory, for: "the folds of the rows", help: ImportMemory.fewerRows, bytes: data.rowCount * 40)
            let builder = ColumnBuilder(.bigint, capacity: data.rowCount)
            for key in try makeKeys() { if let key { builder.append(key) } else { builder.appendNull() } }
            let column = builder.finish()
            known = (column, reservation)
            return column
        }
    }
}

extension ImportData {
    /// By what the rows that are learned from are in folds; nil for other rows.
    func foldKeys(of rows: [Int32], _ options: SplitOptions) throws -> [Int64?] {
        let all = try foldKeys(options)
        var keys = [Int64?](repeating: nil, count: rowCount)
        for row in rows { keys[Int(row)] = Int64(bitPattern: all[Int(row)]) }
        return keys
    }
}
