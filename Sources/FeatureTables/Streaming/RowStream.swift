/// Rows that are too many to be held at once: they are read a part at a time, as often as somebody asks.
public struct RowStream {
    private let read: (_ body: (ImportData) throws -> Bool) throws -> Void

    /// - Parameter read: calls its argument with part after part of the rows, each time all of them in the same order, until that says
    ///   that it needs no more. Parts have one schema.
    public init(_ read: @escaping (_ body: (ImportData) throws -> Bool) throws -> Void) { self.read = read }

    /// Calls `body` with part after part of the rows until it returns false.
    /// - Throws: what reading the rows, or `body`, throws.
    public func forEachPart(_ body: (ImportData) throws -> Bool) throws { try read(body) }
}
