import Columnar

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension Profile {
    /// Above it two distributions are commonly held to differ.
    package static let largeDrift = 0.25
    /// Above it they are commonly held to be worth watching.
    package static let moderateDrift = 0.1

    /// Adds how the rows differ from those of `reference`, such as an earlier month's: column by column, by their names.
    public func compared(with reference: Profile) -> Profile {
        var result = self
        let others = Dictionary(reference.columns.map { ($0.name.lowercased(), $0) }) { first, _ in first }
        let drift = columns.map { column in
            DriftFinder.drift(of: column, from: others[column.name.lowercased()])
        }
        result.drift = drift
        result.referenceRowCount = reference.rowCount
        result.findings += drift.filter { ($0.populationStability ?? 0) >= Self.largeDrift }.map { drift in
            ProfileFinding(
                kind: .drift, column: drift.column,
                text: "differs from the other rows: population stability index \(ReportNumber.fixed(drift.populationStability ?? 0, 3))")
        }
        return result
    }
}

/// Compares the distributions of a column.
enum DriftFinder {
    /// Bins of numbers, each with about a tenth of the reference's.
    private static let bins = 10
    /// What stands for a part of 0, whose logarithm there is none of.
    private static let leastShare = 1e-4

    static func drift(of column: ColumnProfile, from reference: ColumnProfile?) -> ColumnDrift {
        var result = ColumnDrift(column: column.name, nullShare: column.nullShare, referenceNullShare: reference?.nullShare)
        guard let reference else {
            result.reason = "only one side has it"
            return result
        }
        guard column.rowCount > 0, reference.rowCount > 0 else {
            result.reason = "no rows"
            return result
        }
        let counts: [(ours: Int, theirs: Int)]
        switch (column.contents, reference.contents) {
        case (.words(let ours, let form), .words(let theirs, let otherForm)) where form == otherForm:
            let shift = max(ours.shift, theirs.shift)
            let steps = steps(ours.coarsened(to: shift), theirs.coarsened(to: shift), shift: shift)
            result.kolmogorovSmirnov = kolmogorovSmirnov(steps).map(rounded)
            counts = steps.count > bins ? merged(steps, theirs.total) : steps
        case (.texts(let ours), .texts(let theirs)):
            counts = levels(ours, column.valueCount, theirs, reference.valueCount)
            guard counts.count > 1 || column.valueCount == 0 || reference.valueCount == 0 else {
                result.reason = "no text is frequent"
                return result
            }
        default:
            result.reason = column.type == reference.type ? "type \(column.type)" : "type \(column.type), the other's \(reference.type)"
            return result
        }
        // NaN and the infinities are in no bin; NULL is one of its own.
        let all = counts + [(column.nullCount, reference.nullCount)]
        result.populationStability = rounded(populationStability(all))
        result.jensenShannon = rounded(jensenShannon(all))
        return result
    }

    /// How many values of each side lie in each range that has any, in order.
    private static func steps(_ ours: ValueRanges, _ theirs: ValueRanges, shift: Int) -> [(ours: Int, theirs: Int)] {
        var result: [(ours: Int, theirs: Int)] = []
        let left = ours.ranges, right = theirs.ranges
        let bits = UInt64(shift)
        var i = 0, j = 0
        while i < left.count || j < right.count {
            let ourKey = i < left.count ? left[i].low >> bits : .max
            let theirKey = j < right.count ? right[j].low >> bits : .max
            let takesOurs = i < left.count && (j >= right.count || ourKey <= theirKey)
            let takesTheirs = j < right.count && (i >= left.count || theirKey <= ourKey)
            result.append((takesOurs ? left[i].count : 0, takesTheirs ? right[j].count : 0))
            if takesOurs { i += 1 }
            if takesTheirs { j += 1 }
        }
        return result
    }

    /// Steps put together to bins of about equally many of the reference's values.
    private static func merged(_ steps: [(ours: Int, theirs: Int)], _ total: Int) -> [(ours: Int, theirs: Int)] {
        // Without any, by the others.
        let ourTotal = steps.reduce(0) { $0 + $1.ours }
        var result: [(ours: Int, theirs: Int)] = []
        var open = (ours: 0, theirs: 0)
        var taken = 0
        for step in steps {
            open.ours += step.ours
            open.theirs += step.theirs
            taken += total > 0 ? step.theirs : step.ours
            let wanted = Double(total > 0 ? total : ourTotal) * Double(result.count + 1) / Double(bins)
            if Double(taken) >= wanted, result.count < bins - 1 {
                result.append(open)
                open = (0, 0)
            }
        }
        if open.ours + open.theirs > 0 { result.append(open) }
        return result
    }

    /// Texts that make a thousandth of one side, and all others together.
    private static func levels(
        _ ours: [UInt64: Int], _ ourTotal: Int, _ theirs: [UInt64: Int], _ theirTotal: Int
    ) -> [(ours: Int, theirs: Int)] {
        let rarest = FrequentValues<UInt64>.rarest
        let named = Set(ours.filter { $0.value * rarest >= ourTotal }.keys)
            .union(theirs.filter { $0.value * rarest >= theirTotal }.keys)
        var result = named.sorted().map { (ours: ours[$0] ?? 0, theirs: theirs[$0] ?? 0) }
        result.append((
            max(ourTotal - result.reduce(0) { $0 + $1.ours }, 0), max(theirTotal - result.reduce(0) { $0 + $1.theirs }, 0)))
        return result
    }

    private static func kolmogorovSmirnov(_ steps: [(ours: Int, theirs: Int)]) -> Double? {
        let ourTotal = Double(steps.reduce(0) { $0 + $1.ours }), theirTotal = Double(steps.reduce(0) { $0 + $1.theirs })
        guard ourTotal > 0, theirTotal > 0 else { return nil }
        var ours = 0, theirs = 0, most = 0.0
        for step in steps {
            ours += step.ours
            theirs += step.theirs
            most = max(most, abs(Double(ours) / ourTotal - Double(theirs) / theirTotal))
        }
        return most
    }

    /// Parts of each bin.
    private static func shares(_ counts: [(ours: Int, theirs: Int)]) -> [(ours: Double, theirs: Double)] {
        let ourTotal = Double(max(counts.reduce(0) { $0 + $1.ours }, 1)), theirTotal = Double(max(counts.reduce(0) { $0 + $1.theirs }, 1))
        return counts.map { (Double($0.ours) / ourTotal, Double($0.theirs) / theirTotal) }
    }

    private static func populationStability(_ counts: [(ours: Int, theirs: Int)]) -> Double {
        shares(counts).filter { $0.ours + $0.theirs > 0 }.reduce(0) { sum, share in
            let ours = max(share.ours, leastShare), theirs = max(share.theirs, leastShare)
            return sum + (ours - theirs) * log(ours / theirs)
        }
    }

    private static func jensenShannon(_ counts: [(ours: Int, theirs: Int)]) -> Double {
        let divergence = shares(counts).reduce(0.0) { sum, share in
            let middle = (share.ours + share.theirs) / 2
            func part(_ value: Double) -> Double { value > 0 ? value * log2(value / middle) / 2 : 0 }
            return sum + part(share.ours) + part(share.theirs)
        }
        return min(max(divergence, 0), 1).squareRoot()
    }

    private static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
}
