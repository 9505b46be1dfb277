extension [UInt8] {
    /// Appends an integer, its lowest byte first.
    mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends zeros up to a multiple of `alignment`.
    mutating func align(to alignment: Int) {
        let rest = count % alignment
        if rest > 0 { append(contentsOf: repeatElement(0, count: alignment - rest)) }
    }
}
