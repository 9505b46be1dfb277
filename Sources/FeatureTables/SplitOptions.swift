/// How rows are divided into a first part (to train on) and a second part (to evaluate on).
public struct SplitOptions: Codable, Sendable, Equatable {
    /// The first part's share, 0…1. Says nothing where a column says it itself (`Key.parts`).
    public var fraction: Double
    public var seed: UInt64
    public var key: Key
    /// A column of which each level is divided by `fraction` on its own.
    public var stratifiedBy: String?

    /// What a row's part is decided by.
    public enum Key: Sendable, Equatable {
        /// What the query tells of its rows (`RowKeys`): the same whatever features are selected. The row's content where it
        /// tells nothing. Rows with one key stay together.
        case row
        /// All values of the row, whatever the order of the rows. Equal rows are told apart by counting them.
        case content
        /// The row's number in the table.
        case position
        /// The values of these columns; rows in which they are equal are told apart.
        case columns([String])
        /// The values of these columns; rows in which they are equal stay together. The parts' sizes are then approximate.
        case group([String])
        /// The latest rows are the second part; equal times stay together. Nothing is drawn.
        case time(String)
        /// A column says it: `train`, `eval` (or `test`) and `validation`, or a boolean that is true for rows to evaluate on.
        case parts(String)

        /// The columns whose values decide; empty where it is something else.
        public var columns: [String] {
            switch self {
            case .row, .content, .position: []
            case .columns(let names), .group(let names): names
            case .time(let name), .parts(let name): [name]
            }
        }
    }

    public init(fraction: Double = 0.75, seed: UInt64 = 0, key: Key = .row, stratifiedBy: String? = nil) {
        self.fraction = fraction
        self.seed = seed
        self.key = key
        self.stratifiedBy = stratifiedBy
    }
}

/// `{"by": "group", "columns": ["customer"]}`; what was written before there was a `by` is read as well.
extension SplitOptions.Key: Codable {
    private enum Names: String, CodingKey { case by, columns, content, position, column }
    private enum Unlabelled: String, CodingKey { case first = "_0" }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Names.self)
        if let by = try container.decodeIfPresent(String.self, forKey: .by) {
            let columns = try container.decodeIfPresent([String].self, forKey: .columns) ?? []
            switch (by, columns.first) {
            case ("row", _): self = .row
            case ("content", _): self = .content
            case ("position", _): self = .position
            case ("columns", _?): self = .columns(columns)
            case ("group", _?): self = .group(columns)
            case ("time", let column?): self = .time(column)
            case ("parts", let column?): self = .parts(column)
            default:
                throw DecodingError.dataCorruptedError(forKey: .by, in: container, debugDescription: "no split is by '\(by)'")
            }
        } else if container.contains(.column) {
            let column = try container.nestedContainer(keyedBy: Unlabelled.self, forKey: .column)
            self = .group([try column.decode(String.self, forKey: .first)])
        } else {
            self = container.contains(.position) ? .position : .content
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Names.self)
        try container.encode(name, forKey: .by)
        if !columns.isEmpty { try container.encode(columns, forKey: .columns) }
    }
}

extension SplitOptions.Key {
    /// One word: `row`, `columns`, `group`, …
    public var name: String {
        switch self {
        case .row: "row"
        case .content: "content"
        case .position: "position"
        case .columns: "columns"
        case .group: "group"
        case .time: "time"
        case .parts: "parts"
        }
    }
}

/// Row numbers of the parts, each ascending.
public struct RowSplit: Sendable, Equatable {
    public var first: [Int32]
    public var second: [Int32]
    /// Rows that a column sets aside for early stopping.
    public var validation: [Int32]
    /// What the rows were divided by, for a person: the key, the boundary, what could not be done as it was wanted.
    public var notes: [String]

    public init(first: [Int32], second: [Int32], validation: [Int32] = [], notes: [String] = []) {
        self.first = first
        self.second = second
        self.validation = validation
        self.notes = notes
    }

    /// The same parts of some of the rows.
    package func keeping(_ rows: [Int32]) -> RowSplit {
        var isKept = [Bool](repeating: false, count: Int(rows.max() ?? -1) + 1)
        for row in rows { isKept[Int(row)] = true }
        func kept(_ part: [Int32]) -> [Int32] { part.filter { Int($0) < isKept.count && isKept[Int($0)] } }
        return RowSplit(first: kept(first), second: kept(second), validation: kept(validation), notes: notes)
    }
}
