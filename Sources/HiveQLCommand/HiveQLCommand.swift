import Foundation
import HiveQL

/// The `hiveql` program: a shell, a runner of scripts, and the learning subcommands.
@main
enum HiveQLCommand {
    static let version = "0.1.0"

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        setlocale(LC_ALL, "")
        exit(run(arguments))
    }

    private static func run(_ arguments: [String]) -> Int32 {
        switch arguments.first {
        case "train": return TrainCommand.run(Array(arguments.dropFirst()))
        case "predict": return PredictCommand.run(Array(arguments.dropFirst()))
        case "generate": return GenerateCommand.run(Array(arguments.dropFirst()))
        default: break
        }
        let options: SessionOptions
        do {
            options = try SessionOptions(arguments)
        } catch {
            Console.error("\(error)")
            Console.error("Try 'hiveql --help'.")
            return 1
        }
        if options.wantsHelp {
            print(SessionOptions.help)
            return 0
        }
        if options.wantsVersion {
            print("hiveql \(version)")
            return 0
        }
        do {
            return try start(options)
        } catch {
            Console.error("\(error)")
            return 1
        }
    }

    private static func start(_ options: SessionOptions) throws -> Int32 {
        let session = try options.openSession()
        Interrupts.watch(session)
        let isInteractive = options.script == nil && isatty(STDIN_FILENO) == 1
        let runner = ScriptRunner(
            session: session, isSilent: options.isSilent, isVerbose: options.isVerbose,
            output: isInteractive && isatty(STDOUT_FILENO) == 1 ? .table : .tabs)
        for file in options.initializationFiles {
            let status = runner.runFile(file)
            if status != 0 { return status }
        }
        switch options.script {
        case .text(let text): return runner.run(text)
        case .file(let path): return runner.runFile(path)
        case nil: break
        }
        if isInteractive { return Shell(session: session, runner: runner).run() }
        return runner.runFile("-")
    }
}

/// The two ends of output: rows to standard output, everything else to standard error.
enum Console {
    /// Writes bytes to standard output, after what was printed before.
    static func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        fflush(nil)
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
            let written = Foundation.write(STDOUT_FILENO, rest.baseAddress, rest.count)
            if written < 0, errno != EINTR { return }
            if written > 0 { rest = UnsafeRawBufferPointer(rebasing: rest[written...]) }
        }
    }

    static func error(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
