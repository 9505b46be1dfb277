import Columnar

/// A way in which rows are kept in files, made once for the storage of a table or partition by `TableFormats.format(of:)`.
/// Operators read and write through it and know no format by name.
package protocol TableFormat: AnyObject, Sendable {
    /// What the names of files that are written end with: `.gz`.
    var fileSuffix: String { get }

    /// Whether files without rows are written without a byte.
    var leavesEmptyFilesBlank: Bool { get }

    /// Whether every text is read as it was written: nothing in one ends a field or a row, or stands for NULL.
    var keepsTexts: Bool { get }

    /// Whether properties say which columns the files have: those of a partition's record do not matter then.
    var hasOwnSchema: Bool { get }

    /// - Throws: `TableFormatError` for columns that no table of the format can have.
    func check(_ schema: [SchemaColumn]) throws

    /// Cuts files into morsels, in order, and leaves out those in which no row meets the request's predicates.
    /// - Parameter splitBytes: about how many bytes of a file a morsel has at most, where the format can be cut anywhere.
    /// - Throws: `TableFormatError` for a file that cannot be read, `FileError`.
    func splits(of files: [ScanFile], for request: ScanRequest, splitBytes: Int) throws -> FileSplits

    /// Whether files of the format may have summaries.
    var hasSummaries: Bool { get }

    /// What a file says of the request's columns and of how many rows there are; nil when it says nothing.
    /// - Throws: as `splits`.
    func summary(of file: ScanFile, for request: ScanRequest) throws -> FileSummary?

    /// A reader of splits. One worker's own.
    func makeReader(_ request: ScanRequest) throws -> any SplitReader

    /// A writer of files. One worker's own.
    /// - Parameter schema: the columns of batches; the files have the same.
    /// - Throws: `TableFormatError` when files of the format or of a column's type cannot be written.
    func makeWriter(schema: [SchemaColumn]) throws -> any TableFileWriter
}

extension TableFormat {
    package var fileSuffix: String { "" }
    package var leavesEmptyFilesBlank: Bool { false }
    package var keepsTexts: Bool { false }
    package var hasOwnSchema: Bool { false }
    package func check(_ schema: [SchemaColumn]) throws {}
    package var hasSummaries: Bool { false }
    package func summary(of file: ScanFile, for request: ScanRequest) throws -> FileSummary? { nil }
}

/// A morsel of a file: what one worker reads at a time.
package protocol FileSplit: Sendable {
    var file: ScanFile { get }
    /// Bytes that reading the split takes, about; for progress.
    var byteCount: Int { get }
}

/// The morsels of some files.
package struct FileSplits: Sendable {
    package var splits: [any FileSplit] = []
    /// Row groups and stripes, and those of them that were left out since their statistics say that no row is wanted.
    package var partCount = 0
    package var skippedPartCount = 0

    package init(_ splits: [any FileSplit] = []) { self.splits = splits }
}

/// What is wanted of the rows of some files.
package struct ScanRequest {
    /// Stands among the wanted columns for the offset in the file at which a row's line begins, a BIGINT.
    package static let lineOffsetColumn = -1

    /// The table's columns, as batches have them.
    package var schema: [SchemaColumn]
    /// The columns that the files were written with, as the metastore knows them: a partition keeps its own. Column `i` of
    /// both is the same one; where there are fewer, the others are NULL.
    package var storedSchema: [SchemaColumn]
    /// Ordinals in `schema` of the columns that batches have, in this order. None: batches only have a row count.
    package var columns: [Int]
    /// By ordinal in `schema`, which parts of a column's values are needed; other columns are needed whole. A format may
    /// give more.
    package var fields: [Int: FieldSelection]
    /// Rows it does not select are left out.
    package var filter: (any ScanFilter)?
    /// What all rows that `filter` selects meet: parts of files in which nothing does are not read.
    package var predicates: [ColumnPredicate]
    package var batchCapacity: Int
    /// The session's zone, for formats that keep instants.
    package var zone: ZoneRules
    /// Makes a reservation of the query's memory for one reader, told what for.
    package var makeMemory: ((String) -> any ScanMemory)?

    package init(
        schema: [SchemaColumn], storedSchema: [SchemaColumn]? = nil, columns: [Int],
        fields: [Int: FieldSelection] = [:], filter: (any ScanFilter)? = nil, predicates: [ColumnPredicate] = [],
        batchCapacity: Int = Batch.defaultCapacity, zone: ZoneRules = .utc, makeMemory: ((String) -> any ScanMemory)? = nil
    ) {
        self.schema = schema
        self.storedSchema = storedSchema ?? schema
        self.columns = columns
        self.fields = fields
        self.filter = filter
        self.predicates = predicates
        self.batchCapacity = batchCapacity
        self.zone = zone
        self.makeMemory = makeMemory
    }
}

/// A predicate over some columns that a reader evaluates before it reads the others.
package protocol ScanFilter: AnyObject {
    /// Schema ordinals of the columns that `select` looks at, in the order in which it wants them.
    var columns: [Int] { get }
    /// The rows to keep among `count` rows. `columns` are flat or constant; their strings live until the batch has been
    /// emitted.
    func select(_ columns: [Column], count: Int) throws -> RowSelection
}

/// Reads the splits of one format. One worker's own: it reuses its buffers.
package protocol SplitReader: AnyObject {
    var statistics: ScanStatistics { get }

    /// Emits the rows of `split` in order. Strings of a batch may point into the reader's buffers: they are valid until
    /// `emit` returns. Asks `isCancelled` before every batch and returns early when it is true.
    /// - Precondition: the split comes from a format of the same kind.
    /// - Throws: `TableFormatError`, or what `emit` and the filter throw.
    func scan(_ split: any FileSplit, isCancelled: () -> Bool, emit: (Batch) throws -> Void) throws
}

/// What a reader has done so far.
package struct ScanStatistics: Sendable {
    /// Bytes read from files; of compressed text those that came out.
    package var byteCount = 0
    /// Rows seen, before the filter.
    package var rowCount = 0
    /// Rows emitted.
    package var selectedRowCount = 0
    /// Splits in which no row was wanted, as their bloom filters or indexes say.
    package var skippedPartCount = 0
    /// Pages of the columns that were wanted of the other splits, or row groups of stripes, as far as they are known; and those
    /// of them that were not read.
    package var pageCount = 0
    package var skippedPageCount = 0
}
