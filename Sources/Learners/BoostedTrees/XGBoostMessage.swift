/// What XGBoost says when something fails.
package enum XGBoostMessage {
    /// An error of XGBoost without its clock, its source file and the condition that did not hold:
    ///
    ///     [07:05:33] /build/src/data/data.cc:1190: Check failed: valid: Input data contains `inf` or a value too large
    ///     Stack trace: …
    package static func plain(_ message: String) -> String {
        var text = message.prefix { $0 != "\n" }
        if text.first == "[", let end = text.firstIndex(of: "]") { text = text[text.index(after: end)...] }
        // `path:line: `, where no path of a source file has a space.
        let words = text.drop(while: \.isWhitespace)
        if let colon = words.firstIndex(of: " "), words[..<colon].hasSuffix(":"), words[..<colon].contains("/") || words[..<colon].contains(".") {
            text = words[words.index(after: colon)...]
        }
        let mark = "Check failed: "
        if text.hasPrefix(mark) {
            text = text.dropFirst(mark.count)
            // What follows the condition, where anything does, is meant for people.
            var rest = text
            var place = rest.startIndex
            while let colon = rest[place...].firstIndex(of: ":") {
                let next = rest.index(after: colon)
                guard next < rest.endIndex else { break }
                if rest[next] == " " {
                    rest = rest[next...].drop(while: \.isWhitespace)
                    break
                }
                place = next
            }
            guard !rest.isEmpty else {
                let condition = text.reversed().drop { $0 == " " || $0 == ":" }.reversed()
                return "its check '\(String(condition))' failed"
            }
            text = rest
        }
        let plain = String(text.drop(while: \.isWhitespace))
        return plain.isEmpty ? "it gave an error without words" : plain
    }
}
