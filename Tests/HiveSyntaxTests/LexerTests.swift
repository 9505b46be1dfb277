import HiveSyntax
import Testing

@Suite struct LexerTests {
    private func kinds(_ text: String) throws -> [TokenKind] {
        try Lexer.tokens(of: SourceText(text)).dropLast().map(\.kind)
    }

    @Test func numbersAndNamesThatBeginWithDigits() throws {
        #expect(try kinds("1 1.5 1. 1e3 1E-3 1.5e+3") == [
            .integerLiteral, .decimalLiteral, .decimalLiteral, .doubleLiteral, .doubleLiteral, .doubleLiteral,
        ])
        #expect(try kinds("1L 2s 3Y 4D 1.5D 5BD 1.5bd 1e3BD 10M 7b 0x1F") == [
            .integerWithSuffix, .integerWithSuffix, .integerWithSuffix, .doubleWithSuffix, .doubleWithSuffix,
            .decimalWithSuffix, .decimalWithSuffix, .decimalWithSuffix, .byteLength, .byteLength, .hexadecimal,
        ])
        #expect(try kinds("1a 1e 1_a 1LL 12month 0xg") == [.word, .word, .word, .word, .word, .word])
        #expect(try kinds("t.1") == [.word, .dot, .integerLiteral])
    }

    @Test func marks() throws {
        #expect(try kinds("<=> <= < >= > <> != = == ! || | & ^ ~ % ? $") == [
            .nullSafeEqual, .lessOrEqual, .lessThan, .greaterOrEqual, .greater, .notEqual, .notEqual, .equal, .equal,
            .exclamation, .concatenate, .bar, .ampersand, .caret, .tilde, .percentSign, .question, .dollar,
        ])
        #expect(try kinds("a--b\nc/*d*/e") == [.word, .word, .word])
        #expect(try kinds("select /*+ x */ /* y */ 1") == [.word, .hint, .integerLiteral])
    }

    @Test func stringEscapes() throws {
        func value(_ literal: String) throws -> String? {
            guard case .literal(.string(let text)) = try Parser.parseExpression(literal).kind else { return nil }
            return text
        }
        #expect(try value(#"'a\tb'"#) == "a\tb")
        #expect(try value(#""it''s""#) == "it''s")
        #expect(try value(#"'it\'s'"#) == "it's")
        #expect(try value(#"'a\%b\_c'"#) == #"a\%b\_c"#)
        #expect(try value(#"'a\\%'"#) == #"a\%"#)
        #expect(try value(#"'\u0041\101\60x\q\Z\0z\8'"#) == "AA60xq\u{1A}\0z8")
        #expect(try value(#"'\ud83d\ude00'"#) == "😀")
        #expect(try value(#"'\ud83d'"#) == "\u{FFFD}")
        #expect(try value("'x' \"y\" 'z'") == "xyz")
        for text in ["", "a'b", "\\", "\\%", "\\\\_", "\n\t\r\0\u{1}\u{1F}", "é😀", "\\n", "%\\"] {
            #expect(try value(StringLiteral.quoted(text)) == text)
        }
    }

    @Test func names() throws {
        #expect(Identifier("AbC").name == "abc")
        guard case .column(let name) = try Parser.parseExpression("`a``B c`").kind else {
            Issue.record("no column")
            return
        }
        #expect(name.text == "a`B c" && name.name == "a`b c" && name.isQuoted)
        #expect(SQLPrinter.print(Identifier("select")) == "`select`")
        #expect(SQLPrinter.print(Identifier("1a")) == "1a")
        #expect(SQLPrinter.print(Identifier("1")) == "`1`")
        #expect(SQLPrinter.print(Identifier("a b")) == "`a b`")
    }

    @Test func dumps() throws {
        #expect(try SyntaxDump.tokens(of: "select A") == """
            0..<6 word SELECT select
            7..<8 word A
            8..<8 endOfInput 
            """)
        let tree = SyntaxDump.tree(of: try Parser.parseExpression("a + 1"))
        #expect(tree.contains(".binary") && tree.contains("a"))
    }
}
