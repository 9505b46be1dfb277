import Columnar

/// Takes a statement's rows as they come, in the result's order.
public protocol RowConsumer: AnyObject {
    /// Called once, before any rows.
    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws
    /// The batch's bytes are valid until the call returns.
    func consume(_ batch: Batch) throws
}

/// Rows as Hive's command line prints them: values separated by tabs, NULL as `NULL`, nested values as JSON.
public final class ResultPrinter: RowConsumer {
    private let formatter: TextFormatter
    private let buffer = ByteBuffer(capacity: 1 << 16)
    private let printsHeader: Bool
    private let write: (UnsafeBufferPointer<UInt8>) throws -> Void
    /// Rows printed so far, without the header.
    public private(set) var rowCount = 0

    /// - Parameters:
    ///   - printsHeader: `hive.cli.print.header`.
    ///   - write: takes the text piece by piece; the bytes are valid until it returns.
    public init(
        printsHeader: Bool = false, zone: ZoneRules = .utc, write: @escaping (UnsafeBufferPointer<UInt8>) throws -> Void
    ) {
        self.printsHeader = printsHeader
        formatter = TextFormatter(.output, zone: zone)
        self.write = write
    }

    public func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws {
        guard printsHeader, hasHeader else { return }
        buffer.append(schema.map(\.name).joined(separator: "\t"))
        buffer.append(10)
        try flush()
    }

    public func consume(_ batch: Batch) throws {
        for ordinal in 0..<batch.rowCount {
            let row = batch.rows[ordinal]
            for (index, column) in batch.columns.enumerated() {
                if index > 0 { buffer.append(9) }
                formatter.append(column, row: row, to: buffer)
            }
            buffer.append(10)
            if buffer.count > 1 << 16 { try flush() }
        }
        rowCount += batch.rowCount
        try flush()
    }

    private func flush() throws {
        if buffer.count > 0 { try write(buffer.bytes) }
        buffer.removeAll()
    }
}

extension QueryResult {
    /// The rows as Hive's command line prints them, one string a row.
    public func lines(header: Bool = false) -> [String] {
        let formatter = TextFormatter(.output)
        let buffer = ByteBuffer()
        var lines: [String] = header && hasHeader ? [schema.map(\.name).joined(separator: "\t")] : []
        for batch in batches {
            batch.rows.forEach { row in
                buffer.removeAll()
                for (index, column) in batch.columns.enumerated() {
                    if index > 0 { buffer.append(9) }
                    formatter.append(column, row: row, to: buffer)
                }
                lines.append(buffer.string)
            }
        }
        return lines
    }
}
