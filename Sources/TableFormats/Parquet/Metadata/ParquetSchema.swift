import Columnar

/// A file's schema as Hive has it: what stands in the file as groups of groups is arrays, maps and structures here.
package struct ParquetSchema: Sendable {
    /// The columns of the table that the file is.
    package let columns: [ParquetNode]
    /// What is stored: one column chunk of every row group each.
    package let leaves: [ParquetLeaf]

    /// Levels are kept in bytes; nobody nests this deeply but to harm.
    static let deepest = 100

    /// - Throws: `CorruptParquet` when the elements are no tree.
    init(_ elements: [ParquetSchemaElement]) throws {
        guard let root = elements.first else { throw CorruptParquet("the schema is empty") }
        var builder = ParquetSchemaBuilder(elements)
        let count = root.childCount ?? 0
        var columns: [ParquetNode] = []
        for _ in 0..<max(count, 0) { columns.append(try builder.node(under: ParquetSchemaBuilder.Context(), depth: 1)) }
        guard builder.isAtEnd else { throw CorruptParquet("the schema has more elements than its groups") }
        self.columns = columns
        leaves = builder.leaves
    }
}

/// A field of the schema, as wide as its subtree: a value, a structure, an array or a map.
package struct ParquetNode: Sendable {
    package indirect enum Kind: Sendable {
        /// The ordinal in `ParquetSchema.leaves`.
        case leaf(Int)
        case structure([ParquetNode])
        /// `elements`: one node for an array, key and value for a map. Levels of the repeated group they stand in.
        case list(elements: [ParquetNode], definition: Int, repetition: Int)
        /// Nothing of it is needed: it reads as NULL.
        case unread
    }

    /// As the file spells it.
    package let name: String
    package let type: SQLType
    package let kind: Kind
    /// The definition level from which on the field is not NULL.
    let definition: Int
    /// Levels of the innermost repeated group around the field: it has an element where a leaf's definition level is at
    /// least `slotDefinition` and its repetition level at most `slotRepetition`.
    let slotDefinition: Int
    let slotRepetition: Int

    /// Whether nothing of it is read.
    var isUnread: Bool { if case .unread = kind { true } else { false } }

    /// The first leaf below, whose levels tell where the field's own elements are.
    var firstLeaf: Int {
        switch kind {
        case .leaf(let ordinal): ordinal
        case .structure(let parts), .list(let parts, _, _): parts.first { !$0.isUnread }?.firstLeaf ?? 0
        case .unread: 0
        }
    }

    /// The leaves below, ascending.
    package var leafOrdinals: [Int] {
        switch kind {
        case .leaf(let ordinal): [ordinal]
        case .structure(let fields): fields.flatMap(\.leafOrdinals)
        case .list(let elements, _, _): elements.flatMap(\.leafOrdinals)
        case .unread: []
        }
    }
}

extension ParquetNode {
    /// The field with only those parts that are needed. At least one leaf stays, whose levels tell where values are NULL and
    /// how long lists are.
    func reading(_ selection: FieldSelection, of schema: ParquetSchema) -> ParquetNode {
        if selection.isWhole { return self }
        switch kind {
        case .leaf, .unread: return self
        case .structure(let fields): return replacing(kind: .structure(Self.reading(selection, fields, schema)))
        case .list(let elements, let definition, let repetition):
            return replacing(
                kind: .list(
                    elements: Self.reading(selection, elements, schema), definition: definition, repetition: repetition))
        }
    }

    private static func reading(
        _ selection: FieldSelection, _ parts: [ParquetNode], _ schema: ParquetSchema
    ) -> [ParquetNode] {
        var kept = parts.enumerated().map { place, part in
            selection[place].map { part.reading($0, of: schema) } ?? part.replacing(kind: .unread)
        }
        let costs = parts.map { $0.cost(in: schema) }
        if kept.allSatisfy(\.isUnread), let cheapest = costs.indices.min(by: { costs[$0] < costs[$1] }) {
            kept[cheapest] = parts[cheapest].reading(.none, of: schema)
        }
        return kept
    }

    /// What reading the cheapest leaf takes, for a choice among leaves: those of inner lists are longer, strings wider.
    private func cost(in schema: ParquetSchema) -> Int {
        leafOrdinals.map { ordinal in
            let leaf = schema.leaves[ordinal]
            return leaf.maximumRepetition * 2 + (leaf.type.physical == .string ? 1 : 0)
        }.min() ?? 0
    }

    private func replacing(kind: Kind) -> ParquetNode {
        ParquetNode(
            name: name, type: type, kind: kind, definition: definition, slotDefinition: slotDefinition,
            slotRepetition: slotRepetition)
    }
}

/// A stored column.
package struct ParquetLeaf: Sendable {
    /// Names from the table's column down, as the file has them.
    package let path: [String]
    package let type: SQLType
    let physical: ParquetPhysicalType
    /// Bytes of a FIXED_LEN_BYTE_ARRAY.
    let typeLength: Int
    let logical: ParquetLogicalType?
    let maximumDefinition: Int
    let maximumRepetition: Int
    /// The definition level from which on there is an element of the innermost repeated group.
    let slotDefinition: Int
}

/// Walks the schema's elements, which are listed in depth-first order.
struct ParquetSchemaBuilder {
    /// What stands above a field.
    struct Context {
        var definition = 0
        var repetition = 0
        var slotDefinition = 0
        var slotRepetition = 0
        var path: [String] = []

