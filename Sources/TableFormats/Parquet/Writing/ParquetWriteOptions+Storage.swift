extension ParquetWriteOptions {
    /// As the table and the session have it.
    /// - Throws: `TableFormatError` for a value that cannot be heeded.
    init(_ storage: TableStorage) throws {
        self.init()
        if let text = storage.option("parquet.compression") {
            switch text.uppercased() {
            case "UNCOMPRESSED", "NONE": compression = .uncompressed
            case "SNAPPY": compression = .snappy
            case "GZIP": compression = .gzip
            case "ZSTD": compression = .zstd
            case "BROTLI": compression = .brotli
            case "LZ4_RAW", "LZ4": compression = .lz4Raw
            default: throw TableFormatError("parquet.compression '\(text)' cannot be written", path: "")
            }
        }
        func size(_ name: String) -> Int? { storage.option(name).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
        if let bytes = size("parquet.block.size") { rowGroupBytes = bytes }
        if let bytes = size("parquet.page.size") { pageBytes = bytes }
        if let bytes = size("parquet.dictionary.page.size") { dictionaryBytes = bytes }
        if let text = storage.option("parquet.enable.dictionary") { usesDictionaries = text.lowercased() != "false" }
    }
}
