import Columnar
import Testing

@Suite struct CastTests {
    @Test func literalsAsHive() throws {
        for (text, names, expected) in hiveCasts {
            let types = try names.map { try #require(primitiveType($0)) }
            var flat = stringColumn([text, nil])
            var constant = Column.constant(string: text.utf8, count: 3)
            for type in types {
                #expect(Cast.isAllowed(flat.type, type), "\(flat.type) to \(type)")
                flat = try Cast.apply(flat, to: type, rows: .all(2), count: 2)
                constant = try Cast.apply(constant, to: type, rows: .all(3), count: 3)
            }
            var shown = expected
            if case .boolean? = types.last { shown = expected.lowercased().replacing("null", with: "NULL") }
            // Decimals are compared without the zeros that a column's scale adds.
            let isDecimal = if case .decimal? = types.last { true } else { false }
            let purpose: TextFormatter.Purpose = isDecimal ? .cast : .output
            #expect(texts(flat, purpose)[0] == shown, "\(text) \(names)")
            #expect(texts(flat, purpose)[1] == "NULL", "\(names)")
            #expect(texts(constant, purpose)[2] == shown, "\(text) \(names)")
        }
    }

    @Test func booleans() throws {
        let truth = column(.boolean, [UInt8(1), 0, nil])
        #expect(texts(try Cast.apply(truth, to: .string, rows: .all(3), count: 3)) == ["TRUE", "FALSE", "NULL"])
        #expect(texts(try Cast.apply(truth, to: .varchar(length: 2), rows: .all(3), count: 3)) == ["TR", "FA", "NULL"])
        #expect(texts(try Cast.apply(truth, to: .double, rows: .all(3), count: 3)) == ["1.0", "0.0", "NULL"])
        #expect(
            texts(try Cast.apply(truth, to: .decimal(precision: 3, scale: 1), rows: .all(3), count: 3))
                == ["1.0", "0.0", "NULL"])
        #expect(
            texts(try Cast.apply(truth, to: .timestamp, rows: .all(3), count: 3))[0] == "1970-01-01 00:00:00.001")
    }

    @Test func refusedPairs() {
        #expect(!Cast.isAllowed(.int, .date))
        #expect(!Cast.isAllowed(.boolean, .date))
        #expect(!Cast.isAllowed(.date, .decimal(precision: 10, scale: 0)))
        #expect(!Cast.isAllowed(.int, .binary))
        #expect(!Cast.isAllowed(.binary, .int))
        #expect(!Cast.isAllowed(.array(.int), .string))
        #expect(throws: KernelError.self) {
            _ = try Cast.apply(.constant(Int32(1), type: .int, count: 1), to: .date, rows: .all(1), count: 1)
        }
    }

    @Test func charIsPaddedOnOutputOnly() throws {
        let char = try column(.char(length: 5), texts: ["ab", "abcdefg", "ä "])
        #expect(texts(char) == ["ab   ", "abcde", "ä    "])
        #expect(texts(try Cast.apply(char, to: .string, rows: .all(3), count: 3)) == ["ab", "abcde", "ä"])
        #expect(texts(try Cast.apply(char, to: .binary, rows: .all(3), count: 3)) == ["ab   ", "abcde", "ä    "])
        #expect(texts(try column(.varchar(length: 2), texts: ["äöü", "a"])) == ["äö", "a"])
    }

    @Test func selectionAndDictionary() throws {
        let base = stringColumn(["1", "x", nil, "4"])
        let indices: [Int32] = [3, 2, 1, 0]
        let dictionary = Column.dictionary(base, indices: indices, count: 4)
        let rows = selection([0, 3])
        let cast = try Cast.apply(dictionary, to: .int, rows: rows, count: 4)
        #expect(cast.values(as: Int32.self)[0] == 4 && cast.values(as: Int32.self)[3] == 1)
        #expect(!cast.isNull(0) && !cast.isNull(3))
        #expect(elements(try Cast.apply(dictionary, to: .int, rows: .all(4), count: 4), Int32.self) == [4, nil, nil, 1])
    }

    @Test func nestedElementwise() throws {
        let builder = ColumnBuilder(.array(.string))
        builder.children[0].append("1")
        builder.children[0].append("x")
        builder.append(listOf: 2)
        builder.appendNull()
        let lists = builder.finish()
        let cast = try Cast.apply(lists, to: .array(.int), rows: .all(2), count: 2)
        #expect(texts(cast) == ["[1,null]", "NULL"])
    }

    @Test func localTimeZone() throws {
        let zone = try #require(try ZoneRules.named("Europe/Berlin"))
        let context = CastContext(zone: zone)
        let local = try column(.timestamp, texts: ["2020-07-01 12:00:00", "2020-01-01 12:00:00.5"])
        let instants = try Cast.apply(local, to: .timestampLocalTimeZone, rows: .all(2), count: 2, context: context)
        #expect(elements(instants, Timestamp.self).map { $0?.seconds } == [1_593_597_600, 1_577_876_400])
        let text = try Cast.apply(instants, to: .string, rows: .all(2), count: 2, context: context)
        #expect(texts(text) == ["2020-07-01 12:00:00.0 Europe/Berlin", "2020-01-01 12:00:00.5 Europe/Berlin"])
        let back = try Cast.apply(text, to: .timestampLocalTimeZone, rows: .all(2), count: 2)
        #expect(elements(back, Timestamp.self) == elements(instants, Timestamp.self))
        let civil = try Cast.apply(instants, to: .timestamp, rows: .all(2), count: 2, context: context)
        #expect(elements(civil, Timestamp.self) == elements(local, Timestamp.self))
    }

    @Test func intervals() throws {
        #expect(texts(try column(.intervalYearMonth, texts: ["1-2", "-1-2", "1-12", "x"])) == ["1-2", "-1-2", "NULL", "NULL"])
        #expect(
            texts(try column(.intervalDayTime, texts: ["1 02:03:04.5", "-1 02:03:04.5", "0 0:0:0", "1"]))
                == ["1 02:03:04.500000000", "-1 02:03:04.500000000", "0 00:00:00.000000000", "NULL"])
    }
}
