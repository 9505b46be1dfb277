/// The tables of a statement that need not be whole, and which of them can be seen from a place in it.
///
/// Goes by words and parentheses, not by the grammar: a FROM is read behind a select list that is still being written.
struct StatementTables {
    /// Tables whose columns may stand at the place; those of the innermost query first.
    private(set) var visible: [TableUse] = []
    /// The query names of WITH.
    private(set) var named: [String: TableUse.Rows] = [:]
    /// Parts of the name of the last table before the place that is written, described or changed.
    private(set) var target: [String]?
    /// The function in whose parentheses the place is.
    private(set) var call: String?

    private let tokens: [Token]
    private let source: SourceText
    private var frames = [Frame(.statement)]
    private var place = 0

    /// - Parameters:
    ///   - tokens: without `.endOfInput`.
    ///   - cursor: the place, as a number of tokens before it.
    init(_ source: SourceText, _ tokens: [Token], cursor: Int) {
        self.source = source
        self.tokens = tokens
        var seen: [Frame] = []
        while place < tokens.count {
            if place >= cursor, seen.isEmpty { seen = look() }
            step()
        }
        if seen.isEmpty { seen = look() }
        while frames.count > 1 { close() }
        top.endItem()
        visible = seen.flatMap(\.uses)
    }

    /// Queries in one another, of which what they select is told: what holds more of them is taken apart on the stack.
    private static let deepest = 256

    // MARK: Queries and parentheses

    /// A query, or what stands in a pair of parentheses.
    private final class Frame {
        enum Kind {
            case statement
            /// In the place of a table.
            case source
            /// The query of a name of WITH, and the columns that it gives names to.
            case named(String, columns: [String])
            /// The arguments of a function whose rows LATERAL VIEW joins.
            case lateral
            /// The arguments of a function.
            case call(String)
            /// A list behind the name of a table that is written.
            case columnsOfTarget
            case other
        }

        enum Clause {
            case none, with, select, from, other
        }

        let kind: Kind
        var clause = Clause.none
        var uses: [TableUse] = []
        var outputs: [TableUse.Output] = []
        /// Whether a table may stand next.
        var awaitsTable = false
        var isQuery = false
        var isMerge = false
        /// What the parentheses that come next are.
        var next = Kind.other
        var item = Item()
        /// Whether it is the second query of a UNION, or a later one: the names are the first one's.
        var isFollower = false

        init(_ kind: Kind) { self.kind = kind }

        /// What a select item is called, as far as it is read.
        struct Item {
            var output: TableUse.Output?
            /// Whether a name next would be an alias, or the item itself.
            var mayBeNamed = true
            var qualifier: String?
        }

        func endItem() {
            if clause == .select, !isFollower, let output = item.output { outputs.append(output) }
            item = Item()
        }

        /// A query's rows may be seen by the subqueries in its expressions, not by those in its FROM.
        var isSeenThrough: Bool {
            switch kind {
            case .statement, .source, .named, .lateral, .columnsOfTarget: false
            case .call, .other: true
            }
        }
    }

    private var top: Frame { frames[frames.count - 1] }

    /// The frames that are seen from here, the innermost first.
    private mutating func look() -> [Frame] {
        if case .call(let name) = top.kind { call = name }
        var seen: [Frame] = []
        for frame in frames.reversed() {
            seen.append(frame)
            if case .lateral = frame.kind { continue }
            guard frame.isSeenThrough else { break }
        }
        return seen
    }

    private mutating func open() {
        let frame = Frame(top.awaitsTable ? .source : top.next)
        top.next = .other
        top.awaitsTable = false
        // A join may be in parentheses.
        frame.awaitsTable = if case .source = frame.kind { true } else { false }
        if frame.awaitsTable { frame.clause = .from }
        frames.append(frame)
    }

    private mutating func close() {
        guard frames.count > 1 else { return }
        let frame = frames.removeLast()
        frame.endItem()
        let rows = frames.count > Self.deepest ? TableUse.Rows.columns([]) : .query(frame.outputs, frame.uses)
        switch frame.kind {
        case .source:
            if frame.isQuery { top.uses.append(TableUse(rows, alias: alias())) } else { top.uses += frame.uses }
        case .named(let name, let columns): named[name] = columns.isEmpty ? rows : .columns(columns)
        case .lateral:
            if let name = alias() { top.uses.append(TableUse(.columns(lateralColumns()), alias: name)) }
        default: top.item.output = nil
        }
    }

    // MARK: Tokens