        func entering(_ element: ParquetSchemaElement) -> Context {
            var inner = self
            switch element.repetition {
            case .optional: inner.definition += 1
            case .repeated:
                inner.definition += 1
                inner.repetition += 1
                inner.slotDefinition = inner.definition
                inner.slotRepetition = inner.repetition
            case .required, nil: break
            }
            inner.path.append(element.name)
            return inner
        }
    }

    private let elements: [ParquetSchemaElement]
    private var next = 1
    private(set) var leaves: [ParquetLeaf] = []

    init(_ elements: [ParquetSchemaElement]) { self.elements = elements }

    var isAtEnd: Bool { next == elements.count }

    private func peek(_ ahead: Int = 0) throws -> ParquetSchemaElement {
        guard next + ahead < elements.count else { throw CorruptParquet("the schema ends inside a group") }
        return elements[next + ahead]
    }

    /// The next field of a group. A repeated field that is no part of an array or map is an array of required elements.
    mutating func node(under context: Context, depth: Int) throws -> ParquetNode {
        let element = try peek()
        guard element.repetition == .repeated else { return try single(under: context, depth: depth) }
        let inner = context.entering(element)
        let item = try single(under: context, depth: depth)
        return list(element.name, elements: [item], type: .array(item.type), definition: context.definition, context, inner)
    }

    /// The next field, one of it if it is repeated.
    private mutating func single(under context: Context, depth: Int) throws -> ParquetNode {
        guard depth <= ParquetSchema.deepest else { throw CorruptParquet("groups are nested too deeply") }
        let element = try peek()
        next += 1
        let inner = context.entering(element)
        guard let childCount = element.childCount, childCount > 0 || element.physical == nil else {
            return try leaf(element, inner)
        }
        guard childCount >= 0, childCount <= elements.count - next else {
            throw CorruptParquet("the group \(element.name) has \(childCount) fields")
        }
        let isMap = element.logical == .map || element.converted == .map || element.converted == .mapKeyValue
        if isMap, childCount == 1, let map = try mapNode(element, inner, depth) { return map }
        let isList = element.logical == .list || element.converted == .list
        if isList, childCount == 1, try peek().repetition == .repeated { return try listNode(element, inner, depth) }
        guard childCount > 0 else { throw CorruptParquet("the group \(element.name) has no fields") }
        var fields: [ParquetNode] = []
        for _ in 0..<childCount { fields.append(try node(under: inner, depth: depth + 1)) }
        return ParquetNode(
            name: element.name,
            type: .structure(fields.map { StructField(name: $0.name.lowercased(), type: $0.type) }), kind: .structure(fields),
            definition: inner.definition, slotDefinition: inner.slotDefinition, slotRepetition: inner.slotRepetition)
    }

    private func list(
        _ name: String, elements: [ParquetNode], type: SQLType, definition: Int, _ outer: Context, _ repeated: Context
    ) -> ParquetNode {
        ParquetNode(
            name: name, type: type,
            kind: .list(elements: elements, definition: repeated.definition, repetition: repeated.repetition),
            definition: definition, slotDefinition: outer.slotDefinition, slotRepetition: outer.slotRepetition)
    }

    /// An annotated list, whose repeated child is either the element itself, as older writers had it, or a group around
    /// the element: LogicalTypes.md, "Lists" with its rules for backward compatibility.
    private mutating func listNode(_ element: ParquetSchemaElement, _ inner: Context, _ depth: Int) throws -> ParquetNode {
        let repeated = try peek()
        let around = inner.entering(repeated)
        var item: ParquetNode
        let isElement =
            repeated.childCount != 1 || repeated.name == "array" || repeated.name == element.name + "_tuple"
        if try isElement || peek(1).repetition == .repeated {
            item = try single(under: inner, depth: depth + 1)
        } else {
            next += 1
            item = try node(under: around, depth: depth + 2)
        }
        return list(element.name, elements: [item], type: .array(item.type), definition: inner.definition, inner, around)
    }

    /// LogicalTypes.md, "Maps"; nil when the group does not look like one.
    private mutating func mapNode(_ element: ParquetSchemaElement, _ inner: Context, _ depth: Int) throws -> ParquetNode? {
        let repeated = try peek()
        guard repeated.repetition == .repeated, repeated.childCount == 2 else { return nil }
        next += 1
        let around = inner.entering(repeated)
        let key = try node(under: around, depth: depth + 2)
        let value = try node(under: around, depth: depth + 2)
        return list(
            element.name, elements: [key, value], type: .map(key: key.type, value: value.type),
            definition: inner.definition, inner, around)
    }

    private mutating func leaf(_ element: ParquetSchemaElement, _ inner: Context) throws -> ParquetNode {
        guard let physical = element.physical else { throw CorruptParquet("the field \(element.name) has no type") }
        if physical == .fixedLengthByteArray, !(0...1 << 20).contains(element.typeLength) {
            throw CorruptParquet("the field \(element.name) has values of \(element.typeLength) bytes")
        }
        let logical = ParquetTypeMapping.logical(of: element)
        let type = ParquetTypeMapping.type(physical, logical, length: element.typeLength)
        leaves.append(
            ParquetLeaf(
                path: inner.path, type: type, physical: physical, typeLength: element.typeLength, logical: logical,
                maximumDefinition: inner.definition, maximumRepetition: inner.repetition,
                slotDefinition: inner.slotDefinition))
        return ParquetNode(
            name: element.name, type: type, kind: .leaf(leaves.count - 1), definition: inner.definition,
            slotDefinition: inner.slotDefinition, slotRepetition: inner.slotRepetition)
    }
}
