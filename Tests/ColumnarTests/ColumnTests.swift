import Columnar
import Testing

@Suite struct ColumnTests {
    @Test func nullsOfEveryEncoding() {
        let builder = ColumnBuilder(.int)
        builder.append(Int32(7))
        builder.appendNull()
        let flat = builder.finish()
        #expect(!flat.isNull(0))
        #expect(flat.isNull(1))
        let picked: [Int32] = [1, 0, 1]
        let dictionary = Column.dictionary(flat, indices: picked, count: 3)
        #expect(dictionary.isNull(0) && !dictionary.isNull(1) && dictionary.isNull(2))
        let decoded = dictionary.decoded(.all(3))
        #expect(decoded.values(as: Int32.self)[1] == 7)
        #expect(decoded.isNull(2))
        #expect(Column.nulls(.string, count: 4).isNull(3))
    }
}
