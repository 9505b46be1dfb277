import Foundation
import Testing

/// A folder that goes when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("hiveql-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and gives its path.
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }
}

/// The built `hiveql` program, run in a warehouse and a home folder of its own.
struct CommandLineTool {
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String

        var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast() }
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    let folder: TemporaryFolder
    private let executable: String

    init() throws {
        folder = try TemporaryFolder()
        executable = try Self.locate()
    }

    /// - Parameter clone: A folder of this repository; `runCommands` works in a folder where `warehouse/scripts` is its.
    init(clone: String) throws {
        try self.init()
        for name in ["bin", "current"] {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/current/warehouse", withDestinationPath: "\(clone)/warehouse")
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/bin/hiveql", withDestinationPath: executable)
    }

    /// The program stands beside the test bundle; `HIVEQL_EXECUTABLE` names another build of it.
    private static func locate() throws -> String {
        var candidates: [String] = []
        if let named = ProcessInfo.processInfo.environment["HIVEQL_EXECUTABLE"] { candidates.append(named) }
        for start in ["/proc/self/exe", CommandLine.arguments.first ?? "", Bundle.main.bundlePath] + Bundle.allBundles.map(\.bundlePath) {
            var place = URL(fileURLWithPath: start).resolvingSymlinksInPath()
            for _ in 0..<4 {
                place.deleteLastPathComponent()
                candidates.append(place.appendingPathComponent("hiveql").path)
            }
        }
        var isFolder = ObjCBool(false)
        for path in candidates
        where FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
        {
            return path
        }
        throw Missing(
            description: "the program hiveql is not beside the tests (swift build --product hiveql makes it); looked at "
                + candidates.joined(separator: ", "))
    }

    /// Runs the program to its end.
    func run(_ arguments: String..., input: String = "") throws -> Outcome {
        try run(arguments, input: Array(input.utf8), outputPath: nil)
    }

    /// Starts the program without input; what it says is not read.
    func start(_ arguments: String...) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        // Tests run on threads that take no signals, and a program begins with what its starter's thread takes.
        var none = sigset_t(), own = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &own)
        defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
        try process.run()
        return process
    }

    /// Runs commands of a shell that ends with the first that fails, with `hiveql` on the path. Needs `init(clone:)`.
    /// - Returns: Both streams as one output, in the order in which they were written.
    func runCommands(_ text: String) throws -> Outcome {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-e", "-c", text]
        process.environment = environment.merging(
            ["PATH": "\(folder.path)/bin:\(environment["PATH"] ?? "/usr/bin:/bin")"], uniquingKeysWith: { $1 })
        process.currentDirectoryURL = URL(fileURLWithPath: "\(folder.path)/current")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            output: String(decoding: output, as: UTF8.self), errors: "")
    }

    /// - Parameter outputPath: where standard output goes instead of the outcome.
    func run(_ arguments: [String], input: [UInt8], outputPath: String?) throws -> Outcome {
        let name = UUID().uuidString
        let outputFile = outputPath ?? "\(folder.path)/\(name).out"
        let errorFile = "\(folder.path)/\(name).err"
        let inputFile = try folder.file("\(name).in", input)
        if outputPath == nil { try Data().write(to: URL(fileURLWithPath: outputFile)) }
        try Data().write(to: URL(fileURLWithPath: errorFile))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: inputFile))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputFile))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorFile))
        try process.run()
        process.waitUntilExit()
        func text(_ path: String) -> String {
            String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        }
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            output: outputPath == nil ? text(outputFile) : "", errors: text(errorFile))
    }

    var environment: [String: String] {
        var values = ProcessInfo.processInfo.environment
        values["HOME"] = folder.path
        values["HIVEQL_WAREHOUSE"] = "\(folder.path)/warehouse"
        values["TERM"] = "xterm"
        values["LC_ALL"] = "C.UTF-8"
        return values
    }

    /// Starts the interactive shell on a terminal of its own.
    func startShell(_ arguments: [String] = [], without unset: Set<String> = []) throws -> TerminalSession {
        try TerminalSession(
            executable: executable, arguments: arguments, environment: environment.filter { !unset.contains($0.key) }, folder: folder)
    }
}
