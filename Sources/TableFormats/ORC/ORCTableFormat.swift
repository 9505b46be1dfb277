import Columnar

/// ORC: a morsel is a stripe.
final class ORCTableFormat: TableFormat {
    private let writeOptions: ORCWriteOptions
    /// `orc.force.positional.evolution`
    private let isPositional: Bool

    /// As Hive has it for buckets without rows.
    var leavesEmptyFilesBlank: Bool { true }
    let keepsTexts = true

    init(_ storage: TableStorage) throws {
        writeOptions = try ORCWriteOptions(storage)
        isPositional = storage.option("orc.force.positional.evolution")?.lowercased() == "true"
    }

    func splits(of files: [ScanFile], for request: ScanRequest, splitBytes: Int) throws -> FileSplits {
        var result = FileSplits()
        for file in files where file.byteCount > 0 {
            let opened = try ORCFile(file, memory: request.makeMemory?("the tail of an ORC file"))
            let kept = try keptStripes(of: opened, request)
            var firstRow = 0
            for (number, stripe) in opened.stripes.enumerated() {
                result.partCount += 1
                if kept[number] {
                    result.splits.append(ORCSplit(file: file, opened: opened, stripe: number, firstRow: firstRow))
                } else {
                    result.skippedPartCount += 1
                }
                firstRow += stripe.rowCount
            }
        }
        return result
    }

    let hasSummaries = true

    /// The file's statistics are those of all its rows: it is one part.
    func summary(of file: ScanFile, for request: ScanRequest) throws -> FileSummary? {
        let none = FileSummary(rowCounts: [], columns: request.columns.map { _ in FileSummary.ColumnSummary() })
        guard file.byteCount > 0 else { return none }
        let opened = try ORCFile(file, memory: request.makeMemory?("the tail of an ORC file"))
        guard opened.rowCount > 0 else { return none }
        let columns = try mapping(of: opened, request, columns: request.columns).summaries(parts: 1) { opened.exactBounds(ofColumn: $0) }
        return FileSummary(rowCounts: [opened.rowCount], columns: columns)
    }

    /// The stripes that may have a row that the request wants.
    private func keptStripes(of file: ORCFile, _ request: ScanRequest) throws -> [Bool] {
        var kept = file.stripes.map { $0.rowCount > 0 }
        guard !request.predicates.isEmpty, !kept.isEmpty else { return kept }
        let statistics = try file.stripeStatistics(memory: request.makeMemory?("statistics of an ORC file"))
        guard statistics.count == kept.count else { return kept }
        for (predicate, column) in predicateColumns(of: file, request) {
            let node = file.schema.children[column]
            let bounds = ColumnBounds(
                statistics.map { $0.indices.contains(node.id) ? $0[node.id] : nil }, rowCounts: file.stripes.map(\.rowCount),
                type: node.type)
            try predicate.exclude(bounds, tableType: request.schema[predicate.ordinal].type, from: &kept)
        }
        return kept
    }

    /// The predicates on columns of the file that have statistics, with the columns' ordinals.
    func predicateColumns(of file: ORCFile, _ request: ScanRequest) -> [(ColumnPredicate, Int)] {
        let places = matching(of: file).places(of: request.schema.map(\.name), among: file.columns.map(\.name))
        return request.predicates.compactMap { predicate in
            guard places.indices.contains(predicate.ordinal), let place = places[predicate.ordinal],
                !file.columns[place].type.isComplex
            else { return nil }
            return (predicate, place)
        }
    }

    /// Writers before Hive 2 named columns `_col0`, `_col1`, …
    private func matching(of file: ORCFile) -> ColumnMatching {
        let isNameless = file.columns.enumerated().allSatisfy { $1.name == "_col\($0)" }
        return isPositional || isNameless ? .position : .name
    }

    func makeReader(_ request: ScanRequest) throws -> any SplitReader { ORCSplitReader(request, self) }

    func makeWriter(schema: [SchemaColumn]) throws -> any TableFileWriter {
        BatchTableWriter { [writeOptions] in try ORCWriter(schema: schema, options: writeOptions, to: $0) }
    }

    /// How the file's columns become the wanted ones. The file knows its columns: those that the metastore has of a partition
    /// do not matter, in Hive neither.
    func mapping(of file: ORCFile, _ request: ScanRequest, columns: [Int]) -> FileColumnMapping {
        var request = request
        request.storedSchema = request.schema
        return FileColumnMapping(columns, of: request, file: file.columns, matching: matching(of: file))
    }
}

struct ORCSplit: FileSplit {
    var file: ScanFile
    let opened: ORCFile
    let stripe: Int
    /// Rows of the file before the stripe.
    let firstRow: Int

    var byteCount: Int { opened.stripes[stripe].dataLength }
}
