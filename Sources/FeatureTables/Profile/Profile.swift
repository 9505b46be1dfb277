import Columnar

/// What the rows of a table or a query look like.
///
/// The same rows give the same profile however many threads looked at them. `docs/profile.md` says how each number is
/// found and how far estimates may be off.
public struct Profile: Sendable {
    public var rowCount: Int
    public var columns: [ColumnProfile]
    /// Of pairs of numeric columns, in the columns' order.
    public var correlations: [Correlation]
    /// Numeric columns that are not correlated because there are too many.
    public var uncorrelatedColumns: Int
    /// How each column goes with the label; nil when none was named.
    public var label: LabelProfile?
    /// How the rows differ from those of another profile, where they were compared (`compare(with:)`).
    public var drift: [ColumnDrift]?
    /// Rows of the other profile.
    public var referenceRowCount: Int?
    /// What is worth a look.
    public var findings: [ProfileFinding]
}

/// What is known of a column.
public struct ColumnProfile: Sendable {
    public var name: String
    public var type: SQLType
    public var rowCount: Int
    public var nullCount: Int
    /// Different values that are not NULL; nil for nested types.
    public var distinct: DistinctCount?
    /// As SQL prints them; NaN aside. nil where there is no value, and for nested types.
    public var minimum: String?
    public var maximum: String?
    /// Values that parts of the rows do not exceed, of types with an order of magnitudes.
    public var quantiles: [Quantile]
    /// Of numbers, booleans, dates and times.
    public var numbers: NumberProfile?
    /// Of text.
    public var texts: TextProfile?
    /// The most frequent values, most frequent first. Where the number of different ones is an estimate, those of at least
    /// a thousandth of the rows, with estimated counts.
    public var top: [FrequentValue]
    public var histogram: ValueHistogram?
    /// What of the column is compared with other profiles.
    var contents: ColumnContents

    public var valueCount: Int { rowCount - nullCount }
    /// 0…1; nil without rows.
    public var nullShare: Double? { rowCount > 0 ? Double(nullCount) / Double(rowCount) : nil }
}

public struct DistinctCount: Sendable, Equatable {
    public var count: Int
    /// Otherwise it is within 1 % or so.
    public var isExact: Bool

    public init(count: Int, isExact: Bool) {
        self.count = count
        self.isExact = isExact
    }
}

public struct Quantile: Sendable {
    /// 0…1
    public var fraction: Double
    /// As SQL prints a value of the column's type, numbers between two values as DOUBLE.
    public var value: String
    /// Dates are days, times seconds since 1970-01-01.
    public var number: Double
}

public struct NumberProfile: Sendable {
    /// Of finite values; dates are days, times seconds since 1970-01-01, booleans 0 and 1.
    public var mean: Double?
    /// As SQL prints it: a number, of dates and times a TIMESTAMP.
    public var meanText: String?
    /// Of a sample; of numbers alone.
    public var deviation: Double?
    public var zeros: Int
    public var negatives: Int
    public var nans: Int
    public var infinities: Int
}

public struct TextProfile: Sendable {
    /// Characters.
    public var leastLength: Int
    public var meanLength: Double
    public var mostLength: Int
    public var empty: Int
    /// The type that all texts could be cast to (BIGINT, DOUBLE, DATE or TIMESTAMP); nil for none.
    public var readableAs: SQLType?
}

public struct FrequentValue: Sendable, Equatable {
    /// As SQL prints it; bytes of text that are no UTF-8 as `\xE9`.
    public var value: String
    public var count: Int

    public init(value: String, count: Int) {
        self.value = value
        self.count = count
    }
}

/// Values between the least and the greatest, counted in bars of one width.
public struct ValueHistogram: Sendable {
    /// One more than bars; dates are days, times seconds since 1970-01-01.
    public var edges: [Double]
    /// A bar has its left edge; the last one its right edge too.
    public var counts: [Int]
    /// The first and the last edge as SQL prints them.
    public var first: String
    public var last: String
}

public struct Correlation: Sendable {
    /// Positions of columns.
    public var left: Int
    public var right: Int
    /// Pearson's coefficient over the rows in which both have a number; nil where one of them is constant there.
    public var coefficient: Double?
}

public struct LabelProfile: Sendable {
    public var name: String
    /// Classes in their order, with their rows; nil for a label that is a number.
    public var classes: [FrequentValue]?
    public var missing: Int
    /// Of all other columns, the strongest first, then those that have none in the columns' order.
    public var associations: [Association]
}

/// How far a column tells the label.
public struct Association: Sendable {
    public enum Measure: String, Sendable {
        /// Pearson's coefficient, of two numbers.
        case pearson
        /// The correlation ratio η: the root of the part of the label's variance that lies between the column's values.
        case correlationRatio = "correlation-ratio"
        /// Cramér's V with Bergsma's correction for bias, of classes and values or ranges of values.
        case cramersV = "cramers-v"
    }

    public var column: String
    public var measure: Measure?
    /// −1…1 for Pearson's, else 0…1.
    public var value: Double?
    /// Bits that the column tells of the class.
    public var mutualInformation: Double?
    /// That a row of the later of two classes has the greater number.
    public var areaUnderROC: Double?
    /// Why there is none.
    public var reason: String?

    /// 0…1
    public var strength: Double { max(abs(value ?? 0), areaUnderROC.map { abs(2 * $0 - 1) } ?? 0) }
}

/// How a column of one profile differs from the column of that name in another.
public struct ColumnDrift: Sendable {
    public var column: String
    /// The sum of (p − q) · ln(p / q) over bins: tenths of the other profile's values, or its levels, and NULL.
    public var populationStability: Double?
    /// The root of the Jensen-Shannon divergence to the base 2 over the same bins: 0…1.
    public var jensenShannon: Double?
    /// The greatest distance of the distribution functions: 0…1; of values with an order.
    public var kolmogorovSmirnov: Double?
    /// Parts of NULL.
    public var nullShare: Double?
    public var referenceNullShare: Double?
    /// Why there is nothing to compare.
    public var reason: String?
}

/// Something about a column that is worth a look.
public struct ProfileFinding: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case empty, constant, identifier, missing, duplicate, leak, textNumbers = "text-numbers", notFinite = "not-finite"
        case correlated, drift
    }

    public var kind: Kind
    public var column: String
    public var text: String
}

/// A column's values as far as they are kept.
enum ColumnContents: Sendable {
    case words(ValueRanges, WordForm)
    /// Texts by their hashes: all of them, or the frequent ones.
    case texts([UInt64: Int])
    case unknown
}
