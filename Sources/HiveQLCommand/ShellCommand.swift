import HiveQL

/// A line of the shell that is no statement but a word of another shell, whose people type it: psql's `\d`, DuckDB's `.tables`,
/// beeline's `!tables`.
enum ShellCommand: Equatable {
    /// What HiveQL has for it.
    case statement(String)
    case help
    case quit
    /// How rows are shown.
    case output(OutputStyle)
    /// Rows as lines or as a table, in turn.
    case toggleLines
    /// Whether times are told; nil: in turn.
    case timing(Bool?)
    /// Edits the last statement, or a file, and runs what was saved.
    case edit(file: String?)
    /// Runs the last statement every so many seconds until ^C.
    case watch(seconds: Double)
    /// Rows go to a file; nil: to the terminal again.
    case writeTo(file: String?)
    /// What is wrong with the line.
    case mistake(String)

    /// nil for a line that is the beginning of a statement, or a program's (`!ls`).
    init?(_ line: String) {
        var text = line.trimmed
        while text.hasSuffix(";") { text = String(text.dropLast()).trimmed }
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first else { return nil }
        let rest = String(text.dropFirst(first.count)).trimmed
        if ["?", "help"].contains(first.lowercased()), words.count == 1 {
            self = .help
        } else if first.hasPrefix("\\") {
            self = Self.ofPsql(String(first.dropFirst()), rest) ?? .mistake(Self.unknown(first))
        } else if first.hasPrefix("."), first.dropFirst().first?.isLetter == true {
            self = Self.ofDuckDB(first.dropFirst().lowercased(), rest) ?? .mistake(Self.unknown(first))
        } else if first.hasPrefix("!"), let command = Self.ofBeeline(first.dropFirst().lowercased(), rest) {
            self = command
        } else {
            return nil
        }
    }

    /// The statement whose words complete a line with a command: its name is replaced, what stands behind it stays. nil for other lines.
    static func statement(forCompleting line: String) -> String? {
        let text = line.drop(while: \.isWhitespace)
        let name = text.prefix { !$0.isWhitespace }
        let rest = text.dropFirst(name.count)
        guard !rest.isEmpty, let meaning = meanings[name.lowercased()] else { return nil }
        return meaning + (meaning.hasSuffix("=") ? rest.drop(while: \.isWhitespace) : rest)
    }

    private static let meanings: [String: String] = {
        let names = [
            "describe": ["\\d", "\\d+", "!describe", "!columns", ".columns"], "show create table": [".schema"], "use": ["\\c", "\\connect"],
            "describe function": ["\\df"], "!": ["\\!", "!sh", ".shell", ".system"], "set hiveql.shell.output=": [".mode", "!outputformat"],
            "source": ["\\i", "\\include", ".read", "!run", "\\e", "\\edit", ".edit", "\\o", "\\out", ".output", ".once"],
        ]
        return Dictionary(uniqueKeysWithValues: names.flatMap { meaning, names in names.map { ($0, meaning) } })
    }()

    private static func unknown(_ word: String) -> String { "Unknown command '\(word)'. \\? lists the shell's commands." }

    private static func ofPsql(_ name: String, _ rest: String) -> ShellCommand? {
        switch name {
        case "?", "h", "help": .help
        case "q", "quit": .quit
        case "l", "l+", "list", "dn": .statement("show databases")
        case "dt", "dt+": listed(rest)
        case "d", "d+": rest.isEmpty ? listed(rest) : described(rest, isFull: name.hasSuffix("+"))
        case "dv", "dv+": .statement("show views")
        case "df": .statement(rest.isEmpty ? "show functions" : "describe function extended \(rest)")
        case "c", "connect": rest.isEmpty ? .mistake("\\c takes a database") : .statement("use \(rest)")
        case "x": .toggleLines
        case "timing": switched(rest, of: "\\timing")
        case "e", "edit": .edit(file: rest.isEmpty ? nil : rest)
        case "i", "include": rest.isEmpty ? .mistake("\\i takes a file") : .statement("source \(rest)")
        case "o", "out": written(rest)
        case "watch": watched(rest)
        case "pset", "a":
            rest.hasPrefix("format") ? styled(String(rest.dropFirst(6)).trimmed) : .mistake("\\pset format \(OutputStyle.names)")
        case "set": .statement(rest.isEmpty ? "set" : "set hivevar:\(rest.split(separator: " ", maxSplits: 1).joined(separator: "="))")
        case "!": rest.isEmpty ? .mistake("\\! takes a command") : .statement("!\(rest)")
        default: nil
        }
    }

