import Columnar
import Platform

/// Makes numbers that tell the rows of a table apart by where they stand: the partition's values, the file's path in the
/// partition's folder, and the row's offset in the file. A copied or moved warehouse has the same numbers.
struct PartitionPlace: Sendable {
    private let seed: UInt64
    private let folder: String

    init(values: [String], folder: String) {
        seed = values.reduce(0) { SplitMix.mix($0 ^ Self.hash($1)) }
        self.folder = folder
    }

    /// - Parameter offsets: of the rows in the file, flat or constant. Formats that know only where a block of rows begins
    ///   give its offset for all of them: these are numbered on within the batch.
    func rowPlaces(offsets: Column, path: String, count: Int) -> Column {
        let file = SplitMix.mix(seed ^ Self.hash(path.hasPrefix(folder) ? path.dropFirst(folder.count) : path[...]))
        let result = Column(flat: .bigint, count: count)
        let target = result.values(as: Int64.self)
        let source = offsets.values(as: Int64.self)
        let scale = offsets.isConstant ? 0 : 1
        var before: Int64 = -1
        var repeated: UInt64 = 0
        for row in 0..<count {
            let offset = source[row &* scale]
            repeated = offset == before ? repeated &+ 1 : 0
            before = offset
            let place = SplitMix.mix(file ^ UInt64(bitPattern: offset))
            target[row] = Int64(bitPattern: repeated == 0 ? place : SplitMix.mix(place &+ repeated))
        }
        withExtendedLifetime(offsets) {}
        return result
    }

    private static func hash(_ text: some StringProtocol) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
