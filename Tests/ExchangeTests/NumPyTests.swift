import Columnar
import Exchange
import FeatureTables
import Testing

/// Reads `.npy` and stored `.npz` files.
private struct NumPyArray: Equatable {
    var type = ""
    var shape = ""
    var bytes: [UInt8] = []

    init(_ file: [UInt8]) throws {
        try #require(file.starts(with: [0x93] + Array("NUMPY".utf8)))
        let length = file[6] == 1 ? Int(file[8]) | Int(file[9]) << 8 : Int(file[8]) | Int(file[9]) << 8 | Int(file[10]) << 16
        let start = (file[6] == 1 ? 10 : 12) + length
        try #require(start % 64 == 0 && file.count >= start && file[start - 1] == 10)
        let header = String(decoding: file[(file[6] == 1 ? 10 : 12)..<start], as: UTF8.self)
        type = String(header.split(separator: "'")[3])
        shape = String(header[header.firstIndex(of: "(")!...header.firstIndex(of: ")")!])
        bytes = Array(file[start...])
    }

    var doubles: [Double] {
        stride(from: 0, to: bytes.count, by: 8).map { place in bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Double.self) } }
    }

    var integers: [Int32] {
        stride(from: 0, to: bytes.count, by: 4).map { place in bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Int32.self) } }
    }
}

private func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
}

/// The entries of a ZIP file by its directory.
private func entries(_ file: [UInt8]) throws -> [String: [UInt8]] {
    let end = file.count - 22
    try #require(number(file, end, 4) == 0x0605_4B50)
    var place = number(file, end + 16, 4)
    var result: [String: [UInt8]] = [:]
    for _ in 0..<number(file, end + 10, 2) {
        try #require(number(file, place, 4) == 0x0201_4B50)
        let (method, size, nameCount, offset) = (
            number(file, place + 10, 2), number(file, place + 20, 4), number(file, place + 28, 2), number(file, place + 42, 4)
        )
        let name = String(decoding: file[(place + 46)..<(place + 46 + nameCount)], as: UTF8.self)
        try #require(number(file, offset, 4) == 0x0403_4B50 && number(file, offset + 14, 4) == number(file, place + 16, 4))
        let start = offset + 30 + number(file, offset + 26, 2) + number(file, offset + 28, 2)
        // Sizes of 64 bits in front.
        try #require(number(file, start - 8, 8) == size && number(file, start - 16, 8) == number(file, place + 24, 4))
        result[name] = method == 0 ? Array(file[start..<(start + size)]) : []
        place += 46 + nameCount + number(file, place + 30, 2)
    }
    return result
}

@Suite struct NumPyTests {
    @Test func matrixOfRows() throws {
        let folder = try ScratchFolder()
        let schema = [SchemaColumn(name: "b", type: .bigint), SchemaColumn(name: "q", type: .decimal(precision: 5, scale: 2)), SchemaColumn(name: "t", type: .boolean)]
        func batch(_ value: Int64, _ rows: Int) -> Batch {
            Batch(
                columns: [
                    column(.bigint, rows) { $0.append(value + Int64($1)) },
                    column(.decimal(precision: 5, scale: 2), rows) { $1 == 1 ? $0.appendNull() : $0.append(Int128(-150 + $1)) },
                    Column.constant(UInt8(1), type: .boolean, count: rows),
                ], capacity: rows)
        }
        let export = try RowExport(schema: schema, to: folder.file("f.npy"), format: .npy)
        try export.write(batch(7, 2))
        try export.write(batch(-9, 1))
        try export.finish()
        let array = try NumPyArray(folder.bytes("f.npy"))
        #expect(array.type == "<f8" && array.shape == "(3, 3)")
        #expect(array.doubles.map { $0.isNaN ? 77 : $0 } == [7, -1.5, 1, 8, 77, 1, -9, -1.5, 1])
        let large = try RowExport(schema: schema, to: folder.file("g.npy"), format: .npy)
        #expect(throws: ExportError.self) { try large.write(batch(1 << 53, 2)) }
    }

