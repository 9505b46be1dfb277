/// Builds a protobuf message: of ORC, and of what else is made of such messages.
package struct ProtobufWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func key(_ number: Int, _ wire: ProtobufReader.WireType) {
        append(UInt64(number) << 3 | UInt64(wire.rawValue))
    }

    mutating func unsigned(_ number: Int, _ value: UInt64) {
        key(number, .varint)
        append(value)
    }

    mutating func count(_ number: Int, _ value: Int) { unsigned(number, UInt64(value)) }

    /// `int32`, `int64` and enumerations.
    package mutating func integer(_ number: Int, _ value: Int) { unsigned(number, UInt64(bitPattern: Int64(value))) }

    /// `sint32` and `sint64`.
    mutating func zigzag(_ number: Int, _ value: Int64) {
        unsigned(number, UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    mutating func double(_ number: Int, _ value: Double) {
        key(number, .fixed64)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func bytes(_ number: Int, _ value: some Collection<UInt8>) {
        key(number, .bytes)
        append(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func string(_ number: Int, _ value: String) { bytes(number, value.utf8) }

    package mutating func message(_ number: Int, _ build: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        build(&inner)
        bytes(number, inner.bytes)
    }

    mutating func packed(_ number: Int, _ values: some Collection<UInt64>) {
        guard !values.isEmpty else { return }
        var inner = ProtobufWriter()
        for value in values { inner.append(value) }
        bytes(number, inner.bytes)
    }

    /// Several of `int64`.
    package mutating func packed(_ number: Int, integers values: [Int]) {
        packed(number, values.lazy.map { UInt64(bitPattern: Int64($0)) })
    }
}
