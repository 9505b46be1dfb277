/// Where strings, quoted names and comments end; shared by the lexer and the splitter, which must agree.
enum TextScan {
    /// The offset after the closing quote of the string that begins at `start`; nil when it does not end.
    static func endOfString(_ bytes: [UInt8], at start: Int) -> Int? {
        let quote = bytes[start]
        var offset = start + 1
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == 0x5C {
                offset += 2
            } else if byte == quote {
                return offset + 1
            } else {
                offset += 1
            }
        }
        return nil
    }

    /// Two back quotes inside stand for one.
    static func endOfQuotedName(_ bytes: [UInt8], at start: Int) -> Int? {
        var offset = start + 1
        while offset < bytes.count {
            if bytes[offset] == 0x60 {
                if offset + 1 < bytes.count, bytes[offset + 1] == 0x60 {
                    offset += 2
                    continue
                }
                return offset + 1
            }
            offset += 1
        }
        return nil
    }

    /// The offset of the line's end.
    static func endOfLine(_ bytes: [UInt8], at start: Int) -> Int {
        var offset = start
        while offset < bytes.count, bytes[offset] != 0x0A, bytes[offset] != 0x0D { offset += 1 }
        return offset
    }

    /// Comments nest; where that leaves one open, the first end counts.
    static func endOfComment(_ bytes: [UInt8], at start: Int) -> Int? {
        var depth = 1
        var firstEnd: Int?
        var offset = start + 2
        while offset + 1 < bytes.count {
            if bytes[offset] == 0x2F, bytes[offset + 1] == 0x2A {
                depth += 1
                offset += 2
            } else if bytes[offset] == 0x2A, bytes[offset + 1] == 0x2F {
                offset += 2
                depth -= 1
                if depth == 0 { return offset }
                if firstEnd == nil { firstEnd = offset }
            } else {
                offset += 1
            }
        }
        return firstEnd
    }
}
