import Columnar
import TableFormats
import Testing

/// Field by field what `LazySimpleSerDe` reads.
@Suite struct TextFieldTests {
    @Test(arguments: HiveFieldAnswers.all.indices)
    func primitiveFieldsAreReadAsHiveReadsThem(index: Int) throws {
        let (type, answers) = HiveFieldAnswers.all[index]
        let text = answers.enumerated().map { "\($0.offset)|\($0.element.text)\n" }.joined()
        let rows = try TextTable(text).rows([.int, type], format: TextTable.format())
        #expect(rows.count == answers.count)
        for (row, expected) in zip(rows, answers) {
            #expect(row[1] == expected.answer, "\(type): '\(expected.text)'")
        }
    }

    @Test func stringsAreCutAsTheirTypesSay() throws {
        let text = #"""
            abc

            \N
            NULL
            ééééééé
             a 
            a  
            😀😀😀😀
            """#
        let format = try TextTable.format()
        let table = try TextTable(text)
        #expect(
            try table.rows([.string], format: format).map { $0[0] }
                == ["abc", "", "NULL", "NULL", "ééééééé", " a ", "a  ", "😀😀😀😀"])
        #expect(
            try table.rows([.varchar(length: 3)], format: format).map { $0[0] }
                == ["abc", "", "NULL", "NUL", "ééé", " a ", "a  ", "😀😀😀"])
        #expect(
            try table.rows([.char(length: 3)], format: format).map { $0[0] }
                == ["abc", "   ", "NULL", "NUL", "ééé", " a ", "a  ", "😀😀😀"])
    }

    @Test func binaryIsBase64OrItself() throws {
        let pairs = [
            ("abc", "69B7"), ("", ""), (#"\n"#, "5C6E"), ("N", "4E"), ("NULL", "3542CB"), ("abcdefgh", "69B71D79F821"),
            ("é", "C3A9"), (" a ", "206120"), ("YWJj", "616263"), ("YWJ", "6162"), ("YQ==", "61"), ("YQ", "61"),
            ("=", "3D"), ("*&^", "2A265E"), ("a b", "69"), ("YW Jj", "616263"), ("\tx", "0978"),
        ]
        let scanner = TextScanner(
            schema: TextTable.schema([.binary]), columns: [0], format: try TextTable.format())
        let table = try TextTable(pairs.map { $0.0 + "\n" }.joined())
        let split = try #require(
            try TextSplitter.splits(of: DataFiles.list(in: table.directory), format: TextTable.format()).first)
        var found: [String] = []
        try scanner.scan(split) { batch in
            let values = batch.columns[0].values(as: StringView.self)
            for row in 0..<batch.rowCount {
                found.append(
                    values[row].bytes.map { byte in
                        let digits = String(byte, radix: 16, uppercase: true)
                        return digits.count == 1 ? "0" + digits : digits
                    }.joined())
            }
        }
        #expect(found == pairs.map(\.1))
    }

    @Test func escapesTakeMeaningAway() throws {
        let text =
            #"a\|b|1"# + "\n" + #"c\\|2"# + "\n" + #"d\n|3"# + "\n" + #"e\tx|4"# + "\n" + #"\N|5"# + "\n"
            + #"\\N|6"# + "\n" + #"f\r\ng|7"# + "\n" + #"x\|8"# + "\n" + #"x\qz|9\"# + "\n" + #"1|\5"# + "\n" + #"y\"#
        let rows = try TextTable(text).rows([.string, .int], format: TextTable.format(["escape.delim": "\\"]))
        #expect(
            rows == [
                ["a|b", "1"], [#"c\"#, "2"], ["d\n", "3"], ["etx", "4"], ["NULL", "5"], [#"\N"#, "6"],
                ["f\r\ng", "7"], ["x|8", "NULL"], ["xqz", "NULL"], ["1", "NULL"], [#"y\"#, "NULL"],
            ])
    }

    @Test func extendedBooleansAndNullFormats() throws {
        var format = try TextTable.format(["serialization.null.format": "NA"])
        #expect(
            try TextTable("NA|NA\n\\N|1\n").rows([.string, .int], format: format) == [["NULL", "NULL"], [#"\N"#, "1"]])
        format = try TextTable.format(["serialization.null.format": ""])
        #expect(try TextTable("|1\n\\N|\n").rows([.string, .int], format: format) == [["NULL", "1"], [#"\N"#, "NULL"]])
        format = try TextTable.format(["serialization.null.format": "-1"])
        #expect(try TextTable("-1|-1\n").rows([.int, .double], format: format) == [["NULL", "NULL"]])
        format = try TextTable.format()
        format.extendedBooleanLiterals = true
        #expect(
            try TextTable("t\nT\n1\nf\n0\nyes\ntrue\n\\N\nx\nF\n").rows([.boolean], format: format).map { $0[0] }
                == ["true", "true", "true", "false", "false", "NULL", "true", "NULL", "NULL", "false"])
    }

    @Test func nestedFields() throws {
        let text = #"""
            1|a,b,c|k1:1,k2:2|1,x,2.5
            2|||
            3|\N|\N|\N
            4
            5|a|k1|1
            6|a,,b|k1:,:2,k3:3|,,
            7|\N,a|k1:\N,\N:5|\N,\N,\N
            8|a,b|k1:1,k1:2|1,x,2.5,9
            9|,|,|,
            10| a , b |k1:1:2|1
            11|a|k1:x|x,y,z
            12|a|:|\N
            """#
        let types: [SQLType] = [
            .int, .array(.string), .map(key: .string, value: .int),
            .structure([
                StructField(name: "x", type: .int), StructField(name: "y", type: .string),
                StructField(name: "z", type: .double),
            ]),
        ]
        let format = try TextTable.format(["colelction.delim": ",", "mapkey.delim": ":"])
        let rows = try TextTable(text).rows(types, format: format)
        let expected = [
            [#"["a","b","c"]"#, #"{"k1":1,"k2":2}"#, #"{"x":1,"y":"x","z":2.5}"#],
            ["[]", "{}", #"{"x":null,"y":null,"z":null}"#],
            ["NULL", "NULL", "NULL"],
            ["NULL", "NULL", "NULL"],
            [#"["a"]"#, #"{"k1":null}"#, #"{"x":1,"y":null,"z":null}"#],
            [#"["a","","b"]"#, #"{"k1":null,"":2,"k3":3}"#, #"{"x":null,"y":"","z":null}"#],
            [#"[null,"a"]"#, #"{"k1":null}"#, #"{"x":null,"y":null,"z":null}"#],
            [#"["a","b"]"#, #"{"k1":1}"#, #"{"x":1,"y":"x","z":2.5}"#],
            [#"["",""]"#, #"{"":null}"#, #"{"x":null,"y":"","z":null}"#],
            [#"[" a "," b "]"#, #"{"k1":null}"#, #"{"x":1,"y":null,"z":null}"#],
            [#"["a"]"#, #"{"k1":null}"#, #"{"x":null,"y":"y","z":null}"#],
            [#"["a"]"#, #"{"":null}"#, "NULL"],
        ]
        #expect(rows.map { Array($0.dropFirst()) } == expected)
    }

    @Test func deeperLevelsHaveTheirOwnDelimiters() throws {
        let text = "1\u{1}a\u{3}b\u{2}c\u{1}k\u{3}1\u{4}2\u{2}l\u{3}3\u{1}7\u{2}3\u{4}x\u{3}5\u{4}y\n"
            + "2\u{1}\u{2}\u{1}\u{2}\u{1}\n3\u{1}\u{3}\u{1}\u{3}\u{1}\u{2}\u{3}\u{4}\n"
            + "4\u{1}\\N\u{2}\\N\u{3}a\u{1}k\u{3}\\N\u{2}k2\u{1}\\N\u{2}\\N\n"
        let types: [SQLType] = [
            .int, .array(.array(.string)), .map(key: .string, value: .array(.int)),
            .structure([
                StructField(name: "p", type: .int), StructField(name: "q", type: .map(key: .string, value: .int)),
            ]),
        ]
        let rows = try TextTable(text).rows(types, format: TextFormat())
        let expected = [
            ["1", #"[["a","b"],["c"]]"#, #"{"k":[1,2],"l":[3]}"#, #"{"p":7,"q":{"3":null,"5":null}}"#],
            ["2", "[[],[]]", #"{"":null}"#, #"{"p":null,"q":null}"#],
            ["3", #"[["",""]]"#, #"{"":[]}"#, #"{"p":null,"q":{"":null}}"#],
            ["4", #"[null,[null,"a"]]"#, #"{"k":null,"k2":null}"#, #"{"p":null,"q":null}"#],
        ]
        #expect(rows == expected)
    }

    @Test func mapKeysThatCannotBeReadAreLeftOut() throws {
        let format = try TextTable.format(["colelction.delim": ",", "mapkey.delim": ":"])
        let rows = try TextTable("1:a,1.5:b,x:c,2:d\n").rows([.map(key: .int, value: .string)], format: format)
        #expect(rows[0][0].hasPrefix(#"{1:"a","#) && rows[0][0].hasSuffix(#"2:"d"}"#))
        #expect(!rows[0][0].contains("c"))
    }
}
