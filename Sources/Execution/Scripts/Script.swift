import Columnar
import Planner
import Platform
import TableFormats

/// The program of a TRANSFORM, and how rows become its input and its output rows.
struct Script: Sendable {
    /// As the statement has it.
    let command: String
    let input: TableStorage
    let inputSchema: [SchemaColumn]
    let output: TableStorage
    let outputSchema: [SchemaColumn]

    /// - Throws: `ExecutionError` when the rows cannot be lines as the statement asks.
    func check() throws {
        for storage in [input, output] {
            do { _ = try TableFormatRegistry.format(of: storage) } catch let error as UnsupportedTableFormat {
                throw ExecutionError.message("Rows of TRANSFORM as \(error.name) are not supported yet")
            }
        }
    }

    /// Whether rows go through `ScriptEscapes`.
    func isEscaped(_ lines: TableStorage) -> Bool {
        lines.serdeProperties[RowFormatProperties.escapesScriptRows] == "true"
    }

    /// What a failure of it ends the query with: Hive's words of a task that failed, then ours.
    func failure(_ reason: String) -> ExecutionError {
        .task(name: "mr.MapRedTask", code: 2, ". The script '\(command)' \(reason)")
    }
}

/// Where and with which variables the processes of a script run.
final class ScriptPlace: Sendable {
    private let folder: ScriptFolder?
    private let environment: [String]
    private let searchPath: [String]

    /// - Throws: `FileError` when the files that the session added have no place.
    init(_ settings: ScriptSettings) throws {
        folder = settings.files.isEmpty ? nil : try ScriptFolder(for: settings.files)
        var variables: [Substring: String] = [:]
        for variable in environmentVariables() + settings.variables {
            variables[variable.prefix { $0 != "=" }] = variable
        }
        environment = variables.values.sorted()
        let path = environmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        searchPath = [folder?.path ?? ".", "."] + path.split(separator: ":").map(String.init)
    }

    /// - Throws: `ExecutionError` when the program cannot be started.
    func start(_ script: Script) throws -> ChildProcess {
        let command = ScriptCommand(script.command, in: searchPath)
        do {
            return try ChildProcess(
                program: fromHere(command.program), words: command.words.map(fromHere), environment: environment,
                folder: folder?.path)
        } catch {
            throw script.failure("cannot be started: \(error.reason)")
        }
    }

    /// A path that leads somewhere from this process's folder, and not from the one with the links, as one from the root.
    private func fromHere(_ word: String) -> String {
        func exists(_ path: String) -> Bool { ((try? FileStatus.of(path)) ?? nil) != nil }
        guard let folder, !word.isEmpty, !word.hasPrefix("/"), !exists(FolderListing.path(folder.path, word)), exists(word)
        else { return word }
        return FilePath.absolute(word)
    }
}
