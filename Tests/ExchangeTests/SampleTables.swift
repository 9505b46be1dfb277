import Columnar
import Exchange
import FeatureTables
import Foundation

/// A folder that goes with the object.
final class ScratchFolder {
    let path = NSTemporaryDirectory() + "/hiveql-exchange-\(UInt64.random(in: 0 ... .max))"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: file(name)))) }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? [] }
}

/// The same rows dense and sparse, with a class, a missing value and numbers that are hard to write.
func sampleTable(isSparse: Bool, label: FeatureLabel? = .classes(codes: [1, 0, 1], names: ["no", "a,b"])) throws -> FeatureTable {
    let rows: [[Double]] = [[0.1, 0, .nan], [0, 0, -0.0], [1e300, -.infinity, 5]]
    let names = ["x", "k=\"a,b\"\n", "ü'%"]
    let matrix = try isSparse ? FeatureMatrix(sparse: rows, columnNames: names) : FeatureMatrix(rows: rows, columnNames: names)
    return try FeatureTable(matrix: matrix, label: label, labelName: "y", weights: [1, 0.5, 2])
}

func column(_ type: SQLType, _ count: Int, _ append: (ColumnBuilder, Int) -> Void) -> Column {
    let builder = ColumnBuilder(type, capacity: count)
    for row in 0..<count { append(builder, row) }
    return builder.finish()
}
