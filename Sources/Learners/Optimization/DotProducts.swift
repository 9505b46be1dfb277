/// Σ weights · (values − means).
@inline(__always)
func centredDot(
    _ weights: UnsafePointer<Double>, _ values: UnsafePointer<Double>, _ means: UnsafePointer<Double>, _ count: Int
) -> Double {
    var sum0 = 0.0, sum1 = 0.0, sum2 = 0.0, sum3 = 0.0
    var position = 0
    while position &+ 4 <= count {
        sum0 += weights[position] * (values[position] - means[position])
        sum1 += weights[position &+ 1] * (values[position &+ 1] - means[position &+ 1])
        sum2 += weights[position &+ 2] * (values[position &+ 2] - means[position &+ 2])
        sum3 += weights[position &+ 3] * (values[position &+ 3] - means[position &+ 3])
        position &+= 4
    }
    while position < count {
        sum0 += weights[position] * (values[position] - means[position])
        position &+= 1
    }
    return (sum0 + sum1) + (sum2 + sum3)
}

/// sums += factor · (values − means).
@inline(__always)
func addCentred(
    _ sums: UnsafeMutablePointer<Double>, _ factor: Double, _ values: UnsafePointer<Double>,
    _ means: UnsafePointer<Double>, _ count: Int
) {
    for position in 0..<count { sums[position] += factor * (values[position] - means[position]) }
}

/// Σ weights · values.
@inline(__always)
func dot(_ weights: UnsafePointer<Double>, _ values: UnsafePointer<Double>, _ count: Int) -> Double {
    var sum0 = 0.0, sum1 = 0.0, sum2 = 0.0, sum3 = 0.0
    var position = 0
    while position &+ 4 <= count {
        sum0 += weights[position] * values[position]
        sum1 += weights[position &+ 1] * values[position &+ 1]
        sum2 += weights[position &+ 2] * values[position &+ 2]
        sum3 += weights[position &+ 3] * values[position &+ 3]
        position &+= 4
    }
    while position < count {
        sum0 += weights[position] * values[position]
        position &+= 1
    }
    return (sum0 + sum1) + (sum2 + sum3)
}

func dot(_ left: [Double], _ right: [Double]) -> Double {
    left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
            guard let a = left.baseAddress, let b = right.baseAddress else { return 0 }
            return dot(a, b, min(left.count, right.count))
        }
    }
}
