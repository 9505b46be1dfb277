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
    ///   - format: of the files.
    func files(
        _ files: [ScanFile], emptyFiles: [String], of partition: Partition, format: any TableFormat
    ) throws -> [ScanFile]? {
        guard sample != nil || !predicates.isEmpty, !isSampledBySize, partition.storage.isBucketed, isTrusted(partition),
            format.keepsTexts || !table.columns.contains(where: { $0.type.hasTexts })
        else { return nil }
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
            let known = try predicates.filter { $0.ordinal == ordinal }.compactMap { try $0.hashedValues(of: type) }
            guard let values = known.min(by: { $0.count < $1.count }),
                combinations.count * values.count <= Self.mostCombinations
            else { return nil }
            combinations = combinations.flatMap { combination in values.map { combination + [$0] } }
        }
        return combinations
    }
}

extension SQLType {
    /// Whether values are texts, or have texts in them.
    fileprivate var hasTexts: Bool { isCharacter || childTypes.contains { $0.hasTexts } }
}

extension ColumnPredicate {
    /// The values, as constants of one row, of which a bucket column of type `type` must have one to meet the predicate; nil when
    /// it does not tell.
    fileprivate func hashedValues(of type: SQLType) throws -> [Column]? {
        guard Self.isReadAsHashed(type) else { return nil }
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

    /// Whether equal values have equal hashes, and what was hashed is what is read: not so zeros of both signs, texts with
    /// blanks behind, and instants that are read in other zones.
    private static func isReadAsHashed(_ type: SQLType) -> Bool {
        switch type {
        case .float, .double, .char, .timestamp, .timestampLocalTimeZone: false
        default: !type.isComplex
        }
    }
}
