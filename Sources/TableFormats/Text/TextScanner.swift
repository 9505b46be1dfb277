import Columnar

/// A predicate over some columns that the scanner evaluates before it parses the others.
package protocol ScanFilter: AnyObject {
    /// Schema ordinals of the columns that `select` looks at, in the order in which it wants them.
    var columns: [Int] { get }
    /// The rows to keep among `count` rows. `columns` are flat; their strings live until `select` returns.
    func select(_ columns: [Column], count: Int) throws -> RowSelection
}
