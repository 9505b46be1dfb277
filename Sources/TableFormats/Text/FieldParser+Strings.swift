import Columnar

extension FieldParser {
    /// Fields as they stand: views into the chunk. Only fields with escapes are copied.
    func strings(_ type: SQLType) -> Column {
        let column = Column(flat: type, count: count)
        let target = column.values(as: StringView.self)
        if !rows.isAll { target.initialize(repeating: StringView(), count: count) }
        let starts = UnsafePointer(starts)
        let lengths = UnsafePointer(lengths)
        let text = text
        var validity: UnsafeMutablePointer<UInt64>?
        rows.forEach { row in
            let length = Int(lengths[row])
            if length >= 0 {
                target[row] = StringView(text + Int(starts[row]), length: length)
            } else {
                target[row] = StringView()
                if validity == nil { validity = column.makeValidity().words }
                validity.unsafelyUnwrapped[row >> 6] &= ~(1 << UInt64(row & 63))
            }
        }
        if mayBeEscaped, let escape = format.escape { unescape(column, escape) }
        return column
    }

    /// Strings cut to `length` characters; of CHAR the trailing blanks do not count.
    func characters(_ type: SQLType, length: Int, isPadded: Bool) -> Column {
        let column = strings(type)
        let target = column.values(as: StringView.self)
        rows.forEach { row in
            target[row] = Self.cut(target[row], length: length, isPadded: isPadded)
        }
        return column
    }

    @inline(__always)
    static func cut(_ view: StringView, length: Int, isPadded: Bool) -> StringView {
        var size = view.count
        if size > length { size = prefix(of: view, characters: length) }
        if isPadded {
            while size > 0, view.pointer[size - 1] == 0x20 { size -= 1 }
        }
        return size == view.count ? view : StringView(view.pointer, length: size)
    }

    /// Bytes that the first `characters` code points take.
    private static func prefix(of view: StringView, characters: Int) -> Int {
        var left = characters
        var at = 0
        while at < view.count {
            // Continuation bytes belong to the character before them.
            if view.pointer[at] & 0xC0 != 0x80 {
                if left == 0 { return at }
                left -= 1
            }
            at += 1
        }
        return at
    }

    private func unescape(_ column: Column, _ escape: UInt8) {
        let target = column.values(as: StringView.self)
        let heap = StringHeap()
        rows.forEach { row in
            let view = target[row]
            if view.bytes.contains(escape) { target[row] = Self.unescaped(view, escape, heap) }
        }
        column.heap = heap
    }

    /// An escape makes the next byte stand for itself, `r` for a carriage return and `n` for a line feed.
    static func unescaped(_ view: StringView, _ escape: UInt8, _ heap: StringHeap) -> StringView {
        let copy = heap.allocate(view.count)
        var used = 0
        var at = 0
        while at < view.count {
            var byte = view.pointer[at]
            if byte == escape, at + 1 < view.count {
                at += 1
                byte = view.pointer[at]
                if byte == UInt8(ascii: "r") { byte = 0x0D }
                if byte == UInt8(ascii: "n") { byte = 0x0A }
            }
            copy[used] = byte
            used += 1
            at += 1
        }
        heap.giveBack(view.count - used)
        return StringView(copy, length: used)
    }

    /// Base64; fields that are not stand for themselves.
    func binary(_ type: SQLType) -> Column {
        let column = strings(type)
        let target = column.values(as: StringView.self)
        let heap = column.heap ?? StringHeap()
        rows.forEach { row in target[row] = Base64.decodedOrSame(target[row], heap) }
        column.heap = heap
        return column
    }
}

/// BINARY values in text.
enum Base64 {
    /// Six bits a character; 64: white space, which is passed over; 65: `=`; 255: not Base64.
    private static let codes: [UInt8] = {
        var codes = [UInt8](repeating: 255, count: 256)
        for (value, byte) in alphabet.enumerated() { codes[Int(byte)] = UInt8(truncatingIfNeeded: value) }
        // The URL-safe alphabet is read as well.
        codes[Int(UInt8(ascii: "-"))] = 62
        codes[Int(UInt8(ascii: "_"))] = 63
        for byte: UInt8 in [0x20, 0x09, 0x0A, 0x0D] { codes[Int(byte)] = 64 }
        codes[Int(UInt8(ascii: "="))] = 65
        return codes
    }()

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The decoded bytes, or `view` when it is not Base64 or decodes to nothing.
    static func decodedOrSame(_ view: StringView, _ heap: StringHeap) -> StringView {
        let codes = codes
        for byte in view.bytes where codes[Int(byte)] == 255 { return view }
        let copy = heap.allocate(view.count)
        var used = 0
        var bits: UInt32 = 0
        var held = 0
        for byte in view.bytes {
            let code = codes[Int(byte)]
            if code == 65 { break }
            if code == 64 { continue }
            bits = bits << 6 | UInt32(code)
            held += 6
            if held >= 8 {
                held -= 8
                copy[used] = UInt8(truncatingIfNeeded: bits >> UInt32(held))
                used += 1
            }
        }
        heap.giveBack(view.count - used)
        return used == 0 ? view : StringView(copy, length: used)
    }

    /// Appends the standard form with padding.
    static func encode(_ view: StringView, _ append: (UInt8) -> Void) {
        let bytes = view.bytes
        var at = 0
        while at < bytes.count {
            let left = bytes.count - at
            let first = UInt32(bytes[at]) << 16
            let second = left > 1 ? UInt32(bytes[at + 1]) << 8 : 0
            let third = left > 2 ? UInt32(bytes[at + 2]) : 0
            let group = first | second | third
            append(alphabet[Int(group >> 18 & 63)])
            append(alphabet[Int(group >> 12 & 63)])
            append(left > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
            append(left > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "="))
            at += 3
        }
    }
}
