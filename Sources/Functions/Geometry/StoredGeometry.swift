import Columnar

// A stored geometry, as Hive 4 and Esri's functions for Hive keep it in BINARY: the reference system as four bytes, the first being
// the highest; one byte for what it calls itself; then Esri's shape, whose numbers have their lowest byte first.

extension Geometry {
    /// Bytes before the shape.
    static let headerLength = 5
    /// Esri's mark of a number that is not there is any below this.
    private static let leastNumber = -1e38
    /// What Esri writes for a missing number: the largest negative double.
    private static let missingNumber = Double(bitPattern: 0xFFEF_FFFF_FFFF_FFFF)

    /// Reads a stored geometry; nil for what is none, or is broken.
    init?(stored bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerLength + 4, let type = GeometryType(rawValue: bytes[4]) else { return nil }
        self.init(shape: UnsafeRawBufferPointer(rebasing: bytes[Self.headerLength...]))
        self.type = type
        reference = Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))
    }

    /// The reference system of a stored geometry.
    static func reference(of bytes: UnsafeRawBufferPointer) -> Int32? {
        bytes.count >= 4 ? Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)) : nil
    }

    /// The place of a stored point without more than reading two numbers; nil for anything else, an empty point too.
    @inline(__always)
    static func place(ofStored bytes: UnsafeRawBufferPointer) -> Coordinate? {
        guard bytes.count >= headerLength + 20, bytes[4] == GeometryType.point.rawValue else { return nil }
        switch UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: headerLength, as: UInt32.self)) {
        case 1, 9, 11, 21: break
        default: return nil
        }
        let x = number(bytes, headerLength + 4), y = number(bytes, headerLength + 12)
        return x.isNaN || y.isNaN ? nil : Coordinate(x: x, y: y)
    }

    @inline(__always)
    private static func number(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Double {
        let value = Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        return value < leastNumber ? .nan : value
    }

    /// Reads Esri's shape; the type is what its form is as a collection. nil for what is broken.
    init?(shape bytes: UnsafeRawBufferPointer) {
        var reader = ShapeReader(bytes: bytes)
        guard let kind = reader.whole() else { return nil }
        var hasHeights = false, hasMeasures = false
        let form: GeometryForm
        switch kind & 0xFF {
        case 1: form = .point
        case 9: (form, hasHeights) = (.point, true)
        case 11: (form, hasHeights, hasMeasures) = (.point, true, true)
        case 21: (form, hasMeasures) = (.point, true)
        case 8: form = .multiPoint
        case 20: (form, hasHeights) = (.multiPoint, true)
        case 18: (form, hasHeights, hasMeasures) = (.multiPoint, true, true)
        case 28: (form, hasMeasures) = (.multiPoint, true)
        case 3: form = .path
        case 10: (form, hasHeights) = (.path, true)
        case 13: (form, hasHeights, hasMeasures) = (.path, true, true)
        case 23: (form, hasMeasures) = (.path, true)
        case 5: form = .area
        case 19: (form, hasHeights) = (.area, true)
        case 15: (form, hasHeights, hasMeasures) = (.area, true, true)
        case 25: (form, hasMeasures) = (.area, true)
        case 50...53:
            // General shapes tell in high bits what they have.
            form = [.path, .area, .point, .multiPoint][Int(kind & 0xFF) - 50]
            hasHeights = kind & 0x8000_0000 != 0
            hasMeasures = kind & 0x4000_0000 != 0
            // Curves and ids would follow.
            guard kind & 0x3F00_0000 == 0 else { return nil }
        default: return nil
        }
        let type: GeometryType =
            switch form {
            case .point: .point
            case .multiPoint: .multiPoint
            case .path: .multiLineString
            case .area: .multiPolygon
            }
        self.init(type, form, hasHeights: hasHeights, hasMeasures: hasMeasures)
        guard form == .point ? reader.point(into: &self) : reader.parts(into: &self) else { return nil }
    }

    /// Appends the geometry as it is stored.
    func appendStored(to buffer: ByteBuffer) {
        withUnsafeBytes(of: reference.bigEndian) { buffer.append($0.bindMemory(to: UInt8.self)) }
        buffer.append(type.rawValue)
        appendShape(to: buffer)
    }

    /// Appends Esri's shape of the geometry.
    func appendShape(to buffer: ByteBuffer) {
        let attributes = (heights != nil ? 1 : 0) + (measures != nil ? 2 : 0)
        let kinds: [UInt32] =
            switch form {
            case .point: [1, 9, 21, 11]
            case .multiPoint: [8, 20, 28, 18]
            case .path: [3, 10, 23, 13]
            case .area: [5, 19, 25, 15]
            }
        buffer.append(whole: kinds[attributes])
        if form == .point {
            for value in [coordinates.first?.x, coordinates.first?.y] { buffer.append(number: value ?? Self.missingNumber) }
            if let heights { buffer.append(number: stored(heights.first)) }
            if let measures { buffer.append(number: stored(measures.first)) }
            return
        }
        let envelope = self.envelope
        for value in [envelope.minX, envelope.minY, envelope.maxX, envelope.maxY] { buffer.append(number: isEmpty ? .nan : value) }
        let repeats = form == .area ? starts.indices.reduce(0) { $0 + (part($1).isEmpty ? 0 : 1) } : 0
        if form != .multiPoint { buffer.append(whole: UInt32(truncatingIfNeeded: partCount)) }
        buffer.append(whole: UInt32(truncatingIfNeeded: coordinates.count + repeats))
        var places: [Int] = []
        if form == .multiPoint {
            places = Array(coordinates.indices)
        } else {
            for index in starts.indices {
                buffer.append(whole: UInt32(truncatingIfNeeded: places.count))
                places += part(index)
                if form == .area, let first = part(index).first { places.append(first) }
            }
        }
        for place in places {
            buffer.append(number: coordinates[place].x)
            buffer.append(number: coordinates[place].y)
        }
        for values in [heights, measures].compactMap({ $0 }) {
            let known = values.filter { !$0.isNaN }
            buffer.append(number: known.min() ?? .nan)
            buffer.append(number: known.max() ?? .nan)
            for place in places { buffer.append(number: stored(values[place])) }
        }
    }

    private func stored(_ value: Double?) -> Double {
        guard let value, !value.isNaN else { return Self.missingNumber }
        return value
    }
}

