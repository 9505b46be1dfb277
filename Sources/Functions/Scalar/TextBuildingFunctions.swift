import Columnar

// Strings put together, padded, turned round and rewritten.

private func characterLength(_ type: SQLType) -> Int? {
    switch type {
    case .varchar(let length), .char(let length): length
    default: nil
    }
}

let concatFunction = ScalarFunction(
    "concat",
    documentation: FunctionDocumentation(
        "_FUNC_(str1, str2, ...) - Returns the arguments one after the other; NULL when one is NULL",
        extended: "Binary data only gives binary data.\nExample:\n  > SELECT _FUNC_('abc', 'def');\n  'abcdef'")
) { call in
    try call.expect(atLeast: 1)
    for type in call.argumentTypes where type.isComplex {
        throw FunctionError(.argument, "CONCAT only takes primitive arguments")
    }
    let isBinary = call.argumentTypes.allSatisfy { $0 == .binary }
    let lengths = call.argumentTypes.compactMap(characterLength)
    let wanted: SQLType = isBinary ? .binary : .string
    let total = lengths.reduce(0, +)
    let result: SQLType = lengths.count == call.count && total <= 65535 ? .varchar(length: total) : wanted
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in wanted }, resultType: result) { input in
        let heap = StringHeap()
        guard let frame = input.frame(result, heap: heap) else { return .nulls(result, count: input.count) }
        let target = frame.column.values(as: StringView.self)
        let arguments = input.arguments.indices.map {
            (values: input.arguments[$0].values(as: StringView.self), scale: input.scale($0))
        }
        var budget = ResultBudget("concat", input)
        try arguments.withUnsafeBufferPointer { arguments in
            try frame.forEach { row in
                var length = 0
                for argument in arguments { length += argument.values[row * argument.scale].count }
                try budget.take(length)
                let place = heap.allocate(length)
                var offset = 0
                for argument in arguments {
                    let part = argument.values[row * argument.scale]
                    (place + offset).update(from: part.pointer, count: part.count)
                    offset += part.count
                }
                target[row] = length == 0 ? StringView() : StringView(place, length: length)
            }
        }
        return frame.column
    }
}

/// The same function under the operator's name, with help that is written as the operator is.
private let concatOperator = ScalarFunction(
    "||",
    documentation: FunctionDocumentation(
        "a _FUNC_ b - Returns a followed by b; NULL when one is NULL",
        extended: "Example:\n  > SELECT 'abc' _FUNC_ 'def';\n  'abcdef'"),
    resolve: concatFunction.resolve)

private let concatWithSeparator = ScalarFunction(
    "concat_ws",
    documentation: FunctionDocumentation(
        "_FUNC_(separator, [string | array(string)]+) - Returns the strings with the separator between them",
        extended: "NULL arguments are left out; a NULL separator gives NULL.\n"
            + "Example:\n  > SELECT _FUNC_('.', 'www', array('facebook', 'com'));\n  'www.facebook.com'")
) { call in
    guard call.count >= 2 else {
        throw FunctionError(
            .argumentCount,
            "The function CONCAT_WS(separator,[string | array(string)]+) needs at least two arguments.")
    }
    var types: [SQLType] = [.string]
    for (index, type) in call.argumentTypes.enumerated().dropFirst() {
        switch type {
        case .array(let element) where element.isCharacter || element == .void: types.append(.array(.string))
        case _ where type.isCharacter || type == .void: types.append(.string)
        default:
            throw FunctionError(
                .argumentType(index),
                "Argument \(index + 1) of function CONCAT_WS must be \"string or array<string>\", but \"\(type)\" was found.")
        }
    }
    return ResolvedScalar(argumentTypes: types, resultType: .string) { input in
        let heap = StringHeap()
        let buffer = ByteBuffer(capacity: 256)
        let result = Column(flat: .string, count: input.count, heap: heap)
        let target = result.values(as: StringView.self)
        let separators = input.arguments[0]
        var budget = ResultBudget("concat_ws", input)
        try input.rows.forEach { row in
            guard !separators.isNull(row) else {
                target[row] = StringView()
                result.setNull(row)
                return
            }
            let separator = separators.string(row)
            buffer.removeAll()
            var isFirst = true
            func add(_ text: StringView?) throws {
                try budget.take((isFirst ? 0 : separator.count) + (text?.count ?? 4))
                if !isFirst { buffer.append(separator) }
                isFirst = false
                // Hive writes the elements of an array that are NULL as the word.
                if let text { buffer.append(text) } else { buffer.append("null") }
            }
            for argument in input.arguments.dropFirst() where !argument.isNull(row) {
                if argument.type.physical == .list {
                    let entry = argument.values(as: ListEntry.self)[argument.element(of: row)]
                    let elements = argument.children[0]
                    for item in 0..<Int(entry.length) {
                        let place = Int(entry.offset) + item
                        try add(elements.isNull(place) ? nil : elements.stringAnyEncoding(place))
                    }
                } else {
                    try add(argument.string(row))
                }
            }
            target[row] = heap.copy(buffer.bytes)
        }
        return result
    }
}

