import Catalog
import Columnar
import Functions
import HiveSyntax
import Planner
import Platform

/// Finds what may stand at the cursor of a statement that is being typed. Asks the metastore for what begins as the word does, and never
/// fails: of what cannot be read nothing is offered.
struct StatementCompleter {
    let catalog: SessionCatalog
    let functions: FunctionRegistry
    let macroNames: [String]
    let settings: SessionSettings
    private let context: StatementContext
    private var candidates: [Completions.Candidate] = []
    private var isCut = false

    /// More are for nobody to read.
    static let limit = 1000
    /// Partitions that are looked at for their values.
    private static let partitionLimit = 100_000

    init(
        _ context: StatementContext, catalog: SessionCatalog, functions: FunctionRegistry, macroNames: [String], settings: SessionSettings
    ) {
        self.context = context
        self.catalog = catalog
        self.functions = functions
        self.macroNames = macroNames
        self.settings = settings
    }

    mutating func completions() -> Completions {
        switch context.subject {
        case .databases: addDatabases()
        case .tables: addTables()
        case .models: addNames { $0 == .model }
        case .functions: addFunctions(qualifier: context.qualifiers.first, suffix: "")
        case .calls: addFunctions(qualifier: context.qualifiers.first)
        case .expressions: addExpressions()
        case .columns: for column in columns { add(column) }
        case .partitionKeys: for column in table?.partitionColumns ?? [] { add(column, suffix: "=") }
        case .partitionValues(let key): addPartitionValues(of: key)
        case .fileFormats: for format in Self.fileFormats where begins(format) { add(.value, format) }
        case .settings: addSettings()
        case .settingValues(let name): addValues(of: name)
        case .files: addFiles()
        case nil: break
        }
        candidates.sort { $0.text < $1.text }
        for word in context.words.sorted() {
            // As long as nothing is typed, words that are functions are left out as those are.
            if context.word.isEmpty, context.subject == .expressions, functions.entry(word) != nil { continue }
            candidates.append(.init(.keyword, isUpperCase ? word.uppercased() : word))
        }
        removeTwins()
        return Completions(
            wordOffset: context.wordOffset, candidates: candidates, limit: Self.limit, isCut: isCut,
            signature: context.call.flatMap { signature(of: $0) })
    }

    // MARK: Words

    private var word: String { context.word.lowercased() }

    /// Whether the word is typed in capitals.
    private var isUpperCase: Bool { context.word.contains(where: \.isLetter) && context.word == context.word.uppercased() }

    private func begins(_ name: String) -> Bool { name.hasPrefix(word) }

    private mutating func add(_ kind: Completions.Candidate.Kind, _ text: String, detail: String? = nil, suffix: String? = nil) {
        candidates.append(.init(kind, text, detail: detail, suffix: suffix))
    }

