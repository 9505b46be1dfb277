import Catalog
import Columnar
import Expressions
import Planner
import Platform
import TableFormats

/// Which files of a bucketed table or partition can have rows that a scan wants: those of the buckets into which the
/// values of its conditions, or TABLESAMPLE, fall.
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

    /// The files of the wanted buckets; nil when all have to be read.
    /// - Parameters:
    ///   - files: all of the partition but `emptyFiles`.
    ///   - emptyFiles: paths of files without a byte.
    func files(_ files: [ScanFile], emptyFiles: [String], of partition: Partition) throws -> [ScanFile]? {
        guard sample != nil || !predicates.isEmpty, !isSampledBySize, partition.storage.isBucketed, isTrusted(partition) else { return nil }
        let bucketing = try TableBucketing(table, storage: partition.storage)
        guard let wanted = try wantedBuckets(bucketing, partition),
            let buckets = Self.buckets(of: files.map(\.path), emptyFiles, count: Int(bucketing.bucketCount))
        else { return nil }
        return zip(files, buckets).filter { wanted[$1] }.map { $0.0 }
    }

    /// Whether the description of the buckets is that of the files.
    private func isTrusted(_ partition: Partition) -> Bool {
        guard BucketTrust.holds(table.properties), BucketTrust.holds(partition.properties) else { return false }
        guard let own = partition.columns else { return true }
        return partition.storage.bucketColumns.allSatisfy { name in
            guard let index = table.columns.firstIndex(where: { $0.name == name }), own.indices.contains(index) else { return false }
            return own[index].name == name && own[index].type == table.columns[index].type
        }
    }

    /// The bucket of each file, by its name: `000003_0`, `000003_0_copy_1`, `000003_0.gz`; nil when the files are not some
    /// for each bucket, of each the same number: somebody else put them there.
    static func buckets(of paths: [String], _ emptyPaths: [String], count: Int) -> [Int]? {
        var filesOfBucket = [Int](repeating: 0, count: count)
        var folder: Substring?
        func bucket(_ path: String) -> Int? {
            let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
            let parent = path.dropLast(name.count)
            guard folder == nil || folder == parent, let bucket = Self.bucket(ofName: name), bucket < count else { return nil }
            folder = parent
            filesOfBucket[bucket] += 1
            return bucket
        }
        let buckets = paths.compactMap(bucket)
        guard buckets.count == paths.count, emptyPaths.compactMap(bucket).count == emptyPaths.count,
            let each = filesOfBucket.first, each > 0, filesOfBucket.allSatisfy({ $0 == each })
        else { return nil }
        return buckets
    }

    private static func bucket(ofName name: Substring) -> Int? {
        let stem = name.prefix { $0 != "." }
        let parts = stem.split(separator: "_", omittingEmptySubsequences: false)
        func isNumber(_ text: Substring) -> Bool { !text.isEmpty && text.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
        guard parts.count == 2 || parts.count == 4 && parts[2] == "copy" && isNumber(parts[3]), parts[0].utf8.count >= 6,
            isNumber(parts[0]), isNumber(parts[1])
        else { return nil }
        return Int(parts[0])
    }

    // MARK: Wanted buckets

    /// For each bucket whether it can have rows that are wanted; nil: all can.
    private func wantedBuckets(_ bucketing: TableBucketing, _ partition: Partition) throws -> [Bool]? {
        let count = Int(bucketing.bucketCount)
        var wanted: [Bool]?
        if let sample, partition.storage.bucketColumns == table.storage.bucketColumns {
            // A hash has the same remainder by both numbers' common divisor.
            let divisor = Self.commonDivisor(count, sample.count)
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

    private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }

    /// The combinations of values of the bucket columns that rows may have; nil when they are not known or too many.
    private func combinations(_ bucketing: TableBucketing) throws -> [[Column]]? {
        var combinations: [[Column]] = [[]]
        for (ordinal, type) in zip(bucketing.columns, bucketing.types) {
            let known = try predicates.filter { $0.ordinal == ordinal }.compactMap { try $0.values(of: type) }
            guard let values = known.min(by: { $0.count < $1.count }),
                combinations.count * values.count <= Self.mostCombinations
            else { return nil }
            combinations = combinations.flatMap { combination in values.map { combination + [$0] } }
        }
        return combinations
    }
}

extension ColumnPredicate {
    /// The values, as constants of one row, that a column of type `type` must have one of to meet the predicate; nil when
    /// it does not tell.
    fileprivate func values(of type: SQLType) throws -> [Column]? {
        let constants: [Column]
        switch test {
        case .comparison(.equal, let value), .comparison(.nullSafeEqual, let value): constants = [value]
        case .membership(let values): constants = values
        case .isNull:
            // A text may be the one that stands for NULL in its file.
            return type.isCharacter ? nil : [Column.nulls(type, count: 1)]
        case .comparison, .isNotNull: return nil
        }
        guard Self.isOneToOne(from: type, to: self.type) else { return nil }
        if type == .date, constants.contains(where: { $0.type == .date && $0.values(as: Int32.self)[0] < Self.gregorianStart }) {
            return nil
        }
        return try constants.compactMap { constant in
            guard constant.type != type else { return constant }
            // A constant that no value of the column's type becomes is met by no row.
            let value = try Cast.apply(constant, to: type, rows: .all(1), count: 1)
            let back = try Cast.apply(value, to: constant.type, rows: .all(1), count: 1)
            let same = try Comparison.apply(.equal, back, constant, rows: .all(1), count: 1)
            return !same.isNull(0) && same.values(as: UInt8.self)[same.element(of: 0)] != 0 ? value : nil
        }
    }

    /// 1582-10-15: writers of some formats count earlier days otherwise, so they may be read as others than were hashed.
    private static let gregorianStart: Int32 = -141_427

    /// Whether different values stay different when they are converted, equal ones have equal hashes, and what was hashed
    /// is what is read: not so zeros of both signs, texts with blanks behind, and instants that are read in other zones.
    private static func isOneToOne(from type: SQLType, to other: SQLType) -> Bool {
        switch (type, other) {
        case (.float, _), (.double, _), (.char, _), (_, .char), (_, .float), (_, .double): false
        case (.timestamp, _), (.timestampLocalTimeZone, _): false
        case (.tinyint, _), (.smallint, _), (.int, _), (.bigint, _):
            switch other {
            case .smallint, .int, .bigint, .decimal, .tinyint: true
            default: false
            }
        case (.decimal(_, let scale), .decimal(_, let otherScale)): scale <= otherScale
        case (.varchar, .string), (.varchar, .varchar): true
        default: type == other && !type.isComplex
        }
    }
}
