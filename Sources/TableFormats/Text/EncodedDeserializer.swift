import CKernels
import Columnar

/// Lines in another encoding than UTF-8, which are cut as Hive cuts them, at single bytes, and then made UTF-8 of.
final class EncodedDeserializer: LineDeserializer {
    private let inner: any LineDeserializer
    private let encoding: TextEncoding
    private let decoder: TextDecoder
    private let memory: ScanMemoryUse
    private var lines: TextLines?
    private var lineCapacity = 0
    private var storage: UnsafeMutablePointer<UInt8>
    private var capacity = 0
    private var ends: [Int] = []
    /// The batch that was decoded last.
    private var known: (path: String, offset: Int, count: Int)?
    private static let padding = Int(HIVEQL_TEXT_PADDING)

    init(_ inner: any LineDeserializer, _ encoding: TextEncoding, memory: ScanMemoryUse) throws {
        self.inner = inner
        self.encoding = encoding
        self.memory = memory
        decoder = try TextDecoder(encoding)
        storage = .allocate(capacity: 2 * Self.padding)
        storage.initialize(repeating: 0, count: 2 * Self.padding)
    }

    deinit {
        storage.deallocate()
        memory.shrink(by: capacity)
    }

    var structure: LineStructure { encoding.keepsASCII ? inner.structure : .none }

    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) throws -> [Column] {
        guard batch.count > 0 else { return try inner.columns(ordinals, of: batch, rows: rows) }
        if encoding.keepsASCII, batch.isASCII { return try inner.columns(ordinals, of: batch, rows: rows) }
        let offset = batch.offset(of: 0)
        if known?.path != batch.path || known?.offset != offset || known?.count != batch.count { try decode(batch) }
        guard let lines else { return [] }
        known = (batch.path, offset, batch.count)
        return try inner.columns(ordinals, of: LineBatch(lines, text: text, of: batch), rows: rows)
    }

    private var text: UnsafePointer<UInt8> { UnsafePointer(storage + Self.padding) }

    private func decode(_ batch: LineBatch) throws {
        known = nil
        var size = 0
        for row in 0..<batch.count { size += batch.line(row).count * TextDecoder.growth + 16 }
        guard size <= 1 << 30 else {
            throw TableFormatError("lines in \(encoding.name) are too long", path: batch.path, offset: batch.offset(of: 0))
        }
        if size > capacity {
            try memory.grow(by: size - capacity, path: batch.path, offset: batch.offset(of: 0))
            storage.deallocate()
            capacity = size
            storage = .allocate(capacity: size + 2 * Self.padding)
            storage.initialize(repeating: 0, count: size + 2 * Self.padding)
        }
        ends.removeAll(keepingCapacity: true)
        let begin = storage + Self.padding
        var target = begin
        for row in 0..<batch.count {
            target = decoder.decode(batch.line(row), to: target)
            ends.append(target - begin)
        }
        if lineCapacity < batch.count {
            lineCapacity = batch.count
            lines = TextLines(capacity: batch.count, memory: memory)
        }
        try ends.withUnsafeBufferPointer { ends in
            guard let first = ends.baseAddress else { return }
            try lines?.take(batch, text, from: 0, ends: first, structure: inner.structure)
        }
    }
}
