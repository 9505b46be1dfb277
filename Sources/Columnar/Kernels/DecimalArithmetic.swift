/// `Arithmetic` on DECIMAL operands. Where the types say that nothing can overflow, plain 128-bit loops; else rows go
/// through 256-bit intermediates.
enum DecimalArithmetic {
    static func apply(
        _ operation: ArithmeticOperator, _ frame: BinaryFrame, resultType: SQLType, precision: Int, scale: Int
    ) throws -> Column {
        guard case .decimal(let leftPrecision, let leftScale) = frame.left.type,
            case .decimal(let rightPrecision, let rightScale) = frame.right.type
        else { throw Arithmetic.unsupported(operation, frame.left.type, frame.right.type) }
        let result = frame.makeResult(resultType)
        let common = max(leftScale, rightScale)
        switch operation {
        case .add, .subtract:
            let integerDigits = max(leftPrecision - leftScale, rightPrecision - rightScale)
            let isAddition = operation == .add
            if scale == common, integerDigits + common + 1 <= min(precision, 38) {
                let leftFactor = Decimals.powerOfTen(common - leftScale)
                let rightFactor = Decimals.powerOfTen(common - rightScale)
                if leftFactor == 1, rightFactor == 1 {
                    if isAddition {
                        mapElements(frame, into: result, Int128.self, Int128.self, Int128.self) { $0 &+ $1 }
                    } else {
                        mapElements(frame, into: result, Int128.self, Int128.self, Int128.self) { $0 &- $1 }
                    }
                } else {
                    let signed = isAddition ? rightFactor : 0 &- rightFactor
                    mapElements(frame, into: result, Int128.self, Int128.self, Int128.self) {
                        $0 &* leftFactor &+ $1 &* signed
                    }
                }
            } else {
                mapValidElements(frame, into: result, Int128.self, Int128.self, Int128.self) { left, right in
                    Decimals.add(
                        left, scale: leftScale, isAddition ? right : 0 &- right, scale: rightScale,
                        precision: precision, scale: scale)
                }
            }
        case .multiply:
            let productScale = leftScale + rightScale
            if productScale == scale, leftPrecision + rightPrecision <= min(precision, 38) {
                mapElements(frame, into: result, Int128.self, Int128.self, Int128.self) { $0 &* $1 }
            } else {
                mapValidElements(frame, into: result, Int128.self, Int128.self, Int128.self) { left, right in
                    Decimals.multiply(left, right, productScale: productScale, precision: precision, scale: scale)
                }
            }
        case .divide:
            mapValidElements(frame, into: result, Int128.self, Int128.self, Int128.self) { left, right in
                Decimals.divide(
                    left, scale: leftScale, right, scale: rightScale, precision: precision, scale: scale)
            }
        case .remainder:
            mapValidElements(frame, into: result, Int128.self, Int128.self, Int128.self) { left, right in
                Decimals.remainder(
                    left, scale: leftScale, right, scale: rightScale, precision: precision, scale: scale)
            }
        default: throw Arithmetic.unsupported(operation, frame.left.type, frame.right.type)
        }
        return result
    }
}
