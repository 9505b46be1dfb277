import Columnar

// OGC's well-known binary, and with it ISO's numbers for heights (1000 more) and measures (2000 more).

extension Geometry {
    /// Reads well-known binary of either order of bytes; nil for what is none or broken, and for collections.
    init?(binary bytes: UnsafeRawBufferPointer) {
        var reader = BinaryReader(bytes: bytes)
        guard let geometry = reader.geometry() else { return nil }
        self = geometry
    }

    /// Appends well-known binary, the lowest byte of a number first.
    func appendBinary(to buffer: ByteBuffer) {
        let type = writtenType
        switch type {
        case .point:
            appendKind(.point, to: buffer)
            if let first = coordinates.indices.first {
                appendBinary(point: first, to: buffer)
            } else {
                for _ in 0..<(2 + (heights != nil ? 1 : 0) + (measures != nil ? 1 : 0)) { buffer.append(number: .nan) }
            }
        case .multiPoint:
            appendKind(type, to: buffer)
            buffer.append(whole: UInt32(truncatingIfNeeded: coordinates.count))
            for place in coordinates.indices {
                appendKind(.point, to: buffer)
                appendBinary(point: place, to: buffer)
            }
        case .lineString:
            appendKind(type, to: buffer)
            appendBinary(points: coordinates.indices, to: buffer)
        case .multiLineString:
            appendKind(type, to: buffer)
            buffer.append(whole: UInt32(truncatingIfNeeded: partCount))
            for index in starts.indices { appendBinary(line: index, to: buffer) }
        case .polygon: appendBinary(polygon: 0..<partCount, to: buffer)
        case .multiPolygon, .unknown:
            appendKind(type, to: buffer)
            let polygons = self.polygons
            buffer.append(whole: UInt32(truncatingIfNeeded: polygons.count))
            for polygon in polygons { appendBinary(polygon: polygon, to: buffer) }
        }
    }

    private func appendKind(_ type: GeometryType, to buffer: ByteBuffer) {
        buffer.append(1)
        buffer.append(whole: UInt32(type.rawValue) + (heights != nil ? 1000 : 0) + (measures != nil ? 2000 : 0))
    }

    private func appendBinary(point place: Int, to buffer: ByteBuffer) {
        buffer.append(number: coordinates[place].x)
        buffer.append(number: coordinates[place].y)
        if let heights { buffer.append(number: heights[place]) }
        if let measures { buffer.append(number: measures[place]) }
    }

    private func appendBinary(points: some Collection<Int>, to buffer: ByteBuffer) {
        buffer.append(whole: UInt32(truncatingIfNeeded: points.count))
        for place in points { appendBinary(point: place, to: buffer) }
    }

    private func appendBinary(line index: Int, to buffer: ByteBuffer) {
        appendKind(.lineString, to: buffer)
        appendBinary(points: part(index), to: buffer)
    }

    private func appendBinary(polygon: Range<Int>, to buffer: ByteBuffer) {
        appendKind(.polygon, to: buffer)
        buffer.append(whole: UInt32(truncatingIfNeeded: polygon.count))
        for ring in polygon { appendBinary(points: closedForText(ring), to: buffer) }
    }
}

/// Walks along well-known binary.
private struct BinaryReader {
    let bytes: UnsafeRawBufferPointer
    private var offset = 0
    private var isLittle = true
    private var hasHeights = false
    private var hasMeasures = false

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func geometry() -> Geometry? {
        guard let type = kind() else { return nil }
        let form: GeometryForm =
            switch type {
            case .point, .unknown: .point
            case .multiPoint: .multiPoint
            case .lineString, .multiLineString: .path
            case .polygon, .multiPolygon: .area
            }
        var geometry = Geometry(type, form, hasHeights: hasHeights, hasMeasures: hasMeasures)
        let isRead =
            switch type {
            case .unknown: false
            case .point: point(into: &geometry)
            case .lineString: line(into: &geometry)
            case .polygon: polygon(into: &geometry)
            case .multiPoint: members(.point) { $0.point(into: &geometry) }
            case .multiLineString: members(.lineString) { $0.line(into: &geometry) }
            case .multiPolygon: members(.polygon) { $0.polygon(into: &geometry) }
            }
        return isRead ? geometry : nil
    }

    /// The order of bytes and the type; nil for what is neither.
    private mutating func kind() -> GeometryType? {
        guard offset < bytes.count, bytes[offset] <= 1 else { return nil }
        isLittle = bytes[offset] == 1
        offset += 1
        guard let number = whole(), number < 4000, let type = GeometryType(rawValue: UInt8(truncatingIfNeeded: number % 1000)),
            number % 1000 <= 6
        else { return nil }
        hasHeights = number / 1000 == 1 || number / 1000 == 3
        hasMeasures = number / 1000 >= 2
        return type
    }

    private mutating func whole() -> UInt32? {
        guard offset <= bytes.count - 4 else { return nil }
        defer { offset += 4 }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return isLittle ? UInt32(littleEndian: value) : UInt32(bigEndian: value)
    }

    private mutating func number() -> Double? {
        guard offset <= bytes.count - 8 else { return nil }
        defer { offset += 8 }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return Double(bitPattern: isLittle ? UInt64(littleEndian: value) : UInt64(bigEndian: value))
    }

    /// A number of things of at least so many bytes, which can follow.
    private mutating func count(of size: Int) -> Int? {
        guard let count = whole(), Int(count) <= (bytes.count - offset) / size else { return nil }
        return Int(count)
    }

    private mutating func members(_ type: GeometryType, _ member: (inout BinaryReader) -> Bool) -> Bool {
        guard let count = count(of: 9) else { return false }
        let outer = (hasHeights, hasMeasures)
        for _ in 0..<count {
            guard kind() == type, (hasHeights, hasMeasures) == outer, member(&self) else { return false }
        }
        return true
    }

    private mutating func point(into geometry: inout Geometry) -> Bool {
        guard let x = number(), let y = number() else { return false }
        var height = Double.nan, measure = Double.nan
        if hasHeights {
            guard let value = number() else { return false }
            height = value
        }
        if hasMeasures {
            guard let value = number() else { return false }
            measure = value
        }
        // A point of NaN is an empty one.
        if geometry.form == .point || geometry.form == .multiPoint, x.isNaN || y.isNaN { return true }
        geometry.append(Coordinate(x: x, y: y), height: height, measure: measure)
        return true
    }

    private mutating func line(into geometry: inout Geometry) -> Bool {
        guard let count = count(of: 16 + (hasHeights ? 8 : 0) + (hasMeasures ? 8 : 0)) else { return false }
        if count == 0 { return true }
        geometry.starts.append(geometry.coordinates.count)
        for _ in 0..<count where !point(into: &geometry) { return false }
        geometry.finishPath()
        return true
    }

    private mutating func polygon(into geometry: inout Geometry) -> Bool {
        guard let count = count(of: 4) else { return false }
        for ring in 0..<count {
            let former = geometry.partCount
            guard line(into: &geometry) else { return false }
            if geometry.partCount > former { geometry.finishRing(isOuter: ring == 0) }
        }
        return true
    }
}
