/// Numbers as Hadoop's `Writable` classes have them.
enum HadoopNumber {
    /// Bytes of the number that begins with `first`, that one included (`WritableUtils.decodeVIntSize`).
    @inline(__always)
    static func size(_ first: UInt8) -> Int {
        let value = Int8(bitPattern: first)
        if value >= -112 { return 1 }
        return value < -120 ? -119 - Int(value) : -111 - Int(value)
    }

    /// The number whose bytes are there (`WritableUtils.readVLong`).
    @inline(__always)
    static func value(_ bytes: UnsafePointer<UInt8>, _ size: Int) -> Int64 {
        let first = Int8(bitPattern: bytes[0])
        if size == 1 { return Int64(first) }
        var value: UInt64 = 0
        for index in 1..<size { value = value << 8 | UInt64(bytes[index]) }
        return Int64(bitPattern: first < -120 ? ~value : value)
    }

    /// Reads a number at `at` and moves behind it; nil when it does not lie before `end`.
    @inline(__always)
    static func next(_ bytes: UnsafePointer<UInt8>, _ at: inout Int, _ end: Int) -> Int64? {
        guard at < end else { return nil }
        let size = size(bytes[at])
        guard size <= end - at else { return nil }
        let number = value(bytes + at, size)
        at += size
        return number
    }

    /// Four bytes, the highest first.
    @inline(__always)
    static func int(_ bytes: UnsafePointer<UInt8>) -> Int {
        Int(Int32(bigEndian: UnsafeRawPointer(bytes).loadUnaligned(as: Int32.self)))
    }

    @inline(__always)
    static func write(int value: Int, to target: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(target).storeBytes(of: Int32(truncatingIfNeeded: value).bigEndian, as: Int32.self)
    }
}

extension FileWindow {
    /// A number of Hadoop's variable length.
    func hadoopNumber(_ what: @autoclosure () -> String) throws -> Int {
        let first = try require(1, what()).pointee
        let size = HadoopNumber.size(first)
        let value = HadoopNumber.value(try require(size, what()), size)
        skip(size)
        return Int(value)
    }

    func int(_ what: @autoclosure () -> String) throws -> Int {
        let value = HadoopNumber.int(try require(4, what()))
        skip(4)
        return value
    }

    func byte(_ what: @autoclosure () -> String) throws -> UInt8 {
        let value = try require(1, what()).pointee
        skip(1)
        return value
    }

    /// A text of Hadoop: its length and its UTF-8.
    /// - Parameter limit: a longer one is damage.
    func hadoopText(_ what: @autoclosure () -> String, limit: Int = 1 << 20) throws -> String {
        let count = try hadoopNumber(what())
        guard count >= 0, count <= limit else {
            throw TableFormatError("damaged file: \(what()) of \(count) bytes", path: path, offset: offset)
        }
        let text = String(decoding: UnsafeBufferPointer(start: try require(count, what()), count: count), as: UTF8.self)
        skip(count)
        return text
    }

    /// `SequenceFile.Metadata`: a number of texts, each with a text.
    func hadoopMetadata() throws -> [String: String] {
        let count = try int("the metadata")
        guard count >= 0, count <= remaining / 2 else {
            throw TableFormatError("damaged file: \(count) entries of metadata", path: path, offset: offset)
        }
        var metadata: [String: String] = [:]
        for _ in 0..<count {
            let key = try hadoopText("a key of the metadata")
            metadata[key] = try hadoopText("a value of the metadata")
        }
        return metadata
    }

    /// Goes behind the first `marker` that begins at or behind the window's place and before `limit`; to the file's end when
    /// there is none.
    func skip(behind marker: [UInt8], before limit: Int) throws {
        try marker.withUnsafeBufferPointer { marker in
            while remaining >= marker.count, offset < limit {
                let bytes = try available(marker.count)
                let last = bytes.count - marker.count
                var at = 0
                while at <= last {
                    if bytes[at] == marker[0], bytes[at..<(at + marker.count)].elementsEqual(marker) {
                        guard offset + at < limit else { return skip(remaining) }
                        return skip(at + marker.count)
                    }
                    at += 1
                }
                skip(at)
            }
            skip(remaining)
        }
    }
}
