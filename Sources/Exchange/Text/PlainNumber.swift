import Columnar

/// Numbers as texts that read back to the same bits; whole ones without a point.
enum PlainNumber {
    static func append(_ value: Double, to text: ByteBuffer) {
        if let whole = Int64(exactly: value), whole.magnitude < 1_000_000_000_000_000, whole != 0 || value.sign == .plus {
            NumberFormatter.append(whole, to: text)
        } else {
            NumberFormatter.append(value, to: text)
        }
    }

    static func append(_ value: Float, to text: ByteBuffer) {
        if let whole = Int64(exactly: value), whole.magnitude < 1_000_000, whole != 0 || value.sign == .plus {
            NumberFormatter.append(whole, to: text)
        } else {
            NumberFormatter.append(value, to: text)
        }
    }
}
