import Columnar

// Sketches are BINARY in the formats that Apache DataSketches publishes, with the lowest byte of a number first: a head of whole words
// that says whose sketch it is, and what the sketch holds.

/// Writes a sketch.
struct SketchWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func write(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
    mutating func write(_ value: Double) { write(value.bitPattern) }
    mutating func write(_ value: Float) { write(value.bitPattern) }
    mutating func write(_ values: [UInt8]) { bytes += values }
    mutating func write(_ values: [UInt32]) { for value in values { write(value) } }
    mutating func write(_ values: [UInt64]) { for value in values { write(value) } }
}

/// Reads a sketch, and never behind its end: sketches come from files.
struct SketchReader {
    /// What the sketch is, for errors: `HLL`.
    let kind: String
    private let start: UnsafePointer<UInt8>
    private let count: Int
    private var offset = 0

    init(_ bytes: StringView, kind: String) {
        self.kind = kind
        start = bytes.pointer
        count = bytes.count
    }

    var remaining: Int { count - offset }

    func damage(_ reason: String) -> FunctionError { FunctionError(.argument, "These bytes are no \(kind) sketch: \(reason)") }

    mutating func bytes(_ wanted: Int) throws -> UnsafeBufferPointer<UInt8> {
        guard wanted >= 0, wanted <= remaining else { throw damage("they end too early") }
        defer { offset += wanted }
        return UnsafeBufferPointer(start: start + offset, count: wanted)
    }

    mutating func number<T: FixedWidthInteger>(_: T.Type) throws -> T {
        let bytes = try bytes(MemoryLayout<T>.size)
        return T(littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(as: T.self))
    }

    mutating func double() throws -> Double { Double(bitPattern: try number(UInt64.self)) }
    mutating func float() throws -> Float { Float(bitPattern: try number(UInt32.self)) }

    mutating func numbers<T: FixedWidthInteger>(_ type: T.Type, _ wanted: Int) throws -> [T] {
        let (size, overflow) = wanted.multipliedReportingOverflow(by: MemoryLayout<T>.size)
        guard !overflow, size >= 0, size <= remaining else { throw damage("they end too early") }
        let bytes = UnsafeRawBufferPointer(try bytes(size))
        return (0..<wanted).map { T(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self)) }
    }

    /// The first three bytes of every sketch: words of its head, version of the format, family of sketches.
    mutating func head(family: ClosedRange<UInt8>, versions: ClosedRange<UInt8>) throws -> (words: Int, version: UInt8, family: UInt8) {
        let words = try number(UInt8.self), version = try number(UInt8.self), found = try number(UInt8.self)
        guard family.contains(found) else { throw damage("they are of family \(found), not \(family.lowerBound)") }
        guard versions.contains(version) else { throw damage("their format has version \(version), which is not known here") }
        return (Int(words), version, found)
    }
}

extension [UInt8] {
    /// The bytes as a value of a column, as long as `body` runs.
    func withStringView<Result>(_ body: (StringView) throws -> Result) rethrows -> Result {
        try withUnsafeBufferPointer { bytes in
            try body(bytes.baseAddress.map { StringView($0, length: bytes.count) } ?? StringView())
        }
    }
}
