import HiveQL
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The `hiveql` program: a shell, a runner of scripts, and the subcommands that learn and that look at rows and files.
@main
enum HiveQLCommand {
    static let version = "0.1.0"

    static func main() {
        SystemMemory.shareHeapUnderLimit()
        let arguments = Array(CommandLine.arguments.dropFirst())
        // Not LC_ALL: numbers keep their decimal point in every country.
        setlocale(LC_CTYPE, "")
        // Where nobody chose one, as in containers, the line editor would drop what is not ASCII.
        if let name = setlocale(LC_CTYPE, nil), ["C", "POSIX"].contains(String(cString: name)) { setlocale(LC_CTYPE, "C.UTF-8") }
        exit(run(arguments))
    }

    private static let subcommands: [String: @Sendable ([String]) -> Int32] = [
        "train": TrainCommand.run, "predict": PredictCommand.run, "evaluate": EvaluateCommand.run, "explain": ExplainCommand.run,
        "models": ModelsCommand.run, "report": ReportCommand.run, "export": ExportCommand.run, "profile": ProfileCommand.run,
        "describe-file": DescribeFileCommand.run, "generate": GenerateCommand.run,
    ]

    private static func run(_ arguments: [String]) -> Int32 {
        if let first = arguments.first, let subcommand = subcommands[first] { return subcommand(Array(arguments.dropFirst())) }
        let options: SessionOptions
        do {
            options = try SessionOptions(arguments)
        } catch {
            let hint = arguments.first.flatMap { NearestName.hint(for: $0, among: subcommands.keys.sorted()) }
            Console.error(["\(error)", hint, "Try 'hiveql --help'."].compactMap { $0 }.joined(separator: "\n"))
            return ExitStatus.failure
        }
        if options.wantsHelp {
            Console.print(SessionOptions.help)
            return 0
        }
        if options.wantsVersion {
            Console.print("hiveql \(version)")
            return 0
        }
        do {
            return try start(options)
        } catch {
            Console.error("\(error)")
            return ExitStatus.of(error)
        }
    }

    private static func start(_ options: SessionOptions) throws -> Int32 {
        let session = try options.openSession()
        let isInteractive = options.scripts.isEmpty && isatty(STDIN_FILENO) == 1
        let isShown = isInteractive && Console.outputIsTerminal
        if isShown, let style = options.output { try session.set("hiveql.shell.output", to: style.rawValue) }
        let console = ScriptConsole(
            executor: session, isSilent: true, isVerbose: options.isVerbose, output: isShown ? nil : options.output ?? .tabs,
            printsHeader: options.printsHeader)
        let status = initialize(options, console)
        if status != 0 || console.wantsToQuit { return status }
        console.isSilent = options.isSilent
        if isInteractive { return Shell(executor: session, console: console).run() }
        for script in options.scripts.isEmpty ? [.file("-")] : options.scripts {
            let status: Int32
            switch script {
            case .text(let text): status = console.run(Script(text))
            case .file(let path): status = console.runFile(path)
            }
            if status != 0 || console.wantsToQuit { return status }
        }
        return 0
    }

    /// Runs what `-i` names, or the user's `.hiverc`. A statement of the latter that fails is told, and the next one is
    /// run: files written for a cluster name Java archives and the like.
    private static func initialize(_ options: SessionOptions, _ console: ScriptConsole) -> Int32 {
        for file in options.initializationFiles {
            let status = console.runFile(file)
            if status != 0 || console.wantsToQuit { return status }
        }
        guard options.initializationFiles.isEmpty, let home = HomeFolder.path else { return 0 }
        let path = home + "/.hiverc"
        guard SystemFiles.isFile(path) else { return 0 }
        console.toleratesErrors = true
        defer { console.toleratesErrors = false }
        return console.runFile(path) == Interrupts.exitStatus ? Interrupts.exitStatus : 0
    }
}