    private mutating func step() {
        let token = tokens[place]
        switch token.kind {
        case .leftParenthesis:
            place += 1
            open()
        case .rightParenthesis:
            place += 1
            close()
            top.item.mayBeNamed = true
        case .comma:
            place += 1
            switch top.clause {
            case .from: top.awaitsTable = true
            case .select: top.endItem()
            case .with: nameQuery()
            default: break
            }
        case .word, .quotedWord: word(token)
        case .star:
            place += 1
            if top.item.output == nil || top.item.qualifier != nil { top.item.output = .star(table: top.item.qualifier) }
            top.item.mayBeNamed = false
        case .dot:
            place += 1
            if case .column(let name) = top.item.output { top.item.qualifier = name }
            top.item.mayBeNamed = true
        default:
            place += 1
            top.item.output = nil
            switch token.kind {
            case .stringLiteral, .integerLiteral, .decimalLiteral, .doubleLiteral, .rightBracket: top.item.mayBeNamed = true
            default: top.item.mayBeNamed = false
            }
        }
    }

    private mutating func word(_ token: Token) {
        let following = place + 1 < tokens.count ? tokens[place + 1] : nil
        switch token.keyword {
        case .with where !top.isQuery && following.map(isName) == true:
            place += 1
            top.clause = .with
            if following?.keyword == .recursive, place + 1 < tokens.count, isName(tokens[place + 1]) { place += 1 }
            nameQuery()
            return
        case .select, .map, .reduce:
            // MAP and REDUCE are functions too.
            if token.keyword != .select, following?.kind == .leftParenthesis { return name(token) }
            top.clause = .select
            top.isQuery = true
            top.awaitsTable = false
            top.item = Frame.Item()
        case .from:
            top.endItem()
            top.isQuery = true
            top.clause = .from
            top.awaitsTable = true
        case .join:
            top.clause = .from
            top.awaitsTable = true
        case .using where top.isMerge: top.awaitsTable = true
        case .merge: top.isMerge = true
        case .union, .intersect, .except: beginOther()
        case .minus where following?.keyword == .select: beginOther()
        case .where, .group, .having, .order, .window, .on, .insert, .values, .set: endFrom(token.keyword)
        case .sort, .cluster, .distribute:
            if following?.keyword != .by { return name(token) }
            endFrom(token.keyword)
        case .limit where following?.kind == .integerLiteral: endFrom(token.keyword)
        case .lateral:
            lateralView()
            return
        case .into, .overwrite, .table, .update, .view, .partitions, .describe, .desc, .truncate, .msck, .in:
            if isBeforeTarget(token), readTarget(after: token) { return }
            if isName(token) { return name(token) }
            top.item.output = nil
            top.item.mayBeNamed = false
        case .as:
            top.item.mayBeNamed = true
            top.item.output = nil
        case .distinct, .all, .end: top.item.mayBeNamed = true
        default:
            if isName(token) { return name(token) }
            top.item.output = nil
            top.item.mayBeNamed = token.keyword == .null || token.keyword == .true || token.keyword == .false
            // The words of functions, whose parentheses tell which.
            if following?.kind == .leftParenthesis { top.next = .call(text(token)) }
            top.awaitsTable = false
        }
        place += 1
    }

    private mutating func endFrom(_ keyword: Keyword?) {
        top.awaitsTable = false
        // A comma behind the condition of a join is one more table.
        if keyword == .on { return }
        top.endItem()
        top.clause = .other
    }

    /// The next query of a UNION, beside the one before: its tables are others.
    private mutating func beginOther() {
        top.endItem()
        let next = Frame(top.kind)
        next.isQuery = true
        next.outputs = top.outputs
        next.isFollower = true
        frames[frames.count - 1] = next
    }

    private mutating func name(_ token: Token) {
        if top.awaitsTable { return readTable() }
        let following = place + 1 < tokens.count ? tokens[place + 1].kind : .endOfInput
        if following == .leftParenthesis { top.next = .call(qualifiedText(endingAt: place)) }
        top.item.output = top.item.mayBeNamed ? .column(text(token)) : nil
        top.item.qualifier = nil
        top.item.mayBeNamed = true
        place += 1
    }

    // MARK: Tables

    private mutating func readTable() {
        let parts = readName()
        top.awaitsTable = false
        if place < tokens.count, tokens[place].kind == .leftParenthesis {
            // A function that gives rows.
            top.next = .call(parts.joined(separator: "."))
            return
        }
        top.uses.append(TableUse(.table(parts), alias: alias()))
    }

