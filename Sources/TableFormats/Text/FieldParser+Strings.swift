import Columnar
import Platform

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

extension Base64 {
    /// The decoded bytes, or `view` when it is not Base64 or decodes to nothing.
    static func decodedOrSame(_ view: StringView, _ heap: StringHeap) -> StringView {
        guard isPlausible(view.bytes) else { return view }
        let copy = heap.allocate(view.count)
        let used = decode(view.bytes, into: copy)
        heap.giveBack(view.count - used)
        return used == 0 ? view : StringView(copy, length: used)
    }
}
