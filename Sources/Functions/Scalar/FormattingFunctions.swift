import Columnar

// `format_number` and `printf`.

/// The digits of a DECIMAL as text.
private func decimalText(_ value: Int128, _ scale: Int) -> String {
    let buffer = ByteBuffer(capacity: 64)
    NumberFormatter.append(value, scale: scale, trimming: true, to: buffer)
    return buffer.string
}

private func resolveFormatNumber(_ call: FunctionCall) throws -> ResolvedScalar {
    guard call.count == 2 else {
        throw FunctionError(.argumentCount, "The function FORMAT_NUMBER(X, D or F) needs two arguments.")
    }
    let type = call.argumentTypes[0]
    guard type.isNumeric || type == .void else {
        throw FunctionError(
            .argumentType(0),
            "Argument 1 of function FORMAT_NUMBER must be \"TINYINT\" or \"SMALLINT\" or \"INT\" or \"BIGINT\" or \"DOUBLE\" or \"FLOAT\" or \"DECIMAL\", but \"\(type)\" was found.")
    }
    let isPattern = call.argumentTypes[1].isCharacter
    guard isPattern || call.argumentTypes[1].isIntegral || call.argumentTypes[1] == .void else {
        throw FunctionError(
            .argumentType(1),
            "Argument 2 of function FORMAT_NUMBER must be \"TINYINT\" or \"SMALLINT\" or \"INT\" or \"BIGINT\" or \"STRING\", but \"\(call.argumentTypes[1])\" was found.")
    }
    var isDecimal = false
    var scale = 0
    var wanted = SQLType.double
    if case .decimal(_, let places) = type { (isDecimal, scale, wanted) = (true, places, type) }
    if type.isIntegral { (isDecimal, wanted) = (true, .decimal(precision: 19, scale: 0)) }
    let (asDecimal, decimals) = (isDecimal, scale)
    return ResolvedScalar(argumentTypes: [wanted, isPattern ? .string : .int], resultType: .string) { input in
        let heap = StringHeap()
        var last: (key: String, pattern: DecimalPattern)?
        func pattern(_ key: String, _ make: () -> DecimalPattern) -> DecimalPattern {
            if let last, last.key == key { return last.pattern }
            let made = make()
            last = (key, made)
            return made
        }
        func copy(_ text: String) -> StringView {
            var text = text
            return text.withUTF8 { heap.copy($0) }
        }
        func write(_ number: FormatValue, _ pattern: DecimalPattern) -> StringView? {
            switch number {
            case .decimal(let text): return copy(pattern.format(NumberText.plainDigits(text), negative: text.hasPrefix("-")))
            case .real(let value):
                guard value.isFinite else { return copy(value.isNaN ? "NaN" : pattern.infinity(negative: value < 0)) }
                return copy(pattern.format(NumberText.plainDigits(value.magnitude.description), negative: value.sign == .minus))
            default: return nil
            }
        }
        func places(_ count: Int32) throws -> DecimalPattern {
            guard count >= 0 else {
                throw FunctionError(.argument, "Argument 2 of function FORMAT_NUMBER must be >= 0, but \"\(count)\" was found")
            }
            return pattern(String(count)) { DecimalPattern(places: min(Int(count), 400)) }
        }
        switch (asDecimal, isPattern) {
        case (true, true):
            return input.compute(.string, heap: heap) { (value: Int128, form: StringView) -> StringView? in
                write(.decimal(decimalText(value, decimals)), pattern(form.string) { DecimalPattern(form.string) })
            }
        case (true, false):
            return try input.compute(.string, heap: heap) { (value: Int128, count: Int32) throws -> StringView? in
                write(.decimal(decimalText(value, decimals)), try places(count))
            }
        case (false, true):
            return input.compute(.string, heap: heap) { (value: Double, form: StringView) -> StringView? in
                write(.real(value), pattern(form.string) { DecimalPattern(form.string) })
            }
        case (false, false):
            return try input.compute(.string, heap: heap) { (value: Double, count: Int32) throws -> StringView? in
                write(.real(value), try places(count))
            }
        }
    }
}

private func formatValue(_ column: Column, _ row: Int, _ formatter: TextFormatter, _ buffer: ByteBuffer) -> FormatValue {
    guard !column.isNull(row) else { return .null }
    let element = column.isConstant ? 0 : row
    switch column.type {
    case .boolean: return .boolean(column.values(as: UInt8.self)[element] != 0)
    case .tinyint: return .integer(Int64(column.values(as: Int8.self)[element]), bits: 8)
    case .smallint: return .integer(Int64(column.values(as: Int16.self)[element]), bits: 16)
    case .int: return .integer(Int64(column.values(as: Int32.self)[element]), bits: 32)
    case .bigint: return .integer(column.values(as: Int64.self)[element], bits: 64)
    case .float: return .real(Double(column.values(as: Float.self)[element]))
    case .double: return .real(column.values(as: Double.self)[element])
    case .decimal(_, let scale): return .decimal(decimalText(column.values(as: Int128.self)[element], scale))
    default:
        buffer.removeAll()
        formatter.append(column, row: row, to: buffer)
        return .text(buffer.string)
    }
}

private let printf = ScalarFunction(
    "printf", "format_string",
    documentation: FunctionDocumentation(
        "_FUNC_(format, args...) - Returns the text that a format string in the manner of Java's makes of the arguments",
        extended: "Example:\n  > SELECT _FUNC_('Hello World %d %s', 100, 'days');\n  'Hello World 100 days'"),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    guard call.count >= 1 else {
        throw FunctionError(.argumentCount, "The function PRINTF(String format, Obj... args) needs at least one arguments.")
    }
    guard call.argumentTypes[0].isCharacter || call.argumentTypes[0] == .void else {
        throw FunctionError(
            .argumentType(0), "Argument 1 of function PRINTF must be \"string\", but \"\(call.argumentTypes[0])\" was found.")
    }
    let constant = try call.constantString(0).map { try JavaFormatter($0) }
    let types: [SQLType] = [.string] + call.argumentTypes.dropFirst()
    return ResolvedScalar(argumentTypes: types, resultType: .string) { input in
        let values = Array(input.arguments.dropFirst())
        let formatter = TextFormatter(.output, zone: input.zone)
        let buffer = ByteBuffer(capacity: 128)
        var budget = ResultBudget("printf", input)
        return try input.build(.string) { row, builder in
            guard !input.arguments[0].isNull(row) else { return builder.appendNull() }
            let java = try constant ?? JavaFormatter(input.arguments[0].string(row).string)
            let text = try java.format(values.map { formatValue($0, row, formatter, buffer) })
            try budget.take(text.utf8.count)
            builder.append(text)
        }
    }
}

let formattingFunctions: [ScalarFunction] = [
    ScalarFunction(
        "format_number",
        documentation: FunctionDocumentation(
            "_FUNC_(x, d | pattern) - Writes x as '#,###,###.##' with d decimal places, or by a pattern",
            extended: "Halves round to the even neighbour.\nExample:\n  > SELECT _FUNC_(12332.123456, 4);\n  '12,332.1235'"),
        traits: ScalarTraits(canFail: true)
    ) { try resolveFormatNumber($0) },
    printf,
]