    /// Most words that a table may follow mean something else in a query.
    private func isBeforeTarget(_ token: Token) -> Bool {
        switch token.keyword {
        case .describe, .desc, .truncate, .msck, .update: place == 0
        case .view: frames.count == 1 && !top.isQuery
        case .partitions, .in: place <= 2 && tokens[0].keyword == .show
        default: top.clause != .select
        }
    }

    /// The table that a statement is about.
    /// - Returns: whether there was one, which is taken.
    private mutating func readTarget(after token: Token) -> Bool {
        var next = place + 1
        while next < tokens.count, Self.wordsBeforeTargets.contains(tokens[next].keyword ?? .abort) { next += 1 }
        // A word of the grammar that a name follows is none.
        if next + 1 < tokens.count, [.formatted, .extended].contains(tokens[next].keyword), isName(tokens[next + 1]) { next += 1 }
        guard next < tokens.count, isName(tokens[next]) else { return false }
        let isRead = top.isMerge || token.keyword == .update
        place = next
        let parts = readName()
        target = parts
        if isRead { top.uses.append(TableUse(.table(parts), alias: alias())) }
        if place < tokens.count, tokens[place].kind == .leftParenthesis { top.next = .columnsOfTarget }
        return true
    }

    private static let wordsBeforeTargets: Set<Keyword> = [.table, .into, .if, .not, .exists, .repair, .view]

    /// A name with points; at least one part is there.
    private mutating func readName() -> [String] {
        var parts = [text(tokens[place])]
        place += 1
        while place + 1 < tokens.count, tokens[place].kind == .dot, isName(tokens[place + 1]) {
            parts.append(text(tokens[place + 1]))
            place += 2
        }
        return parts
    }

    private mutating func alias() -> String? {
        if place + 1 < tokens.count, tokens[place].keyword == .as, isName(tokens[place + 1]) { place += 1 }
        guard place < tokens.count, isName(tokens[place]) else { return nil }
        if let keyword = tokens[place].keyword, Self.wordsAfterTables.contains(keyword) { return nil }
        defer { place += 1 }
        return text(tokens[place])
    }

    private static let wordsAfterTables: Set<Keyword> = [
        .limit, .sort, .cluster, .distribute, .minus, .offset, .natural, .asof, .qualify, .pivot, .unpivot, .matchCondition, .options,
    ]

    /// A name of WITH, up to the parentheses of its query.
    private mutating func nameQuery() {
        guard place < tokens.count, isName(tokens[place]) else { return }
        let name = text(tokens[place])
        place += 1
        var columns: [String] = []
        if place < tokens.count, tokens[place].kind == .leftParenthesis {
            while place < tokens.count, tokens[place].kind != .rightParenthesis {
                if isName(tokens[place]) { columns.append(text(tokens[place])) }
                place += 1
            }
            place += 1
        }
        if place < tokens.count, tokens[place].keyword == .as { place += 1 }
        top.next = .named(name, columns: columns)
    }

    /// LATERAL VIEW up to the parentheses of its function.
    private mutating func lateralView() {
        place += 1
        top.awaitsTable = false
        while place < tokens.count, tokens[place].keyword == .view || tokens[place].keyword == .outer { place += 1 }
        guard place < tokens.count, tokens[place].kind == .word || tokens[place].kind == .quotedWord else { return }
        _ = readName()
        if place < tokens.count, tokens[place].kind == .leftParenthesis { top.next = .lateral }
    }

    private mutating func lateralColumns() -> [String] {
        guard place < tokens.count, tokens[place].keyword == .as else { return [] }
        var columns: [String] = []
        repeat {
            place += 1
            guard place < tokens.count, isName(tokens[place]) else { break }
            columns.append(text(tokens[place]))
            place += 1
        } while place < tokens.count && tokens[place].kind == .comma
        return columns
    }

    // MARK: Names

    private func isName(_ token: Token) -> Bool {
        token.kind == .quotedWord || token.kind == .word && token.keyword?.isReserved != true
    }

    /// The name before a call's parentheses, with that of its space: `ml.accuracy`.
    private func qualifiedText(endingAt last: Int) -> String {
        guard last >= 2, tokens[last - 1].kind == .dot, isName(tokens[last - 2]) else { return text(tokens[last]) }
        return "\(text(tokens[last - 2])).\(text(tokens[last]))"
    }

    private func text(_ token: Token) -> String { source.identifier(token).name }
}