extension Column {
    /// The string of a row, whatever the encoding.
    func stringAnyEncoding(_ row: Int) -> StringView {
        if encoding == .dictionary, let base { return base.values(as: StringView.self)[Int(indices[row])] }
        return string(row)
    }
}

private func padFunction(_ name: String, isLeft: Bool, _ usage: String, _ example: String) -> ScalarFunction {
    ScalarFunction(
        name, documentation: FunctionDocumentation(usage, extended: example), traits: ScalarTraits(capitalizesBooleans: true)
    ) { call in
        guard (2...3).contains(call.count) else {
            throw FunctionError(.argument, "\(name) requires three arguments. Found :\(call.count)")
        }
        try call.expectPrimitives()
        let types: [SQLType] = [.string, .int, .string]
        return ResolvedScalar(argumentTypes: Array(types.prefix(call.count)), resultType: .string) { input in
            let heap = StringHeap()
            let buffer = ByteBuffer(capacity: 128)
            var budget = ResultBudget(name, input)
            func pad(_ text: StringView, _ wanted: Int, _ filler: StringView) throws -> StringView? {
                guard wanted >= 0, filler.count > 0 else { return nil }
                // Every character of a repaired text has a first byte, so that a filler has at least one.
                let text = UTF8Text.repaired(text, heap), filler = UTF8Text.repaired(filler, heap)
                let length = UTF8Text.length(text)
                if length >= wanted {
                    return UTF8Text.slice(text, 0, UTF8Text.offset(text, ofCharacter: wanted))
                }
                var missing = wanted - length
                let fillerLength = UTF8Text.length(filler)
                // At most the last filler is cut.
                try budget.takeFilling(text.count + (missing / fillerLength + 1) * filler.count)
                buffer.removeAll()
                if !isLeft { buffer.append(text) }
                while missing > 0 {
                    if missing >= fillerLength {
                        buffer.append(filler)
                        missing -= fillerLength
                    } else {
                        buffer.append(UTF8Text.slice(filler, 0, UTF8Text.offset(filler, ofCharacter: missing)))
                        missing = 0
                    }
                }
                if isLeft { buffer.append(text) }
                return heap.copy(buffer.bytes)
            }
            if input.arguments.count == 2 {
                let space = Column.constant(string: " ".utf8, count: 1)
                return try input.compute(.string, heap: heap) { (text: StringView, wanted: Int32) throws -> StringView? in
                    try pad(text, Int(wanted), space.string(0))
                }
            }
            return try input.compute(.string, heap: heap) {
                (text: StringView, wanted: Int32, filler: StringView) throws -> StringView? in
                try pad(text, Int(wanted), filler)
            }
        }
    }
}

private let repetition = ScalarFunction(
    "repeat",
    documentation: FunctionDocumentation(
        "_FUNC_(str, n) - Returns str n times", extended: "Example:\n  > SELECT _FUNC_('123', 2);\n  '123123'")
) { call in
    try call.expect(2)
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: [.string, .int], resultType: .string) { input in
        let heap = StringHeap()
        var budget = ResultBudget("repeat", input)
        return try input.compute(.string, heap: heap) { (text: StringView, times: Int32) throws -> StringView? in
            guard times > 0, text.count > 0 else { return StringView() }
            // Less than 2^63.
            let length = text.count * Int(times)
            try budget.takeFilling(length)
            let place = heap.allocate(length)
            for round in 0..<Int(times) { (place + round * text.count).update(from: text.pointer, count: text.count) }
            return StringView(place, length: length)
        }
    }
}

