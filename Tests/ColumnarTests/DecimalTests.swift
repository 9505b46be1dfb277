import Columnar
import Testing

/// An unsigned integer of any size as decimal digits, lowest first: slow and plain, to hold the kernels to.
private struct BigNumber: Comparable {
    var digits: [Int]

    init(_ digits: [Int]) {
        self.digits = digits
        while self.digits.last == 0 { self.digits.removeLast() }
    }

    init(_ value: UInt128) { self.init(String(value).reversed().compactMap(\.wholeNumberValue)) }

    var isZero: Bool { digits.isEmpty }

    func timesPowerOfTen(_ power: Int) -> BigNumber { BigNumber(Array(repeating: 0, count: power) + digits) }

    static func < (a: BigNumber, b: BigNumber) -> Bool {
        if a.digits.count != b.digits.count { return a.digits.count < b.digits.count }
        for index in a.digits.indices.reversed() where a.digits[index] != b.digits[index] {
            return a.digits[index] < b.digits[index]
        }
        return false
    }

    static func + (a: BigNumber, b: BigNumber) -> BigNumber {
        var result: [Int] = []
        var carry = 0
        for index in 0..<max(a.digits.count, b.digits.count) + 1 {
            let sum = (index < a.digits.count ? a.digits[index] : 0) + (index < b.digits.count ? b.digits[index] : 0) + carry
            result.append(sum % 10)
            carry = sum / 10
        }
        return BigNumber(result)
    }

    static func - (a: BigNumber, b: BigNumber) -> BigNumber {
        var result: [Int] = []
        var borrow = 0
        for index in a.digits.indices {
            var digit = a.digits[index] - (index < b.digits.count ? b.digits[index] : 0) - borrow
            borrow = digit < 0 ? 1 : 0
            if digit < 0 { digit += 10 }
            result.append(digit)
        }
        return BigNumber(result)
    }

    static func * (a: BigNumber, b: BigNumber) -> BigNumber {
        var result = [Int](repeating: 0, count: a.digits.count + b.digits.count + 1)
        for (i, x) in a.digits.enumerated() {
            for (j, y) in b.digits.enumerated() { result[i + j] += x * y }
            for index in 0..<result.count - 1 where result[index] > 9 {
                result[index + 1] += result[index] / 10
                result[index] %= 10
            }
        }
        return BigNumber(result)
    }

    func divided(by divisor: BigNumber) -> (quotient: BigNumber, remainder: BigNumber) {
        var rest = BigNumber([])
        var quotient: [Int] = []
        for digit in digits.reversed() {
            rest = BigNumber([digit] + rest.digits)
            var count = 0
            while !(rest < divisor) {
                rest = rest - divisor
                count += 1
            }
            quotient.append(count)
        }
        return (BigNumber(quotient.reversed()), rest)
    }

    /// Divided by 10^power, halves up.
    func rounded(_ power: Int) -> BigNumber {
        guard power > 0 else { return timesPowerOfTen(-power) }
        let kept = BigNumber(Array(digits.dropFirst(power)))
        return power <= digits.count && digits[power - 1] >= 5 ? kept + BigNumber([1]) : kept
    }

    /// nil when there are more than `precision` digits.
    func value(negative: Bool, precision: Int) -> Int128? {
        guard digits.count <= precision else { return nil }
        let magnitude = digits.reversed().reduce(Int128(0)) { $0 * 10 + Int128($1) }
        return negative ? -magnitude : magnitude
    }
}

@Suite struct DecimalTests {
    private func random(_ generator: inout SeededGenerator) -> Int128 {
        let digits = Int.random(in: 0...38, using: &generator)
        var value: Int128 = 0
        for _ in 0..<digits { value = value * 10 + Int128(Int.random(in: 0...9, using: &generator)) }
        return Bool.random(using: &generator) ? -value : value
    }

    @Test func operationsAgreeWithLongHandArithmetic() {
        var generator = SeededGenerator(seed: 42)
        for _ in 0..<4000 {
            let a = random(&generator)
            let b = random(&generator)
            let s1 = Int.random(in: 0...38, using: &generator)
            let s2 = Int.random(in: 0...38, using: &generator)
            let scale = Int.random(in: 0...38, using: &generator)
            let precision = Int.random(in: max(scale, 1)...38, using: &generator)
            let common = max(s1, s2)
            let x = BigNumber(a.magnitude).timesPowerOfTen(common - s1)
            let y = BigNumber(b.magnitude).timesPowerOfTen(common - s2)

            let sum: BigNumber
            let sumIsNegative: Bool
            if (a < 0) == (b < 0) {
                (sum, sumIsNegative) = (x + y, a < 0)
            } else {
                (sum, sumIsNegative) = x < y ? (y - x, b < 0) : (x - y, a < 0)
            }
            #expect(
                Decimals.add(a, scale: s1, b, scale: s2, precision: precision, scale: scale)
                    == sum.rounded(common - scale).value(negative: sumIsNegative, precision: precision),
                "\(a)e-\(s1) + \(b)e-\(s2) at \(precision),\(scale)")

            let product = BigNumber(a.magnitude) * BigNumber(b.magnitude)
            #expect(
                Decimals.multiply(a, b, productScale: s1 + s2, precision: precision, scale: scale)
                    == product.rounded(s1 + s2 - scale).value(negative: (a < 0) != (b < 0), precision: precision),
                "\(a)e-\(s1) * \(b)e-\(s2) at \(precision),\(scale)")

