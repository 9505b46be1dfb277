import Columnar

/// Java's `Random(12345)`, of which Hive draws a number for each row of a SORT BY without DISTRIBUTE BY, to deal them out.
private enum ReducerNumbers {
    private static let mask: UInt64 = (1 << 48) - 1
    private static let multiplier: UInt64 = 0x5_DEEC_E66D
    private static let seed: UInt64 = (12345 ^ multiplier) & mask

    /// The `count`-th number drawn: as many steps of a linear congruential generator are one step of another.
    static func number(_ count: UInt64) -> Int32 {
        var (factor, addend) = (multiplier, UInt64(0xB))
        var (totalFactor, totalAddend) = (UInt64(1), UInt64(0))
        var rest = count
        while rest > 0 {
            if rest & 1 == 1 {
                totalFactor = totalFactor &* factor & mask
                totalAddend = (totalAddend &* factor &+ addend) & mask
            }
            addend = (addend &* factor &+ addend) & mask
            factor = factor &* factor & mask
            rest >>= 1
        }
        return Int32(truncatingIfNeeded: ((seed &* totalFactor &+ totalAddend) & mask) >> 16)
    }
}

private let draw = ScalarFunction(
    "_reducer_draw", documentation: FunctionDocumentation("_FUNC_(n) - Returns the n-th number that Hive draws for a row"),
    traits: .strict
) { call in
    try call.expect(1)
    return ResolvedScalar(argumentTypes: [.bigint], resultType: .int) { input in
        input.total(.int) { (row: Int64) -> Int32 in ReducerNumbers.number(UInt64(bitPattern: max(row, 0))) }
    }
}

extension FunctionDefinition where Family == ScalarFamily {
    /// What Hive draws for the n-th row, from 1, that it deals out to reducers by chance. It has no name in SQL.
    package static var reducerDraw: ScalarFunction { draw }
}
