import Catalog
import Columnar
import Expressions
import Planner
import TableFormats

/// The buckets of a partition, where its files are what its description says.
struct BucketFiles {
    /// How rows fall into the buckets.
    let bucketing: TableBucketing
    /// The bucket of each file with rows, in their order.
    let buckets: [Int]

    var bucketCount: Int { Int(bucketing.bucketCount) }

    /// nil for a partition without buckets, or when its files may be others.
    /// - Parameters:
    ///   - files: all of the partition but `emptyFiles`.
    ///   - emptyFiles: paths of files without a byte.
    ///   - format: of the files.
    init?(
        _ files: [ScanFile], emptyFiles: [String], of partition: Partition, in table: Table, format: any TableFormat
    ) throws {
        guard partition.storage.isBucketed, Self.isTrusted(partition, table),
            format.keepsTexts || !table.columns.contains(where: { $0.type.hasTexts })
        else { return nil }
        bucketing = try TableBucketing(table, storage: partition.storage)
        guard let buckets = Self.buckets(of: files.map(\.path), emptyFiles, count: Int(bucketing.bucketCount)) else { return nil }
        self.buckets = buckets
    }

    /// Whether the description of the buckets is that of the files.
    private static func isTrusted(_ partition: Partition, _ table: Table) -> Bool {
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

    /// A hash has the same remainder by both numbers' common divisor.
    static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }

    /// Whether equal values of a bucket column have equal hashes, and what was hashed is what is read: not so zeros of both
    /// signs, texts with blanks behind, and instants that are read in other zones.
    static func isReadAsHashed(_ type: SQLType) -> Bool {
        switch type {
        case .float, .double, .char, .timestamp, .timestampLocalTimeZone: false
        default: !type.isComplex
        }
    }
}

extension SQLType {
    /// Whether values are texts, or have texts in them.
    fileprivate var hasTexts: Bool { isCharacter || childTypes.contains { $0.hasTexts } }
}
