import Columnar
import Platform

/// What the tail of an ORC file says. It holds nothing of the open file, so that it serves all who read the same bytes.
package final class ORCFileContents: Sendable {
    let columns: [SchemaColumn]
    let rowCount: Int
    let stripes: [ORCStripe]
    let compression: ORCCompression
    let compressionBlockSize: Int
    let rowIndexStride: Int
    let version: String
    let writer: String
    let userMetadata: [String: [UInt8]]
    let schema: ORCSchemaNode
    /// Types, each nested one by its number.
    let nodes: [ORCSchemaNode]
    let statistics: [ORCColumnStatistics]
    let usesProlepticCalendar: Bool
    let hasShortDecimals: Bool
    let isWrittenByJava: Bool
    /// Java's writers before this version put the bounds of strings of stripes together wrongly (HIVE-8732).
    let hasRightStringBounds: Bool
    let metadata: ORCPart
    let metadataLength: Int
    /// Bytes that it takes in memory, about, with the statistics of stripes.
    let byteCount: Int
    /// Once somebody has asked for them.
    private let stripeStatistics = Guarded<[[ORCColumnStatistics]]?>(nil)

    /// Compressed bytes of a tail become about this many times as much.
    private static let bytesHeldPerByte = 24

    init(_ tail: ORCTail) throws {
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
        byteCount = 4096 + Self.bytesHeldPerByte * (metadataLength + (tail.postscript?.footerLength ?? 0))
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

    /// Of every stripe, by the numbers of schema nodes; empty when the file has none.
    func stripeStatistics(from source: ORCBlockSource, memory: ORCMemory) throws -> [[ORCColumnStatistics]] {
        if let known = stripeStatistics.value { return known }
        guard metadataLength > 0 else { return [] }
        let bytes = try source.bytes(from: metadata.offset, count: metadataLength, part: metadata, memory: memory)
        let result = try bytes.withUnsafeBytes { try parseStripeStatistics($0) }
        stripeStatistics.withLock { $0 = result }
        return result
    }

    private func parseStripeStatistics(_ bytes: UnsafeRawBufferPointer) throws -> [[ORCColumnStatistics]] {
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
                        stripe.message(inner), type: nodes[columns.count].type, usesProlepticCalendar: usesProlepticCalendar))
            }
            result.append(columns)
        }
        return result
    }
}
