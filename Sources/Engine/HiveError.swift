import Catalog
import Execution
import Expressions
import Functions
import HiveSyntax
import Planner
import TableFormats

/// Why a statement failed, in Hive's words:
/// `FAILED: SemanticException [Error 10001]: Line 1:14 Table not found 'nope'`.
public struct HiveError: Error, Sendable, CustomStringConvertible {
    /// The whole first line, with Hive's category, number and position.
    public var message: String
    /// Hive's error number, where it has one.
    public var code: Int?
    /// Counted from 1, in the statement.
    public var line: Int?
    /// Counted from 0 in characters, as Hive counts.
    public var column: Int?
    /// The statement's line at fault and, below it, a caret.
    public var excerpt: String?
    /// A suggestion, such as `Did you mean 'trip'?`
    public var hint: String?
    /// The statement was stopped by `Session.cancel()`.
    public var isCancellation = false

    public init(message: String, code: Int? = nil, hint: String? = nil) {
        self.message = message
        self.code = code
        self.hint = hint
    }

    /// Message, the line with a caret, and the hint.
    public var description: String { [message, excerpt, hint].compactMap { $0 }.joined(separator: "\n") }
}

extension HiveError {
    /// What a statement that `Session.cancel()` stopped throws.
    static var cancelled: HiveError { HiveError(ExecutionError.cancelled, source: nil) }

    /// A semantic error without a position.
    static func semantic(_ message: String, code: Int? = nil) -> HiveError {
        HiveError(
            message: "FAILED: SemanticException \(code.map { "[Error \($0)]: " } ?? "")\(message)", code: code)
    }

    /// What Hive reports when a definition statement fails as it runs.
    static func task(_ message: String, name: String = "DDLTask") -> HiveError {
        HiveError(
            message: "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.\(name). \(message)",
            code: 1)
    }

    /// For what the language has and the engine cannot run.
    static func unsupported(_ what: String) -> HiveError {
        .semantic("\(what) is not supported yet")
    }

    /// Any error of the engine's parts as the user sees it; positions are in `source`.
    init(_ error: any Error, source: SourceText?) {
        switch error {
        case let error as HiveError: self = error
        case let error as SyntaxError:
            self.init(message: error.description, code: 40000, hint: error.hint)
            line = error.line
            column = error.column
            excerpt = source?.excerpt(at: error.range)
        case let error as PlanError: self.init(plan: error, source: source)
        case let error as MetastoreError:
            self = .task("\(error.message)")
        case let error as ExecutionError:
            if case .cancelled = error {
                self.init(message: "Query cancelled")
                isCancellation = true
            } else if case .task(_, let code, _) = error {
                self.init(message: "FAILED: Execution Error, \(error.description)", code: code)
            } else {
                self.init(message: "FAILED: Execution Error: \(error.description)", code: 2)
            }
        case let error as ExpressionError:
            self.init(message: "FAILED: Execution Error: \(error.description)", code: 2)
        case let error as FunctionError:
            self.init(message: "FAILED: SemanticException \(error.message)")
        case let error as TableFormatError:
            self.init(message: "FAILED: Execution Error: \(error.description)", code: 2)
        case let error as FileError:
            self.init(message: "FAILED: Execution Error: \(error.description)", code: 2)
        default: self.init(message: "FAILED: Execution Error: \(error)", code: 2)
        }
    }

    private init(plan error: PlanError, source: SourceText?) {
        let number = error.code.map { "[Error \($0)]: " } ?? ""
        var place = ""
        if let range = error.range, let source, range.end > range.start {
            let position = source.position(of: range.start)
            place = "Line \(position.line):\(position.column) "
            let message = Self.naming(Self.lastWord(of: source.text(range)), in: error.message)
            self.init(message: "FAILED: SemanticException \(number)\(place)\(message)", code: error.code)
            line = position.line
            column = position.column
            excerpt = source.excerpt(at: range)
        } else {
            self.init(message: "FAILED: SemanticException \(number)\(error.message)", code: error.code)
        }
        hint = error.hint
    }

    /// Hive puts the last word of what is at fault behind the names of some errors.
    private static func naming(_ word: String, in message: String) -> String {
        let kinds = [
            "Argument type mismatch", "Arguments length mismatch", "Wrong arguments", "Expression not in GROUP BY key",
        ]
        guard !word.isEmpty, let kind = kinds.first(where: { message.hasPrefix($0) }) else { return message }
        let rest = message.dropFirst(kind.count)
        return rest.isEmpty || rest.hasPrefix(":") ? "\(kind) '\(word)'\(rest)" : message
    }

    private static func lastWord(of text: some StringProtocol) -> String {
        var bytes = Array(text.utf8)[...]
        while let last = bytes.last, last <= 32 || "()]".utf8.contains(last) { bytes.removeLast() }
        guard let last = bytes.last else { return "" }
        if "'\"`".utf8.contains(last) {
            let start = bytes.dropLast().lastIndex(of: last) ?? bytes.startIndex
            return String(decoding: bytes[start...], as: UTF8.self)
        }
        let word = bytes.reversed().prefix { byte in
            byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        let text = String(decoding: word.reversed(), as: UTF8.self)
        // A point belongs to numbers; of a qualified name Hive gives the last part.
        return text.first?.isNumber == true ? text : String(text.split(separator: ".").last ?? "")
    }
}