            let order = Decimals.compare(a, scale: s1, b, scale: s2)
            let expectedOrder =
                x == y && ((a < 0) == (b < 0) || a == 0 && b == 0)
                ? 0 : (a < 0) != (b < 0) ? (a < b ? -1 : 1) : ((x < y) == (a >= 0) ? -1 : 1)
            #expect(order.signum() == expectedOrder, "\(a)e-\(s1) ? \(b)e-\(s2)")

            guard b != 0 else {
                #expect(Decimals.divide(a, scale: s1, b, scale: s2, precision: precision, scale: scale) == nil)
                #expect(Decimals.remainder(a, scale: s1, b, scale: s2, precision: precision, scale: scale) == nil)
                continue
            }
            let (quotient, rest) = x.timesPowerOfTen(scale).divided(by: y)
            let roundedQuotient = rest + rest < y ? quotient : quotient + BigNumber([1])
            #expect(
                Decimals.divide(a, scale: s1, b, scale: s2, precision: precision, scale: scale)
                    == roundedQuotient.value(negative: (a < 0) != (b < 0), precision: precision),
                "\(a)e-\(s1) / \(b)e-\(s2) at \(precision),\(scale)")
            let remainder = x.divided(by: y).remainder
            #expect(
                Decimals.remainder(a, scale: s1, b, scale: s2, precision: precision, scale: scale)
                    == remainder.rounded(common - scale).value(negative: a < 0, precision: precision),
                "\(a)e-\(s1) % \(b)e-\(s2) at \(precision),\(scale)")
            #expect(
                Decimals.rescale(a, from: s1, to: scale, precision: precision)
                    == BigNumber(a.magnitude).rounded(s1 - scale).value(negative: a < 0, precision: precision),
                "\(a)e-\(s1) at \(precision),\(scale)")
            #expect(Decimals.double(a, scale: s1) == Double("\(a)e-\(s1)"))
        }
    }

    /// The fast loops of the column kernels give what the exact functions give.
    @Test func columnKernelsAgreeWithSingleValues() throws {
        var generator = SeededGenerator(seed: 43)
        let shapes = [(9, 2), (18, 4), (18, 0), (25, 10), (38, 18), (38, 0), (5, 5)]
        for (p1, s1) in shapes {
            for (p2, s2) in shapes {
                let count = 64
                func make(_ precision: Int, _ scale: Int) -> Column {
                    let limit = Decimals.powersOfTen[precision]
                    return column(
                        .decimal(precision: precision, scale: scale),
                        (0..<count).map { _ in
                            Bool.random(using: &generator) ? random(&generator) % limit : random(&generator) % 1000
                        })
                }
                let left = make(p1, s1)
                let right = make(p2, s2)
                for operation in [ArithmeticOperator.add, .subtract, .multiply, .divide, .remainder] {
                    let type = try #require(ArithmeticTypes.resultType(operation, left.type, right.type))
                    guard case .decimal(let precision, let scale) = type else { continue }
                    let result = try Arithmetic.apply(
                        operation, left, right, resultType: type, rows: .all(count), count: count)
                    let got = elements(result, Int128.self)
                    for row in 0..<count {
                        let a = left.values(as: Int128.self)[row]
                        let b = right.values(as: Int128.self)[row]
                        let expected =
                            switch operation {
                            case .add: Decimals.add(a, scale: s1, b, scale: s2, precision: precision, scale: scale)
                            case .subtract: Decimals.add(a, scale: s1, -b, scale: s2, precision: precision, scale: scale)
                            case .multiply:
                                Decimals.multiply(a, b, productScale: s1 + s2, precision: precision, scale: scale)
                            case .divide: Decimals.divide(a, scale: s1, b, scale: s2, precision: precision, scale: scale)
                            default: Decimals.remainder(a, scale: s1, b, scale: s2, precision: precision, scale: scale)
                            }
                        #expect(got[row] == expected, "\(a) \(operation) \(b) in \(left.type), \(right.type)")
                    }
                }
            }
        }
    }
}
