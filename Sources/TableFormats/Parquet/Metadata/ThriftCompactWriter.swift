/// Writes Thrift's compact protocol: the fields of a structure in ascending order of their ids.
struct ThriftCompactWriter {
    private(set) var bytes: [UInt8] = []
    private var last = 0

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    private mutating func zigzag(_ value: Int) {
        let value = Int64(value)
        varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    private mutating func head(_ id: Int, _ wire: ThriftCompactReader.Wire) {
        let delta = id - last
        if 1...15 ~= delta {
            bytes.append(UInt8(delta) << 4 | wire.rawValue)
        } else {
            bytes.append(wire.rawValue)
            zigzag(id)
        }
        last = id
    }

    mutating func i8(_ id: Int, _ value: Int) {
        head(id, .byte)
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    mutating func i32(_ id: Int, _ value: Int) {
        head(id, .i32)
        zigzag(value)
    }

    mutating func i64(_ id: Int, _ value: Int) {
        head(id, .i64)
        zigzag(value)
    }

    mutating func boolean(_ id: Int, _ value: Bool) { head(id, value ? .yes : .no) }

    mutating func binary(_ id: Int, _ value: some Collection<UInt8>) {
        head(id, .binary)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func string(_ id: Int, _ value: String) { binary(id, value.utf8) }

    mutating func structure(_ id: Int, _ body: (inout ThriftCompactWriter) -> Void) {
        head(id, .structure)
        element(body)
    }

    /// A structure in a list, or the outermost one.
    mutating func element(_ body: (inout ThriftCompactWriter) -> Void) {
        let outer = last
        last = 0
        body(&self)
        bytes.append(0)
        last = outer
    }

    private mutating func listHead(_ id: Int, _ wire: ThriftCompactReader.Wire, _ count: Int) {
        head(id, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | wire.rawValue)
        } else {
            bytes.append(0xF0 | wire.rawValue)
            varint(UInt64(count))
        }
    }

    mutating func integers(_ id: Int, _ values: [Int]) { numbers(id, .i32, values) }

    mutating func longs(_ id: Int, _ values: [Int]) { numbers(id, .i64, values) }

    private mutating func numbers(_ id: Int, _ wire: ThriftCompactReader.Wire, _ values: [Int]) {
        listHead(id, wire, values.count)
        for value in values { zigzag(value) }
    }

    mutating func booleans(_ id: Int, _ values: [Bool]) {
        listHead(id, .yes, values.count)
        for value in values { bytes.append((value ? ThriftCompactReader.Wire.yes : .no).rawValue) }
    }

    mutating func strings(_ id: Int, _ values: [String]) { binaries(id, values.map(\.utf8)) }

    mutating func binaries(_ id: Int, _ values: [some Collection<UInt8>]) {
        listHead(id, .binary, values.count)
        for value in values {
            varint(UInt64(value.count))
            bytes.append(contentsOf: value)
        }
    }

    mutating func structures<T>(_ id: Int, _ values: [T], _ body: (inout ThriftCompactWriter, T) -> Void) {
        listHead(id, .structure, values.count)
        for value in values { element { body(&$0, value) } }
    }
}
