extension ORCWriteOptions {
    /// As the table and the session have it.
    /// - Throws: `TableFormatError` for a value that cannot be heeded.
    init(_ storage: TableStorage) throws {
        self.init()
        if let text = storage.option("orc.compress", settings: ["hive.exec.orc.default.compress"]) {
            guard let known = ORCCompression(name: text), known != .lzo else {
                throw TableFormatError("orc.compress '\(text)' cannot be written", path: "")
            }
            compression = known
        }
        func size(_ name: String, _ settings: String...) -> Int? {
            storage.option(name, settings: settings).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        }
        if let bytes = size("orc.compress.size", "hive.exec.orc.default.buffer.size"), bytes > 0 { compressionBlockSize = bytes }
        if let bytes = size("orc.stripe.size", "hive.exec.orc.default.stripe.size"), bytes > 0 { stripeSize = bytes }
        if let rows = size("orc.row.index.stride", "hive.exec.orc.default.row.index.stride") { rowIndexStride = rows }
        if let text = storage.option("orc.bloom.filter.columns") {
            let names = text.lowercased().split(separator: ",").map { $0.drop { $0 == " " } }
            bloomFilters.columns = Set(names.map { String($0.prefix { $0 != " " }) })
        }
        if let text = storage.option("orc.bloom.filter.fpp") {
            guard let share = Double(text), share > 0, share < 1 else {
                throw TableFormatError("orc.bloom.filter.fpp '\(text)' cannot be heeded", path: "")
            }
            bloomFilters.falsePositives = share
        }
        if storage.option("orc.create.index")?.lowercased() == "false" { rowIndexStride = 0 }
        if let text = storage.option("hive.exec.orc.dictionary.key.size.threshold"), let share = Double(text) {
            dictionaryThreshold = share
        }
    }
}
