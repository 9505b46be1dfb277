import Columnar

/// A pattern of LIKE over UTF-8 bytes: `%` any text, `_` one character, `\%` and `\_` themselves. Patterns with one `%` at
/// either end are matched by comparing bytes; all others piece by piece, without backtracking beyond the last `%`. In those
/// neither `%` nor `_` stands for the end of a line, since Hive makes regular expressions of them.
struct LikePattern: Sendable {
    private enum Shape: Sendable {
        case equal([UInt8])
        case prefix([UInt8])
        case suffix([UInt8])
        case contains([UInt8])
        case prefixAndSuffix([UInt8], [UInt8])
        case any
        case general
    }

    private enum Token: Sendable {
        case byte(UInt8)
        case one
        case many
    }

    private let shape: Shape
    private let tokens: [Token]

    init(_ pattern: StringView) {
        var tokens: [Token] = []
        var index = 0
        let bytes = pattern.bytes
        while index < bytes.count {
            switch bytes[index] {
            case 0x25: tokens.append(.many)
            case 0x5F: tokens.append(.one)
            case 0x5C where index + 1 < bytes.count && (bytes[index + 1] == 0x25 || bytes[index + 1] == 0x5F):
                index += 1
                tokens.append(.byte(bytes[index]))
            default: tokens.append(.byte(bytes[index]))
            }
            index += 1
        }
        self.tokens = tokens
        shape = Self.shape(tokens)
    }

    private static func shape(_ tokens: [Token]) -> Shape {
        func literal(_ slice: ArraySlice<Token>) -> [UInt8]? {
            var result: [UInt8] = []
            for token in slice {
                guard case .byte(let byte) = token else { return nil }
                result.append(byte)
            }
            return result
        }
        func isMany(_ token: Token?) -> Bool { if case .many? = token { true } else { false } }
        let all = tokens[...]
        if let bytes = literal(all) { return .equal(bytes) }
        if tokens.count == 1, isMany(tokens.first) { return .any }
        if isMany(tokens.last), let bytes = literal(all.dropLast()) { return .prefix(bytes) }
        if isMany(tokens.first), let bytes = literal(all.dropFirst()) { return .suffix(bytes) }
        if isMany(tokens.first), isMany(tokens.last), let bytes = literal(all.dropFirst().dropLast()) {
            return .contains(bytes)
        }
        if let middle = tokens.firstIndex(where: { if case .many = $0 { true } else { false } }),
            let head = literal(all[..<middle]), let tail = literal(all[(middle + 1)...])
        {
            return .prefixAndSuffix(head, tail)
        }
        return .general
    }

    /// Makes a BOOLEAN column of the texts in argument 0.
    func apply(_ input: KernelInput) -> Column {
        func bytes<R>(_ array: [UInt8], _ body: (StringView) -> R) -> R {
            array.withUnsafeBufferPointer { body($0.baseAddress.map { StringView($0, length: array.count) } ?? StringView()) }
        }
        switch shape {
        case .equal(let wanted):
            return bytes(wanted) { view in
                input.compute(.boolean) { (text: StringView) -> UInt8? in text == view ? 1 : 0 }
            }
        case .prefix(let wanted):
            return bytes(wanted) { view in
                let count = view.count
                return input.compute(.boolean) { (text: StringView) -> UInt8? in
                    text.count >= count && equalBytes(text.pointer, view.pointer, count) ? 1 : 0
                }
            }
        case .suffix(let wanted):
            return bytes(wanted) { view in
                let count = view.count
                return input.compute(.boolean) { (text: StringView) -> UInt8? in
                    text.count >= count && equalBytes(text.pointer + (text.count - count), view.pointer, count) ? 1 : 0
                }
            }
        case .contains(let wanted):
            return bytes(wanted) { view in
                input.compute(.boolean) { (text: StringView) -> UInt8? in
                    UTF8Text.find(view, in: text) == nil ? 0 : 1
                }
            }
        case .prefixAndSuffix(let head, let tail):
            return bytes(head) { first in
                bytes(tail) { last in
                    input.compute(.boolean) { (text: StringView) -> UInt8? in
                        text.count >= first.count + last.count
                            && equalBytes(text.pointer, first.pointer, first.count)
                            && equalBytes(text.pointer + (text.count - last.count), last.pointer, last.count)
                            && !UTF8Text.hasLineEnd(text, first.count..<text.count - last.count) ? 1 : 0
                    }
                }
            }
        case .any: return input.compute(.boolean) { (_: StringView) -> UInt8? in 1 }
        case .general:
            return input.compute(.boolean) { (text: StringView) -> UInt8? in matches(text) ? 1 : 0 }
        }
    }

    /// Whether the whole text fits.
    func matches(_ text: StringView) -> Bool {
        let count = text.count, pointer = text.pointer
        return tokens.withUnsafeBufferPointer { tokens in
            var token = 0, position = 0
            // Where to go on when the text after the last `%` did not fit.
            var retryToken = -1, retryPosition = 0
            while true {
                if token < tokens.count {
                    switch tokens[token] {
                    case .many:
                        token += 1
                        retryToken = token
                        retryPosition = position
                        continue
                    case .one:
                        if position < count, !UTF8Text.isLineEnd(text, position) {
                            position = min(position + UTF8Text.width(pointer[position]), count)
                            token += 1
                            continue
                        }
                    case .byte(let byte):
                        if position < count, pointer[position] == byte {
                            position += 1
                            token += 1
                            continue
                        }
                    }
                } else if position == count {
                    return true
                }
                // The first place where the text after a `%` fits is the best: a later one has all that this one passes over.
                guard retryToken >= 0, retryPosition < count, !UTF8Text.isLineEnd(text, retryPosition) else { return false }
                retryPosition = min(retryPosition + UTF8Text.width(pointer[retryPosition]), count)
                position = retryPosition
                token = retryToken
            }
        }
    }
}
