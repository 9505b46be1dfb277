import Platform

extension LevelSums {
    /// What the rows answer.
    enum Answers: Sendable {
        /// Nobody asks.
        case none
        /// A class a row of the table, of so many; the last of two is the positive one.
        case classes([Int32], count: Int)
        /// The distance from the mean of all training rows.
        case numbers([Double])

        /// Sums a level has: the weight of each class; or weights, answers and their squares.
        var width: Int {
            switch self {
            case .none: 1
            case .classes(_, let count): count
            case .numbers: 3
            }
        }
    }

    /// Bytes that the sums take.
    static func byteCount(levels: Int, folds: Int, _ answers: Answers) -> Int {
        (levels + 1) * (folds + 1) * answers.width * MemoryLayout<Double>.stride
    }

    /// - Parameters:
    ///   - codes: of all rows of the table; negative for a missing value.
    ///   - folds: of all rows of the table, below `foldCount`.
    init(
        codes: [Int32], levels: Int, rows: [Int32], answers: Answers, weights: [Double]?, folds: [UInt8], foldCount: Int
    ) {
        let width = answers.width, levelCount = levels + 1
        var parts = [Double](repeating: 0, count: foldCount * levelCount * width)
        for row in rows {
            let place = Int(row)
            let weight = weights?[place] ?? 1
            let code = codes[place] < 0 ? levels : Int(codes[place])
            let first = ((folds.isEmpty ? 0 : Int(folds[place])) * levelCount + code) * width
            switch answers {
            case .none: parts[first] += weight
            case .classes(let classes, _): parts[first + Int(classes[place])] += weight
            case .numbers(let numbers):
                parts[first] += weight
                parts[first + 1] += weight * numbers[place]
                parts[first + 2] += weight * numbers[place] * numbers[place]
            }
        }
        self.init(parts: parts, width: width, levelCount: levelCount, foldCount: foldCount)
    }
}
