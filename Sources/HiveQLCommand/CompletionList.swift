import HiveQL

/// What may follow, as lines that are shown above the line that is typed.
struct CompletionList {
    let completions: Completions
    /// Characters that a line has room for.
    let width: Int

    /// Candidates that are shown with what is told of them, a line each; more are shown beside each other.
    private static let mostDetails = 40
    private static let mostLines = 60

    var lines: [String] {
        let told = completions.candidates.filter { $0.detail != nil }
        var lines = completions.signature.map { [$0.withoutControls.fitted(to: width)] } ?? []
        let rest: (lines: [String], hidden: Int)
        if told.count <= Self.mostDetails {
            lines += self.told(told)
            rest = besideEachOther(completions.candidates.filter { $0.detail == nil })
        } else {
            rest = besideEachOther(completions.candidates)
        }
        lines += rest.lines
        if completions.isCut || rest.hidden > 0 { lines.append("…") }
        return lines
    }

    private func told(_ candidates: [Completions.Candidate]) -> [String] {
        let widest = min(candidates.filter { $0.kind != .function }.map(\.shownText.displayWidth).max() ?? 0, width / 2)
        return candidates.map { candidate in
            let detail = (candidate.detail ?? "").withoutControls
            // How a function is called begins with its name.
            if candidate.kind == .function { return detail.fitted(to: width) }
            let space = String(repeating: " ", count: max(widest - candidate.shownText.displayWidth, 0) + 2)
            return (candidate.shownText + space + detail).fitted(to: width)
        }
    }

    /// In columns, to be read downwards.
    private func besideEachOther(_ candidates: [Completions.Candidate]) -> (lines: [String], hidden: Int) {
        guard !candidates.isEmpty else { return ([], 0) }
        let widest = (candidates.map(\.shownText.displayWidth).max() ?? 0) + 2
        let columnCount = max(width / widest, 1)
        let shown = Array(candidates.prefix(columnCount * Self.mostLines))
        let rowCount = (shown.count + columnCount - 1) / columnCount
        let lines = (0..<rowCount).map { row -> String in
            var line = ""
            for place in stride(from: row, to: shown.count, by: rowCount) {
                let text = shown[place].shownText
                let isLast = place + rowCount >= shown.count
                line += isLast ? text : text + String(repeating: " ", count: widest - text.displayWidth)
            }
            return line.fitted(to: width)
        }
        return (lines, candidates.count - shown.count)
    }
}

extension Completions.Candidate {
    /// Of a path the last part, of a text what is in its quotes.
    fileprivate var shownText: String {
        switch kind {
        case .file, .folder:
            let name = text.split(separator: "/").last.map(String.init) ?? text
            let plain = name.first == "'" || name.first == "\"" ? String(name.dropFirst()) : name
            return kind == .folder ? plain + "/" : plain
        case .value where text.first == "'" || text.first == "\"": return String(text.dropFirst())
        default: return text
        }
    }
}