private let space = ScalarFunction(
    "space", documentation: FunctionDocumentation("_FUNC_(n) - Returns n spaces")
) { call in
    try call.expect(1)
    try call.expectPrimitive(0)
    return ResolvedScalar(argumentTypes: [.int], resultType: .string) { input in
        let heap = StringHeap()
        var budget = ResultBudget("space", input)
        return try input.compute(.string, heap: heap) { (count: Int32) throws -> StringView? in
            guard count > 0 else { return StringView() }
            try budget.takeFilling(Int(count))
            let place = heap.allocate(Int(count))
            place.update(repeating: 32, count: Int(count))
            return StringView(place, length: Int(count))
        }
    }
}

private let reverse = stringFunction(
    ["reverse"], "_FUNC_(str) - Returns the characters of str in reverse order",
    "Example:\n  > SELECT _FUNC_('Facebook');\n  'koobecaF'"
) { input in
    let heap = StringHeap()
    return input.compute(.string, heap: heap) { (text: StringView) -> StringView? in
        let count = text.count
        guard count > 0 else { return StringView() }
        let place = heap.allocate(count)
        var offset = 0
        while offset < count {
            let width = min(UTF8Text.decode(text.pointer, offset, count).width, count - offset)
            (place + (count - offset - width)).update(from: text.pointer + offset, count: width)
            offset += width
        }
        return StringView(place, length: count)
    }
}

private let replace = ScalarFunction(
    "replace",
    documentation: FunctionDocumentation(
        "_FUNC_(str, search, rep) - Replaces all parts of str that equal search by rep",
        extended: "Example:\n  > SELECT _FUNC_('Hack and Hue', 'H', 'BL');\n  'BLack and BLue'")
) { call in
    try call.expect(3)
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: [.string, .string, .string], resultType: .string) { input in
        let heap = StringHeap()
        let buffer = ByteBuffer(capacity: 256)
        var budget = ResultBudget("replace", input)
        return try input.compute(.string, heap: heap) {
            (text: StringView, search: StringView, replacement: StringView) throws -> StringView? in
            if search.count > 0, UTF8Text.find(search, in: text) == nil { return text }
            buffer.removeAll()
            if search.count == 0 {
                // Nothing is found before each character and at the end.
                try budget.take(text.count + (text.count + 1) * replacement.count)
                buffer.append(replacement)
                var offset = 0
                while offset < text.count {
                    let width = min(UTF8Text.decode(text.pointer, offset, text.count).width, text.count - offset)
                    buffer.append(UTF8Text.slice(text, offset, width))
                    buffer.append(replacement)
                    offset += width
                }
                return heap.copy(buffer.bytes)
            }
            var from = 0
            while let found = UTF8Text.find(search, in: text, from: from) {
                try budget.take(found - from + replacement.count)
                buffer.append(UTF8Text.slice(text, from, found - from))
                buffer.append(replacement)
                from = found + search.count
            }
            buffer.append(UTF8Text.slice(text, from, text.count - from))
            return heap.copy(buffer.bytes)
        }
    }
}

/// What `translate` makes of each character: another, or nothing.
private final class TranslationTable {
    private var from: [UInt8] = []
    private var to: [UInt8] = []
    private var isMade = false
    /// For ASCII: the character itself or its replacement; -1 drops it.
    private(set) var ascii = [Int32](repeating: 0, count: 128)
    private(set) var wide: [UInt32: Int32] = [:]

    func prepare(_ source: StringView, _ target: StringView) {
        if isMade, from.elementsEqual(source.bytes), to.elementsEqual(target.bytes) { return }
        isMade = true
        from = Array(source.bytes)
        to = Array(target.bytes)
        for index in 0..<128 { ascii[index] = Int32(index) }
        wide = [:]
        var replacements: [UInt32] = []
        UTF8Text.forEachCharacter(target) { replacements.append($0) }
        var index = 0
        var seen: Set<UInt32> = []
        UTF8Text.forEachCharacter(source) { scalar in
            defer { index += 1 }
            guard seen.insert(scalar).inserted else { return }
            let replacement = index < replacements.count ? Int32(bitPattern: replacements[index]) : -1
            if scalar < 128 { ascii[Int(scalar)] = replacement } else { wide[scalar] = replacement }
        }
    }
}

