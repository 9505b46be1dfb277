import Columnar

/// Positions in the child columns of all elements of the selected lists, with the row each comes from.
private struct ElementPositions {
    var elements: [Int32] = []
    var sources: [Int32] = []
    /// Position in its list, from 0.
    var ordinals: [Int32] = []

    init(_ input: KernelInput, withOrdinals: Bool) throws {
        let list = input.arguments[0]
        let entries = list.values(as: ListEntry.self)
        try input.rows.forEach { row in
            let element = list.element(of: row)
            if let bits = list.validity, !bits[element] { return }
            let entry = entries[element]
            // Elements are told apart by 32-bit numbers from here on.
            guard entry.offset + entry.length <= Int(Int32.max) else { throw TableFunctionRows.tooMany }
            for item in 0..<entry.length {
                elements.append(Int32(truncatingIfNeeded: entry.offset + item))
                sources.append(Int32(truncatingIfNeeded: row))
                if withOrdinals { ordinals.append(Int32(truncatingIfNeeded: item)) }
            }
        }
    }

    func column(_ base: Column) -> Column {
        elements.withUnsafeBufferPointer { indices in
            guard let first = indices.baseAddress else { return Column(flat: base.type, count: 0, children: base.children) }
            return .dictionary(base, indices: first, count: indices.count)
        }
    }

    var ordinalColumn: Column {
        let column = Column(flat: .int, count: ordinals.count)
        let values = column.values(as: Int32.self)
        for (row, ordinal) in ordinals.enumerated() { values[row] = ordinal }
        return column
    }
}

private func resolveExplode(_ call: FunctionCall, withPositions: Bool) throws -> ResolvedTableFunction {
    let label = withPositions ? "posexplode()" : "explode()"
    guard call.count == 1 else { throw FunctionError(.argumentCount, "\(label) takes only one argument") }
    var columns: [SchemaColumn]
    switch call.argumentTypes[0] {
    case .array(let element): columns = [SchemaColumn(name: withPositions ? "val" : "col", type: element)]
    case .map(let key, let value):
        columns = [SchemaColumn(name: "key", type: key), SchemaColumn(name: "value", type: value)]
    default:
        throw FunctionError(
            .argument,
            withPositions
                ? "posexplode() takes an array or a map as a parameter"
                : "explode() takes an array or a map as a parameter")
    }
    var sources: [[Int]?] = columns.indices.map { [$0] }
    if withPositions {
        columns.insert(SchemaColumn(name: "pos", type: .int), at: 0)
        sources.insert(nil, at: 0)
    }
    return ResolvedTableFunction(argumentTypes: call.argumentTypes, columns: columns, sources: sources) { input in
        let positions = try ElementPositions(input, withOrdinals: withPositions)
        var generated = input.arguments[0].children.map { positions.column($0) }
        if withPositions { generated.insert(positions.ordinalColumn, at: 0) }
        return GeneratedRows(columns: generated, count: positions.sources.count, sources: positions.sources)
    }
}

private let inlineFunction = TableFunction(
    "inline",
    documentation: FunctionDocumentation(
        "_FUNC_(array_of_structs) - Makes a row of each struct of an array, a column of each field",
        extended: "Example:\n  > SELECT _FUNC_(array(struct(1, 'a'), struct(2, 'b')));"),
    resolve: { call in
        guard call.count == 1 else {
            throw FunctionError(.argumentCount, "inline() takes only one argument")
        }
        guard case .array(.structure(let fields)) = call.argumentTypes[0] else {
            throw FunctionError(.argumentType(0), "Top level object must be an array of structs but was \(call.argumentTypes[0])")
        }
        let columns = fields.map { SchemaColumn(name: $0.name, type: $0.type) }
        return ResolvedTableFunction(
            argumentTypes: call.argumentTypes, columns: columns, sources: fields.indices.map { [0, $0] }
        ) { input in
            let positions = try ElementPositions(input, withOrdinals: false)
            guard let structs = input.arguments[0].children.first else {
                return GeneratedRows(columns: columns.map { .empty($0.type) }, count: 0, sources: [])
            }
            let plain = structs.encoding == .dictionary ? structs.decoded(.all(structs.count)) : structs
            // A NULL struct has NULL fields, whatever its children hold.
            let generated = plain.children.map { field -> Column in
                guard let bits = plain.validity else { return positions.column(field) }
                let flat = field.flattened(.all(field.count))
                let joined = flat.validity.map { ValidityBitmap(copying: $0) } ?? ValidityBitmap(count: flat.count)
                if plain.isConstant {
                    if !bits[0] { joined.clearAll() }
                } else {
                    joined.formIntersection(bits)
                }
                return positions.column(flat.replacingValidity(joined))
            }
            return GeneratedRows(columns: generated, count: positions.sources.count, sources: positions.sources)
        }
    })

