import Columnar

// Functions that make features of several: products, crosses, n-grams, hashes.

/// BigQuery's bounds.
private let mostFeatures = 10
private let highestDegree: Int64 = 4

/// The fields of a call's first argument, a STRUCT.
private func features(_ call: FunctionCall, _ kind: String, atLeast least: Int, _ isRight: (SQLType) -> Bool) throws -> [StructField] {
    guard case .structure(let fields) = call.argumentTypes[0] else { throw call.mismatch(0, "struct of \(kind)") }
    guard (least...mostFeatures).contains(fields.count) else {
        throw FunctionError(.argumentType(0), "\(call.name) takes a struct of \(least) to \(mostFeatures) fields, got \(fields.count)")
    }
    if let odd = fields.first(where: { !isRight($0.type) }) {
        throw FunctionError(.argumentType(0), "\(call.name) takes a struct of \(kind) fields, but \(odd.name) is \(odd.type)")
    }
    return fields
}

/// A combination of fields, by their places.
private typealias Combination = [Int]

/// Combinations of up to `degree` of `count` fields, each before those that begin with it.
private func combinations(of count: Int, degree: Int, repeating: Bool) -> [Combination] {
    func extended(_ start: Combination) -> [Combination] {
        guard start.count < degree else { return [] }
        let first = start.last.map { repeating ? $0 : $0 + 1 } ?? 0
        return (first..<max(count, first)).flatMap { place in [start + [place]] + extended(start + [place]) }
    }
    return extended([])
}

/// The STRUCT of combinations, whose fields are called by the fields that they combine.
private func combinedType(_ fields: [StructField], _ combinations: [Combination], _ type: SQLType, _ call: FunctionCall) throws -> SQLType {
    let names = combinations.map { $0.map { fields[$0].name }.joined(separator: "_") }
    var known: Set<String> = []
    if let repeated = names.first(where: { !known.insert($0.lowercased()).inserted }) {
        throw FunctionError(.argumentType(0), "\(call.name) would make two fields \(repeated)")
    }
    return .structure(names.map { StructField(name: $0, type: type) })
}

/// A batch's STRUCTs and their fields, all flat.
private func fieldColumns(_ input: KernelInput) -> (structs: Column, fields: [Column]) {
    let structs = input.arguments[0].flattened(input.rows)
    return (structs, structs.children.map { $0.flattened(input.rows) })
}

private let polynomialExpand = ScalarFunction(
    "ml.polynomial_expand",
    documentation: FunctionDocumentation(
        "_FUNC_(struct[, degree]) - Returns the products of up to degree of the struct's numbers (2 unless given) as a struct",
        extended: "Fields are called by their factors, and doubles.\nExample:\n  > SELECT _FUNC_(named_struct('f1', 2, 'f2', 3));\n"
            + "  {\"f1\":2.0,\"f1_f1\":4.0,\"f1_f2\":6.0,\"f2\":3.0,\"f2_f2\":9.0}")
) { call in
    try call.expect(1...2)
    let fields = try features(call, "numeric", atLeast: 1) { $0.isNumeric }
    let degree = try call.constantInteger(1, "degree", in: 1...highestDegree, fallback: 2)
    let products = combinations(of: fields.count, degree: Int(degree), repeating: true)
    let type = try combinedType(fields, products, .double, call)
    let factorType = SQLType.structure(fields.map { StructField(name: $0.name, type: .double) })
    return ResolvedScalar(argumentTypes: [factorType] + call.argumentTypes.dropFirst(), resultType: type) { input in
        let (structs, factors) = fieldColumns(input)
        var known: [Combination: Column] = [:]
        let columns = products.map { product in
            let last = factors[product[product.count - 1]]
            // A product of more comes right after the one that it begins with.
            let column = known[Array(product.dropLast())].map { multiplied($0, last, input) } ?? last
            known[product] = column
            return column
        }
        let result = Column(flat: type, count: input.count, children: columns)
        input.rows.forEach { if structs.isNull($0) { result.setNull($0) } }
        return result
    }
}

private func multiplied(_ left: Column, _ right: Column, _ input: KernelInput) -> Column {
    KernelInput(arguments: [left, right], rows: input.rows, count: input.count, context: input.context)
        .total(.double) { (a: Double, b: Double) in a * b }
}

