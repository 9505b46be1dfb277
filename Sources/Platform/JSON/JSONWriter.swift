extension JSON {
    /// The text of the value. Numbers are written so that they read back to the same bits.
    /// - Parameter isIndented: A member or element a line, except in arrays of plain values; else all in one line without
    ///   blanks.
    /// - Throws: `JSONError` for NaN and the infinities, which JSON has no words for.
    package func written(isIndented: Bool = false) throws(JSONError) -> String {
        var text = ""
        try write(to: &text, indentation: isIndented ? 0 : nil)
        return text
    }

    /// A string of JSON with its quotation marks.
    package static func quoted(_ text: String) -> String {
        var result = ""
        appendQuoted(text, to: &result)
        return result
    }

    private var isPlain: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private func write(to text: inout String, indentation: Int?) throws(JSONError) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += try Self.digits(value)
        case .string(let value): Self.appendQuoted(value, to: &text)
        case .array(let elements):
            let inner = elements.allSatisfy(\.isPlain) ? nil : indentation.map { $0 + 1 }
            text += "["
            for (position, element) in elements.enumerated() {
                if position > 0 { text += inner == nil && indentation != nil ? ", " : "," }
                Self.breakLine(inner, &text)
                try element.write(to: &text, indentation: inner)
            }
            if !elements.isEmpty, inner != nil { Self.breakLine(indentation, &text) }
            text += "]"
        case .object(let members):
            let inner = indentation.map { $0 + 1 }
            text += "{"
            for (position, member) in members.enumerated() {
                if position > 0 { text += "," }
                Self.breakLine(inner, &text)
                Self.appendQuoted(member.name, to: &text)
                text += indentation == nil ? ":" : ": "
                try member.value.write(to: &text, indentation: inner)
            }
            if !members.isEmpty { Self.breakLine(indentation, &text) }
            text += "}"
        }
    }

    private static func breakLine(_ indentation: Int?, _ text: inout String) {
        guard let indentation else { return }
        text += "\n"
        for _ in 0..<indentation { text += "  " }
    }

    /// The fewest digits that read back to the same bits; whole numbers without a point.
    private static func digits(_ value: Double) throws(JSONError) -> String {
        guard value.isFinite else { throw JSONError(offset: 0, reason: "\(value) is no number of JSON") }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53, !(whole == 0 && value.sign == .minus) {
            return String(whole)
        }
        return "\(value)"
    }

    private static func appendQuoted(_ text: String, to result: inout String) {
        result += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                result += scalar.value < 0x10 ? "\\u000" : "\\u00"
                result += String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "\""
    }
}
