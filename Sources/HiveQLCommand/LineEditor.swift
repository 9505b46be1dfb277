import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The system's line editor, libedit, behind the interface that it shares with GNU's. Opened when a shell starts: it comes
/// with three more libraries, which a script does without.
struct LineEditor {
    typealias Text = UnsafePointer<CChar>
    typealias OwnedText = UnsafeMutablePointer<CChar>
    /// Gives the matches for a text that stands between two places of the line.
    typealias Completion = @convention(c) (Text?, Int32, Int32) -> UnsafeMutablePointer<OwnedText?>?
    /// Gives one match after the other, each to be freed by the editor; nil after the last.
    typealias Generator = @convention(c) (Text?, Int32) -> OwnedText?

    private typealias Action = @convention(c) () -> Int32
    private typealias NumberAction = @convention(c) (Int32) -> Void
    private typealias TextAction = @convention(c) (Text?) -> Int32
    private typealias LineHandler = @convention(c) (OwnedText?) -> Void
    private typealias HandlerInstaller = @convention(c) (Text?, LineHandler?) -> Void
    private typealias MatchMaker = @convention(c) (Text?, Generator?) -> UnsafeMutablePointer<OwnedText?>?

    private let install: HandlerInstaller
    private let readCharacter: @convention(c) () -> Void
    private let remove: @convention(c) () -> Void
    private let add: TextAction
    private let readHistory: TextAction
    private let completion: UnsafeMutablePointer<Completion?>
    private let typed: UnsafeMutablePointer<OwnedText?>?
    private let insert: TextAction?
    private let isCompletionOver: UnsafeMutablePointer<Int32>?
    private let cursor: UnsafeMutablePointer<Int32>?
    private let redraw: Action?
    /// For the callbacks, which C calls without any context.
    nonisolated(unsafe) private static var makeMatches: MatchMaker?
    nonisolated(unsafe) private static var entered: Input?

    /// What came of asking for a line.
    enum Input {
        /// A line without its end.
        case line(String)
        /// ^C, which gives up what was typed.
        case interrupt
        /// ^D on an empty line, or the terminal is gone.
        case end
    }

    /// - Parameter wordBreaks: characters that end a word for completion.
    /// - Returns: nil where the system has no such library.
    init?(wordBreaks: String, historyLimit: Int32) {
        guard let library = DynamicLibrary(anyOf: ["libedit.so.2", "libedit.so.0", "libedit.3.dylib", "libedit.dylib"]),
            let initialize = library.symbol("rl_initialize", as: Action.self),
            let useHistory = library.symbol("using_history", as: (@convention(c) () -> Void).self),
            let limitHistory = library.symbol("stifle_history", as: NumberAction.self),
            let install = library.symbol("rl_callback_handler_install", as: HandlerInstaller.self),
            let readCharacter = library.symbol("rl_callback_read_char", as: (@convention(c) () -> Void).self),
            let remove = library.symbol("rl_callback_handler_remove", as: (@convention(c) () -> Void).self),
            let add = library.symbol("add_history", as: TextAction.self),
            let readHistory = library.symbol("read_history", as: TextAction.self),
            let makeMatches = library.symbol("rl_completion_matches", as: MatchMaker.self),
            let completion = library.symbol(
                "rl_attempted_completion_function", as: UnsafeMutablePointer<Completion?>.self)
        else { return nil }
        self.install = install
        self.readCharacter = readCharacter
        self.remove = remove
        self.add = add
        self.readHistory = readHistory
        self.completion = completion
        typed = library.symbol("rl_line_buffer", as: UnsafeMutablePointer<OwnedText?>.self)
        insert = library.symbol("rl_insert_text", as: TextAction.self)
        isCompletionOver = library.symbol("rl_attempted_completion_over", as: UnsafeMutablePointer<Int32>.self)
        cursor = library.symbol("rl_point", as: UnsafeMutablePointer<Int32>.self)
        redraw = library.symbol("rl_forced_update_display", as: Action.self)
        Self.makeMatches = makeMatches
        _ = initialize()
        // A question whether many matches are to be shown would take its answer from what is pasted.
        library.symbol("rl_completion_query_items", as: UnsafeMutablePointer<Int32>.self)?.pointee = .max
        // What comes behind a word is part of what completes it.
        library.symbol("rl_completion_append_character", as: UnsafeMutablePointer<Int32>.self)?.pointee = 0
        // GNU's library reads the one variable, libedit the other. Both keep the text.
        for name in ["rl_completer_word_break_characters", "rl_basic_word_break_characters"] {
            library.symbol(name, as: UnsafeMutablePointer<OwnedText?>.self)?.pointee = strdup(wordBreaks)
        }
        useHistory()
        limitHistory(historyLimit)
    }