/// Reads the numbers of a shape one after the other.
private struct ShapeReader {
    let bytes: UnsafeRawBufferPointer
    var offset = 0

    mutating func whole() -> UInt32? {
        guard offset <= bytes.count - 4 else { return nil }
        defer { offset += 4 }
        return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    mutating func number() -> Double? {
        guard offset <= bytes.count - 8 else { return nil }
        defer { offset += 8 }
        let value = Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        return value < -1e38 ? .nan : value
    }

    /// Whether so many things of so many bytes can follow.
    private func hasRoom(_ count: Int, of size: Int) -> Bool { count <= (bytes.count - offset) / size }

    mutating func point(into geometry: inout Geometry) -> Bool {
        guard let x = number(), let y = number() else { return false }
        var height = Double.nan, measure = Double.nan
        if geometry.heights != nil {
            guard let value = number() else { return false }
            height = value
        }
        if geometry.measures != nil {
            guard let value = number() else { return false }
            measure = value
        }
        // A point without a place is an empty one.
        if !x.isNaN, !y.isNaN { geometry.append(Coordinate(x: x, y: y), height: height, measure: measure) }
        return true
    }

    mutating func parts(into geometry: inout Geometry) -> Bool {
        // The envelope says nothing new.
        for _ in 0..<4 where number() == nil { return false }
        var partCount = 0
        if geometry.form != .multiPoint {
            guard let count = whole() else { return false }
            partCount = Int(count)
        }
        guard let count = whole() else { return false }
        let pointCount = Int(count)
        guard hasRoom(partCount, of: 4) else { return false }
        var starts: [Int] = []
        for _ in 0..<partCount {
            guard let start = whole(), Int(start) <= pointCount, Int(start) >= starts.last ?? 0 else { return false }
            starts.append(Int(start))
        }
        guard hasRoom(pointCount, of: 16), pointCount == 0 || geometry.form == .multiPoint || starts.first == 0 else { return false }
        var places: [Coordinate] = []
        places.reserveCapacity(pointCount)
        for _ in 0..<pointCount {
            guard let x = number(), let y = number() else { return false }
            places.append(Coordinate(x: x, y: y))
        }
        geometry.coordinates = places
        geometry.starts = starts
        if geometry.heights != nil {
            guard let values = attribute(pointCount) else { return false }
            geometry.heights = values
        }
        if geometry.measures != nil {
            // Shapes may end before measures.
            geometry.measures = attribute(pointCount) ?? Array(repeating: .nan, count: pointCount)
        }
        if geometry.form == .area { geometry.openRings() }
        return true
    }

    private mutating func attribute(_ count: Int) -> [Double]? {
        guard number() != nil, number() != nil, hasRoom(count, of: 8) else { return nil }
        var values: [Double] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            guard let value = number() else { return nil }
            values.append(value)
        }
        return values
    }
}

extension Geometry {
    /// Takes away the points at the ends of rings that repeat their first ones.
    mutating func openRings() {
        let source = self
        coordinates = []
        heights = heights.map { _ in [] }
        measures = measures.map { _ in [] }
        starts = []
        for index in source.starts.indices {
            let ring = source.part(index)
            starts.append(coordinates.count)
            let isClosed = ring.count > 1 && source.coordinates[ring.lowerBound] == source.coordinates[ring.upperBound - 1]
            append(isClosed ? ring.dropLast() : ring, of: source)
        }
    }
}

extension ByteBuffer {
    /// Appends numbers with their lowest byte first.
    func append(whole value: UInt32) {
        withUnsafeBytes(of: value.littleEndian) { append($0.bindMemory(to: UInt8.self)) }
    }

    func append(number value: Double) {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { append($0.bindMemory(to: UInt8.self)) }
    }
}
