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
    private typealias LineReader = @convention(c) (Text?) -> OwnedText?
    private typealias MatchMaker = @convention(c) (Text?, Generator?) -> UnsafeMutablePointer<OwnedText?>?

    private let read: LineReader
    private let add: TextAction
    private let readHistory: TextAction
    private let writeHistory: TextAction
    private let completion: UnsafeMutablePointer<Completion?>
    /// For the callback, which C calls without any context.
    nonisolated(unsafe) private static var makeMatches: MatchMaker?

    /// - Parameter wordBreaks: characters that end a word for completion.
    /// - Returns: nil where the system has no such library.
    init?(wordBreaks: String, historyLimit: Int32) {
        guard let library = DynamicLibrary(anyOf: ["libedit.so.2", "libedit.so.0", "libedit.3.dylib", "libedit.dylib"]),
            let initialize = library.symbol("rl_initialize", as: Action.self),
            let useHistory = library.symbol("using_history", as: (@convention(c) () -> Void).self),
            let limitHistory = library.symbol("stifle_history", as: NumberAction.self),
            let read = library.symbol("readline", as: LineReader.self),
            let add = library.symbol("add_history", as: TextAction.self),
            let readHistory = library.symbol("read_history", as: TextAction.self),
            let writeHistory = library.symbol("write_history", as: TextAction.self),
            let makeMatches = library.symbol("rl_completion_matches", as: MatchMaker.self),
            let completion = library.symbol(
                "rl_attempted_completion_function", as: UnsafeMutablePointer<Completion?>.self)
        else { return nil }
        self.read = read
        self.add = add
        self.readHistory = readHistory
        self.writeHistory = writeHistory
        self.completion = completion
        Self.makeMatches = makeMatches
        _ = initialize()
        // GNU's library reads the one variable, libedit the other. Both keep the text.
        for name in ["rl_completer_word_break_characters", "rl_basic_word_break_characters"] {
            library.symbol(name, as: UnsafeMutablePointer<OwnedText?>.self)?.pointee = strdup(wordBreaks)
        }
        useHistory()
        limitHistory(historyLimit)
    }

    /// A line without its end; nil at the end of input, or when a signal came.
    func line(prompt: String) -> String? {
        guard let line = read(prompt) else { return nil }
        defer { free(line) }
        return String(cString: line)
    }

    func remember(_ text: String) { _ = add(text) }

    func loadHistory(from path: String) { _ = readHistory(path) }

    /// - Returns: whether it was written.
    func saveHistory(to path: String) -> Bool { writeHistory(path) == 0 }

    func setCompletion(_ complete: @escaping Completion) { completion.pointee = complete }

    /// The list that a completion returns.
    static func matches(of text: Text, _ generator: @escaping Generator) -> UnsafeMutablePointer<OwnedText?>? {
        makeMatches?(text, generator)
    }
}
