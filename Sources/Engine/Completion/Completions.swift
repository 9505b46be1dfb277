/// What may take the place of the word that is being typed.
public struct Completions: Sendable, Equatable {
    public struct Candidate: Sendable, Equatable {
        public enum Kind: Sendable, Equatable {
            case keyword, database, table, view, model, function, setting, value, file, folder
            case column
            /// The name of a table in front of a column's.
            case tableName
        }

        public var kind: Kind
        /// With all quotes that it needs; of a text that is being typed without its end.
        public var text: String
        /// What is told beside it: a column's type, how a function is called.
        public var detail: String?
        /// What as a rule comes next: a point behind a database, a parenthesis behind a function.
        public var suffix: String

        /// - Parameter suffix: nil: as for all of its kind.
        public init(_ kind: Kind, _ text: String, detail: String? = nil, suffix: String? = nil) {
            self.kind = kind
            self.text = text
            self.detail = detail
            self.suffix = suffix ?? Self.suffix(of: kind)
        }

        private static func suffix(of kind: Kind) -> String {
            switch kind {
            case .keyword, .table, .view, .model: " "
            case .database, .tableName: "."
            case .function: "("
            case .folder: "/"
            case .setting: "="
            case .column, .value, .file: ""
            }
        }
    }

    /// Where the word begins in the text before the cursor: bytes of UTF-8.
    public var wordOffset: Int
    /// What may stand there, sorted, names before words of the grammar.
    public var candidates: [Candidate]
    /// What all of them begin with, those too that are not among `candidates`; empty where there may be more than anybody looked at.
    public var commonPrefix: String
    /// Whether there are more than `candidates`.
    public var isCut: Bool
    /// How the function is called in whose parentheses the cursor is.
    public var signature: String?

    /// - Parameters:
    ///   - limit: how many candidates are kept.
    ///   - isCut: whether there are more than `candidates` already.
    public init(wordOffset: Int, candidates: [Candidate] = [], limit: Int = .max, isCut: Bool = false, signature: String? = nil) {
        self.wordOffset = wordOffset
        self.candidates = candidates.count > limit ? Array(candidates[..<max(limit, 0)]) : candidates
        self.isCut = isCut || candidates.count > limit
        self.signature = signature
        commonPrefix = isCut ? "" : Self.commonPrefix(of: candidates)
    }

    private static func commonPrefix(of candidates: [Candidate]) -> String {
        guard var common = candidates.first?.text.unicodeScalars[...] else { return "" }
        for candidate in candidates.dropFirst() {
            let scalars = candidate.text.unicodeScalars
            var end = common.startIndex
            var other = scalars.startIndex
            while end < common.endIndex, other < scalars.endIndex, common[end] == scalars[other] {
                end = common.index(after: end)
                other = scalars.index(after: other)
            }
            common = common[..<end]
        }
        return String(common)
    }
}
