#if os(Linux)
import CZlib
import Engine
import Glibc
import Platform
import TestSupport

/// Damaged files of tables, plain and compressed: however they are read, the rows are the same, and those of files that are
/// only odd are as many as they have lines.
final class FileBreaker: Breaker {
    let trialsOfARound = 500
    private static let schema = """
        i int, s string, d double, b boolean, t tinyint, sm smallint, l bigint, f float, m decimal(12,3), n decimal(38,10), \
        v varchar(4), c char(3), bin binary, da date, ts timestamp, a array<int>, mp map<string,double>, \
        st struct<a:int,b:array<string>>
        """
    private static let line =
        #"12|text|-73.980072|true|7|300|9000000000|0.1|123.456|1e5|abcdef|ab |YWJj|2013-01-01|2013-01-01 10:11:12.5|1,2,3|a:1.5,b:2|1,x"#
    private static let formats = [
        "fields terminated by '|' collection items terminated by ',' map keys terminated by ':'",
        "fields terminated by '|' escaped by '\\\\' collection items terminated by ',' map keys terminated by ':'",
        "fields terminated by '|' collection items terminated by ',' map keys terminated by ':' null defined as '1'",
    ]

    private let folder: String
    private let seed: UInt64
    private let ways: [(name: String, session: Session)]
    private var table = ""
    private var path = ""
    /// Nil: it cannot be told.
    private var lineCount: Int?

    init(folder: String, seed: UInt64) throws {
        self.folder = folder
        self.seed = seed
        let warehouse = try Warehouse(at: "\(folder)/warehouse")
        ways = try [
            ("plain", ["hiveql.threads": "1"]),
            ("scattered", ["hiveql.threads": "4"]),
            ("tiny", ["hiveql.threads": "1", "hiveql.batch.size": "3"]),
        ].map { ($0, try Session(warehouse: warehouse, settings: $1.merging(["hiveql.memory.limit": "256m"]) { $1 })) }
        for (number, format) in Self.formats.enumerated() {
            try ways[0].session.execute("create table t\(number) (\(Self.schema)) row format delimited \(format)")
        }
    }

    func prepare(_ trial: Int) throws -> String? {
        var random = RandomSource(seed: seed &+ UInt64(trial) &* 104_729)
        if !path.isEmpty { unlink(path) }
        table = "t\(random.below(Self.formats.count))"
        var bytes: [UInt8] = []
        for _ in 0..<random.pick([0, 1, 2, 12, 300], or: 1) { bytes += Array(Self.line.utf8) + [10] }
        Self.mutate(&bytes, &random)
        if random.chance(5) {
            // A line that no split holds.
            let place = random.below(bytes.count + 1)
            let byte: UInt8 = random.pick([0x61, 0, 0x7C, 0x80], or: 0)
            // What is no text takes Swift's strings a second for three megabytes.
            bytes.insert(contentsOf: [UInt8](repeating: byte, count: byte < 0x80 ? 3_000_000 : 200_000), at: place)
        }
        lineCount = Self.lineCount(bytes)
        let ending = random.pick(["", "", ".gz", ".gz", ".deflate", ".deflate"], or: "")
        if !ending.isEmpty { compress(&bytes, gzip: ending == ".gz", &random) }
        path = "\(folder)/warehouse/\(table)/file\(ending)"
        try FileReplacement.write(bytes, to: path)
        // No more pieces than take a moment.
        for (way, least) in zip(ways, [1 << 22, 64, 1000]) {
            try way.session.set("hiveql.split.bytes", to: "\(max(least, bytes.count / 500))")
        }
        return "\(table)/file\(ending), \(bytes.count) bytes: \(Self.shown(bytes))"
    }

    private func compress(_ bytes: inout [UInt8], gzip: Bool, _ random: inout RandomSource) {
        // Members end anywhere, also within a line.
        var members: [[UInt8]] = []
        for _ in 0..<random.pick([0, 0, 1, 3], or: 0) {
            let cut = random.below(bytes.count + 1)
            members.append(Array(bytes[..<cut]))
            bytes.removeFirst(cut)
        }
        members.append(bytes)
        bytes = members.flatMap { deflated($0, gzip: gzip, level: Int32(random.below(10))) }
        guard random.chance(60) else { return }
        lineCount = nil
        random.damage(&bytes)
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout RandomSource) {
        let special = Array("|,:\\\n\r\0\u{1}\u{2}\u{3}-+.eE09 ".utf8) + [0xFF, 0xC3, 0x80]
        for _ in 0..<random.below(40) where !bytes.isEmpty {
            let at = random.below(bytes.count)
            switch random.below(6) {
            case 0: bytes[at] = UInt8(random.below(256))
            case 1: bytes.remove(at: at)
            case 2: bytes.insert(random.pick(special, or: 0), at: at)
            case 3: bytes[at] = random.pick(special, or: 0)
            case 4:
                let end = min(bytes.count, at + 1 + random.below(30))
                bytes.insert(contentsOf: Array(bytes[at..<end]), at: random.below(bytes.count))
            default: if random.chance(20) { bytes.removeSubrange(at...) }
            }
        }
    }

    /// Lines end with a line feed, a carriage return, or both, as Hadoop reads them.
    private static func lineCount(_ bytes: [UInt8]) -> Int {
        var count = 0
        var isInLine = false
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            isInLine = byte != 10 && byte != 13
            if !isInLine {
                count += 1
                if byte == 13, position + 1 < bytes.count, bytes[position + 1] == 10 { position += 1 }
            }
            position += 1
        }
        return count + (isInLine ? 1 : 0)
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        let text = bytes.prefix(20_000).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(text) + (bytes.count > 20_000 ? "…" : "")
    }

    func run() throws -> BreakOutcome {
        var expected: [String]?
        var refusal: BreakOutcome?
        for (name, session) in ways {
            do {
                let rows = try session.sorted("select * from \(table)")
                let count = try session.lines("select count(*) from \(table)")
                if count != ["\(rows.count)"] { return .mixed("\(name): \(rows.count) rows, but count(*) is \(count)") }
                if let lineCount, lineCount != rows.count { return .mixed("\(name): \(rows.count) rows of \(lineCount) lines") }
                if let refusal { return .mixed("\(name) gave \(rows.count) rows, another way failed: \(refusal)") }
                if let expected, expected != rows { return .mixed("\(name): other rows than the first way") }
                expected = rows
            } catch {
                refusal = BreakOutcome(error)
                guard case .refused? = refusal else { return refusal ?? .refused }
                if let lineCount { return .mixed("\(name): \(lineCount) lines cannot be read: \(error)") }
                if let expected { return .mixed("\(name) failed where another way gave \(expected.count) rows: \(error)") }
            }
        }
        return refusal ?? .value
    }

    func cancel() { for way in ways { way.session.cancel() } }
}

/// One gzip member, or one zlib stream.
private func deflated(_ bytes: [UInt8], gzip: Bool, level: Int32) -> [UInt8] {
    var stream = z_stream()
    guard deflateInit2_(&stream, level, Z_DEFLATED, gzip ? 31 : 15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return [] }
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
    let count = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            _ = deflate(&stream, Z_FINISH)
            return Int(stream.total_out)
        }
    }
    return Array(output[..<count])
}
#endif
