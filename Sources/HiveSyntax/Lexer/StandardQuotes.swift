/// `hive.support.quoted.identifiers=standard`: names stand in double quotes too, as SQL has them, and strings in single ones alone.
package enum StandardQuotes {
    /// The statement with its double-quoted names in back quotes; strings and comments stay as they are. Text in which a quote does
    /// not end stays whole, and so do SET and the like.
    package static func backQuoted(_ statement: String) -> String {
        guard RawStatement.parse(SourceText(statement)) == nil else { return statement }
        let bytes = Array(statement.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            let next: Int?
            switch bytes[at] {
            case 0x22:
                guard let (name, end) = name(bytes, at: at) else { return statement }
                result += name
                at = end
                continue
            case 0x27: next = TextScan.endOfString(bytes, at: at)
            case 0x60: next = TextScan.endOfQuotedName(bytes, at: at)
            case 0x2D where at + 1 < bytes.count && bytes[at + 1] == 0x2D: next = TextScan.endOfLine(bytes, at: at)
            case 0x2F where at + 1 < bytes.count && bytes[at + 1] == 0x2A: next = TextScan.endOfComment(bytes, at: at)
            default: next = at + 1
            }
            guard let next else { return statement }
            result += bytes[at..<next]
            at = next
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The name that begins at a double quote, back-quoted, and where its text ends; nil when it does not end.
    private static func name(_ bytes: [UInt8], at start: Int) -> (name: [UInt8], end: Int)? {
        var name: [UInt8] = [0x60]
        var at = start + 1
        while at < bytes.count {
            if bytes[at] == 0x22 {
                guard at + 1 < bytes.count, bytes[at + 1] == 0x22 else { return (name + [0x60], at + 1) }
                at += 1
            } else if bytes[at] == 0x60 {
                name.append(0x60)
            }
            name.append(bytes[at])
            at += 1
        }
        return nil
    }
}
