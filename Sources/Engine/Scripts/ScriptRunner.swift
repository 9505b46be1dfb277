import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Who watches a script run: prints its rows, tells its errors.
public protocol ScriptObserver: AnyObject {
    /// Called before a statement runs.
    /// - Returns: what takes its rows; nil keeps them in the result.
    func begin(_ statement: Script.Statement) throws -> (any RowConsumer)?
    /// Called after a statement that did not fail.
    func end(_ statement: Script.Statement, _ result: StatementResult) throws
    /// Called after a statement, `source` or `!command` that failed.
    func fail(_ statement: Script.Statement, _ error: HiveError) throws
    /// Goes on after statements that failed, whatever `hive.cli.errors.ignore` says.
    var toleratesErrors: Bool { get }
    /// Asked before each statement: the script ends as if the statement were cancelled.
    var isInterrupted: Bool { get }
}

/// Runs scripts, as Hive's command line does: statements one after the other, and between them
/// `source FILE`, `!PROGRAM WORD …`, `quit` and `exit`, each with `${…}` replaced.
public final class ScriptRunner {
    public let executor: any StatementExecutor
    private let observer: any ScriptObserver
    /// Set by `quit` and `exit`: nothing more is run.
    public private(set) var wantsToQuit = false
    /// The files that are being run, the innermost last.
    private var files: [Script.FileIdentity] = []

    public init(executor: any StatementExecutor, observer: any ScriptObserver) {
        self.executor = executor
        self.observer = observer
    }

    /// Runs a script to its end, to `quit`, or to its first error unless errors are ignored.
    /// - Throws: `HiveError` of the statement that ended it, after the observer was told; what the observer throws.
    public func run(_ script: Script) throws {
        do {
            // A ^C between two statements stops the next one.
            try executor.script { try runStatements(script) }
        } catch let told as ToldError {
            throw told.error
        }
    }

    /// An error that the observer was told of, where the statement stands; those around it say no more.
    private struct ToldError: Error {
        let error: HiveError
    }

    private func runStatements(_ script: Script) throws {
        if let identity = script.identity {
            // Once more inside itself it would run without end, and with errors ignored twice as often at every level.
            guard !files.contains(identity) else { throw HiveError(message: "source: \(script.file ?? "") runs itself") }
            guard files.count < 64 else {
                throw HiveError(message: "source: files run each other more than 64 deep, at \(script.file ?? "")")
            }
            files.append(identity)
        }
        defer { if script.identity != nil { files.removeLast() } }
        for statement in script.statements where !wantsToQuit {
            if observer.isInterrupted { throw HiveError.cancelled }
            do {
                try run(statement)
            } catch let error as HiveError {
                try observer.fail(statement, error)
                guard !error.isCancellation, observer.toleratesErrors || executor.ignoresErrors else {
                    throw ToldError(error: error)
                }
            }
        }
    }

    private func run(_ statement: Script.Statement) throws {
        let text = statement.text.trimmingSpace
        if text.hasPrefix("!") { return try runProcess(String(text.dropFirst())) }
        let words = text.split(maxSplits: 1, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
        switch words.first?.lowercased() {
        case "quit" where words.count == 1, "exit" where words.count == 1: wantsToQuit = true
        case "source" where words.count == 2: try runFile(try fileName(String(words[1])))
        default:
            let consumer = try observer.begin(statement)
            let result = try consumer.map { try executor.execute(text, rows: $0) } ?? executor.execute(text)
            try observer.end(statement, result)
        }
    }

    // MARK: source

    private func fileName(_ written: String) throws -> String {
        let path = try executor.substituteVariables(in: written).trimmingSpace
        guard path.count >= 2, let quote = path.first, quote == "'" || quote == "\"", path.last == quote else { return path }
        return String(path.dropFirst().dropLast())
    }

    private func runFile(_ path: String) throws {
        guard path == "-" || LocalFiles.exists(HomeFolder.expanding(path)), !LocalFiles.isFolder(HomeFolder.expanding(path))
        else { throw HiveError(message: "File: \(path) is not a file.") }
        try runStatements(try Script(contentsOf: path))
    }

    // MARK: !command

    /// Without a shell: words are cut at white space, and quotes, `$` and `<` are plain characters.
    private func runProcess(_ command: String) throws {
        let words = try executor.substituteVariables(in: command).split(whereSeparator: \.isWhitespace).map(String.init)
        let code: Int32
        do { code = try ForegroundProcess.run(words) } catch let error as HiveError {
            throw HiveError(message: "Exception raised from Shell command \(error.message)")
        }
        guard code == 0 else { throw HiveError(message: "Command failed with exit code = \(code)") }
    }
}

extension StatementExecutor {
    /// `hive.cli.errors.ignore`: scripts go on after statements that failed.
    var ignoresErrors: Bool {
        setting(Settings.ignoresErrors.name).flatMap { Bool(settingText: $0) } ?? Settings.ignoresErrors.defaultValue
    }

    /// Runs all statements of a text, cut at semicolons as Hive's command line cuts them; `source FILE`, `!COMMAND` and
    /// `quit` work as there.
    /// - Parameter onResult: called after every statement with its text and what it gave.
    /// - Throws: `HiveError` of the first statement that fails; later ones are not run, unless
    ///   `hive.cli.errors.ignore` is true, when `onError` is told and the script goes on. What the closures throw.
    public func runScript(
        _ text: String, onResult: (_ statement: String, StatementResult) throws -> Void = { _, _ in },
        onError: (HiveError) throws -> Void = { _ in }
    ) throws {
        try withoutActuallyEscaping(onResult) { onResult in
            try withoutActuallyEscaping(onError) { onError in
                let observer = ClosureObserver(executor: self, onResult: onResult, onError: onError)
                defer { observer.forget() }
                try ScriptRunner(executor: self, observer: observer).run(Script(text))
            }
        }
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmingSpace: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

private final class ClosureObserver: ScriptObserver {
    private let executor: any StatementExecutor
    private var onResult: ((String, StatementResult) throws -> Void)?
    private var onError: ((HiveError) throws -> Void)?

    init(
        executor: any StatementExecutor, onResult: @escaping (String, StatementResult) throws -> Void,
        onError: @escaping (HiveError) throws -> Void
    ) {
        self.executor = executor
        self.onResult = onResult
        self.onError = onError
    }

    /// The closures may not live longer than the call that lent them.
    func forget() {
        onResult = nil
        onError = nil
    }

    func begin(_ statement: Script.Statement) -> (any RowConsumer)? { nil }

    func end(_ statement: Script.Statement, _ result: StatementResult) throws { try onResult?(statement.text, result) }

    func fail(_ statement: Script.Statement, _ error: HiveError) throws {
        guard !error.isCancellation, executor.ignoresErrors else { return }
        try onError?(error)
    }

    var toleratesErrors: Bool { false }
    var isInterrupted: Bool { false }
}
