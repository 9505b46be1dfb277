import Columnar
import Platform

/// Numbers that stand for levels, as the rows that were learned from say, and as those of each fold's other folds do.
final class EncodedLevels: FittedState, @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`. The texts lie in its heap.
    private let heap = StringHeap()
    private let levels: [StringView]
    /// 0: all rows are told the same.
    private let foldCount: Int
    /// Numbers of a level; 0 where nothing was learned.
    let width: Int
    /// Fold after fold, and behind them of all rows: the numbers of each level, of no level, and of one that is unknown.
    private let values: [Double]

    /// More numbers than a level of the most classes has.
    private static let mostNumbers = 2 * ClassedNumberFitter.mostClasses + 1

    init(_ reader: inout FittedStateReader) throws {
        foldCount = Int(try reader.number(UInt8.self))
        width = Int(try reader.number(UInt16.self))
        guard foldCount <= LevelFormula.mostFolds, width <= Self.mostNumbers else { throw reader.damage }
        var levels: [StringView] = []
        for _ in 0..<(try reader.entryCount(ofAtLeast: 4)) {
            let text = try reader.text()
            guard levels.last.map({ $0 < text }) ?? true else { throw reader.damage }
            levels.append(heap.copy(text))
        }
        let count = try reader.entryCount(ofAtLeast: 8)
        guard count == (foldCount + 1) * (levels.count + 2) * width else { throw reader.damage }
        var values: [Double] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try reader.finite()) }
        self.levels = levels
        self.values = values
    }

    /// - Parameters:
    ///   - formula: nil where nothing was learned.
    ///   - foldCount: 0: rows are not told by folds.
    static func state(of function: String, _ found: AnsweredLevels, _ formula: LevelFormula?, foldCount: Int) -> [UInt8] {
        FittedStateWriter.state(of: function) { writer in
            let sums = found.sums, width = formula?.width ?? 0
            writer.write(UInt8(truncatingIfNeeded: foldCount))
            writer.write(UInt16(truncatingIfNeeded: width))
            let levels = formula == nil ? [] : found.levels
            writer.write(UInt32(truncatingIfNeeded: levels.count))
            for level in levels { writer.write(level) }
            writer.write(UInt32(truncatingIfNeeded: (foldCount + 1) * (levels.count + 2) * width))
            guard let formula else { return }
            for fold in 0..<foldCount {
                for value in formula.numbers(sums.without(fold), width: sums.width, rowCount: found.rowCount) { writer.write(value) }
            }
            for value in formula.numbers(sums.totals, width: sums.width, rowCount: found.rowCount) { writer.write(value) }
        }
    }

    /// The numbers of a level, or of a row without one.
    /// - Parameter key: by which the fold is told of a row that was learned from; nil: it is another row.
    func numbers(_ level: StringView?, key: Int64?) -> ArraySlice<Double> {
        let place = level.map { levels.sortedPlace(of: $0) ?? levels.count + 1 } ?? levels.count
        var set = foldCount
        if let key, foldCount > 0 { set = SplitMix.fold(of: UInt64(bitPattern: key), foldCount) }
        let first = (set * (levels.count + 2) + place) * width
        return values[first..<first + width]
    }
}
