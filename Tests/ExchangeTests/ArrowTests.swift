import Columnar
import Exchange
import FeatureTables
import Testing

/// Reads as much of a FlatBuffer as the tests ask for.
private struct Table {
    let bytes: [UInt8]
    let place: Int

    func number(_ place: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) } }

    init(_ bytes: [UInt8], at place: Int) {
        self.bytes = bytes
        self.place = place
    }

    init(root bytes: [UInt8]) {
        self.init(bytes, at: 0)
        self = Table(bytes, at: number(0, 4))
    }

    /// Where a field stands; nil when it is absent.
    func field(_ number: Int) -> Int? {
        let fields = place - Int(Int32(truncatingIfNeeded: self.number(place, 4)))
        guard 4 + 2 * number < self.number(fields, 2) else { return nil }
        let offset = self.number(fields + 4 + 2 * number, 2)
        return offset == 0 ? nil : place + offset
    }

    func integer(_ field: Int, _ count: Int) -> Int { self.field(field).map { number($0, count) } ?? 0 }
    private func target(_ field: Int) -> Int { self.field(field).map { $0 + number($0, 4) } ?? 0 }
    func table(_ field: Int) -> Table { Table(bytes, at: target(field)) }

    func text(_ field: Int) -> String {
        let start = target(field)
        return String(decoding: bytes[(start + 4)..<(start + 4 + number(start, 4))], as: UTF8.self)
    }

    func tables(_ field: Int) -> [Table] {
        let start = target(field)
        return (0..<number(start, 4)).map { index in
            let place = start + 4 + 4 * index
            return Table(bytes, at: place + number(place, 4))
        }
    }

    /// A vector of structs of 64-bit words.
    func words(_ field: Int, each: Int) -> [Int] {
        let start = target(field)
        return (0..<number(start, 4) * each).map { number(start + 4 + 8 * $0, 8) }
    }
}

/// Messages of a stream that begins at `start`: heads, and where their bodies begin.
private func messages(_ file: [UInt8], from start: Int) throws -> [(head: Table, body: Int)] {
    var result: [(Table, Int)] = []
    var place = start
    while true {
        let frame = Table(file, at: 0)
        try #require(frame.number(place, 4) == 0xFFFF_FFFF)
        let size = frame.number(place + 4, 4)
        if size == 0 { return result }
        let head = Table(root: Array(file[(place + 8)..<(place + 8 + size)]))
        result.append((head, place + 8 + size))
        place += 8 + size + head.integer(3, 8)
    }
}

@Suite struct ArrowTests {
    @Test(arguments: [false, true]) func schemaAndBuffers(isStream: Bool) throws {
        let folder = try ScratchFolder()
        let type = SQLType.array(.smallint)
        let schema = [
            SchemaColumn(name: "naïve \"n\"\n", type: .bigint), SchemaColumn(name: "s", type: .string), SchemaColumn(name: "l", type: type),
            SchemaColumn(name: "t", type: .boolean),
        ]
        let batch = Batch(
            columns: [
                column(.bigint, 3) { $1 == 1 ? $0.appendNull() : $0.append(Int64(-1 - $1)) },
                column(.string, 3) { $0.append(["a", "", "ü"][$1]) },
                column(type, 3) { builder, row in
                    if row == 1 { return builder.appendNull() }
                    for item in 0..<row { builder.children[0].append(Int16(item + 5)) }
                    builder.append(listOf: row)
                },
                Column.constant(UInt8(1), type: .boolean, count: 3),
            ], capacity: 3)
        let export = try RowExport(schema: schema, to: folder.file("f"), format: isStream ? .arrowStream : .arrow)
        try export.write(batch)
        try export.write(batch)
        try export.finish()
        let file = try folder.bytes("f")
        if !isStream { #expect(file.starts(with: Array("ARROW1\0\0".utf8)) && file.suffix(6) == Array("ARROW1".utf8)[...]) }
        let parts = try messages(file, from: isStream ? 0 : 8)
        #expect(parts.count == 3 && parts.allSatisfy { $0.body % 64 == 0 && $0.head.integer(0, 2) == 4 })
        let fields = parts[0].head.table(2).tables(1)
        #expect(fields.map { $0.text(0) } == schema.map(\.name))
        #expect(fields.map { $0.integer(1, 1) } == [1, 1, 1, 1] && fields.map { $0.integer(2, 1) } == [2, 5, 12, 6])
        #expect(fields[0].table(3).integer(0, 4) == 64 && fields[0].table(3).integer(1, 1) == 1)
        #expect(fields[2].tables(5).map { $0.table(3).integer(0, 4) } == [16])
        let (head, body) = parts[2]
        let record = head.table(2)
        #expect(record.integer(0, 8) == 3)
        #expect(record.words(1, each: 2) == [3, 1, 3, 0, 3, 1, 2, 0, 3, 0])
        let buffers = record.words(2, each: 2)
        let contents = stride(from: 0, to: buffers.count, by: 2).map { place -> [UInt8] in
            #expect(buffers[place] % 64 == 0)
            return Array(file[(body + buffers[place])..<(body + buffers[place] + buffers[place + 1])])
        }
        #expect(contents[0] == [0b101] && contents[1].prefix(9) == [255, 255, 255, 255, 255, 255, 255, 255, 0])
        #expect(contents[2] == [] && contents[3] == [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0] && contents[4] == [0x61, 0xC3, 0xBC])
        #expect(contents[5] == [0b101] && contents[6] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0] && contents[8] == [5, 0, 6, 0])
        #expect(contents[10] == [0b111])
        guard !isStream else { return }
        let count = Table(file, at: 0).number(file.count - 10, 4)
        let footer = Table(root: Array(file[(file.count - 10 - count)..<(file.count - 10)]))
        #expect(footer.table(1).tables(1).map { $0.text(0) } == schema.map(\.name))
        let blocks = footer.words(3, each: 3)
        #expect(blocks.count == 6 && blocks[3] + blocks[4] & 0xFFFF_FFFF == body)
    }

    @Test func aMissingFeatureIsNullAndALabelIsNot() throws {
        let folder = try ScratchFolder()
        try sampleTable(isSparse: false).export(to: folder.file("f"), format: .arrowStream)
        let parts = try messages(try folder.bytes("f"), from: 0)
        let fields = parts[0].head.table(2).tables(1)
        #expect(fields.map { $0.integer(1, 1) } == [1, 1, 1, 0, 0] && fields.map { $0.integer(2, 1) } == [3, 3, 3, 5, 3])
        #expect(parts[1].head.table(2).words(1, each: 2) == [3, 0, 3, 0, 3, 1, 3, 0, 3, 0])
    }

    @Test func timesThatDoNotFitAreRefused() throws {
        let folder = try ScratchFolder()
        let export = try RowExport(schema: [SchemaColumn(name: "at", type: .timestamp)], to: folder.file("f"), format: .arrow)
        let batch = Batch(columns: [Column.constant(Timestamp(seconds: 1 << 40), type: .timestamp, count: 1)], capacity: 1)
        let error = #expect(throws: ExportError.self) { try export.write(batch) }
        #expect(error?.reason.hasPrefix("column 'at' holds a time outside") == true)
    }
}
