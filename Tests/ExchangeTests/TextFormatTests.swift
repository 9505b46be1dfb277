import Columnar
import Exchange
import FeatureTables
import Testing

@Suite struct TextFormatTests {
    private func text(_ table: FeatureTable, _ format: ExportFormat) throws -> String {
        let folder = try ScratchFolder()
        try table.export(to: folder.file("f"), format: format)
        return try folder.text("f")
    }

    @Test(arguments: [false, true]) func featuresAsLines(isSparse: Bool) throws {
        let table = try sampleTable(isSparse: isSparse)
        let zero = isSparse ? "0" : "-0.0"
        #expect(
            try text(table, .csv) == """
                x,"k=""a,b""
                ",ü'%,y,weight
                0.1,0,,"a,b",1
                0,0,\(zero),no,0.5
                1.0E300,-Infinity,5,"a,b",2

                """)
        #expect(try text(table, .tsv).split(separator: "\n").last == "1.0E300\t-Infinity\t5\ta,b\t2")
        #expect(try text(table, .libsvm) == "1 1:0.1\n0\n1 1:1.0E300 2:-Infinity 3:5\n")
    }

    @Test(arguments: [false, true]) func featuresForWeka(isSparse: Bool) throws {
        let table = try sampleTable(isSparse: isSparse)
        let zero = isSparse ? "" : "2 -0.0,"
        let head = """
            @relation hiveql

            @attribute x numeric
            @attribute 'k=\\"a,b\\"\\n' numeric
            @attribute 'ü\\'\\%' numeric
            @attribute y {no,'a,b'}
            @attribute weight numeric

            @data

            """
        #expect(
            try text(table, .sparseARFF) == head + """
                {0 0.1,2 ?,3 'a,b',4 1}
                {\(zero)3 no,4 0.5}
                {0 1.0E300,1 -Infinity,2 5,3 'a,b',4 2}

                """)
        #expect(try text(table, .arff).hasPrefix(head + "0.1,0,?,'a,b',1\n0,0,"))
    }

    @Test func rowsOfAllKinds() throws {
        let folder = try ScratchFolder()
        let texts: [String?] = ["", nil, "a\"b", " x", "line\nbreak"]
        let schema = [SchemaColumn(name: "s", type: .string), SchemaColumn(name: "t", type: .timestamp), SchemaColumn(name: "d", type: .date)]
        let batch = Batch(
            columns: [
                column(.string, 5) { if let text = texts[$1] { $0.append(text) } else { $0.appendNull() } },
                column(.timestamp, 5) { $0.append(Timestamp(seconds: Int64($1), nanoseconds: 1_500_000)) },
                column(.date, 5) { $1 == 4 ? $0.appendNull() : $0.append(Int32($1)) },
            ], capacity: 5)
        for (name, format) in [("f.csv", ExportFormat.csv), ("f.arff", .arff)] {
            let export = try RowExport(schema: schema, to: folder.file(name), format: format)
            try export.write(batch)
            try export.finish()
        }
        #expect(
            try folder.text("f.csv") == """
                s,t,d
                "",1970-01-01 00:00:00.0015,1970-01-01
                ,1970-01-01 00:00:01.0015,1970-01-02
                "a""b",1970-01-01 00:00:02.0015,1970-01-03
                " x",1970-01-01 00:00:03.0015,1970-01-04
                "line
                break",1970-01-01 00:00:04.0015,

                """)
        let lines = try folder.text("f.arff").split(separator: "\n")
        #expect(lines.contains("@attribute t date \"yyyy-MM-dd HH:mm:ss.SSS\"") && lines.contains("@attribute s string"))
        #expect(lines.contains("'',\"1970-01-01 00:00:00.001\",\"1970-01-01\"") && lines.contains("'line\\nbreak',\"1970-01-01 00:00:04.001\",?"))
    }

    /// A line of nothing would be no row.
    @Test func aSingleColumnShowsItsNulls() throws {
        let folder = try ScratchFolder()
        let export = try RowExport(schema: [SchemaColumn(name: "s", type: .int)], to: folder.file("f"), format: .csv)
        try export.write(Batch(columns: [Column.nulls(.int, count: 2)], capacity: 2))
        try export.finish()
        #expect(try folder.text("f") == "s\n\"\"\n\"\"\n")
    }
}
