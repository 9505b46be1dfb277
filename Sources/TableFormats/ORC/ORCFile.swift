import Columnar

/// An open ORC file: what its tail says. Any number of threads read its stripes.
package final class ORCFile: Sendable {
    package let path: String
    package let byteCount: Int
    package let contents: ORCFileContents
    let source: ORCBlockSource

    /// Hive's columns; a file of no bytes has none.
    package var columns: [SchemaColumn] { contents.columns }
    package var rowCount: Int { contents.rowCount }
    package var stripes: [ORCStripe] { contents.stripes }
    package var compression: ORCCompression { contents.compression }
    package var compressionBlockSize: Int { contents.compressionBlockSize }
    /// Rows that share an entry of a row index; 0: there are no row indexes.
    package var rowIndexStride: Int { contents.rowIndexStride }
    /// `0.12`.
    package var version: String { contents.version }
    package var writer: String { contents.writer }
    package var userMetadata: [String: [UInt8]] { contents.userMetadata }

    /// The structure that the columns are fields of.
    package var schema: ORCSchemaNode { contents.schema }
    /// Of the file, by the numbers of schema nodes: one a type, or none.
    package var statistics: [ORCColumnStatistics] { contents.statistics }
    /// Whether dates before 1582 need no conversion.
    var usesProlepticCalendar: Bool { contents.usesProlepticCalendar }
    var hasShortDecimals: Bool { contents.hasShortDecimals }
    var isWrittenByJava: Bool { contents.isWrittenByJava }

    package func node(_ id: Int) -> ORCSchemaNode { contents.nodes[id] }

    /// Types, each nested one counted.
    var columnCount: Int { contents.nodes.count }

    /// More of the tail is refused.
    private static let largestTail = 256 << 20

    /// - Parameter memory: asked for what the tail needs; not the one that a reader of a stripe asks.
    /// - Throws: `TableFormatError` for a damaged file and for what cannot be read: encrypted files, those of
    ///   transactional tables, LZO; `FileError` when the file cannot be opened.
    package convenience init(path: String, memory: (any ScanMemory)? = nil) throws {
        try self.init(FileReader(path: path), byteCount: nil, memory: memory)
    }

    package convenience init(_ file: ScanFile, memory: (any ScanMemory)? = nil) throws {
        try self.init(file.openForLong(), byteCount: file.byteCount, memory: memory)
    }

    /// - Parameter byteCount: the file's size when it is known.
    init(_ reader: FileReader, byteCount: Int?, memory: (any ScanMemory)?) throws {
        path = reader.path
        let size: Int
        if let byteCount { size = byteCount } else { size = try reader.size() }
        self.byteCount = size
        let contents = try FooterCache.shared.footer(of: reader, byteCount: size) {
            let tail = try ORCTail(reader, byteCount: size, memory: ORCMemory(memory, limit: Self.largestTail))
            let contents = try ORCFileContents(tail)
            return (contents, contents.byteCount)
        }
        self.contents = contents
        source = try ORCBlockSource(file: reader, compression: contents.compression, blockSize: contents.compressionBlockSize)
    }

    /// Of one column's node, or nil.
    package func statistics(of node: ORCSchemaNode) -> ORCColumnStatistics? {
        statistics.indices.contains(node.id) ? statistics[node.id] : nil
    }

    /// What the footer says of one of `columns` over all rows, as a part of one row; nil: nothing.
    func exactBounds(ofColumn column: Int) -> ExactBounds? {
        let node = schema.children[column]
        guard let known = statistics(of: node), known.valueCount.map({ $0 <= rowCount }) ?? true else { return nil }
        let isExact: Bool
        switch node.type {
        // NaN is in no bound, and CHAR is ordered with its padding.
        case .float, .double, .char: isExact = false
        case .string, .varchar: isExact = known.hasExactBounds && contents.hasRightStringBounds
        default: isExact = known.hasExactBounds
        }
        return ExactBounds(
            bounds: ColumnBounds([known], rowCounts: [rowCount], type: node.type), areExact: [isExact],
            valueCounts: [known.valueCount])
    }

    /// Of every stripe, by the numbers of schema nodes; empty when the file has none. Read when it is first asked for.
    package func stripeStatistics(memory: (any ScanMemory)? = nil) throws -> [[ORCColumnStatistics]] {
        try contents.stripeStatistics(from: source, memory: ORCMemory(memory, limit: Self.largestTail))
    }
}

extension ORCSchemaNode {
    /// This node and all below it, by their numbers.
    var preOrder: [ORCSchemaNode] {
        var result = [self]
        var next = Array(children.reversed())
        while let node = next.popLast() {
            result.append(node)
            next.append(contentsOf: node.children.reversed())
        }
        return result
    }
}
