import HiveQL

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Completion of what is typed, through the line editor's C interface: it puts in what is certain, and shows what may follow where nothing
/// is. It asks no questions, whose answers it would take from what is typed on.
enum LineCompletion {
    /// What may follow a text, before another.
    typealias Source = (_ before: String, _ after: String) -> Completions

    nonisolated(unsafe) private static var source: Source = { before, _ in Completions(wordOffset: before.utf8.count) }
    /// The lines of the statement that were entered before.
    nonisolated(unsafe) private static var earlier: () -> String = { "" }
    nonisolated(unsafe) private static var editor: LineEditor?
    nonisolated(unsafe) private static var match: String?

    static func install(in editor: LineEditor, earlier: @escaping () -> String, source: @escaping Source) {
        self.source = source
        self.earlier = earlier
        self.editor = editor
        editor.setCompletion { text, start, _ in
            guard let text, let editor = LineCompletion.editor else { return nil }
            if editor.insertsTab(at: start, isEmpty: text.pointee == 0) { return nil }
            editor.endCompletion()
            guard let line = editor.typedLine, let match = LineCompletion.complete(line, String(cString: text), editor) else { return nil }
            LineCompletion.match = match
            return LineEditor.matches(of: text) { _, state in
                state == 0 ? LineCompletion.match.flatMap { strdup($0) } : nil
            }
        }
    }

    /// - Parameter word: what the editor takes for the word, which it will replace: it ends at the cursor.
    /// - Returns: what replaces it; nil where nothing is certain.
    private static func complete(_ line: (before: String, after: String), _ word: String, _ editor: LineEditor) -> String? {
        let earlier = earlier()
        var before = earlier.isEmpty ? line.before : earlier + "\n" + line.before
        var shift = before.utf8.count - line.before.utf8.count
        if earlier.isEmpty, let meaning = ShellCommand.statement(forCompleting: line.before) {
            shift = meaning.utf8.count - line.before.utf8.count
            before = meaning
        }
        let found = source(before, line.after)
        // A word that began on an earlier line stays.
        let start = found.wordOffset - shift
        guard start >= 0, start <= line.before.utf8.count, !found.candidates.isEmpty || found.signature != nil else { return nil }
        let typed = String(decoding: line.before.utf8.dropFirst(start), as: UTF8.self)
        let certain =
            found.candidates.count == 1 ? found.candidates[0].text + found.candidates[0].suffix(before: line.after) : found.commonPrefix
        if certain != typed, certain.utf8.count > typed.utf8.count || found.candidates.count == 1,
            let match = replacement(of: word, in: line.before, from: start, by: certain)
        {
            return match
        }
        editor.show(CompletionList(completions: found, width: Console.width).lines)
        return nil
    }

    /// What the editor's word becomes when what stands behind `start` is replaced; nil where that is not in its word.
    private static func replacement(of word: String, in line: String, from start: Int, by text: String) -> String? {
        let own = line.utf8.count - word.utf8.count
        if own <= start { return String(decoding: Array(line.utf8)[own..<start], as: UTF8.self) + text }
        let kept = Array(line.utf8)[start..<own]
        guard text.utf8.starts(with: kept) else { return nil }
        return String(decoding: text.utf8.dropFirst(kept.count), as: UTF8.self)
    }
}

extension Completions.Candidate {
    /// What comes next, unless it stands there.
    fileprivate func suffix(before rest: String) -> String { !suffix.isEmpty && rest.hasPrefix(suffix) ? "" : suffix }
}