    @Test func archiveOfFeatures() throws {
        let folder = try ScratchFolder()
        try sampleTable(isSparse: false).export(to: folder.file("f.npz"), format: .npz)
        let members = try entries(try folder.bytes("f.npz"))
        #expect(members.keys.sorted() == ["X.npy", "classes.npy", "feature_names.npy", "weights.npy", "y.npy"])
        let features = try NumPyArray(try #require(members["X.npy"]))
        #expect(features.shape == "(3, 3)" && features.doubles[0] == 0.1 && features.doubles[2].isNaN)
        #expect(features.doubles[5].sign == .minus && features.doubles[7] == -.infinity)
        #expect(try NumPyArray(try #require(members["y.npy"])).integers == [1, 0, 1])
        #expect(try NumPyArray(try #require(members["weights.npy"])).doubles == [1, 0.5, 2])
        let names = try NumPyArray(try #require(members["feature_names.npy"]))
        #expect(names.type == "<U8" && names.shape == "(3,)" && names.bytes.count == 3 * 8 * 4)
        #expect(names.integers[8] == 0x6B && names.integers[16] == 0xFC && names.integers[1] == 0)
    }

    @Test func sparseArchiveIsSciPys() throws {
        let folder = try ScratchFolder()
        try sampleTable(isSparse: true, label: .numbers([1, 2, 3])).export(to: folder.file("f.npz"), format: .npz)
        let members = try entries(try folder.bytes("f.npz"))
        #expect(Set(members.keys).isSuperset(of: ["indices.npy", "indptr.npy", "format.npy", "shape.npy", "data.npy"]))
        #expect(try NumPyArray(try #require(members["indices.npy"])).integers == [0, 2, 0, 1, 2])
        #expect(try NumPyArray(try #require(members["indptr.npy"])).integers == [0, 2, 2, 5])
        #expect(try NumPyArray(try #require(members["format.npy"])).bytes == Array("csr".utf8))
        let data = try NumPyArray(try #require(members["data.npy"]))
        #expect(data.doubles[0] == 0.1 && data.doubles[1].isNaN && data.doubles[2...] == [1e300, -.infinity, 5])
    }

    @Test func deflatedIsSmaller() throws {
        let folder = try ScratchFolder()
        let table = try FeatureTable(matrix: FeatureMatrix(rowCount: 5_000, columnNames: ["a", "b"]), label: nil)
        try table.export(to: folder.file("plain"), format: .npz)
        try table.export(to: folder.file("small"), format: .compressedNPZ)
        let (plain, small) = (try folder.bytes("plain"), try folder.bytes("small"))
        #expect(plain.count > 80_000 && small.count < 2_000)
        #expect(try entries(small).keys.sorted() == entries(plain).keys.sorted())
    }

    /// As beyond 4 GiB: sizes and offsets stand in the extra fields, and the directory has an end of its own.
    @Test func sizesOf64Bits() throws {
        let folder = try ScratchFolder()
        let file = try ExportFile(folder.file("z"))
        let zip = ZipFile(file, isCompressed: false, limit: 40)
        for (name, count) in [("small", 3), ("large", 100)] {
            try zip.add(name) { emit in try [UInt8](repeating: 7, count: count).withUnsafeBytes(emit) }
        }
        try zip.finish()
        try file.commit()
        let bytes = try folder.bytes("z")
        let end = bytes.count - 22
        #expect(number(bytes, end, 4) == 0x0605_4B50 && number(bytes, end + 12, 4) == 0xFFFF_FFFF && number(bytes, end + 16, 4) == 0xFFFF_FFFF)
        #expect(number(bytes, end - 20, 4) == 0x0706_4B50)
        let record = number(bytes, end - 20 + 8, 8)
        #expect(number(bytes, record, 4) == 0x0606_4B50 && number(bytes, record + 32, 8) == 2)
        var place = number(bytes, record + 48, 8)
        #expect(place + number(bytes, record + 40, 8) == record)
        for (size, offset) in [(3, 0), (100, 30 + 5 + 20 + 3)] {
            #expect(number(bytes, place, 4) == 0x0201_4B50)
            let isLong = size >= 40
            #expect(number(bytes, place + 20, 4) == (isLong ? 0xFFFF_FFFF : size) && number(bytes, place + 24, 4) == (isLong ? 0xFFFF_FFFF : size))
            #expect(number(bytes, place + 42, 4) == (offset >= 40 ? 0xFFFF_FFFF : offset))
            let extra = place + 46 + 5
            if isLong {
                #expect(number(bytes, extra, 2) == 1 && number(bytes, extra + 2, 2) == 24)
                #expect((0..<3).map { number(bytes, extra + 4 + 8 * $0, 8) } == [size, size, offset])
            }
            #expect(number(bytes, offset, 4) == 0x0403_4B50)
            place += 46 + 5 + number(bytes, place + 30, 2)
        }
        #expect(place == record)
    }
}
