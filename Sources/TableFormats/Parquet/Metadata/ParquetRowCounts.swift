/// How many rows the row groups of a Parquet file have, which takes a tenth of the time that the whole footer does.
final class ParquetRowCounts: Sendable {
    let counts: [Int]

    /// Of the file, from the footers that are kept or read now.
    /// - Throws: `FileError` when it cannot be opened; `TableFormatError` when it is no Parquet file, or encrypted.
    static func of(_ file: ScanFile) throws -> [Int] {
        let reader = try file.openForLong()
        return try FooterCache.shared.footer(of: reader, byteCount: file.byteCount) {
            let counts = try ParquetRowCounts(reader, byteCount: file.byteCount)
            return (counts, counts.counts.count * MemoryLayout<Int>.stride)
        }.counts
    }

    private init(_ reader: FileReader, byteCount: Int) throws {
        let bytes = try ParquetFooterBytes(reader, byteCount: byteCount)
        counts = try bytes.decoded { reader in
            var counts: [Int] = []
            var total: Int?
            try reader.fields { reader, field, wire in
                // Encrypted behind a footer that is not: nobody can tell what its rows are.
                if field == 8 { throw bytes.encryption }
                if field == 3 {
                    total = try reader.integer(wire)
                    return true
                }
                guard field == 4 else { return false }
                try reader.elements(wire) { reader, wire in
                    var count = 0
                    try reader.structure(wire) { reader, field, wire in
                        guard field == 3 else { return false }
                        count = try reader.integer(wire)
                        return true
                    }
                    counts.append(count)
                }
                return true
            }
            try Self.check(counts, total: total)
            return counts
        }
    }

    /// - Parameter total: how many rows the footer says that the file has.
    /// - Throws: `CorruptParquet` for counts that are none, too many rows in all, or another number of them.
    static func check(_ counts: [Int], total: Int?) throws {
        var rows = 0
        for count in counts {
            let (sum, isTooLarge) = rows.addingReportingOverflow(count)
            guard count >= 0, !isTooLarge else { throw CorruptParquet("a row group has \(count) rows") }
            rows = sum
        }
        guard rows == total else {
            throw CorruptParquet("the row groups have \(rows) rows, the file \(total.map { "\($0)" } ?? "does not say how many")")
        }
    }
}
