import Columnar

/// Row numbers of a batch, each as many times as the first argument says.
private func rowCopies(_ input: KernelInput) throws -> [Int32] {
    let times = input.arguments[0].flattened(input.rows)
    let counts = times.values(as: Int64.self)
    var sources: [Int32] = []
    try input.rows.forEach { row in
        guard !times.isNull(row), counts[row] > 0 else { return }
        try TableFunctionRows.check(sources.count, plus: counts[row], input)
        for copy in 0..<counts[row] {
            if copy & 0xffff == 0 { try input.context.checkCancellation() }
            sources.append(Int32(truncatingIfNeeded: row))
        }
    }
    return sources
}

let replicateRowsFunction = TableFunction(
    "replicate_rows",
    documentation: FunctionDocumentation(
        "_FUNC_(n, cols...) - Makes n rows of one: each has n and the other arguments",
        extended: "Example:\n  > SELECT _FUNC_(2L, 'x');"),
    resolve: { call in
        guard call.count >= 2 else {
            throw FunctionError(.argument, "UDTFReplicateRows() expects at least two arguments.")
        }
        guard call.argumentTypes[0] == .bigint else {
            throw FunctionError(
                .argument, "The first argument to UDTFReplicateRows() must be a long (got \(call.argumentTypes[0]) instead).")
        }
        let columns = call.argumentTypes.enumerated().map { SchemaColumn(name: "col\($0)", type: $1) }
        return ResolvedTableFunction(argumentTypes: call.argumentTypes, columns: columns) { input in
            let sources = try rowCopies(input)
            let generated = sources.withUnsafeBufferPointer { indices in
                input.arguments.map { argument -> Column in
                    guard let first = indices.baseAddress else { return .empty(argument.type) }
                    return .dictionary(argument.flattened(input.rows), indices: first, count: indices.count)
                }
            }
            return GeneratedRows(columns: generated, count: sources.count, sources: sources)
        }
    })

extension ResolvedTableFunction {
    /// Each row as many times as the BIGINT argument says, with one column of NULLs: set operations give back duplicates
    /// by it.
    package static let copies = ResolvedTableFunction(
        argumentTypes: [.bigint], columns: [SchemaColumn(name: "copy", type: .bigint)]
    ) { input in
        let sources = try rowCopies(input)
        return GeneratedRows(columns: [.nulls(.bigint, count: sources.count)], count: sources.count, sources: sources)
    }
}
