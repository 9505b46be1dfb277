/// Names from data in a report: no level or class may end its line, obey a terminal's commands, or push a table aside.
enum ShownText {
    private static let longestCell = 60

    /// Control characters as `\u{a}`.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                shown.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                shown.append(scalar)
            }
        }
        return String(shown)
    }

    /// A long text is cut, with a mark.
    static func cell(_ text: String) -> String {
        let shown = line(text)
        return shown.count > longestCell ? shown.prefix(longestCell - 1) + "…" : shown
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
}
