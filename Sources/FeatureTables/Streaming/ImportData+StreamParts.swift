import Columnar
import Platform

extension ImportData {
    /// Divides rows of a stream: each by itself, so that it is in the same part whichever rows come with it.
    ///
    /// The parts' sizes are therefore what the draw makes them, near the fraction. Rows that are equal in what they are divided by
    /// stay together.
    /// - Parameter options: nil: all rows are in the first part.
    /// - Throws: `FeatureError` for keys that depend on other rows: the order of times, a row's number, a stratum.
    package func streamedSplit(_ options: SplitOptions?, rows: [Int32]) throws -> RowSplit {
        guard let options else { return RowSplit(first: rows, second: []) }
        guard options.stratifiedBy == nil else {
            throw FeatureError.invalidOption("rows of a stream are drawn one by one: they cannot be divided class by class")
        }
        let keys: [UInt64]
        let note: String
        switch options.key {
        case .parts, .group: return try split(options, rows: rows)
        case .time, .position:
            throw FeatureError.invalidOption(
                "rows of a stream cannot be divided by \(options.key == .position ? "their numbers" : "time"), which depends on all of them: "
                    + "say a row's part in a column of the query, and name that")
        case .columns(let names):
            keys = try hashes(of: names, seed: options.seed)
            note = "split by \(names.joined(separator: ", "))"
        case .row, .content:
            if options.key == .row, let rowKeys {
                let seed = SplitMix.mix(options.seed)
                keys = rowKeys.hashes.map { SplitMix.mix($0 ^ seed) }
                note = "split by \(rowKeys.description)"
            } else {
                keys = contentHashes(options.seed)
                note = "split by the rows' content: other features, other parts"
            }
        }
        var split = RowSplit(first: [], second: [], notes: [note])
        for row in rows {
            if Double(keys[Int(row)] >> 11) * 0x1p-53 < options.fraction {
                split.first.append(row)
            } else {
                split.second.append(row)
            }
        }
        return split
    }

    /// A number a row, drawn uniformly, by which some of a stream's rows are chosen.
    package func sampleKeys(_ seed: UInt64) -> [UInt64] {
        let content = contentHashes(seed)
        guard let rowKeys else { return content }
        return zip(content, rowKeys.hashes).map { SplitMix.mix($0 ^ $1) }
    }

    /// Copies of some rows, without their keys.
    /// - Parameter rows: ascending.
    func copying(_ rows: [Int32]) throws -> ImportData {
        let selection = SelectionVector(capacity: rows.count)
        for (place, row) in rows.enumerated() { selection.indices[place] = row }
        selection.setCount(rows.count)
        return try Self.joining([(self, RowSelection(selection))], like: self)
    }

    /// The rows of several pieces, one after the other.
    /// - Parameter first: of whose schema the pieces are, charged to its memory.
    static func joining(_ pieces: [(data: ImportData, rows: RowSelection)], like first: ImportData) throws -> ImportData {
        let aside = Set(first.columns.indices.filter { first.columns[$0].encoding != .flat })
        let builder = try ImportDataBuilder(
            schema: first.schema, aside: aside, threads: first.threads, memory: first.memory,
            capacity: pieces.reduce(0) { $0 + $1.rows.count })
        for piece in pieces {
            try builder.append(Batch(columns: piece.data.columns, capacity: piece.data.rowCount, rows: piece.rows))
        }
        return try ImportData(builder)
    }
}
