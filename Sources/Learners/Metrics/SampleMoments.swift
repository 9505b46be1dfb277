/// Mean and deviation of numbers that are a sample of all that there might be.
struct SampleMoments {
    /// 0 of no numbers.
    let mean: Double
    /// 0 of fewer than two numbers.
    let deviation: Double

    init(_ values: [Double]) {
        let count = Double(values.count)
        let mean = count > 0 ? values.reduce(0, +) / count : 0
        let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        deviation = count > 1 ? (square / (count - 1)).squareRoot() : 0
    }
}
