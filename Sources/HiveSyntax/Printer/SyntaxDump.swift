/// Texts that show what the lexer and the parser made of a source.
package enum SyntaxDump {
    /// One token a line: kind, keyword, range, text.
    package static func tokens(of text: String) throws(SyntaxError) -> String {
        let source = SourceText(text)
        var lines: [String] = []
        for token in try Lexer.tokens(of: source) {
            let keyword = token.keyword.map { " \($0.spelling)" } ?? ""
            lines.append(
                "\(token.range.start)..<\(token.range.end) \(token.kind)\(keyword) \(source.text(token.range))")
        }
        return lines.joined(separator: "\n")
    }

    /// The tree of `value` (a statement or any part of one), one node a line, indented by depth; ranges, and what is
    /// absent or empty, are left out.
    package static func tree(of value: Any) -> String {
        var lines: [String] = []
        append(value, label: nil, depth: 0, to: &lines)
        return lines.joined(separator: "\n")
    }

    private static func append(_ value: Any, label: String?, depth: Int, to lines: inout [String]) {
        if value is SourceRange { return }
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .optional {
            if let inside = mirror.children.first { append(inside.value, label: label, depth: depth, to: &lines) }
            return
        }
        let prefix = String(repeating: "  ", count: depth) + (label.map { "\($0): " } ?? "")
        if let name = value as? Identifier {
            lines.append(prefix + (name.isQuoted ? "`\(name.text)`" : name.text))
            return
        }
        if mirror.children.isEmpty {
            if mirror.displayStyle == .collection { return }
            lines.append(prefix + "\(value)")
            return
        }
        if mirror.displayStyle == .collection {
            lines.append(prefix + "[\(mirror.children.count)]")
            for child in mirror.children { append(child.value, label: nil, depth: depth + 1, to: &lines) }
            return
        }
        if mirror.displayStyle == .enum, let payload = mirror.children.first {
            lines.append(prefix + "." + (payload.label ?? ""))
            append(payload.value, label: nil, depth: depth + 1, to: &lines)
            return
        }
        // A node that only wraps its kind says nothing of its own.
        let children = mirror.children.filter { !($0.value is SourceRange) }
        if children.count == 1, let only = children.first, only.label == "kind" {
            append(only.value, label: label, depth: depth, to: &lines)
            return
        }
        if mirror.displayStyle != .tuple || label != nil { lines.append(prefix + "\(type(of: value))") }
        for child in children {
            let name = child.label.flatMap { $0.hasPrefix(".") ? nil : $0 }
            append(child.value, label: name, depth: depth + 1, to: &lines)
        }
    }
}
