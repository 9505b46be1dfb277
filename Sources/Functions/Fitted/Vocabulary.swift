import Columnar
import Platform

/// Texts that have numbers, in the order of their bytes from 1 on; every other text, and NULL, is 0.
final class Vocabulary: FittedState, @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`. The texts lie in its heap.
    private let heap = StringHeap()
    private let texts: [StringView]
    /// What a number weighs, 0 the first.
    let weights: [Double]

    init(_ reader: inout FittedStateReader) throws {
        let count = try reader.entryCount(ofAtLeast: 12)
        var texts: [StringView] = []
        var weights = [try reader.finite()]
        for _ in 0..<count {
            let text = try reader.text()
            guard texts.last.map({ $0 < text }) ?? true else { throw reader.damage }
            texts.append(heap.copy(text))
            weights.append(try reader.finite())
        }
        self.texts = texts
        self.weights = weights
    }

    /// - Parameters:
    ///   - levels: in any order.
    ///   - unknown: what 0 weighs.
    static func state(
        of function: String, _ levels: [LevelCounts.Level], unknown: Double = 1, weight: (LevelCounts.Level) -> Double = { _ in 1 }
    ) -> [UInt8] {
        FittedStateWriter.state(of: function) { writer in
            writer.write(UInt32(truncatingIfNeeded: levels.count))
            writer.write(unknown)
            for level in levels.sorted(by: { $0.text < $1.text }) {
                writer.write(level.text)
                writer.write(weight(level))
            }
        }
    }

    func number(_ text: StringView) -> Int {
        texts.sortedPlace(of: text).map { $0 + 1 } ?? 0
    }

    /// The numbers of an array's elements, ascending, into `numbers`.
    func numbers(_ list: Range<Int>, _ elements: Column, _ numbers: inout [Int]) {
        numbers.removeAll(keepingCapacity: true)
        for place in list { numbers.append(elements.isNull(place) ? 0 : number(elements.stringAnyEncoding(place))) }
        numbers.sort()
    }
}

/// Vectors of which only what is there is kept, as BigQuery has them.
enum SparseVector {
    static let type = SQLType.array(.structure([StructField(name: "index", type: .bigint), StructField(name: "value", type: .double)]))

    /// Appends an entry of a vector that `ColumnBuilder.append(listOf:)` ends.
    @inline(__always)
    static func append(_ index: Int, _ value: Double, to builder: ColumnBuilder) {
        let entry = builder.children[0]
        entry.children[0].append(Int64(index))
        entry.children[1].append(value)
        entry.appendStructure()
    }
}
