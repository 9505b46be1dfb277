#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Points between numbers of different classes, as Fayyad and Irani find them: a range of numbers is cut where its parts say most
/// about the class, if that shortens the description of the classes by more than the cut takes to describe (minimum
/// description length); so are its parts.
struct EntropyBuckets {
    /// Ascending.
    private let values: [Double]
    private let classCount: Int
    /// How many numbers of each class are among the first so many values: `below[values * classCount + class]`.
    private let below: [Double]

    /// - Parameter classes: the numbers of each class.
    init(_ classes: [QuantileSketch]) {
        let counted = QuantileSketch.counted(classes)
        values = counted.values
        classCount = classes.count
        var below = [Double](repeating: 0, count: classCount)
        below.reserveCapacity(counted.counts.count + classCount)
        for (place, count) in counted.counts.enumerated() { below.append(below[place] + Double(count)) }
        self.below = below
    }

    /// Where the numbers are cut, ascending. A number at a point belongs to those above it.
    /// - Parameter check: is called before each step; what it throws ends the work.
    func points(_ check: () throws -> Void) rethrows -> [Double] {
        var points: [Double] = []
        var ranges = [0..<values.count]
        while let range = ranges.popLast() {
            try check()
            guard let cut = cut(range) else { continue }
            let lower = values[cut - 1], upper = values[cut]
            let middle = lower / 2 + upper / 2
            points.append(middle > lower ? middle : upper)
            ranges.append(range.lowerBound..<cut)
            ranges.append(cut..<range.upperBound)
        }
        return points.sorted()
    }

    /// What a range's numbers tell about their classes.
    private struct Content {
        var count = 0.0
        /// Bits that it takes to tell the classes of all.
        var bits = 0.0
        /// How many classes there are.
        var classes = 0.0

        /// Bits, times the classes for one number.
        var classesTimesEntropy: Double { count > 0 ? classes * bits / count : 0 }
    }

    @inline(__always)
    private func content(_ below: UnsafePointer<Double>, _ lower: Int, _ upper: Int) -> Content {
        var content = Content()
        for place in 0..<classCount {
            let count = below[upper * classCount + place] - below[lower * classCount + place]
            guard count > 0 else { continue }
            content.count += count
            content.classes += 1
            content.bits -= count * log2(count)
        }
        if content.count > 0 { content.bits += content.count * log2(content.count) }
        return content
    }

    /// The first value of the upper part where a range is cut; nil where no cut is worth its description.
    private func cut(_ range: Range<Int>) -> Int? {
        below.withUnsafeBufferPointer { below in
            guard let below = below.baseAddress, range.count > 1 else { return nil }
            let whole = content(below, range.lowerBound, range.upperBound)
            guard whole.classes > 1 else { return nil }
            var best: (cut: Int, bits: Double)?
            for cut in range.lowerBound + 1..<range.upperBound {
                let bits = content(below, range.lowerBound, cut).bits + content(below, cut, range.upperBound).bits
                if best.map({ bits < $0.bits }) ?? true { best = (cut, bits) }
            }
            guard let best else { return nil }
            let lower = content(below, range.lowerBound, best.cut), upper = content(below, best.cut, range.upperBound)
            let difference = log2(pow(3, whole.classes) - 2)
                - (whole.classesTimesEntropy - lower.classesTimesEntropy - upper.classesTimesEntropy)
            return whole.bits - best.bits > log2(whole.count - 1) + difference ? best.cut : nil
        }
    }
}