private let featureCross = ScalarFunction(
    "ml.feature_cross",
    documentation: FunctionDocumentation(
        "_FUNC_(struct[, degree]) - Returns the struct's texts, joined by _ in twos up to degree at a time (2 unless given), as a struct",
        extended: "Fields are called by what they join. NULL among that makes NULL.\n"
            + "Example:\n  > SELECT _FUNC_(named_struct('f1', 'a', 'f2', 'b', 'f3', 'c'));\n  {\"f1_f2\":\"a_b\",\"f1_f3\":\"a_c\",\"f2_f3\":\"b_c\"}"),
    traits: ScalarTraits(canFail: true)
) { call in
    try call.expect(1...2)
    let fields = try features(call, "string", atLeast: 2) { $0.isCharacter }
    let degree = try call.constantInteger(1, "degree", in: 2...highestDegree, fallback: 2)
    let crosses = combinations(of: fields.count, degree: Int(degree), repeating: false).filter { $0.count > 1 }
    let type = try combinedType(fields, crosses, .string, call)
    let name = call.name
    let textType = SQLType.structure(fields.map { StructField(name: $0.name, type: .string) })
    return ResolvedScalar(argumentTypes: [textType] + call.argumentTypes.dropFirst(), resultType: type) { input in
        let (structs, texts) = fieldColumns(input)
        var budget = ResultBudget(name, input)
        let buffer = ByteBuffer(capacity: 256)
        return try input.build(type) { row, builder in
            if structs.isNull(row) { return builder.appendNull() }
            for (child, cross) in zip(builder.children, crosses) {
                guard !cross.contains(where: { texts[$0].isNull(row) }) else {
                    child.appendNull()
                    continue
                }
                buffer.removeAll()
                for (position, place) in cross.enumerated() {
                    if position > 0 { buffer.append(UInt8(ascii: "_")) }
                    buffer.append(texts[place].string(row))
                }
                try budget.take(buffer.count)
                child.append(bytes: buffer.bytes)
            }
            builder.appendStructure()
        }
    }
}

/// The sizes of n-grams that a call asks for.
private func ngramSizes(_ call: FunctionCall) throws -> ClosedRange<Int> {
    let sizes = call.constantInteger(1).map { [$0, $0] } ?? call.constantIntegers(1) ?? []
    guard sizes.count == 2, sizes[0] >= 1, sizes[0] <= sizes[1], sizes[1] <= Int32.max else {
        throw FunctionError(
            .argumentType(1), "\(call.name) takes as range a constant integer from 1 on, or a constant array of two that ascend")
    }
    return Int(sizes[0])...Int(sizes[1])
}

private let ngrams = ScalarFunction(
    "ml.ngrams",
    documentation: FunctionDocumentation(
        "_FUNC_(tokens, range[, separator]) - Returns the n-grams of tokens, joined by separator (a blank unless given)",
        extended: "range is one size or an array of the least and the greatest. NULL tokens are left out.\n"
            + "Example:\n  > SELECT _FUNC_(array('a', 'b', 'c'), array(2, 3), '#');\n  [\"a#b\",\"a#b#c\",\"b#c\"]"),
    traits: ScalarTraits(canFail: true)
) { call in
    try call.expect(2...3)
    try call.expectArray(0, of: "string", \.isCharacter)
    let sizes = try ngramSizes(call)
    guard call.count < 3 || call.constantString(2) != nil else {
        throw FunctionError(.argumentType(2), "\(call.name) takes as separator a constant string")
    }
    let separator = call.count > 2 ? call.constantBytes(2) ?? [] : Array(" ".utf8)
    let type = SQLType.array(.string), name = call.name
    return ResolvedScalar(argumentTypes: [type] + call.argumentTypes.dropFirst(), resultType: type) { input in
        let lists = input.arguments[0]
        var budget = ResultBudget(name, input)
        let buffer = ByteBuffer(capacity: 256)
        var tokens: [StringView] = []
        return try input.build(type) { row, builder in
            guard let list = lists.list(row), let elements = lists.children.first else { return builder.appendNull() }
            tokens.removeAll(keepingCapacity: true)
            for place in list where !elements.isNull(place) { tokens.append(elements.stringAnyEncoding(place)) }
            var count = 0
            for start in tokens.indices {
                if start & 0xff == 0xff { try input.context.checkCancellation() }
                buffer.removeAll()
                for place in start..<min(tokens.count, start + sizes.upperBound) {
                    if place > start { separator.withUnsafeBufferPointer { buffer.append($0) } }
                    buffer.append(tokens[place])
                    guard place - start + 1 >= sizes.lowerBound else { continue }
                    try budget.take(buffer.count)
                    builder.children[0].append(bytes: buffer.bytes)
                    count += 1
                }
            }
            builder.append(listOf: count)
        }
    }
}

private let hashBucketize = ScalarFunction(
    "ml.hash_bucketize",
    documentation: FunctionDocumentation(
        "_FUNC_(s, hash_bucket_size) - Returns the bucket of a text by its hash, from 0 on; the hash itself for a size of 0",
        extended: "The hash is FarmHash's Fingerprint64, BigQuery's FARM_FINGERPRINT.\nExample:\n  > SELECT _FUNC_('horse', 2), _FUNC_('cat', 2);\n  1\t0"),
    traits: ScalarTraits(nulls: .propagated, canFail: true)
) { call in
    try call.expect(2)
    try call.expectText(0)
    try call.expectIntegral(1)
    let name = call.name
    return ResolvedScalar(argumentTypes: [.string, .bigint], resultType: .bigint) { input in
        try input.compute(.bigint) { (text: StringView, size: Int64) throws -> Int64? in
            guard size >= 0 else { throw FunctionError(.argument, "\(name) takes a hash_bucket_size that is not negative, got \(size)") }
            let hash = FarmHash.fingerprint64(text.pointer, text.count)
            return Int64(bitPattern: size == 0 ? hash : hash % UInt64(size))
        }
    }
}

let featureCombinationFunctions: [ScalarFunction] = [polynomialExpand, featureCross, ngrams, hashBucketize]
