import Columnar
import Platform

/// Matches the writer's schema with the reader's ("Schema Resolution"): makes the nodes that read values of the one into
/// columns of the other.
///
/// The names of records need not be the same, as in Hive: files keep the name that their table once had.
struct AvroResolution {
    let usesHybridCalendar: Bool

    /// A node that reads records of `writer`, and the fields of `reader` at `columns` into builders.
    /// - Parameter builders: one a column; a field that the writer has not gets nothing, its value is in `fallbacks`.
    /// - Returns: `fallbacks`, with the ordinals of `columns`.
    func rows(
        writer: [AvroField], reader: [AvroField], columns: [Int], builders: [ColumnBuilder]
    ) throws(AvroSchemaError) -> (node: AvroNode, fallbacks: [Int: Column]) {
        var nodes: [AvroNode] = []
        var found = Set<Int>()
        // Neighbours that are not wanted are passed over together.
        var skipped: [AvroSchema] = []
        func endSkipped() {
            if !skipped.isEmpty { nodes.append(AvroNode(.skip, skip: AvroSkip(skipped))) }
            skipped = []
        }
        // A column may be wanted twice; it is read once.
        for field in writer {
            if let index = columns.firstIndex(where: { Self.matches(reader[$0], field, in: writer) }) {
                endSkipped()
                found.insert(index)
                nodes.append(try node(field.schema, reader[columns[index]].schema, builders[index]))
            } else {
                skipped.append(field.schema)
            }
        }
        endSkipped()
        var fallbacks: [Int: Column] = [:]
        for (index, column) in columns.enumerated() where !found.contains(index) {
            if let first = columns.firstIndex(of: column), first < index { continue }
            fallbacks[index] = try fallback(reader[column])
        }
        return (AvroNode(.record, children: nodes), fallbacks)
    }

    private static func matches(_ reader: AvroField, _ field: AvroField, in writer: [AvroField]) -> Bool {
        if reader.name == field.name { return true }
        return reader.aliases.contains(field.name) && !writer.contains { $0.name == reader.name }
    }

    private func fallback(_ field: AvroField) throws(AvroSchemaError) -> Column {
        guard let json = field.fallback else {
            throw AvroSchemaError(reason: "the file has no field \(field.name), for which the table's schema has no default")
        }
        let builder = ColumnBuilder(field.schema.sqlType, capacity: 1)
        try AvroDefault.append(json, field.schema, to: builder, place: "the default of field \(field.name)")
        return builder.finish()
    }

    // MARK: Values

    private func mismatch(_ writer: AvroSchema, _ reader: AvroSchema, _ builder: ColumnBuilder) -> AvroNode {
        let node = AvroNode(.mismatch, builder)
        node.reason = "found a value of type \(writer.kindName) where the table's schema has \(reader.kindName)"
        return node
    }

    private func node(_ writer: AvroSchema, _ reader: AvroSchema, _ builder: ColumnBuilder) throws(AvroSchemaError) -> AvroNode {
        if case .union(let branches) = writer.kind {
            var nodes: [AvroNode] = []
            for branch in branches { nodes.append(try node(branch, reader, builder)) }
            return AvroNode(.union, builder, children: nodes)
        }
        if case .union(let branches) = reader.kind { return try unionNode(writer, branches, reader, builder) }
        guard Self.isReadable(writer, as: reader) else { return mismatch(writer, reader, builder) }
        return try plainNode(writer, reader, builder)
    }

    private func unionNode(
        _ writer: AvroSchema, _ branches: [AvroSchema], _ reader: AvroSchema, _ builder: ColumnBuilder
    ) throws(AvroSchemaError) -> AvroNode {
        guard
            let index = branches.firstIndex(where: { Self.isSame(writer, $0) })
                ?? branches.firstIndex(where: { Self.isReadable(writer, as: $0) })
        else { return mismatch(writer, reader, builder) }
        let branch = branches[index]
        if branch.kind == .null { return AvroNode(.null, builder) }
        guard case .union = builder.type else {
            return try plainNode(writer, branch, builder)
        }
        let tag = branches[..<index].count { $0.kind != .null }
        return AvroNode(.member, builder, children: [try plainNode(writer, branch, builder.children[tag])], size: tag)
    }

    /// Both of one kind, with names that fit.
    private static func isSame(_ writer: AvroSchema, _ reader: AvroSchema) -> Bool {
        guard writer.kindName == reader.kindName else { return false }
        guard let writerName = writer.name, let readerName = reader.name else { return true }
        return readerName.accepts(writerName)
    }

    private static func isReadable(_ writer: AvroSchema, as reader: AvroSchema) -> Bool {
        switch (writer.kind, reader.kind) {
        case (.int, .long), (.int, .float), (.int, .double), (.long, .float), (.long, .double), (.float, .double),
            (.string, .bytes), (.bytes, .string), (.record, .record), (.enumeration, .string), (.fixed, .bytes):
            // The last two are no promotions of the specification: a table that says only its columns can have no other type.
            true
        case (.fixed(let writer, let size), .fixed(let reader, let other)): size == other && reader.accepts(writer)
        case (.enumeration(let writer, _, _), .enumeration(let reader, _, _)): reader.accepts(writer)
        default: writer.kindName == reader.kindName
        }
    }

