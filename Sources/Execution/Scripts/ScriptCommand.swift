import Platform

/// The command of TRANSFORM … USING, as Hive takes it apart: no shell reads it.
package struct ScriptCommand {
    /// The program's path, or its name as written when no such file is found.
    let program: String
    let words: [String]

    /// - Parameters:
    ///   - text: words between blanks; what stands between two quotes of a kind is one word, and quotes always end a word.
    ///   - folders: where the program is looked for, in order.
    init(_ text: String, in folders: [String]) {
        words = Self.words(of: text)
        let name = words.first ?? ""
        program = Self.path(of: name, in: folders) ?? name
    }

    package static func words(of text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        func isEnd(_ character: Character) -> Bool {
            if let open = quote { return character == open }
            return character == " " || character == "'" || character == "\""
        }
        for character in text {
            guard isEnd(character) else {
                word.append(character)
                continue
            }
            if !word.isEmpty { words.append(word) }
            word = ""
            if quote != nil { quote = nil } else if character != " " { quote = character }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func path(of name: String, in folders: [String]) -> String? {
        guard !name.isEmpty, !name.hasPrefix("/") else { return nil }
        return folders.lazy.map { FolderListing.path($0, name) }.first { path in
            (try? FileStatus.of(path))?.map { $0.kind == .file } ?? false
        }
    }
}