    private static func ofDuckDB(_ name: String, _ rest: String) -> ShellCommand? {
        switch name {
        case "help": .help
        case "quit", "exit", "q": .quit
        case "tables": listed(rest)
        case "databases", "schemas": .statement("show databases")
        case "schema": rest.isEmpty ? .mistake(".schema takes a table") : .statement("show create table \(rest)")
        case "columns": rest.isEmpty ? .mistake(".columns takes a table") : .statement("describe \(rest)")
        case "mode": styled(rest)
        case "read": rest.isEmpty ? .mistake(".read takes a file") : .statement("source \(rest)")
        case "output", "once": written(rest)
        case "timer": switched(rest, of: ".timer")
        case "edit": .edit(file: rest.isEmpty ? nil : rest)
        case "shell", "system": rest.isEmpty ? .mistake(".shell takes a command") : .statement("!\(rest)")
        default: nil
        }
    }

    /// Other words behind `!` are programs, as in Hive's command line.
    private static func ofBeeline(_ name: String, _ rest: String) -> ShellCommand? {
        switch name {
        case "help": .help
        case "quit", "q", "exit", "closeall": .quit
        case "tables": listed(rest)
        case "describe", "columns": rest.isEmpty ? .mistake("!describe takes a table") : described(rest, isFull: false)
        case "outputformat": styled(rest)
        case "run": rest.isEmpty ? .mistake("!run takes a file") : .statement("source \(rest)")
        case "connect", "reconnect": .mistake("There is no server to connect to: the tables are those of the warehouse's folder")
        case "sh": rest.isEmpty ? .mistake("!sh takes a command") : .statement("!\(rest)")
        default: nil
        }
    }

    private static func described(_ name: String, isFull: Bool) -> ShellCommand {
        .statement("describe \(isFull ? "formatted " : "")\(name)")
    }

    private static func styled(_ name: String) -> ShellCommand {
        OutputStyle(named: name).map { .output($0) } ?? .mistake("Unknown format '\(name)': \(OutputStyle.names)")
    }

    private static func switched(_ rest: String, of name: String) -> ShellCommand {
        switch rest.lowercased() {
        case "": .timing(nil)
        case "on", "true", "1": .timing(true)
        case "off", "false", "0": .timing(false)
        default: .mistake("\(name) is on or off")
        }
    }

    private static func watched(_ rest: String) -> ShellCommand {
        guard !rest.isEmpty else { return .watch(seconds: 2) }
        guard let seconds = Double(rest), seconds > 0, seconds <= 86_400 else { return .mistake("\\watch takes seconds, from above 0 to a day") }
        return .watch(seconds: seconds)
    }

    /// Tables by a pattern, in which `%` is Hive's `*`.
    private static func listed(_ pattern: String) -> ShellCommand {
        let hives = String(pattern.filter { $0 != "'" && $0 != "\\" }.map { $0 == "%" ? "*" : $0 })
        return .statement(hives.isEmpty ? "show tables" : "show tables like '\(hives)'")
    }

    private static func written(_ rest: String) -> ShellCommand {
        guard !rest.hasPrefix("|") else { return .mistake("Rows go into a file, not to a program") }
        let quotes: [Character] = ["'", "\""]
        let isQuoted = rest.count > 1 && rest.first == rest.last && rest.first.map(quotes.contains) == true
        let file = isQuoted ? String(rest.dropFirst().dropLast()) : rest
        return .writeTo(file: file.isEmpty || file.lowercased() == "stdout" ? nil : file)
    }

    static let helpText = """
        Statements end with ';'. The commands of this shell, on a line of their own:

          \\?  help  .help  !help          this text
          \\q  quit  exit  .quit  !quit     leave
          \\l  .databases                  databases                \\c NAME    change to one
          \\d  \\dt  .tables  !tables       tables                   \\dv        views
          \\d NAME  !describe NAME         columns of a table       \\d+ NAME   all that is known of it
          .schema NAME                    its CREATE TABLE
          \\df [NAME]                      functions, or what one does
          \\x                              a column a line, or a table again
          \\pset format F  .mode F  !outputformat F
                                          rows as \(OutputStyle.names)
          \\o [FILE]  .output [FILE]       rows into a file, or here again
          \\i FILE  .read FILE  !run FILE  run a file of statements
          \\e [FILE]  .edit                edit the last statement, or a file, and run it
          \\watch [SECONDS]                run the last statement again and again, until ^C
          \\timing [on|off]  .timer        tell times, or not
          !PROGRAM WORDS…  \\! PROGRAM     run a program

        Tab completes what may stand at the cursor, or shows it. ^C cancels a query, or gives up what was typed. ^R searches what was
        typed before, of other shells too; what begins with a space, and SET of a password, secret, token or key, is not kept.
        SHOW FUNCTIONS lists functions, DESCRIBE FUNCTION EXTENDED name tells of one; SET -v lists settings.
        """
}
