#if os(Linux)
import Columnar

/// Constants of HiveQL at the ends of their types, and such as nobody expects.
struct EdgeLiteral {
    var text: String
    var type: SQLType

    static func random(_ random: inout RandomSource) -> EdgeLiteral {
        let (type, texts) = random.pick(families, or: families[0])
        return EdgeLiteral(text: random.pick(texts, or: "null"), type: type)
    }

    /// The number of arguments is small, so a type's share is what its place here is worth.
    private static let families: [(SQLType, [String])] = [
        (.string, strings), (.string, strings), (.string, strings), (.string, patterns), (.string, times), (.int, integers),
        (.int, integers), (.int, smallCounts), (.bigint, longs), (.double, doubles), (.double, doubles),
        (.float, ["cast('NaN' as float)", "cast(3.4028235E38 as float)", "cast(-0.0 as float)", "cast(1.5 as float)", "cast('-Infinity' as float)"]),
        (.tinyint, ["127Y", "-128Y", "0Y", "cast(null as tinyint)"]), (.smallint, ["32767S", "-32768S", "1S", "cast(null as smallint)"]),
        (.boolean, ["true", "false", "cast(null as boolean)"]),
        (.decimal(precision: 38, scale: 10), ["9999999999999999999999999999.9999999999BD", "cast('-9999999999999999999999999999.9999999999' as decimal(38,10))", "cast(null as decimal(38,10))"]),
        (.decimal(precision: 5, scale: 2), ["1.50BD", "0.00BD", "-999.99BD", "cast(12.345 as decimal(5,2))"]),
        (.decimal(precision: 38, scale: 38), ["cast('0.00000000000000000000000000000000000001' as decimal(38,38))"]),
        (.decimal(precision: 38, scale: 0), ["99999999999999999999999999999999999999", "cast('-99999999999999999999999999999999999999' as decimal(38,0))"]),
        (.date, ["date '0001-01-01'", "date '9999-12-31'", "date '1970-01-01'", "date '2024-02-29'", "cast('-0001-01-01' as date)", "cast(null as date)"]),
        (.timestamp, ["timestamp '9999-12-31 23:59:59.999999999'", "timestamp '0001-01-01 00:00:00'", "timestamp '1969-12-31 23:59:59.5'", "timestamp '2024-03-10 02:30:00'", "cast(1e300 as timestamp)", "cast(null as timestamp)"]),
        (.binary, ["unhex('')", "unhex('80')", "unhex('00FF')", "cast('abc' as binary)", "cast(null as binary)"]),
        (.varchar(length: 3), ["cast('abcdef' as varchar(3))", "cast('' as varchar(3))", "cast('é日' as varchar(3))"]),
        (.char(length: 4), ["cast('a' as char(4))", "cast(' b' as char(4))", "cast(null as char(4))"]),
        (.intervalDayTime, ["interval '1' day", "interval '-99999 23:59:59.999999999' day to second", "interval '2147483647' second"]),
        (.intervalYearMonth, ["interval '1-2' year to month", "interval '-178956970-7' year to month"]),
        (.void, ["null"]),
        (.array(.int), ["array(1, 2, 3)", "array(2147483647, -2147483648, null)", "array(1)", "array(cast(null as int))"]),
        (.array(.string), ["array('b', '', 'a')", "array('a', null, 'é')", "array(cast(unhex('80') as string))", "split('', ',')", "split(space(500), ' ')"]),
        (.array(.double), ["array(1.5D, cast('NaN' as double), -0.0D)", "array(0.0D, 0.5D, 1.0D)", "array(-1.0D, 2.0D)"]),
        (.array(.array(.int)), ["array(array(1), array(2, 3))", "array(array(cast(null as int)))"]),
        (.map(key: .string, value: .int), ["map('a', 1, 'b', null)", "map('', 0)", "map('a', 1, 'a', 2)"]),
        (.map(key: .int, value: .string), ["map(1, 'x', -1, '')"]),
        (.structure([StructField(name: "a", type: .int), StructField(name: "b", type: .string)]), ["named_struct('a', 1, 'b', 'x')", "named_struct('a', cast(null as int), 'b', cast(null as string))"]),
    ]

