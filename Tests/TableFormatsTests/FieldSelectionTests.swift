import Columnar
import TableFormats
import Testing

/// Parts of nested columns, read on their own from files of many writers, are those of whole values.
@Suite struct FieldSelectionTests {
    private static let seed: UInt64 = 20_260_303

    @Test func partsOfParquetColumns() throws {
        var random = SeededGenerator(seed: Self.seed)
        var count = 0
        for (name, _) in ParquetFixtures.files {
            guard let file = try? ParquetFile(path: ParquetFixtures.path(name)) else { continue }
            for (column, schema) in file.columns.enumerated() where schema.type.isComplex {
                for trial in 0..<6 {
                    let selection = trial == 0 ? .none : SelectedParts.selection(of: schema.type, &random)
                    var options = ParquetReadOptions()
                    options.batchCapacity = [3, 2048][trial % 2]
                    let whole = try Self.lines(file, column, options, selection)
                    options.fields = [column: selection]
                    #expect(try Self.lines(file, column, options, selection) == whole, "\(name) \(schema.name) \(selection)")
                    count += 1
                }
            }
        }
        #expect(count > 50)
    }

    @Test func partsOfORCColumns() throws {
        var random = SeededGenerator(seed: Self.seed)
        var count = 0
        for name in ORCFixtures.names {
            guard let file = try? ORCFile(path: ORCFixtures.path(name)) else { continue }
            for (column, schema) in file.columns.enumerated() where schema.type.isComplex {
                for trial in 0..<6 {
                    let selection = (trial == 0 ? .none : SelectedParts.selection(of: schema.type, &random)).simplified(for: schema.type)
                    let size = [3, 2048][trial % 2]
                    let whole = try Self.lines(file, column, size, nil, selection)
                    #expect(try Self.lines(file, column, size, selection, selection) == whole, "\(name) \(schema.name) \(selection)")
                    count += 1
                }
            }
        }
        #expect(count > 50)
    }

    @Test func partsOfAvroColumns() throws {
        var random = SeededGenerator(seed: Self.seed)
        var count = 0
        for name in AvroFixtures.names {
            let file = try AvroFile(path: AvroFixtures.set.path(name))
            for (column, schema) in file.columns.enumerated() where schema.type.isComplex {
                for trial in 0..<6 {
                    let selection = (trial == 0 ? .none : SelectedParts.selection(of: schema.type, &random)).simplified(for: schema.type)
                    let size = [3, 2048][trial % 2]
                    let whole = try Self.lines(file, column, size, [:], selection)
                    #expect(try Self.lines(file, column, size, [column: selection], selection) == whole, "\(name) \(schema.name) \(selection)")
                    count += 1
                }
            }
        }
        #expect(count > 50)
    }

    @Test func partsOfLaterRowGroupsOfORC() throws {
        for name in ORCFixtures.names {
            guard let file = try? ORCFile(path: ORCFixtures.path(name)), let last = file.stripes.indices.last else { continue }
            for (column, schema) in file.columns.enumerated() where schema.type.isComplex {
                let reader = try ORCStripeReader(file, stripe: last, columns: [column], fields: [.none])
                guard reader.canSeek, reader.rowGroupCount > 1 else { continue }
                try reader.seek(toRowGroup: reader.rowGroupCount - 1)
                let whole = try ORCStripeReader(file, stripe: last, columns: [column])
                try whole.seek(toRowGroup: whole.rowGroupCount - 1)
                while let batch = try reader.next(), let other = try whole.next() {
                    #expect(SelectedParts.lines(batch, .none) == SelectedParts.lines(other, .none), "\(name) \(schema.name)")
                }
            }
        }
    }

    private static func lines(
        _ file: ParquetFile, _ column: Int, _ options: ParquetReadOptions, _ selection: FieldSelection
    ) throws -> [String] {
        try (0..<file.rowGroupCount).flatMap { group in
            let reader = try ParquetRowGroupReader(file, rowGroup: group, columns: [column], options: options)
            var lines: [String] = []
            while let batch = try reader.next() { lines += SelectedParts.lines(batch, selection) }
            return lines
        }
    }

    private static func lines(
        _ file: ORCFile, _ column: Int, _ size: Int, _ fields: FieldSelection?, _ selection: FieldSelection
    ) throws -> [String] {
        try file.stripes.indices.flatMap { stripe in
            let reader = try ORCStripeReader(file, stripe: stripe, columns: [column], fields: fields.map { [$0] })
            var lines: [String] = []
            while let batch = try reader.next(size) { lines += SelectedParts.lines(batch, selection) }
            return lines
        }
    }

    private static func lines(
        _ file: AvroFile, _ column: Int, _ size: Int, _ fields: [Int: FieldSelection], _ selection: FieldSelection
    ) throws -> [String] {
        let reader = try AvroReader(file, columns: [column], fields: fields)
        var lines: [String] = []
        while let batch = try reader.next(size) {
            lines += SelectedParts.lines(batch, selection)
            if let fields = fields[column] { #expect(SelectedParts.sparesRest(batch.columns[0], fields)) }
        }
        return lines
    }
}
