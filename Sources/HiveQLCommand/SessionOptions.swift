import HiveQL
import Platform

/// What is wrong with a command line.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The options of Hive's command line.
struct SessionOptions {
    enum Script {
        case text(String)
        /// `-` is standard input.
        case file(String)

        var isFile: Bool {
            if case .file = self { return true }
            return false
        }
    }

    /// In the order given; all from `-e` or all from `-f`.
    var scripts: [Script] = []
    var initializationFiles: [String] = []
    var isSilent = false
    var isVerbose = false
    var database = "default"
    var settings: [String: String] = [:]
    var variables: [String: String] = [:]
    /// How rows are written; nil: as usual.
    var output: OutputStyle?
    /// Whether the names of columns come first; nil: as usual.
    var printsHeader: Bool?
    var wantsHelp = false
    var wantsVersion = false

    static let help = """
        usage: hiveql [options]                   shell, or a script with -e or -f
               hiveql train TABLE|QUERY --label COLUMN [options]
               hiveql predict MODEL TABLE|QUERY [options]
               hiveql evaluate MODEL [TABLE|QUERY] [options]
               hiveql explain MODEL [TABLE|QUERY] [options]
               hiveql models [PATTERN] [options]
               hiveql report MODEL [TABLE|QUERY] [options]
               hiveql export TABLE|QUERY --to FILE [options]
               hiveql profile TABLE|QUERY [options]
               hiveql describe-file FILE... [--json]
               hiveql generate FOLDER [--rows N] [--seed N]

         -d,--define <key=value>          Variable for use in statements: ${key} or ${hivevar:key}
            --database <name>             Database to start in
         -e <statements>                  Statements from the command line; may be given several times
         -f <file>                        Statements from a file; - is standard input
         -H,--help                        This text
            --hiveconf <name=value>       Setting for the session
            --hivevar <key=value>         The same as --define
         -i <file>                        Statements to run first, in place of those of ~/.hiverc
            --outputformat <name>         Rows as tabs (default), csv, tsv, json, jsonl, markdown, html, latex, table, lines
            --header                      The names of the columns first; --showHeader=false: not
         -S,--silent                      Rows only: no OK, no times
         -v,--verbose                     Echo statements as they are run
            --version                     Version

        The warehouse folder is the setting hive.metastore.warehouse.dir
        (default ./warehouse-data, or the environment variable HIVEQL_WAREHOUSE).
        Exit status: 0, or the last eight bits of Hive's number of the error (64 for what does not parse, 17 for
        a missing table), 3 for a file that cannot be read, 130 after ^C.
        In the shell, hiveql.shell.output says how rows are shown (table), and \\? lists its commands.
        'hiveql train --help' and so on tell more of the others.
        """

    init() {}

    init(_ arguments: [String]) throws {
        var reader = ArgumentReader(arguments)
        while let name = try reader.nextOption() {
            guard try take(name, &reader) else { throw UsageError("Unrecognized option: \(name)") }
        }
    }

    /// Takes one option; false when it is none of these.
    mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        switch name {
        case "-e", "-f":
            let value = try reader.value(of: name)
            scripts.append(name == "-e" ? .text(value) : .file(value))
            guard scripts.allSatisfy({ $0.isFile == (name == "-f") }) else {
                throw UsageError("The '-e' and '-f' options cannot be specified simultaneously")
            }
        case "-i": initializationFiles.append(try reader.value(of: name))
        case "-S", "--silent", "-silent": isSilent = true
        case "-v", "--verbose", "-verbose": isVerbose = true
        case "--outputformat", "-outputformat":
            let text = try reader.value(of: name)
            guard let style = OutputStyle(named: text) else { throw UsageError("\(name) takes \(OutputStyle.names), not '\(text)'") }
            output = style
        case "--header": printsHeader = true
        case "--showHeader":
            let text = try reader.value(of: name).lowercased()
            guard ["true", "false"].contains(text) else { throw UsageError("--showHeader takes true or false, not '\(text)'") }
            printsHeader = text == "true"
        case "-H", "--help", "-help": wantsHelp = true
        case "--version", "-version": wantsVersion = true
        case "--database", "-database": database = try reader.value(of: name)
        case "-d", "--define", "-define", "--hivevar", "-hivevar":
            let (key, value) = try reader.pair(of: name)
            variables[key] = value
        case "--hiveconf", "-hiveconf":
            let (key, value) = try reader.pair(of: name)
            settings[key] = value
        default: return false
        }
        return true
    }

    /// The warehouse folder: setting, environment, default.
    var warehouseFolder: String {
        let named = [
            settings["hive.metastore.warehouse.dir"], settings["hiveql.warehouse"], environmentVariable("HIVEQL_WAREHOUSE"),
        ]
        // An empty one would be the current folder.
        return named.compactMap { $0 }.first { !$0.isEmpty } ?? "./warehouse-data"
    }

    /// Opens the program's one session, which ^C is for from now on.
    /// - Throws: `HiveError` when the warehouse can't be opened, the database is missing, or a setting has a value that
    ///   is not of its type.
    func openSession() throws -> Session {
        Session.prepare()
        let session = try Session(
            warehouse: Warehouse(at: warehouseFolder), database: database, settings: settings, variables: variables)
        for (name, value) in settings { try session.set(name, to: value) }
        Interrupts.watch(session)
        return session
    }
}

/// Reads options one by one: `--name value`, `--name=value`, `-n value`.
struct ArgumentReader {
    private var rest: ArraySlice<String>
    private var attachedValue: String?

    init(_ arguments: [String]) { rest = arguments[...] }

    /// The next option's name; nil at the end.
    /// - Throws: when something that is no option stands there.
    mutating func nextOption() throws -> String? {
        if let value = attachedValue { throw UsageError("Unexpected value '\(value)'") }
        guard let next = rest.popFirst() else { return nil }
        guard next.hasPrefix("-"), next.count > 1 else { throw UsageError("Unexpected argument '\(next)'") }
        if next.hasPrefix("--"), let equals = next.firstIndex(of: "=") {
            attachedValue = String(next[next.index(after: equals)...])
            return String(next[..<equals])
        }
        return next
    }

    /// The next argument when it is no option.
    mutating func positional() -> String? {
        guard let next = rest.first, !next.hasPrefix("-") else { return nil }
        rest.removeFirst()
        return next
    }

    mutating func value(of name: String) throws -> String {
        if let value = attachedValue {
            attachedValue = nil
            return value
        }
        guard let value = rest.popFirst() else { throw UsageError("Missing argument for option: \(name)") }
        return value
    }

    mutating func pair(of name: String) throws -> (key: String, value: String) {
        let text = try value(of: name)
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw UsageError("Option \(name) takes key=value, not '\(text)'")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    mutating func integer(of name: String) throws -> Int {
        let text = try value(of: name)
        guard let number = Int(text) else { throw UsageError("Option \(name) takes a whole number, not '\(text)'") }
        return number
    }

    mutating func number(of name: String) throws -> Double {
        let text = try value(of: name)
        guard let number = Double(text) else { throw UsageError("Option \(name) takes a number, not '\(text)'") }
        return number
    }

    /// Names separated by commas.
    mutating func names(of name: String) throws -> [String] {
        try value(of: name).split(separator: ",").map(\.trimmed)
    }
}
