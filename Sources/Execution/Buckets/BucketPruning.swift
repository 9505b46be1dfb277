import Catalog
import Columnar
import Expressions
import Planner
import Platform
import TableFormats

/// Which buckets of a table or partition can have rows that a scan wants: those into which the values of its conditions, or
/// TABLESAMPLE, fall.
struct BucketPruning {
    private let table: Table
    private let sample: LogicalScan.BucketSample?
    /// A share of the files is taken, so all of them count.
    private let isSampledBySize: Bool
    /// What is wanted of columns, by their ordinals.
    private let predicates: [ColumnPredicate]

    /// Combinations of values that are looked at; with more of them nothing is left out.
    private static let mostCombinations = 4096

    init(_ scan: LogicalScan, _ predicates: [ColumnPredicate]) {
        table = scan.table
        sample = scan.bucketSample
        isSampledBySize = scan.sample != nil
        self.predicates = predicates
    }

    /// Whether the scan has conditions that may tell buckets apart.
    var mayLeaveOut: Bool { !isSampledBySize && (sample != nil || !predicates.isEmpty) }

    /// For each bucket whether it can have rows that are wanted; nil: all can.
    func wantedBuckets(_ bucketing: TableBucketing, of partition: Partition) throws -> [Bool]? {
        let count = Int(bucketing.bucketCount)
        var wanted: [Bool]?
        if let sample, partition.storage.bucketColumns == table.storage.bucketColumns {
            // A hash has the same remainder by both numbers' common divisor.
            let divisor = BucketFiles.commonDivisor(count, sample.count)
            if divisor > 1 { wanted = (0..<count).map { $0 % divisor == sample.bucket % divisor } }
        }
        guard let combinations = try combinations(bucketing) else { return wanted }
        var met = [Bool](repeating: false, count: count)
        for values in combinations {
            let bucket = bucketing.hash.buckets(of: values, rows: .all(1), count: 1, bucketCount: bucketing.bucketCount)
            met[Int(bucket.values(as: Int32.self)[0])] = true
        }
        return wanted.map { zip($0, met).map { $0 && $1 } } ?? met
    }

    /// The combinations of values of the bucket columns that rows may have; nil when they are not known or too many.
    private func combinations(_ bucketing: TableBucketing) throws -> [[Column]]? {
        var combinations: [[Column]] = [[]]
        for (ordinal, type) in zip(bucketing.columns, bucketing.types) {
            let known = try predicates.filter { $0.ordinal == ordinal }.compactMap { try $0.hashedValues(of: type) }
            guard let values = known.min(by: { $0.count < $1.count }),
                combinations.count * values.count <= Self.mostCombinations
            else { return nil }
            combinations = combinations.flatMap { combination in values.map { combination + [$0] } }
        }
        return combinations
    }
}

extension ColumnPredicate {
    /// The values, as constants of one row, of which a bucket column of type `type` must have one to meet the predicate; nil when
    /// it does not tell.
    fileprivate func hashedValues(of type: SQLType) throws -> [Column]? {
        guard BucketFiles.isReadAsHashed(type) else { return nil }
        switch test {
        case .isNull: return [.nulls(type, count: 1)]
        case .comparison(.nullSafeEqual, let value) where value.isNull(0): return [.nulls(type, count: 1)]
        default: break
        }
        guard let values = try requiredValues(stored: type, tableType: type) else { return nil }
        if type == .date, values.contains(where: { $0.values(as: Int32.self)[0] < Self.gregorianStart }) { return nil }
        return values
    }

    /// 1582-10-15: writers of some formats count earlier days otherwise, so they may be read as others than were hashed.
    private static let gregorianStart: Int32 = -141_427
}
