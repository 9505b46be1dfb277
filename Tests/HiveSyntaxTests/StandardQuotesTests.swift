import HiveSyntax
import Testing

@Suite("Names in double quotes")
struct StandardQuotesTests {
    @Test("Names go into back quotes; strings, comments and names that are in back quotes stay", arguments: [
        (#"select "a b" from t"#, "select `a b` from t"),
        (#"select "a""b", "c`d""#, #"select `a"b`, `c``d`"#),
        (#"select '"x"', 'it\'s "y"' -- "z""#, #"select '"x"', 'it\'s "y"' -- "z""#),
        (#"select /* "a" */ `b"c`"#, #"select /* "a" */ `b"c`"#),
        (#"select "no end"#, #"select "no end"#),
        (#"set x="y""#, #"set x="y""#),
    ])
    func names(_ written: String, _ read: String) {
        #expect(StandardQuotes.backQuoted(written) == read)
    }
}
