import Columnar
import Platform
import Synchronization

/// Numbers the calls of `rand()` in the order they are bound, so that two calls in a query are independent.
private let randomCallCount = Atomic<UInt64>(0)

/// A counter-based generator: the value of a row is a hash of seed, batch and row, so it does not depend on which
/// worker computes it or in what order.
enum CounterRandom {
    /// The stream of a batch.
    static func stream(seed: UInt64, sequence: BatchSequence) -> UInt64 {
        let morsel = SplitMix.mix(seed ^ UInt64(truncatingIfNeeded: sequence.morsel))
        return SplitMix.mix(morsel &+ UInt64(truncatingIfNeeded: sequence.position))
    }

    /// Uniform in [0, 1), 53 bits.
    @inline(__always)
    static func unit(_ stream: UInt64, _ row: Int) -> Double {
        Double(SplitMix.mix(stream &+ UInt64(truncatingIfNeeded: row) &* 0xD1B5_4A32_D192_ED03) >> 11) * 0x1p-53
    }
}

/// The stream of `java.util.Random`, which Hive's `rand(seed)` draws from row by row.
struct JavaRandom {
    private var state: UInt64

    init(seed: Int64) { state = (UInt64(bitPattern: seed) ^ 0x5DEE_CE66D) & ((1 << 48) - 1) }

    private mutating func next(_ bits: UInt64) -> UInt64 {
        state = (state &* 0x5DEE_CE66D &+ 0xB) & ((1 << 48) - 1)
        return state >> (48 - bits)
    }

    mutating func nextDouble() -> Double {
        let high = next(26)
        return Double(high << 27 &+ next(27)) * 0x1p-53
    }
}

private func randomColumn(_ input: KernelInput, seed: UInt64) -> Column {
    let result = Column(flat: .double, count: input.count)
    let target = result.values(as: Double.self)
    let stream = CounterRandom.stream(seed: seed, sequence: input.sequence)
    input.rows.forEach { row in target[row] = CounterRandom.unit(stream, input.firstRow + row) }
    return result
}

private func seededRandomColumn(_ input: KernelInput) -> Column {
    let argument = input.arguments[0]
    let seeds = argument.values(as: Int64.self)
    guard argument.isConstant else {
        // A seed a row: Hive takes the first row's; a row's own value keeps the result free of order.
        let result = Column(flat: .double, count: input.count)
        let target = result.values(as: Double.self)
        let bits = argument.validity
        input.rows.forEach { row in
            let seed = (bits.map { $0[row] } ?? true) ? UInt64(bitPattern: seeds[row]) : 0
            target[row] = CounterRandom.unit(CounterRandom.stream(seed: seed, sequence: input.sequence), input.firstRow + row)
        }
        return result
    }
    let seed = argument.isNull(0) ? 0 : seeds[0]
    // The first batch follows Hive's own stream, so that small tables sample the same rows as there.
    guard input.sequence == BatchSequence(), input.firstRow == 0 else { return randomColumn(input, seed: UInt64(bitPattern: seed)) }
    var generator = JavaRandom(seed: seed)
    let result = Column(flat: .double, count: input.count)
    let target = result.values(as: Double.self)
    input.rows.forEach { row in target[row] = generator.nextDouble() }
    return result
}

let randomFunction = ScalarFunction(
    "rand",
    documentation: FunctionDocumentation(
        "_FUNC_([seed]) - Returns a random number of the uniform distribution over [0, 1)",
        extended: "With a seed the numbers are the same in every run, whatever the number of threads."),
    traits: .volatile
) { call in
    try call.expect(0...1)
    if call.count == 0 {
        let number = randomCallCount.add(1, ordering: .relaxed).newValue
        return ResolvedScalar(argumentTypes: [], resultType: .double) { input in
            randomColumn(input, seed: SplitMix.mix(input.context.randomSeed &+ number))
        }
    }
    guard call.argumentTypes[0].isIntegral || call.argumentTypes[0] == .void else {
        throw call.mismatch(0, "BIGINT")
    }
    return ResolvedScalar(argumentTypes: [.bigint], resultType: .double) { seededRandomColumn($0) }
}

let randomFunctions: [ScalarFunction] = [
    randomFunction,
    ScalarFunction(
        "uuid", documentation: FunctionDocumentation("_FUNC_() - Returns a random universally unique identifier"),
        traits: .volatile
    ) { call in
        try call.expect(0)
        let number = randomCallCount.add(1, ordering: .relaxed).newValue
        return ResolvedScalar(argumentTypes: [], resultType: .string) { input in
            let heap = StringHeap()
            let result = Column(flat: .string, count: input.count, heap: heap)
            let target = result.values(as: StringView.self)
            target.initialize(repeating: StringView(), count: input.count)
            let seed = SplitMix.mix(input.context.randomSeed &+ number &* 0x632B_E59B_D9B4_E019)
            let stream = CounterRandom.stream(seed: seed, sequence: input.sequence)
            let digits: StaticString = "0123456789abcdef"
            input.rows.forEach { row in
                let number = UInt64(input.firstRow + row) &* 2
                let high = SplitMix.mix(stream &+ number) & ~0xF000 | 0x4000
                let low = SplitMix.mix(stream &+ number &+ 1) & ~(3 << 62) | 2 << 62
                let place = heap.allocate(36)
                var offset = 0
                for nibble in 0..<32 {
                    if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                        place[offset] = 45
                        offset += 1
                    }
                    let word = nibble < 16 ? high >> UInt64(60 - nibble * 4) : low >> UInt64(60 - (nibble - 16) * 4)
                    place[offset] = digits.utf8Start[Int(word & 15)]
                    offset += 1
                }
                target[row] = StringView(place, length: 36)
            }
            return result
        }
    },
]
