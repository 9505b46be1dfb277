import Columnar

/// How Parquet files are written.
package struct ParquetWriteOptions: Sendable {
    package enum Compression: String, Sendable, Hashable, CaseIterable {
        case uncompressed, snappy, gzip, zstd, brotli, lz4Raw

        var codec: BlockCodec.Kind {
            switch self {
            case .uncompressed: .uncompressed
            case .snappy: .snappy
            case .gzip: .gzip
            case .zstd: .zstd
            case .brotli: .brotli
            case .lz4Raw: .lz4
            }
        }

        var code: ParquetCompression {
            switch self {
            case .uncompressed: .uncompressed
            case .snappy: .snappy
            case .gzip: .gzip
            case .zstd: .zstd
            case .brotli: .brotli
            case .lz4Raw: .lz4Raw
            }
        }

        /// Small pages can be skipped one by one; a compression that finds repeats far back makes a fifth less of pages
        /// three times as long.
        var usualPageRows: Int {
            switch self {
            case .zstd, .brotli: 65_536
            case .uncompressed, .snappy, .gzip, .lz4Raw: 20_000
            }
        }
    }

    package enum Timestamps: Sendable, Hashable {
        /// As Hive 2 and Spark 2 wrote them, and everything reads.
        case int96
        case milliseconds, microseconds, nanoseconds
    }

    package var compression = Compression.snappy
    package var compressionLevel: Int?
    /// Bytes of a row group in the file, about.
    package var rowGroupBytes = 128 << 20
    /// A row group has hardly more rows, so that a file is read by several workers.
    package var rowGroupRows = 1 << 20
    package var pageBytes = 1 << 20
    /// Rows of a page at most; nil: as many as suit the compression.
    package var pageRows: Int?
    package var usesDictionaries = true
    package var dictionaryBytes = 1 << 20
    package var timestamps = Timestamps.int96
    package var writesChecksums = false
    package var bloomFilters = ParquetBloomFilterOptions()
    /// What the footer keeps beside the schema.
    package var keyValues: [(key: String, value: String?)] = []

    package init() {}
}

/// What a file that was written holds.
package struct ParquetWriteResult {
    package struct ColumnSummary {
        /// One row each: the bounds of the values that are not NULL; NULL where there are none, or none are kept (of nested
        /// types, BINARY, very long strings). NaN is left out.
        package let minimum: Column
        package let maximum: Column
        package let nullCount: Int
    }

    package let rowCount: Int
    package let byteCount: Int
    package let rowGroupCount: Int
    package let columns: [ColumnSummary]
}
