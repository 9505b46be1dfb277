import TableFormats
import Testing

/// Table properties as Hive understands them.
@Suite struct TextFormatTests {
    @Test func delimitersAreCharactersOrNumbers() throws {
        #expect(try TextFormat(serdeProperties: ["field.delim": "9"]).fieldDelimiter == 9)
        #expect(try TextFormat(serdeProperties: ["field.delim": "-2"]).fieldDelimiter == 254)
        #expect(try TextFormat(serdeProperties: ["field.delim": "||"]).fieldDelimiter == UInt8(ascii: "|"))
        #expect(try TextFormat(serdeProperties: ["field.delim": "\u{FE}"]).fieldDelimiter == 254)
        #expect(try TextFormat(serdeProperties: ["field.delim": ""]).fieldDelimiter == 1)
        #expect(try TextFormat(serdeProperties: ["serialization.format": "1"]).fieldDelimiter == 1)
        #expect(try TextFormat(serdeProperties: ["serialization.format": ",", "field.delim": ";"]).fieldDelimiter == 59)
        let format = try TextFormat(
            serdeProperties: ["colelction.delim": "2", "mapkey.delim": "=", "escape.delim": "\\"])
        #expect(format.collectionDelimiter == 2 && format.mapKeyDelimiter == UInt8(ascii: "="))
        #expect(format.escape == UInt8(ascii: "\\"))
        #expect(TextFormat().delimiters.prefix(9) == [1, 2, 3, 4, 5, 6, 7, 8, 11])
        #expect(TextFormat().escape == nil && TextFormat().nullSequence == Array("\\N".utf8))
    }

    @Test func whatCannotBeReadIsRefused() {
        #expect(throws: TableFormatError.self) { try TextFormat(serdeProperties: ["serialization.encoding": "nope"]) }
        #expect(throws: TableFormatError.self) { try TextFormat(serdeProperties: ["line.delim": ";"]) }
    }

    @Test func linesToSkipComeFromTheTable() throws {
        let format = try TextFormat(
            serdeProperties: [:], tableProperties: ["skip.header.line.count": "1", "skip.footer.line.count": "-3"])
        #expect(format.skipHeaderLines == 1 && format.skipFooterLines == 0)
    }
}
