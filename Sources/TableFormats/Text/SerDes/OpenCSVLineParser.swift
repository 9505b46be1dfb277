import Columnar

/// Reads a line as the parser of opencsv 2.3 does, its peculiarities included: a quote in the middle of a field is kept unless
/// it stands at a separator, blanks before a quote are dropped, an escape that escapes nothing vanishes.
struct OpenCSVLineParser {
    private let separator: [UInt8]
    private let quote: [UInt8]
    private let escape: [UInt8]

    init(_ serde: OpenCSVSerDe) {
        separator = serde.separator
        quote = serde.quote
        escape = serde.readEscape
    }

    /// - Parameters:
    ///   - heap: takes the fields' bytes.
    ///   - wanted: fields from this one on are left out.
    func parse(
        _ line: UnsafeBufferPointer<UInt8>, _ heap: StringHeap, wanted: Int, emit: (Int, StringView) -> Void
    ) {
        guard let text = line.baseAddress, line.count > 0 else { return }
        let count = line.count
        // No field is longer than the line.
        let field = heap.allocate(count)
        var start = 0
        var used = 0
        var number = 0
        var isQuoted = false
        var isInField = false
        var at = 0
        while at < count, number < wanted {
            let byte = text[at]
            if byte == escape[0], matches(text, at, count, escape) {
                let next = at + escape.count
                if isQuoted || isInField, let width = escapable(text, next, count) {
                    (field + used).update(from: text + next, count: width)
                    used += width
                    at = next + width
                } else {
                    at = next
                }
            } else if byte == quote[0], matches(text, at, count, quote) {
                let next = at + quote.count
                if isQuoted || isInField, matches(text, next, count, quote) {
                    (field + used).update(from: text + next, count: quote.count)
                    used += quote.count
                    at = next + quote.count
                } else {
                    if isBehindSecondCharacter(text, at), !endsWithSeparator(text, at), next < count,
                        !matches(text, next, count, separator)
                    {
                        if used > start, isBlank(field + start, used - start) {
                            used = start
                        } else {
                            (field + used).update(from: text + at, count: quote.count)
                            used += quote.count
                        }
                    }
                    isQuoted.toggle()
                    at = next
                }
                isInField.toggle()
            } else if !isQuoted, byte == separator[0], matches(text, at, count, separator) {
                emit(number, StringView(field + start, length: used - start))
                number += 1
                start = used
                isInField = false
                at += separator.count
            } else {
                field[used] = byte
                used += 1
                isInField = true
                at += 1
            }
        }
        if !isQuoted, number < wanted {
            emit(number, StringView(field + start, length: used - start))
        }
        heap.giveBack(count - used)
    }

    @inline(__always)
    private func matches(_ text: UnsafePointer<UInt8>, _ at: Int, _ count: Int, _ character: [UInt8]) -> Bool {
        guard at + character.count <= count else { return false }
        for (index, byte) in character.enumerated() where text[at + index] != byte { return false }
        return true
    }

    private func escapable(_ text: UnsafePointer<UInt8>, _ at: Int, _ count: Int) -> Int? {
        if matches(text, at, count, quote) { return quote.count }
        return matches(text, at, count, escape) ? escape.count : nil
    }

    private func endsWithSeparator(_ text: UnsafePointer<UInt8>, _ end: Int) -> Bool {
        end >= separator.count && matches(text, end - separator.count, end, separator)
    }

    /// Whether more than two UTF-16 units precede.
    private func isBehindSecondCharacter(_ text: UnsafePointer<UInt8>, _ at: Int) -> Bool {
        if at > 11 { return true }
        var units = 0
        for index in 0..<at where text[index] & 0xC0 != 0x80 { units += text[index] >= 0xF0 ? 2 : 1 }
        return units > 2
    }

    private func isBlank(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        for index in 0..<count {
            let byte = text[index]
            guard byte == 0x20 || (0x09...0x0D).contains(byte) || (0x1C...0x1F).contains(byte) else { return false }
        }
        return true
    }
}
