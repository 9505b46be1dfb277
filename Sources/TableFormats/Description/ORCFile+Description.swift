import Columnar
import Platform

extension ORCFile {
    /// What the tail and the footers of the stripes say.
    func description() throws -> FileDescription {
        var result = FileDescription(format: "ORC", path: path, byteCount: byteCount)
        result.rowCount = rowCount
        result.writer = writer
        result.columns = columns
        result.metadata = userMetadata.sorted { $0.key < $1.key }.map { ($0.key, Self.text(of: $0.value)) }
        result.partName = "stripe"
        result.facts = [
            FileDescription.Fact("version", version), FileDescription.Fact("codec", compression.name),
            FileDescription.Fact("codec block bytes", compressionBlockSize),
            FileDescription.Fact("rows of an index entry", rowIndexStride),
            FileDescription.Fact("stripes", stripes.count),
        ]
        let columns = self.describedNodes
        let bounds = try self.bounds(of: columns.map(\.node))
        let memory = ORCMemory(nil, limit: 256 << 20)
        for (number, stripe) in stripes.enumerated() {
            let footer = try ORCStripeStreams(self, stripe: stripe, memory: memory, defaultZone: .utc).footer
            var part = FileDescription.Part(offset: stripe.offset, byteCount: stripe.byteCount, rowCount: stripe.rowCount)
            for (index, column) in columns.enumerated() {
                let streams = footer.streams[column.node.id]
                let known = bounds.map { $0[index] }
                part.columns.append(
                    FileDescription.PartColumn(
                        name: column.name, type: "\(column.node.type)", codec: compression.name,
                        encodings: [footer.encodings[column.node.id].text],
                        byteCount: streams.reduce(0) { $0 + $1.length }, decompressedByteCount: nil,
                        nullCount: known?.nulls[number], minimum: known?.minimum[number], maximum: known?.maximum[number],
                        indexes: Self.indexes(streams)))
            }
            result.parts.append(part)
        }
        return result
    }

    /// All columns and what is in them, by their dotted names.
    private var describedNodes: [(name: String, node: ORCSchemaNode)] {
        var found: [(name: String, node: ORCSchemaNode)] = []
        func add(_ name: String, _ node: ORCSchemaNode) {
            found.append((name, node))
            let names: [String]
            switch node.type {
            case .structure(let fields): names = fields.map(\.name)
            case .array: names = ["element"]
            case .map: names = ["key", "value"]
            default: names = node.children.indices.map { "tag\($0)" }
            }
            for (child, inner) in zip(names, node.children) { add("\(name).\(child)", inner) }
        }
        for (column, node) in zip(columns, schema.children) { add(column.name, node) }
        return found
    }

    private struct Known {
        /// A stripe each; nil: not known.
        var nulls: [Int?]
        var minimum: [String?]
        var maximum: [String?]
    }

    /// Nothing when the file has no statistics of stripes.
    private func bounds(of nodes: [ORCSchemaNode]) throws -> [Known]? {
        let statistics = try stripeStatistics()
        guard statistics.count == stripes.count else { return nil }
        let rows = stripes.map(\.rowCount)
        let top = Set(schema.children.map(\.id))
        return try nodes.map { node in
            let own = statistics.map { $0.indices.contains(node.id) ? $0[node.id] : nil }
            // How many values nested columns have room for is not said.
            let nulls = zip(own, rows).map { part, rows -> Int? in
                if part?.hasNull == false { return 0 }
                guard top.contains(node.id), let values = part?.valueCount, values <= rows else { return nil }
                return rows - values
            }
            guard node.type.isPrimitive else {
                let none = [String?](repeating: nil, count: rows.count)
                return Known(nulls: nulls, minimum: none, maximum: none)
            }
            let bounds = ColumnBounds(own, rowCounts: rows, type: node.type)
            return Known(
                nulls: nulls, minimum: try BoundTexts.texts(bounds.minimum), maximum: try BoundTexts.texts(bounds.maximum))
        }
    }

    private static func indexes(_ streams: [ORCStripeFooter.Stream]) -> [String] {
        var names: [String] = []
        let kinds = Set(streams.map(\.kind))
        if kinds.contains(.dictionaryData) { names.append("dictionary") }
        if kinds.contains(.rowIndex) { names.append("row index") }
        if !kinds.isDisjoint(with: [.bloomFilter, .bloomFilterUTF8]) { names.append("bloom filter") }
        return names
    }

    /// Hive keeps numbers among the texts.
    private static func text(of value: [UInt8]) -> String {
        if let text = String(validating: value, as: UTF8.self) { return text }
        return value.reduce(into: "0x") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
    }
}

extension ORCStripeFooter.Encoding {
    /// `DICTIONARY_V2[12]`, with how many entries it has.
    fileprivate var text: String {
        switch kind {
        case .direct: "DIRECT"
        case .directV2: "DIRECT_V2"
        case .dictionary: "DICTIONARY[\(dictionarySize)]"
        case .dictionaryV2: "DICTIONARY_V2[\(dictionarySize)]"
        }
    }
}
