import Catalog
import Columnar

/// What DESCRIBE FORMATTED tells of a column.
struct ShownStatistics {
    /// nil: nothing is known.
    var values: ColumnStatistics?
    /// The value of COLUMN_STATS_ACCURATE that stands below; nil: none does.
    var accuracy: String?
}

extension StatementRunner {
    /// Of a partition, or of a table: of a partitioned one what its partitions have together, and of a column of its
    /// partitions' keys what they are.
    func shownStatistics(of column: SchemaColumn, _ table: Table, _ partition: Partition?) throws -> ShownStatistics {
        let accuracy = partition == nil ? table.properties[StatisticsAccuracy.property] : nil
        guard !table.isTemporary else { return ShownStatistics(accuracy: accuracy) }
        if let partition {
            let known = try metastore.columnStatistics(of: table, partition: partitionName(partition, of: table))
            return ShownStatistics(values: known[column.name])
        }
        guard table.isPartitioned else {
            return ShownStatistics(values: try metastore.columnStatistics(of: table)[column.name], accuracy: accuracy)
        }
        let all = StatisticsAccuracy.text(isBasic: false, columns: [column.name])
        let partitions = try catalog.partitions(of: table)
        if let key = table.partitionColumns.firstIndex(where: { $0.name == column.name }) {
            let values = ColumnStatistics(ofKey: partitions.map { $0.values[key] }, column.type, nullPartition: nullPartition)
            return ShownStatistics(values: values, accuracy: all)
        }
        let known = try partitions.compactMap {
            try metastore.columnStatistics(of: table, partition: partitionName($0, of: table))[column.name]
        }
        guard var values = known.first else { return ShownStatistics(accuracy: "{}") }
        for other in known.dropFirst() { values.join(other) }
        return ShownStatistics(values: values, accuracy: known.count == partitions.count ? all : "{}")
    }
}

extension ColumnStatistics {
    /// Of a column of partitions' keys, from the partitions' values.
    fileprivate init(ofKey texts: [String], _ type: SQLType, nullPartition: String) {
        self.init()
        let values = texts.filter { $0 != PartitionName.defaultValue && $0 != nullPartition }
        self[.nullCount] = "\(texts.count - values.count)"
        self[.distinctCount] = "\(Set(values).count)"
        guard type.physical == .string else {
            self[.lowest] = values.min(by: Self.precedes)
            self[.highest] = values.max(by: Self.precedes)
            return
        }
        let lengths = values.map { $0.unicodeScalars.count }
        self[.averageLength] = "\(lengths.isEmpty ? 0 : Double(lengths.reduce(0, +)) / Double(lengths.count))"
        self[.longest] = "\(lengths.max() ?? 0)"
    }

    /// Takes in the same column's of another partition, as Hive's metastore does: values that both have count once, so that
    /// there are at least as many as in either.
    fileprivate mutating func join(_ other: ColumnStatistics) {
        for measure in Measure.allCases {
            guard let theirs = other[measure] else { continue }
            guard let ours = self[measure] else {
                self[measure] = theirs
                continue
            }
            switch measure {
            case .lowest: self[measure] = Self.precedes(theirs, ours) ? theirs : ours
            case .highest, .distinctCount, .averageLength, .longest: self[measure] = Self.precedes(ours, theirs) ? theirs : ours
            case .nullCount, .trueCount, .falseCount:
                let sum = (Int64(ours) ?? 0).addingReportingOverflow(Int64(theirs) ?? 0)
                self[measure] = "\(sum.overflow ? .max : sum.partialValue)"
            }
        }
    }

    /// Numbers as such, all else as text.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        if let left = Int64(left), let right = Int64(right) { return left < right }
        if let left = Double(left), let right = Double(right) { return left < right }
        return left < right
    }
}
