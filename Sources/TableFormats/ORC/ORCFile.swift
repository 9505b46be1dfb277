import Columnar

/// An open ORC file: what its tail says. Any number of threads read its stripes.
package final class ORCFile: Sendable {
    package let path: String
    package let byteCount: Int
    /// Hive's columns; a file of no bytes has none.
    package let columns: [SchemaColumn]
    package let rowCount: Int
    package let stripes: [ORCStripe]
    package let compression: ORCCompression
    package let compressionBlockSize: Int
    /// Rows that share an entry of a row index; 0: there are no row indexes.
    package let rowIndexStride: Int
    /// `0.12`.
    package let version: String
    package let writer: String
    package let userMetadata: [String: [UInt8]]

    /// The structure that the columns are fields of.
    package let schema: ORCSchemaNode
    /// Of the file, by the numbers of schema nodes: one a type, or none.
    package let statistics: [ORCColumnStatistics]
    /// Whether dates before 1582 need no conversion.
    let usesProlepticCalendar: Bool
    let hasShortDecimals: Bool
    let isWrittenByJava: Bool
    /// Java's writers before this version put the bounds of strings of stripes together wrongly (HIVE-8732).
    private let hasRightStringBounds: Bool
    let source: ORCBlockSource
    private let metadata: ORCPart
    private let metadataLength: Int

    package func node(_ id: Int) -> ORCSchemaNode { nodes[id] }

    /// Types, each nested one counted.
    var columnCount: Int { nodes.count }
    private let nodes: [ORCSchemaNode]

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
        let memory = ORCMemory(memory, limit: Self.largestTail)
        path = reader.path
        let size: Int
        if let byteCount { size = byteCount } else { size = try reader.size() }
        self.byteCount = size
        let tail = try ORCTail(reader, byteCount: size, memory: memory)
        source = tail.source
        compression = tail.source.compression
        compressionBlockSize = tail.source.blockSize
        stripes = tail.footer?.stripes ?? []
        rowCount = tail.footer?.rowCount ?? 0
        rowIndexStride = tail.footer?.rowIndexStride ?? 0
        userMetadata = tail.footer?.userMetadata ?? [:]
        version = tail.version
        writer = tail.writerName
        usesProlepticCalendar = tail.footer?.usesProlepticCalendar ?? true
        hasShortDecimals = tail.postscript?.hasShortDecimals ?? false
        isWrittenByJava = tail.footer?.writer == 0
        hasRightStringBounds = tail.footer?.writer != 0 || (tail.postscript?.writerVersion ?? 0) >= 1
        metadata = tail.metadata
        metadataLength = tail.postscript?.metadataLength ?? 0
        guard let footer = tail.footer else {
            schema = ORCSchemaNode(id: 0, type: .structure([]), children: [])
            (columns, nodes, statistics) = ([], [], [])
            return
        }
        let schema = try ORCSchema(footer.types, part: tail.part)
        columns = schema.columns
        self.schema = schema.root
        let nodes = schema.root.preOrder
        self.nodes = nodes
        let isProleptic = footer.usesProlepticCalendar
        statistics = try zip(footer.statistics, nodes).map { message, node in
            try message.withUnsafeBytes {
                try ORCColumnStatistics(
                    ProtobufReader($0, part: tail.part), type: node.type, usesProlepticCalendar: isProleptic)
            }
        }
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
        case .string, .varchar: isExact = known.hasExactBounds && hasRightStringBounds
        default: isExact = known.hasExactBounds
        }
        return ExactBounds(
            bounds: ColumnBounds([known], rowCounts: [rowCount], type: node.type), areExact: [isExact],
            valueCounts: [known.valueCount])
    }

    /// Of every stripe, by the numbers of schema nodes; empty when the file has none. Read when it is asked for.
    package func stripeStatistics(memory: (any ScanMemory)? = nil) throws -> [[ORCColumnStatistics]] {
        guard metadataLength > 0 else { return [] }
        let memory = ORCMemory(memory, limit: Self.largestTail)
        let bytes = try source.bytes(from: metadata.offset, count: metadataLength, part: metadata, memory: memory)
        return try bytes.withUnsafeBytes { bytes in
            var result: [[ORCColumnStatistics]] = []
            var reader = ProtobufReader(bytes, part: metadata)
            while let field = try reader.next() {
                guard field.number == 1 else { try reader.skip(field); continue }
                var stripe = try reader.message(field)
                var columns: [ORCColumnStatistics] = []
                while let inner = try stripe.next() {
                    guard inner.number == 1, columns.count < nodes.count else { try stripe.skip(inner); continue }
                    columns.append(
                        try ORCColumnStatistics(
                            stripe.message(inner), type: nodes[columns.count].type,
                            usesProlepticCalendar: usesProlepticCalendar))
                }
                result.append(columns)
            }
            return result
        }
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