    /// Asks for a line. The editor is only called when a key was pressed: a signal, which any thread may get, would not end its
    /// own waiting for one.
    /// - Parameter interrupts: becomes readable when ^C comes while the shell waits.
    func line(prompt: String, interrupts: Int32) -> Input {
        Self.entered = nil
        install(prompt) { line in
            LineEditor.entered = line.map { .line(String(cString: $0)) } ?? .end
            free(line)
        }
        defer { remove() }
        var sources = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0), pollfd(fd: interrupts, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            if let entered = Self.entered { return entered }
            guard poll(&sources, 2, -1) > 0 else {
                // A signal that is none of ours, such as that of a new size, which the editor has heeded.
                if errno == EINTR { continue }
                return .end
            }
            if sources[1].revents != 0 { return .interrupt }
            guard sources[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) == 0 else { return .end }
            readCharacter()
        }
    }

    func remember(_ text: String) { _ = add(text) }

    func loadHistory(from path: String) { _ = readHistory(path) }

    /// Inserts a tab that asks for no completion: nothing but blanks stand before it, or more is there to be read, as of a text that is
    /// pasted.
    /// - Parameters:
    ///   - start: where the text to be completed stands.
    ///   - isEmpty: whether there is such a text.
    /// - Returns: whether it did.
    func insertsTab(at start: Int32, isEmpty: Bool) -> Bool {
        guard let insert, let line = typed?.pointee else { return false }
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        if poll(&input, 1, 0) <= 0 {
            guard isEmpty else { return false }
            for place in 0..<Int(start) where line[place] != 32 && line[place] != 9 { return false }
        }
        _ = insert("\t")
        isCompletionOver?.pointee = 1
        return true
    }

    /// Says, in a completion, that there are no other matches than its own: the editor would offer files.
    func endCompletion() { isCompletionOver?.pointee = 1 }

    /// What is typed of the line up to the cursor, and behind it; in a completion.
    var typedLine: (before: String, after: String)? {
        guard let line = typed?.pointee, let cursor else { return nil }
        // In a completion the library counts characters, not bytes.
        let scalars = String(cString: line).unicodeScalars
        let count = Int(max(cursor.pointee, 0))
        guard let place = scalars.index(scalars.startIndex, offsetBy: count, limitedBy: scalars.endIndex) else { return nil }
        return (String(scalars[..<place]), String(scalars[place...]))
    }

    /// Shows lines above the one that is typed, which is drawn anew.
    func show(_ lines: [String]) {
        guard let redraw, !lines.isEmpty else { return }
        var text = "\r\n" + lines.joined(separator: "\r\n") + "\r\n"
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = write(STDOUT_FILENO, rest.baseAddress, rest.count)
                if written < 0, errno != EINTR { return }
                if written > 0 { rest = UnsafeRawBufferPointer(rebasing: rest[written...]) }
            }
        }
        _ = redraw()
    }

    func setCompletion(_ complete: @escaping Completion) { completion.pointee = complete }

    /// The list that a completion returns.
    static func matches(of text: Text, _ generator: @escaping Generator) -> UnsafeMutablePointer<OwnedText?>? {
        makeMatches?(text, generator)
    }
}
