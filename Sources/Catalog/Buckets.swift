import Columnar

extension StorageDescriptor {
    /// Whether rows go into a file a bucket.
    package var isBucketed: Bool { bucketCount > 0 && !bucketColumns.isEmpty }

    /// Whether rows fall into the same buckets, in the same order.
    package func hasBuckets(of other: StorageDescriptor) -> Bool {
        bucketColumns == other.bucketColumns && bucketCount == other.bucketCount && sortColumns == other.sortColumns
    }
}

extension Table {
    /// How rows fall into buckets. Hive 3 and later note in the property that they hash otherwise than Hive 2.
    package var bucketHash: HiveHash { properties["bucketing_version"] == "2" ? .murmur : .objects }
}

/// Whether the files of a table or partition are the buckets that its description says. They are while all of them come
/// from INSERT; what lets them be something else leaves a property behind, which goes when all files are replaced.
package enum BucketTrust {
    package static let property = "buckets.trusted"

    /// Notes that rows may stand in other files than their buckets'.
    package static func lose(_ properties: inout [String: String]) { properties[property] = "false" }

    /// Notes that all files were replaced by buckets.
    package static func restore(_ properties: inout [String: String]) { properties[property] = nil }

    package static func holds(_ properties: [String: String]) -> Bool {
        properties[property].map { $0.lowercased() != "false" } ?? true
    }
}
