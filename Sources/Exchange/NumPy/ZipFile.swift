import CZlib
import TableFormats

/// Writes a ZIP file, entry by entry. Sizes are 64 bits where they have to be, and every local header leaves room for that.
/// Entries have no times, so that equal contents give equal bytes.
package final class ZipFile {
    private struct Entry {
        var name: [UInt8]
        var offset: Int
        var checksum: UInt32 = 0
        var size = 0
        var storedSize = 0
    }

    private let file: ExportFile
    private let isCompressed: Bool
    private var entries: [Entry] = []
    /// From here on sizes and offsets take 64 bits.
    private let limit: Int

    private static let none = UInt32.max
    /// 1 January 1980.
    private static let date: UInt16 = 0x21
    private static let version: UInt16 = 45

    /// - Parameter limit: what 32 bits have no room for; less than that in tests.
    package init(_ file: ExportFile, isCompressed: Bool, limit: Int = Int(UInt32.max)) {
        self.file = file
        self.isCompressed = isCompressed
        self.limit = limit
    }

    /// Appends an entry whose bytes `body` gives, piece by piece.
    package func add(_ name: String, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
        var entry = Entry(name: Array(name.utf8), offset: file.byteCount)
        try file.append(localHeader(entry))
        let start = file.byteCount
        let compressor = isCompressed ? try ZlibCompressor.raw() : nil
        var checksum: UInt = 0
        var size = 0
        let emit = { (bytes: UnsafePointer<UInt8>, count: Int) in
            try self.file.append(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        try body { bytes in
            guard let first = bytes.baseAddress, bytes.count > 0 else { return }
            let pointer = first.assumingMemoryBound(to: UInt8.self)
            checksum = crc32_z(checksum, pointer, bytes.count)
            size += bytes.count
            if let compressor { try compressor.compress(pointer, bytes.count, emit: emit) } else { try self.file.append(bytes) }
        }
        try compressor?.finish(emit: emit)
        entry.checksum = UInt32(truncatingIfNeeded: checksum)
        entry.size = size
        entry.storedSize = file.byteCount - start
        entries.append(entry)
        try file.overwrite(localHeader(entry), at: entry.offset)
    }

    /// Writes the directory.
    package func finish() throws {
        let start = file.byteCount
        for entry in entries { try file.append(directoryEntry(entry)) }
        let size = file.byteCount - start
        let needsMore = entries.count >= 0xFFFF || size >= limit || start >= limit
        var end: [UInt8] = []
        if needsMore {
            end.append(littleEndian: UInt32(0x0606_4B50))
            end.append(littleEndian: UInt64(44))
            for _ in 0..<2 { end.append(littleEndian: Self.version) }
            for _ in 0..<2 { end.append(littleEndian: UInt32(0)) }
            for _ in 0..<2 { end.append(littleEndian: UInt64(entries.count)) }
            end.append(littleEndian: UInt64(size))
            end.append(littleEndian: UInt64(start))
            end.append(littleEndian: UInt32(0x0706_4B50))
            end.append(littleEndian: UInt32(0))
            end.append(littleEndian: UInt64(start + size))
            end.append(littleEndian: UInt32(1))
        }
        end.append(littleEndian: UInt32(0x0605_4B50))
        for _ in 0..<2 { end.append(littleEndian: UInt16(0)) }
        for _ in 0..<2 { end.append(littleEndian: UInt16(clamping: entries.count)) }
        end.append(littleEndian: short(size))
        end.append(littleEndian: short(start))
        end.append(littleEndian: UInt16(0))
        try file.append(end)
    }

    private func localHeader(_ entry: Entry) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(0x0403_4B50))
        appendCommon(entry, to: &bytes)
        for _ in 0..<2 { bytes.append(littleEndian: Self.none) }
        bytes.append(littleEndian: UInt16(entry.name.count))
        bytes.append(littleEndian: UInt16(20))
        bytes += entry.name
        bytes.append(littleEndian: UInt16(1))
        bytes.append(littleEndian: UInt16(16))
        bytes.append(littleEndian: UInt64(entry.size))
        bytes.append(littleEndian: UInt64(entry.storedSize))
        return bytes
    }

    /// Version, flags (names are UTF-8), method, time and checksum.
    private func appendCommon(_ entry: Entry, to bytes: inout [UInt8]) {
        bytes.append(littleEndian: Self.version)
        bytes.append(littleEndian: UInt16(1 << 11))
        bytes.append(littleEndian: UInt16(isCompressed ? 8 : 0))
        bytes.append(littleEndian: UInt16(0))
        bytes.append(littleEndian: Self.date)
        bytes.append(littleEndian: entry.checksum)
    }

    /// All bits set for what stands elsewhere with 64.
    private func short(_ value: Int) -> UInt32 { value >= limit ? Self.none : UInt32(clamping: value) }

    private func directoryEntry(_ entry: Entry) -> [UInt8] {
        var more: [UInt8] = []
        for value in [entry.size, entry.storedSize, entry.offset] where value >= limit {
            more.append(littleEndian: UInt64(value))
        }
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(0x0201_4B50))
        bytes.append(littleEndian: Self.version)
        appendCommon(entry, to: &bytes)
        bytes.append(littleEndian: short(entry.storedSize))
        bytes.append(littleEndian: short(entry.size))
        bytes.append(littleEndian: UInt16(entry.name.count))
        bytes.append(littleEndian: UInt16(more.isEmpty ? 0 : more.count + 4))
        for _ in 0..<3 { bytes.append(littleEndian: UInt16(0)) }
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: short(entry.offset))
        bytes += entry.name
        if !more.isEmpty {
            bytes.append(littleEndian: UInt16(1))
            bytes.append(littleEndian: UInt16(more.count))
            bytes += more
        }
        return bytes
    }
}
