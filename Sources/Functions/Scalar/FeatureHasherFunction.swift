import Columnar

/// Vectors of texts by their hashes: no vocabulary is learned, and none has to be kept.
let featureHasherFunction = ScalarFunction(
    "ml.feature_hasher",
    documentation: FunctionDocumentation(
        "_FUNC_(tokens[, num_features[, signed]]) - Returns how often which hash is among tokens, as a vector",
        extended: "num_features is 262144 unless given. The hashes are MurmurHash3's: as Spark's HashingTF has them, or, signed, as "
            + "scikit-learn's FeatureHasher, where half of the texts count as -1. NULL tokens are left out.\n"
            + "Example:\n  > SELECT _FUNC_(array('a', 'b', 'a'), 8);\n  [{\"index\":3,\"value\":2.0},{\"index\":5,\"value\":1.0}]"),
    traits: ScalarTraits(canFail: true)
) { call in
    try call.expect(1...3)
    try call.expectArray(0, of: "string", \.isCharacter)
    let count = UInt32(try call.constantInteger(1, "num_features", in: 1...mostHashes, fallback: 262_144))
    if call.count > 2, call.constantBoolean(2) == nil {
        throw FunctionError(.argumentType(2), "\(call.name) takes as signed a constant boolean")
    }
    let isSigned = call.count > 2 && call.constantBoolean(2) == true
    return ResolvedScalar(
        argumentTypes: [.array(.string)] + call.argumentTypes.dropFirst(), resultType: SparseVector.type
    ) { input in
        let lists = input.arguments[0]
        var entries: [(index: UInt32, value: Double)] = []
        return try input.build(SparseVector.type) { row, builder in
            guard let list = lists.list(row), let tokens = lists.children.first else { return builder.appendNull() }
            entries.removeAll(keepingCapacity: true)
            for (position, place) in list.enumerated() where !tokens.isNull(place) {
                if position & 0xffff == 0xffff { try input.context.checkCancellation() }
                let bytes = tokens.stringAnyEncoding(place).bytes
                entries.append(isSigned ? signed(bytes, count) : (bucket(bytes, count), 1))
            }
            entries.sort { $0.index < $1.index }
            var length = 0
            var next = 0
            while next < entries.count {
                let index = entries[next].index
                var sum = 0.0
                while next < entries.count, entries[next].index == index {
                    sum += entries[next].value
                    next += 1
                }
                SparseVector.append(Int(index), sum, to: builder)
                length += 1
            }
            builder.append(listOf: length)
        }
    }
}

private let mostHashes = Int64(Int32.max)

/// Spark's: with the seed 42, the remainder that is not negative.
private func bucket(_ bytes: UnsafeBufferPointer<UInt8>, _ count: UInt32) -> UInt32 {
    let remainder = Int64(Murmur3.standardHash(bytes, seed: 42)) % Int64(count)
    return UInt32(remainder < 0 ? remainder + Int64(count) : remainder)
}

/// scikit-learn's: without a seed, the remainder of the magnitude; the sign is the hash's.
private func signed(_ bytes: UnsafeBufferPointer<UInt8>, _ count: UInt32) -> (index: UInt32, value: Double) {
    let hash = Murmur3.standardHash(bytes, seed: 0)
    return (hash.magnitude % count, hash < 0 ? -1 : 1)
}
