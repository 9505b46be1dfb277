import Foundation

/// A fenced block of a Markdown file, and what the comment before it says about running it.
///
/// `sh`, `console`, `sql` and `swift` are examples; `text` is none. A comment right before the fence changes that:
///
///     <!-- not run: REASON -->
///     <!-- run with: NEW instead of OLD, NEW instead of OLD -->
struct DocumentExample {
    enum Mark: Equatable {
        case none
        case notRun(reason: String)
        case replacing([Replacement])
    }

    struct Replacement: Equatable {
        var old: String
        var new: String
    }

    let file: String
    /// Of the fence, from 1.
    let line: Int
    let language: String
    let mark: Mark
    /// The block as it stands in the file.
    let lines: [String]

    var place: String { "\(file):\(line)" }

    /// What is run.
    var runLines: [String] {
        guard case .replacing(let replacements) = mark else { return lines }
        return lines.map { line in
            replacements.reduce(line) { $0.replacingOccurrences(of: $1.old, with: $1.new) }
        }
    }

    static func all(in text: String, file: String) -> [DocumentExample] {
        let lines = text.components(separatedBy: "\n")
        var examples: [DocumentExample] = []
        var place = 0
        while place < lines.count {
            defer { place += 1 }
            guard lines[place].hasPrefix("```") else { continue }
            let end = lines[(place + 1)...].firstIndex { $0.hasPrefix("```") } ?? lines.count
            examples.append(
                DocumentExample(
                    file: file, line: place + 1, language: String(lines[place].dropFirst(3)),
                    mark: mark(lines[..<place].last { !$0.isEmpty } ?? ""), lines: Array(lines[(place + 1)..<end])))
            place = end
        }
        return examples
    }

    private static func mark(_ line: String) -> Mark {
        guard line.hasPrefix("<!-- "), line.hasSuffix(" -->") else { return .none }
        let comment = line.dropFirst(5).dropLast(4)
        if comment.hasPrefix("not run: ") { return .notRun(reason: String(comment.dropFirst(9))) }
        guard comment.hasPrefix("run with: ") else { return .none }
        let replacements = comment.dropFirst(10).components(separatedBy: ", ").compactMap { pair -> Replacement? in
            let sides = pair.components(separatedBy: " instead of ")
            return sides.count == 2 ? Replacement(old: sides[1], new: sides[0]) : nil
        }
        return .replacing(replacements)
    }
}
