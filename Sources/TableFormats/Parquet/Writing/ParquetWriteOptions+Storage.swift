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
        pageRows = size("parquet.page.row.count.limit")
        if let bytes = size("parquet.dictionary.page.size") { dictionaryBytes = bytes }
        if let text = storage.option("parquet.enable.dictionary") { usesDictionaries = text.lowercased() != "false" }
        bloomFilters = try ParquetBloomFilterOptions(storage)
    }
}

extension ParquetBloomFilterOptions {
    /// As the table and the session have it: `NAME` for all columns, `NAME#COLUMN` for one.
    /// - Throws: `TableFormatError` for a value that cannot be heeded.
    fileprivate init(_ storage: TableStorage) throws {
        self.init()
        let prefix = "parquet.bloom.filter."
        for (name, text) in storage.options(withPrefix: prefix) {
            let parts = name.dropFirst(prefix.count).split(separator: "#", maxSplits: 1)
            let column = parts.count > 1 ? parts[1].lowercased() : nil
            func value<T>(_ made: T?) throws -> T {
                guard let made else { throw TableFormatError("\(name) '\(text)' cannot be heeded", path: "") }
                return made
            }
            switch parts.first {
            case "enabled":
                let isOn = try value(["true": true, "false": false][text.lowercased()])
                if let column { isEnabledByColumn[column] = isOn } else { isEnabled = isOn }
            case "expected.ndv":
                if let column { distinctCountByColumn[column] = try value(Int(text).flatMap { $0 > 0 ? $0 : nil }) }
            case "fpp":
                let share = try value(Double(text).flatMap { $0 > 0 && $0 < 1 ? $0 : nil })
                if let column { falsePositivesByColumn[column] = share } else { falsePositives = share }
            case "max.bytes": largest = try value(Int(text).flatMap { $0 > 0 ? $0 : nil })
            default: break
            }
        }
    }
}