    /// Adds a name in the quotes that it needs.
    private mutating func add(name: String, _ kind: Completions.Candidate.Kind, detail: String? = nil, suffix: String? = nil) {
        // Control characters would do something to the terminal.
        guard !name.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }) else { return }
        add(kind, Identifier.spelling(of: name, isQuoted: context.quote == "`"), detail: detail, suffix: suffix)
    }

    private mutating func add(_ column: SchemaColumn, suffix: String? = nil) {
        guard begins(column.name) else { return }
        // Of what a subquery makes the type is not known.
        add(name: column.name, .column, detail: column.type == .void ? nil : "\(column.type)", suffix: suffix)
    }

    /// Of equal texts the first stays: a function before the word of the grammar that it is, too.
    private mutating func removeTwins() {
        var known: Set<String> = []
        candidates = candidates.filter { known.insert($0.text.lowercased()).inserted }
    }

    // MARK: Tables

    private var database: String { context.qualifiers.last ?? catalog.currentDatabase }

    private mutating func addDatabases() {
        guard context.qualifiers.isEmpty else { return }
        // Where only a database may stand no point follows.
        for name in databaseNames() { add(name: name, .value) }
    }

    private mutating func databaseNames() -> [String] {
        let names = (try? catalog.databaseNames(beginningWith: word, limit: Self.limit + 1)) ?? []
        if names.count > Self.limit { isCut = true }
        return names
    }

    private mutating func addTables() {
        addNames { $0 != .model }
        guard context.qualifiers.isEmpty else { return }
        for name in context.named.keys where begins(name) { add(name: name, .table, detail: "query name") }
        for name in databaseNames() { add(name: name, .database) }
    }

    private mutating func addNames(where isWanted: (Table.Kind) -> Bool) {
        guard context.qualifiers.count < 2 else { return }
        let all = (try? catalog.tables(database: database, beginningWith: word, limit: Self.limit + 1)) ?? []
        if all.count > Self.limit { isCut = true }
        for found in all where isWanted(found.kind) {
            switch found.kind {
            case .view, .materializedView: add(name: found.name, .view, detail: "view")
            case .model: add(name: found.name, .model, detail: "model")
            case .managed, .external: add(name: found.name, .table)
            }
        }
    }

    // MARK: Expressions

    private mutating func addExpressions() {
        if let first = context.qualifiers.first {
            addParts(of: first, Array(context.qualifiers.dropFirst()))
            if first == "ml" { addFunctions(qualifier: first) }
            return
        }
        let isSingle = context.tables.count < 2
        for use in context.tables {
            for column in columns(of: use) { add(column) }
            if let name = use.name, begins(name), !isSingle || use.alias != nil { add(name: name, .tableName) }
        }
        // All of them are too many to find the columns among.
        if context.quote == nil, !word.isEmpty { addFunctions(qualifier: nil) }
        if context.tables.isEmpty, !word.isEmpty { addColumnsOfAnyTable() }
    }

    /// What a point may follow: the name of a table, a column with fields, or a database.
    private mutating func addParts(of first: String, _ rest: [String]) {
        for use in context.tables where use.name == first || isTable(use, [first] + rest) {
            var fields = rest
            if use.name != first { fields.removeFirst() }
            addFields(columns(of: use), path: fields)
        }
        for use in context.tables { addFields(columns(of: use), path: [first] + rest) }
    }

    /// Whether a table is called by its full name.
    private func isTable(_ use: TableUse, _ names: [String]) -> Bool {
        guard case .table(let parts) = use.rows, parts.count == 2 else { return false }
        return names.starts(with: parts)
    }

    private mutating func addFields(_ columns: [SchemaColumn], path: [String]) {
        var columns = columns
        for name in path {
            guard var type = columns.first(where: { $0.name == name })?.type else { return }
            while case .array(let element) = type { type = element }
            guard case .structure(let fields) = type else { return }
            columns = fields.map { SchemaColumn(name: $0.name, type: $0.type) }
        }
        for column in columns { add(column) }
    }

    /// Before FROM says whose columns they are: those of a few tables, as there may be thousands.
    private mutating func addColumnsOfAnyTable() {
        let tables = (try? catalog.tables(database: catalog.currentDatabase, beginningWith: "", limit: Self.fewTables + 1)) ?? []
        guard tables.count <= Self.fewTables else { return }
        for found in tables where found.kind != .model {
            for column in columns(of: TableUse(.table([found.name]))) { add(column) }
        }
    }

    private static let fewTables = 50

    /// Those that are meant where only columns may stand.
    private var columns: [SchemaColumn] {
        let tables = context.tables.isEmpty ? context.target.map { [TableUse(.table($0))] } ?? [] : context.tables
        return tables.flatMap { columns(of: $0) }
    }

    private func columns(of use: TableUse) -> [SchemaColumn] {
        var known: [String: [SchemaColumn]] = [:]
        return columns(of: use, &known, depth: Self.deepest)
    }

    /// - Parameters:
    ///   - known: columns of the names of WITH that were met; a name that is asked for its own has none.
    ///   - depth: how many queries may stand in one another.
    private func columns(of use: TableUse, _ known: inout [String: [SchemaColumn]], depth: Int) -> [SchemaColumn] {
        guard depth > 0 else { return [] }
        switch use.rows {
        case .table(let parts):
            guard parts.count == 1, let rows = context.named[parts[0]] else { return table(parts)?.allColumns ?? [] }
            if let columns = known[parts[0]] { return columns }
            known[parts[0]] = []
            let columns = columns(of: TableUse(rows), &known, depth: depth - 1)
            known[parts[0]] = columns
            return columns
        case .columns(let names): return names.map { SchemaColumn(name: $0, type: .void) }
        case .query(let outputs, let uses):
            var tables: [(name: String?, columns: [SchemaColumn])] = []
            for use in uses { tables.append((use.name, columns(of: use, &known, depth: depth - 1))) }
            var types: [String: SQLType] = [:]
            for column in tables.lazy.flatMap(\.columns) where types[column.name] == nil { types[column.name] = column.type }
            var columns: [SchemaColumn] = []
            // Each once: every * of a few may double them.
            var names: Set<String> = []
            for output in outputs {
                switch output {
                case .column(let name):
                    if names.insert(name).inserted { columns.append(SchemaColumn(name: name, type: types[name] ?? .void)) }
                case .star(let table):
                    for found in tables where table == nil || found.name == table {
                        columns += found.columns.filter { names.insert($0.name).inserted }
                    }
                }
            }
            return columns
        }
    }

    private static let deepest = 64

    private func table(_ parts: [String]) -> Table? {
        guard parts.count <= 2, let name = parts.last else { return nil }
        return (try? catalog.table(database: parts.count == 2 ? parts[0] : catalog.currentDatabase, name: name)) ?? nil
    }

    // MARK: Functions

    private mutating func addFunctions(qualifier: String?, suffix: String? = nil) {
        let prefix = qualifier.map { $0 + "." } ?? ""
        for name in functions.names + macroNames where name.hasPrefix(prefix + word) {
            let last = name.dropFirst(prefix.count)
            // Operators are listed among them.
            guard last.first?.isLetter == true, last.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }) else { continue }
            add(.function, isUpperCase ? last.uppercased() : String(last), detail: signature(of: name), suffix: suffix)
        }
    }

    /// How a function is called; nil for what is none.
    private func signature(of name: String) -> String? {
        guard let usage = functions.entry(name)?.documentation.usage else { return nil }
        let called = usage.split(separator: "\n").first.map(String.init) ?? usage
        guard let end = called.firstRange(of: " - ")?.lowerBound, called.hasPrefix("_FUNC_") else { return nil }
        return name + called[..<end].dropFirst("_FUNC_".count)
    }

    // MARK: Partitions

    /// The table that a PARTITION belongs to, or the only one that is read.
    private var table: Table? { (context.target ?? tableNames.first).flatMap { table($0) } }

    private var tableNames: [[String]] {
        context.tables.compactMap { use in
            guard case .table(let parts) = use.rows else { return nil }
            return parts
        }
    }

    private mutating func addPartitionValues(of key: String) {
        let tables = context.tables.isEmpty ? [context.target].compactMap { $0 } : tableNames
        var values: Set<String> = []
        for table in tables.compactMap({ table($0) }) {
            guard let place = table.partitionColumns.firstIndex(where: { $0.name == key }) else { continue }
            // The first key's values lead the names.
            let prefix = place == 0 ? PartitionName.escape(key) + "=" + PartitionName.escape(context.word) : ""
            let names = (try? catalog.partitionNames(of: table, beginningWith: prefix, limit: Self.partitionLimit)) ?? []
            if names.count == Self.partitionLimit { isCut = true }
            for name in names {
                guard let value = PartitionName.values(of: name, columns: table.partitionColumns.map(\.name))?[place],
                    value.hasPrefix(context.word), value != PartitionName.defaultValue
                else { continue }
                values.insert(value)
                if values.count > Self.limit {
                    isCut = true
                    break
                }
            }
            if context.quote == nil, table.partitionColumns[place].type.isNumeric == false {
                for value in values { add(.value, StringLiteral.quoted(value)) }
                return
            }
        }
        for value in values { add(.value, inQuote(value), suffix: closingQuote) }
    }

    /// A value as it goes on behind the quote that is open, which is part of the word.
    private func inQuote(_ value: String) -> String {
        guard let quote = context.quote else { return value }
        var escaped = String(StringLiteral.quoted(value).dropFirst().dropLast())
        if quote == "\"" { escaped = escaped.split(separator: quote, omittingEmptySubsequences: false).joined(separator: "\\\"") }
        return "\(quote)\(escaped)"
    }

    private var closingQuote: String { context.quote.map(String.init) ?? "" }

    private static let fileFormats = ["avro", "jsonfile", "orc", "parquet", "rcfile", "sequencefile", "textfile"]

    // MARK: Settings

    private mutating func addSettings() {
        let known = Settings.all.map { ($0.name, $0.summary) }
        let rules = Settings.families.flatMap { family in
            family.pattern.contains("<rule>") ? Optimizer.ruleNames.map { (family.prefix + $0, family.summary) } : []
        }
        let own = settings.configuration.keys.map { ($0, "") }
        // Names of settings are compared as they are written.
        for (name, summary) in known + rules + own where name.hasPrefix(context.word) {
            add(.setting, name, detail: summary.isEmpty ? nil : summary)
        }
    }

    private mutating func addValues(of name: String) {
        let typeName = Settings.byName[name]?.typeName ?? Settings.families.first { $0.part(of: name) != nil }?.typeName
        var values: [String]
        switch typeName {
        case Bool.typeName: values = ["false", "true"]
        case let words? where words.hasPrefix("["):
            values = words.dropFirst().dropLast().split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init)
        default: values = [settings.text(name), Settings.byName[name]?.defaultText].compactMap { $0 }
        }
        values.removeAll { $0.isEmpty }
        for value in values where value.lowercased().hasPrefix(word) { add(.value, value) }
    }

    // MARK: Files

    private mutating func addFiles() {
        let written = context.word
        let slash = written.lastIndex(of: "/")
        let folder = slash.map { String(written[...$0]) } ?? ""
        let name = slash.map { written[written.index(after: $0)...] } ?? written[...]
        // Other places than the file system's are not looked at.
        guard StorageLocations.scheme(of: written) == nil else { return }
        let place = folder.isEmpty ? "." : HomeFolder.expanding(folder)
        // Hidden files are shown to who asks for them.
        let entries = try? FolderListing.entries(
            of: place, links: .followOrKeep, toleratesVanishing: true,
            where: { $0.hasPrefix(name) && (!$0.hasPrefix(".") || name.hasPrefix(".")) })
        for entry in entries ?? [] {
            guard !entry.name.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }) else { continue }
            // A command without quotes is cut at spaces.
            if context.quote == nil, entry.name.contains(" ") { continue }
            if entry.status.kind == .folder {
                add(.folder, inQuote(folder + entry.name))
            } else {
                add(.file, inQuote(folder + entry.name), suffix: closingQuote)
            }
        }
    }
}