    private static let strings = [
        "''", "'a'", "' '", "'abc'", "'aXbXc'", "'é'", "'e\u{301}'", "'日本語'", "'😀'", "'0'", "'-1'", "'1e309'", "'NaN'", "'-Infinity'", "'9223372036854775808'",
        "'99999999999999999999999999999999999999.5'", "cast(unhex('80') as string)", "cast(unhex('61C3') as string)", "cast(unhex('E28280') as string)",
        "cast(unhex('F09F98') as string)", "cast(unhex('EDA080') as string)", "cast(unhex('00') as string)", "repeat('ab', 20000)", "space(70000)",
        "repeat('é,', 3000)", "repeat('(', 3000)", "'\\n'", "'a,b,,c'", "'a=1&b=2'", "'k:v,l:w'", "cast(null as string)", "'true'", "'[1,{\"a\":[null]}]'",
        "'{\"a\":[1,{\"b\":null}],\"\":2}'", "repeat('[', 5000)", "'http://u:p@h:1/p/q?x=1&y=%zz#f'", "'ff'", "'zz'", "'YWJj'", "'===='", "'I am. Who?'",
    ]

    private static let patterns = [
        "'%'", "'_%\\\\%'", "'.*'", "'('", "'[a'", "'(a*)*b'", "'(a|b|ab)*c'", "'\\\\'", "'$1'", "'\\\\1'", "'a{99999999}'", "'(?i)A'", "'x*'", "''", "'^$'",
        "'[^\\\\x00-\\\\x7F]'", "'%d %s'", "'%1$s%9$s'", "'%-99999d'", "'%.999999f'", "'%'", "'#,##0.00'", "'UTF-8'", "'UTF-16'", "'NOPE'", "'$.a[*].b'", "'$[0]'",
        "'$..'", "','", "':'", "'HOST'", "'QUERY'", "'day'", "'MONTH'", "'Q'", "'MO'", "'both'", "repeat('a', 5000)", "repeat('(a', 400)", "repeat('%a', 300)", "repeat('a?', 60)",
    ]

    private static let times = [
        "'2024-02-29'", "'2024-02-29 23:59:59.999999999'", "'0000-00-00'", "'-290308-12-21'", "'9999-12-31 24:00:00'", "'12:30'", "'yyyy-MM-dd HH:mm:ss'",
        "'EEEE'", "'uuuu-DDD'", "'yyyyyyyyyyyyyyyyyyyyyyyyy'", "'''", "'America/New_York'", "'GMT+25:00'", "'UTC'", "'+99:99'", "'1 day'", "'292278994-08-17'", "'1969-12-31'",
    ].map { $0 == "'''" ? "'\\''" : $0 }

    private static let integers = [
        "0", "1", "-1", "2", "31", "32", "64", "-64", "127", "255", "65536", "1000000", "2147483647", "-2147483648", "-2147483647", "cast(null as int)",
    ]
    private static let smallCounts = ["0", "1", "2", "3", "4", "5", "7", "10", "16", "-3", "36", "37", "100"]
    private static let longs = [
        "0L", "9223372036854775807L", "-9223372036854775807L", "-9223372036854775808", "4294967296L", "253402300800L", "86400L", "-62135596801L", "cast(null as bigint)",
    ]
    private static let doubles = [
        "0.0D", "-0.0D", "0.5D", "-2.5D", "1e-320", "1e15", "9.223372036854775807e18", "1e19", "-1e19", "1e38", "1e100", "1e308", "-1e308", "1.7976931348623157e308",
        "cast('NaN' as double)", "cast('Infinity' as double)", "cast('-Infinity' as double)", "4.9e-324", "cast(null as double)", "100.0D", "3.0D",
    ]
}
#endif