    private func plainNode(
        _ writer: AvroSchema, _ reader: AvroSchema, _ builder: ColumnBuilder
    ) throws(AvroSchemaError) -> AvroNode {
        switch (writer.kind, reader.kind) {
        case (.null, _): return AvroNode(.null, builder)
        case (.boolean, _): return AvroNode(.boolean, builder)
        case (.int, .int):
            return AvroNode(reader.logical == .date && usesHybridCalendar ? .hybridDate : .int32, builder)
        case (.int, .long), (.long, .long):
            guard case .timestamp(let units) = reader.logical else { return AvroNode(.int64, builder) }
            let node = AvroNode(.timestamp, builder)
            node.units = if case .timestamp(let own) = writer.logical { own } else { units }
            node.usesHybridCalendar = usesHybridCalendar
            return node
        case (.int, .float), (.long, .float): return AvroNode(.floatFromInteger, builder)
        case (.float, .float): return AvroNode(.float, builder)
        case (.int, .double), (.long, .double): return AvroNode(.doubleFromInteger, builder)
        case (.float, .double): return AvroNode(.doubleFromFloat, builder)
        case (.double, .double): return AvroNode(.double, builder)
        case (.bytes, _), (.string, _): return bytesNode(writer, reader, builder, isFixed: false, size: 0)
        case (.fixed(_, let size), _): return bytesNode(writer, reader, builder, isFixed: true, size: size)
        case (.enumeration(_, let symbols, _), .enumeration(_, let known, let fallback)):
            return symbolNode(symbols.map { known.contains($0) ? $0 : fallback }, builder)
        case (.enumeration(_, let symbols, _), _): return symbolNode(symbols, builder)
        case (.record(_, let fields), .record(_, let wanted)): return try recordNode(fields, wanted, builder)
        case (.array(let items), .array(let wanted)):
            return try listNode(.array, [items], [wanted], builder, leastBytes: items.minimumBytes)
        case (.map(let values), .map(let wanted)):
            let key = AvroSchema(.string)
            return try listNode(.map, [key, values], [key, wanted], builder, leastBytes: 1 + values.minimumBytes)
        default: return mismatch(writer, reader, builder)
        }
    }

    /// - Parameter leastBytes: no item or entry takes fewer.
    private func listNode(
        _ step: AvroNode.Step, _ writer: [AvroSchema], _ reader: [AvroSchema], _ builder: ColumnBuilder, leastBytes: Int
    ) throws(AvroSchemaError) -> AvroNode {
        var skip: AvroSkip?
        var parts: [AvroNode] = []
        if builder.wantedChildren.isEmpty {
            // How many they are is all that is wanted.
            skip = AvroSkip(writer)
        } else {
            for (place, child) in builder.children.enumerated() {
                parts.append(
                    child.isWanted
                        ? try node(writer[place], reader[place], child) : AvroNode(.skip, skip: AvroSkip(writer[place])))
            }
        }
        let node = AvroNode(step, builder, children: parts, size: leastBytes, skip: skip)
        // Items of which nothing is kept cost something too: a file may not claim more than could be counted.
        node.bytesEach = max(builder.children.reduce(0) { $0 + $1.fixedRowBytes }, 1)
        return node
    }

    private func symbolNode(_ symbols: [String?], _ builder: ColumnBuilder) -> AvroNode {
        let node = AvroNode(.symbol, builder)
        let heap = StringHeap()
        node.symbols = symbols.map { symbol in
            symbol.map { Array($0.utf8).withUnsafeBufferPointer { heap.copy($0) } }
        }
        node.heap = heap
        return node
    }

    private func bytesNode(
        _ writer: AvroSchema, _ reader: AvroSchema, _ builder: ColumnBuilder, isFixed: Bool, size: Int
    ) -> AvroNode {
        switch reader.logical {
        case .decimal(let precision, let scale):
            let node = AvroNode(isFixed ? .fixedDecimal : .decimal, builder, size: size)
            let fileScale = if case .decimal(_, let own) = writer.logical { own } else { scale }
            node.decimal = AvroNode.Decimal(fileScale: fileScale, scale: scale, precision: precision)
            return node
        case .char(let length), .varchar(let length):
            let node = AvroNode(.characters, builder, size: length)
            if case .char = reader.logical { node.isPadded = true }
            return node
        default: return AvroNode(isFixed ? .fixed : .bytes, builder, size: size)
        }
    }

    private func recordNode(
        _ fields: [AvroField], _ wanted: [AvroField], _ builder: ColumnBuilder
    ) throws(AvroSchemaError) -> AvroNode {
        let places = builder.wantedChildren
        let (inner, fallbacks) = try rows(
            writer: fields, reader: wanted, columns: places, builders: places.map { builder.children[$0] })
        let node = AvroNode(.record, builder, children: inner.children)
        for (index, value) in fallbacks.sorted(by: { $0.key < $1.key }) {
            let child = AvroNode(.fallback, builder.children[places[index]])
            child.fallback = value
            node.children.append(child)
        }
        return node
    }
}
