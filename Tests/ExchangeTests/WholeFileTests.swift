import Columnar
import Exchange
import FeatureTables
import Learners
import Testing

/// What holds for every format.
@Suite struct WholeFileTests {
    private func failure(_ body: () throws -> Void) -> (any Error)? {
        do { try body() } catch { return error }
        return nil
    }

    @Test func suffixesAndNames() throws {
        #expect(try ExportFormat(ofFile: "/a/B.CSV").name == "csv")
        #expect(try ExportFormat(ofFile: "x.arrows").name == "arrow-stream" && ExportFormat(ofFile: "x.feather").name == "arrow")
        #expect(try ExportFormat(named: "NPZ-compressed").name == "npz-compressed")
        #expect("\(failure { _ = try ExportFormat(ofFile: "x.txt") }.map { "\($0)" } ?? "")".hasPrefix("the suffix of 'x.txt' says no format"))
        #expect("\(failure { _ = try ExportFormat(named: "xls") }.map { "\($0)" } ?? "")".hasPrefix("there is no format 'xls': csv,"))
        let names = ExportFormat.all.map(\.name)
        #expect(Set(names).count == names.count)
        let suffixes = ExportFormat.all.flatMap(\.suffixes)
        #expect(Set(suffixes).count == suffixes.count)
        for suffix in suffixes { #expect(try ExportFormat(ofFile: "f\(suffix)").suffixes.contains(suffix)) }
    }

    @Test func equalTablesGiveEqualBytes() throws {
        let folder = try ScratchFolder()
        for format in ExportFormat.all {
            for isSparse in [false, true] {
                let table = try sampleTable(isSparse: isSparse)
                try table.export(to: folder.file("1"), format: format)
                try table.export(to: folder.file("2"), format: format)
                #expect(try folder.bytes("1") == folder.bytes("2") && !folder.bytes("1").isEmpty, "\(format.name)")
            }
        }
    }

    @Test func whatFailsLeavesTheOldFileAndNothingElse() throws {
        let folder = try ScratchFolder()
        let table = try sampleTable(isSparse: false)
        try table.export(to: folder.file("f"), format: .csv)
        let old = try folder.bytes("f")
        for format in ExportFormat.all {
            let error = failure { try table.export(to: folder.file("f"), format: format, isCancelled: { true }) }
            // Small tables are written before anyone asks.
            if error != nil { #expect(error as? LearnerError == .cancelled) } else { try table.export(to: folder.file("f"), format: .csv) }
            #expect(try folder.names == ["f"] && folder.bytes("f") == old, "\(format.name)")
            let path = folder.file("none/f")
            let missing = failure { try table.export(to: path, format: format) } as? ExportError
            #expect(missing?.path == path && missing?.reason == "No such file or directory")
        }
        let text = [SchemaColumn(name: "name", type: .string)]
        for format in ExportFormat.all where !format.takesRows || format.name == "npy" {
            let error = failure { _ = try RowExport(schema: text, to: folder.file("f"), format: format) } as? ExportError
            #expect(error?.path == folder.file("f"), "\(format.name)")
        }
        #expect(try folder.names == ["f"] && folder.bytes("f") == old)
        #expect(failure { try sampleTable(isSparse: true, label: nil).export(to: folder.file("g"), format: .libsvm) } as? FeatureError == .missingLabel)
    }

    @Test func noRowsAndNoColumns() throws {
        let folder = try ScratchFolder()
        let empty = try FeatureTable(matrix: FeatureMatrix(rows: [], columnNames: ["x"]), label: .numbers([]))
        for format in ExportFormat.all {
            try empty.export(to: folder.file("f"), format: format)
            #expect(try folder.bytes("f").isEmpty == (format.name == "libsvm"), "\(format.name)")
        }
    }

    /// A few rows of very many columns: held a few rows at a time; Parquet's buffers a column would be too many.
    @Test func aMillionColumns() throws {
        let folder = try ScratchFolder()
        let width = 1_000_000
        let names = (0..<width).map { "c\($0)" }
        let table = try FeatureTable(
            matrix: FeatureMatrix(sparse: [0, 1].map { row in (0..<width).map { $0 == row ? 1.5 : 0 } }, columnNames: names),
            label: .numbers([1, 2]))
        for format in ExportFormat.all {
            let error = failure { try table.export(to: folder.file("f"), format: format) } as? ExportError
            #expect((error == nil) == (format.name != "parquet"), "\(format.name)")
        }
        try table.export(to: folder.file("f"), format: .libsvm)
        #expect(try folder.text("f") == "1 1:1.5\n2 2:1.5\n")
    }
}
