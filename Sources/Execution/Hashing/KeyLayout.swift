import Columnar

/// Where the values of a key stand in a fixed-width row: values by falling size, then one byte a value that is 1 for
/// NULL. Strings are views; complex values are encoded as strings (`ComplexKeyCoding`).
package struct KeyLayout: Sendable {
    let types: [SQLType]
    let physical: [PhysicalType]
    let offsets: [Int]
    let nullOffset: Int
    /// Bytes a row takes.
    let width: Int

    package init(_ types: [SQLType]) {
        self.types = types
        let physical = types.map { $0.isComplex ? PhysicalType.string : $0.physical }
        self.physical = physical
        var offsets = Array(repeating: 0, count: types.count)
        var next = 0
        for index in physical.indices.sorted(by: { Self.order(physical[$0], $0) < Self.order(physical[$1], $1) }) {
            offsets[index] = next
            next += physical[index].stride
        }
        self.offsets = offsets
        nullOffset = next
        width = max((next + types.count + 15) / 16 * 16, 16)
    }

    private static func order(_ type: PhysicalType, _ index: Int) -> Int { -type.stride * 65536 + index }
}
