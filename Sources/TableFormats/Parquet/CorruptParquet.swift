/// Why bytes of a Parquet file make no sense; whoever knows the file and the place makes a `TableFormatError` of it.
struct CorruptParquet: Error {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}