private let stackFunction = TableFunction(
    "stack",
    documentation: FunctionDocumentation(
        "_FUNC_(n, v1, v2, ...) - Breaks its values into n rows of equal width",
        extended: "Values that are missing from the last row are NULL.\n"
            + "Example:\n  > SELECT _FUNC_(2, 'a', 1, 'b', 2);"),
    resolve: { call in
        guard call.count >= 2 else {
            throw FunctionError(.argumentCount, "STACK() expects at least two arguments.")
        }
        guard call.argumentTypes[0] == .int, let rowsWanted = call.constantInteger(0) else {
            throw FunctionError(.argumentType(0), "The first argument to STACK() must be a constant integer (got \(call.argumentTypes[0]) instead).")
        }
        guard rowsWanted >= 1, rowsWanted <= 1 << 20 else {
            throw FunctionError(.argument, "STACK() expects its first argument to be >= 1.")
        }
        let height = Int(rowsWanted)
        let values = Array(call.argumentTypes.dropFirst())
        let width = (values.count + height - 1) / height
        var types: [SQLType] = []
        for column in 0..<width {
            let cells = stride(from: column, to: values.count, by: width)
            let type = cells.map { values[$0] }.first { $0 != .void } ?? .void
            for cell in cells where values[cell] != type && values[cell] != .void {
                throw FunctionError(
                    .argumentType(cell + 1),
                    "Argument \(column + 1)'s type (\(type)) should be equal to argument \(cell + 1)'s type (\(values[cell]))")
            }
            types.append(type)
        }
        let columnTypes = types
        let wanted = [call.argumentTypes[0]] + values.indices.map { types[$0 % width] }
        let columns = types.enumerated().map { SchemaColumn(name: "col\($0)", type: $1) }
        return ResolvedTableFunction(argumentTypes: wanted, columns: columns) { input in
            var sources: [Int32] = []
            guard height * input.rows.count <= Int(Int32.max) else { throw TableFunctionRows.tooMany }
            input.rows.forEach { row in
                sources.append(contentsOf: repeatElement(Int32(truncatingIfNeeded: row), count: height))
            }
            let generated = columnTypes.indices.map { column -> Column in
                let builder = ColumnBuilder(columnTypes[column], capacity: sources.count)
                input.rows.forEach { row in
                    for line in 0..<height {
                        let cell = line * width + column
                        if cell < values.count {
                            builder.append(input.arguments[cell + 1], row: row)
                        } else {
                            builder.appendNull()
                        }
                    }
                }
                return builder.finish()
            }
            return GeneratedRows(columns: generated, count: sources.count, sources: sources)
        }
    })

/// Functions that make rows of the elements of collections and of argument lists.
let explodeFunctions: [TableFunction] = [
    TableFunction(
        "explode",
        documentation: FunctionDocumentation(
            "_FUNC_(a) - Makes a row of each element of an array, or of each key and value of a map",
            extended: "Example:\n  > SELECT _FUNC_(array(10, 20));\n  > SELECT id, tag FROM t LATERAL VIEW _FUNC_(tags) x AS tag;"),
        resolve: { try resolveExplode($0, withPositions: false) }),
    TableFunction(
        "posexplode",
        documentation: FunctionDocumentation(
            "_FUNC_(a) - Behaves as explode, with the position of each element, from 0, in a column before it",
            extended: "Example:\n  > SELECT _FUNC_(array(10, 20));"),
        resolve: { try resolveExplode($0, withPositions: true) }),
    inlineFunction, stackFunction,
]
