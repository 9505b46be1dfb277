import Columnar
import Platform

// What functions of geometries have in common: arguments are BINARY, as Hive 4 has geometries; what cannot be read as one is as NULL.

extension FunctionCall {
    /// A geometry; an untyped NULL passes.
    func expectGeometry(_ index: Int) throws {
        guard argumentTypes[index] == .binary || argumentTypes[index] == .void else { throw mismatch(index, "geometry (BINARY)") }
    }

    /// A geometry, or well-known text of one.
    func expectGeometryOrText(_ index: Int) throws {
        guard argumentTypes[index].isCharacter else { return try expectGeometry(index) }
    }
}

extension StringView {
    fileprivate init(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let start = bytes.baseAddress { self.init(start, length: bytes.count) } else { self.init() }
    }

    var rawBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes) }
}

extension Geometry {
    init?(stored view: StringView) { self.init(stored: view.rawBytes) }

    /// Of an argument that is well-known text or a stored geometry.
    init?(_ view: StringView, isText: Bool) {
        if isText { self.init(text: view) } else { self.init(stored: view) }
    }
}

/// A function of one geometry with a number, or whether something holds, as its value.
func geometryMeasure<R: ColumnElement>(
    _ names: String..., type: SQLType, documentation: FunctionDocumentation, _ body: @escaping @Sendable (Geometry) -> R?
) -> ScalarFunction {
    ScalarFunction(names: names, documentation: documentation, traits: ScalarTraits(nulls: .propagated, cost: .dear)) { call in
        try call.expect(1)
        try call.expectGeometry(0)
        return ResolvedScalar(argumentTypes: [.binary], resultType: type) { input in
            input.compute(type) { (view: StringView) -> R? in Geometry(stored: view).flatMap(body) }
        }
    }
}

/// A function that writes one geometry in another form; `body` says whether it has it.
func geometryWriter(
    _ names: String..., type: SQLType, documentation: FunctionDocumentation, _ body: @escaping @Sendable (Geometry, ByteBuffer) -> Bool
) -> ScalarFunction {
    ScalarFunction(names: names, documentation: documentation, traits: ScalarTraits(nulls: .propagated, cost: .dear)) { call in
        try call.expect(1)
        try call.expectGeometry(0)
        return ResolvedScalar(argumentTypes: [.binary], resultType: type) { input in
            let buffer = ByteBuffer(capacity: 256), heap = StringHeap()
            return input.compute(type, heap: heap) { (view: StringView) -> StringView? in
                buffer.removeAll()
                guard let geometry = Geometry(stored: view), body(geometry, buffer) else { return nil }
                return heap.copy(buffer.bytes)
            }
        }
    }
}

/// A function of one geometry that is one, or none.
func geometryPart(
    _ names: String..., documentation: FunctionDocumentation, _ body: @escaping @Sendable (Geometry) -> Geometry?
) -> ScalarFunction {
    ScalarFunction(names: names, documentation: documentation, traits: ScalarTraits(nulls: .propagated, cost: .dear)) { call in
        try call.expect(1)
        try call.expectGeometry(0)
        return ResolvedScalar(argumentTypes: [.binary], resultType: .binary) { input in
            let writer = GeometryWriter()
            return input.compute(.binary, heap: writer.heap) { (view: StringView) -> StringView? in
                Geometry(stored: view).flatMap(body).map(writer.stored)
            }
        }
    }
}

/// The same of a geometry and a number.
func numberedGeometryPart(
    _ names: String..., documentation: FunctionDocumentation, _ body: @escaping @Sendable (Geometry, Int) -> Geometry?
) -> ScalarFunction {
    ScalarFunction(names: names, documentation: documentation, traits: ScalarTraits(nulls: .propagated, cost: .dear)) { call in
        try call.expect(2)
        try call.expectGeometry(0)
        try call.expectIntegral(1)
        return ResolvedScalar(argumentTypes: [.binary, .int], resultType: .binary) { input in
            let writer = GeometryWriter()
            return input.compute(.binary, heap: writer.heap) { (view: StringView, number: Int32) -> StringView? in
                Geometry(stored: view).flatMap { body($0, Int(number)) }.map(writer.stored)
            }
        }
    }
}

/// Writes geometries into a result column.
final class GeometryWriter {
    let heap = StringHeap()
    private let buffer = ByteBuffer(capacity: 256)

    func stored(_ geometry: Geometry) -> StringView {
        buffer.removeAll()
        geometry.appendStored(to: buffer)
        return heap.copy(buffer.bytes)
    }
}

/// Keeps the geometry of a constant argument from batch to batch.
final class PreparedGeometryCache: Sendable {
    private let known = Guarded<(bytes: [UInt8], isText: Bool, geometry: PreparedGeometry?)?>(nil)

    func geometry(_ view: StringView, isText: Bool) -> PreparedGeometry? {
        known.withLock { known in
            if let known, known.isText == isText, known.bytes.withUnsafeBufferPointer({ StringView($0) == view }) { return known.geometry }
            let geometry = PreparedGeometry.read(view, isText: isText)
            known = (Array(view.bytes), isText, geometry)
            return geometry
        }
    }
}

extension PreparedGeometry {
    /// nil for what is no geometry, or has coordinates that are no finite numbers.
    static func read(_ view: StringView, isText: Bool) -> PreparedGeometry? {
        Geometry(view, isText: isText).flatMap { PreparedGeometry($0) }
    }
}

/// The geometries of one argument of a batch. Rows that follow each other with equal bytes are read once.
struct PreparedArgument {
    private let values: UnsafePointer<StringView>
    private let column: Column
    private let isText: Bool
    /// Of a constant argument.
    let constant: PreparedGeometry?
    let isConstant: Bool
    private var last: (view: StringView, geometry: PreparedGeometry?)?

    init(_ column: Column, isText: Bool, _ cache: PreparedGeometryCache) {
        self.column = column
        self.isText = isText
        values = UnsafePointer(column.values(as: StringView.self))
        isConstant = column.isConstant
        constant = column.isConstant && !column.isNull(0) ? cache.geometry(values[0], isText: isText) : nil
    }

    /// A stored point, which needs no preparation.
    @inline(__always)
    func place(_ row: Int) -> Coordinate? {
        guard !isConstant, !isText, !column.isNull(row), let place = Geometry.place(ofStored: values[row].rawBytes), place.isFinite else {
            return nil
        }
        return place
    }

    mutating func geometry(_ row: Int) -> PreparedGeometry? {
        if isConstant { return constant }
        if column.isNull(row) { return nil }
        let view = values[row]
        if let last, last.view == view { return last.geometry }
        let geometry = PreparedGeometry.read(view, isText: isText)
        last = (view, geometry)
        return geometry
    }

    /// The reference system of a row's geometry, which texts do not tell.
    func reference(_ row: Int) -> Int32? {
        if isText { return 0 }
        let row = isConstant ? 0 : row
        return column.isNull(row) ? nil : Geometry.reference(of: values[row].rawBytes)
    }
}
