extension [Double] {
    /// The power of two that brings the greatest of weights to between 1 and 2, so that multiplying by it loses no digit, and products
    /// of weights neither vanish nor overflow; 1 for weights of a usual size.
    var weightUnit: Double {
        guard let greatest = self.max(), greatest > 0, greatest < 1e-3 || greatest > 1e9 else { return 1 }
        return Double(sign: .plus, exponent: Swift.max(-1022, Swift.min(1022, -greatest.exponent)), significand: 1)
    }
}