private let translate = ScalarFunction(
    "translate",
    documentation: FunctionDocumentation(
        "_FUNC_(str, from, to) - Replaces each character of from in str by the one at its place in to",
        extended: "Characters beyond the end of to are dropped.\n"
            + "Example:\n  > SELECT _FUNC_('abcdef', 'adc', '19');\n  '1b9ef'")
) { call in
    try call.expect(3)
    try call.expectPrimitives()
    return ResolvedScalar(argumentTypes: [.string, .string, .string], resultType: .string) { input in
        let heap = StringHeap()
        let buffer = ByteBuffer(capacity: 128)
        let table = TranslationTable()
        return input.compute(.string, heap: heap) {
            (text: StringView, from: StringView, to: StringView) -> StringView? in
            table.prepare(from, to)
            buffer.removeAll()
            UTF8Text.forEachCharacter(text) { scalar in
                let mapped = scalar < 128 ? table.ascii[Int(scalar)] : table.wide[scalar] ?? Int32(bitPattern: scalar)
                if mapped >= 0 { buffer.append(character: UInt32(bitPattern: mapped)) }
            }
            return heap.copy(buffer.bytes)
        }
    }
}

private let quote = stringFunction(
    ["quote"], "_FUNC_(str) - Returns str in single quotes, those inside escaped by a backslash",
    "Example:\n  > SELECT _FUNC_('DONT');\n  '\\'DONT\\''"
) { input in
    input.format(StringView.self) { text, buffer in
        buffer.append(39)
        for byte in text.bytes {
            if byte == 39 { buffer.append(92) }
            buffer.append(byte)
        }
        buffer.append(39)
        return true
    }
}

private let chr = ScalarFunction(
    "chr", "char",
    documentation: FunctionDocumentation(
        "_FUNC_(n) - Returns the character of code n modulo 256; the empty string when n is negative")
) { call in
    try call.expect(1)
    try call.expectNumericOrString(0)
    @Sendable func append(_ code: Int64, to buffer: ByteBuffer) -> Bool {
        if code >= 0 { buffer.append(character: UInt32(code & 0xFF)) }
        return true
    }
    // Texts are read as doubles: '1e2' is 100, NaN is 0.
    let isReal = call.argumentTypes[0].isCharacter || call.argumentTypes[0] == .float || call.argumentTypes[0] == .double
    return ResolvedScalar(argumentTypes: [isReal ? .double : .bigint], resultType: .string) { input in
        isReal
            ? input.format(Double.self) { append(Int64(saturating: $0.isNaN ? 0 : $0), to: $1) }
            : input.format(Int64.self) { append($0, to: $1) }
    }
}

let textBuildingFunctions: [ScalarFunction] = [
    concatFunction, concatOperator, concatWithSeparator,
    padFunction(
        "lpad", isLeft: true, "_FUNC_(str, len[, pad]) - Returns str filled on the left with pad to len characters",
        "A longer str is cut to len; an empty pad gives NULL.\nExample:\n  > SELECT _FUNC_('hi', 5, '??');\n  '???hi'"),
    padFunction(
        "rpad", isLeft: false, "_FUNC_(str, len[, pad]) - Returns str filled on the right with pad to len characters",
        "A longer str is cut to len; an empty pad gives NULL.\nExample:\n  > SELECT _FUNC_('hi', 5, '??');\n  'hi???'"),
    repetition, space, reverse, replace, translate, quote, chr,
    stringFunction(["ascii"], "_FUNC_(str) - Returns the value of the first byte of str, 0 when it is empty", "", .int) {
        input in
        input.compute(.int) { (text: StringView) -> Int32? in
            text.count == 0 ? 0 : Int32(Int8(bitPattern: text.pointer[0]))
        }
    },
]
