import Columnar

/// SEQUENCEFILE: the values of records are text as in lines, or binary; a morsel is a range of bytes.
final class SequenceTableFormat: TableFormat {
    private let serde: SequenceSerDe
    private let options: SequenceWriteOptions

    init(_ storage: TableStorage) throws {
        var options = try SequenceWriteOptions(storage)
        if storage.serde.hasSuffix("LazyBinarySerDe") {
            serde = .binary
            options.value = .bytes
        } else {
            let text = try TextFormat(storage)
            serde = .text(text, try TextSerDes.serde(of: storage, format: text))
        }
        self.options = options
    }

    func splits(of files: [ScanFile], for request: ScanRequest, splitBytes: Int) throws -> FileSplits {
        var result = FileSplits()
        for file in files where file.byteCount > 0 {
            let opened = try SequenceFile(file, memory: request.makeMemory?("the header of a sequence file"))
            result.splits += ByteRangeSplit.splits(of: file, opened: opened, splitBytes: splitBytes)
        }
        return result
    }

    func makeReader(_ request: ScanRequest) throws -> any SplitReader {
        SequenceSplitReader(request, serde)
    }

    func makeWriter(schema: [SchemaColumn]) throws -> any TableFileWriter {
        try SequenceTableWriter(schema: schema, serde: serde, options: options)
    }
}

/// How the bytes of a record become a row.
enum SequenceSerDe: Sendable {
    /// A SerDe of lines. Records are written by `LazySimpleSerDe` alone.
    case text(TextFormat, any TextSerDe)
    /// `LazyBinarySerDe`
    case binary
}

extension SequenceWriteOptions {
    /// As the session has it, by the names of Hadoop 2 and 1.
    /// - Throws: `TableFormatError` for a value that cannot be heeded.
    init(_ storage: TableStorage) throws {
        self.init()
        guard storage.option("hive.exec.compress.output")?.lowercased() == "true" else { return }
        let type = storage.option(
            "mapreduce.output.fileoutputformat.compress.type", settings: ["mapred.output.compression.type"])
        switch type?.uppercased() ?? "RECORD" {
        case "NONE": return
        case "RECORD": compression = .record
        case "BLOCK": compression = .block
        case let other: throw TableFormatError("the compression type \(other) of sequence files is unknown", path: "")
        }
        if let name = storage.option(
            "mapreduce.output.fileoutputformat.compress.codec", settings: ["mapred.output.compression.codec"])
        {
            codecClass = name
            _ = try HadoopCodec.blockKind(ofClass: name, path: "")
        }
    }
}
