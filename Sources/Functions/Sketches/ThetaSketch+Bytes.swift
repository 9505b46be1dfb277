import Columnar

// The published format: a head of one word of 8 bytes for no hash and for one, of two with their number, of three with theta too. It is
// written compact, its hashes ascending; tables that grow on are read as well.

private enum ThetaFormat {
    static let version: UInt8 = 3
    static let growingFamilies: ClosedRange<UInt8> = 1...2
    static let compactFamily: UInt8 = 3
    static let bigEndianFlag: UInt8 = 1
    static let readOnlyFlag: UInt8 = 2
    static let emptyFlag: UInt8 = 4
    static let compactFlag: UInt8 = 8
    static let orderedFlag: UInt8 = 16
    static let singleFlag: UInt8 = 32
}

extension ThetaSketch {
    /// - Parameter mark: of the seed of the hashes.
    func serialized(mark: UInt16) -> [UInt8] {
        let words = theta < Self.everything ? 3 : hashes.count > 1 ? 2 : 1
        var writer = SketchWriter(capacity: (words + hashes.count) * 8)
        var flags = ThetaFormat.readOnlyFlag | ThetaFormat.compactFlag | ThetaFormat.orderedFlag
        let isNothing = isEmpty || (words == 1 && hashes.isEmpty)
        if isNothing { flags |= ThetaFormat.emptyFlag }
        if words == 1, hashes.count == 1 { flags |= ThetaFormat.singleFlag }
        writer.write([isNothing ? 1 : UInt8(words), ThetaFormat.version, ThetaFormat.compactFamily, 0, 0, flags])
        writer.write(isNothing ? 0 : mark)
        guard !isNothing else { return writer.bytes }
        if words > 1 {
            writer.write(UInt32(hashes.count))
            writer.write(UInt32(0))
        }
        if words > 2 { writer.write(theta) }
        writer.write(hashes)
        return writer.bytes
    }

    /// - Throws: `FunctionError` for bytes that are no sketch, and for one whose values were hashed with another seed.
    init(_ bytes: StringView, mark: UInt16) throws {
        var reader = SketchReader(bytes, kind: "theta")
        let head = try reader.head(
            family: ThetaFormat.growingFamilies.lowerBound...ThetaFormat.compactFamily, versions: ThetaFormat.version...ThetaFormat.version)
        let words = head.words & 63
        _ = try reader.number(UInt8.self)
        let slots = try reader.number(UInt8.self), flags = try reader.number(UInt8.self), found = try reader.number(UInt16.self)
        guard flags & ThetaFormat.bigEndianFlag == 0 else { throw reader.damage("their numbers begin with the highest byte") }
        guard flags & ThetaFormat.emptyFlag == 0 else {
            self.init()
            return
        }
        guard found == mark else { throw reader.damage("its values were hashed with another seed") }
        let isGrowing = ThetaFormat.growingFamilies.contains(head.family)
        guard isGrowing ? words == 3 : (1...3).contains(words) else { throw reader.damage("their head has \(words) words") }
        var count = 1
        if words > 1 {
            count = Int(try reader.number(UInt32.self))
            _ = try reader.number(UInt32.self)
        }
        let theta = words > 2 ? try reader.number(UInt64.self) : Self.everything
        guard theta <= Self.everything, theta > 0, slots <= 32 else { throw reader.damage("theta is out of range") }
        var hashes = try reader.numbers(UInt64.self, isGrowing ? 1 << Int(slots) : count)
        if isGrowing { hashes.removeAll { $0 == 0 || $0 >= theta } }
        if flags & ThetaFormat.orderedFlag == 0 || isGrowing { hashes.sort() }
        guard hashes.count == count || isGrowing, hashes.allSatisfy({ $0 > 0 && $0 < theta }),
            zip(hashes, hashes.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw reader.damage("a hash is out of place") }
        self.init(theta: theta, hashes: hashes, isEmpty: false)
    }
}
