import Platform

/// Names from data in a report: no level or class may end its line, obey a terminal's commands, or push a table aside.
package enum ShownText {
    private static let longestCell = 60

    package static func line(_ text: String) -> String {
        var text = text
        let shown = text.withUTF8 { ControlCharacters.shown(in: $0, keepingLayout: false) }
        return shown.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// A long text is cut, with a mark.
    package static func cell(_ text: String) -> String {
        let shown = line(text)
        return shown.count > longestCell ? shown.prefix(longestCell - 1) + "…" : shown
    }
}
