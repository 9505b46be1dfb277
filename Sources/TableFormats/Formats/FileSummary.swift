import Columnar

/// What a file says of its rows, exactly: of each of its parts that has rows.
package struct FileSummary: Sendable {
    /// Of the parts; none is 0.
    package var rowCounts: [Int]
    /// Of the request's columns, in their order.
    package var columns: [ColumnSummary]

    package struct ColumnSummary: Sendable {
        /// Values of each part that are not NULL; nil when it is not known of all.
        package var valueCounts: [Int]?
        /// The least and greatest value of each part, of the table's type, NULL where there is no value; nil when they are
        /// not known of all parts.
        package var minimum: Column?
        package var maximum: Column?
    }
}

/// What a file says of one of its columns, a row for each of its parts that has rows.
struct ExactBounds {
    var bounds: ColumnBounds
    /// Whether the bounds are values that occur.
    var areExact: [Bool]
    var valueCounts: [Int?]

    /// The same of the table's column.
    func summary(_ conversion: ColumnConversion, context: CastContext) throws -> FileSummary.ColumnSummary {
        let type = bounds.minimum.type
        var result = FileSummary.ColumnSummary()
        if conversion.keepsValues(of: type) {
            let known = valueCounts.compactMap { $0 }
            if known.count == valueCounts.count { result.valueCounts = known }
        }
        guard conversion.keepsExtremes(of: type), hasAllExtremes else { return result }
        result.minimum = try conversion.apply(bounds.minimum, context: context)
        result.maximum = try conversion.apply(bounds.maximum, context: context)
        return result
    }

    /// Whether every part has exact bounds, or no value to bound.
    private var hasAllExtremes: Bool {
        valueCounts.indices.allSatisfy { part in
            let isBounded = !bounds.minimum.isNull(part) && !bounds.maximum.isNull(part)
            // What has bounds without having values contradicts itself.
            if valueCounts[part] == 0 { return bounds.minimum.isNull(part) && bounds.maximum.isNull(part) }
            return isBounded && areExact[part]
        }
    }
}
