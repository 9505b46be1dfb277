import HiveQL
import Platform

/// `hiveql describe-file`: what files say of themselves.
enum DescribeFileCommand {
    static let help = """
        usage: hiveql describe-file FILE... [--json]

        Prints what files of rows say of themselves: format, schema, writer, codecs, row groups or stripes with their rows
        and bytes, and of each column in them encodings, sizes, NULLs, bounds and indexes. The format is told by what is in
        a file, not by its name. Parquet, ORC and Avro are read; other files are named, such as text.

            --json    A JSON object a file, each on a line

        Exit status: 0; 1 when a file is damaged; 3 when there is none. Other files are still described.
        """

    static func run(_ arguments: [String]) -> Int32 {
        var paths: [String] = []
        var asJSON = false
        var reader = ArgumentReader(arguments)
        do {
            while true {
                if let path = reader.positional() {
                    paths.append(path)
                } else if let name = try reader.nextOption() {
                    switch name {
                    case "--json": asJSON = true
                    case "-H", "--help", "-help":
                        Console.print(help)
                        return 0
                    default: throw UsageError("Unrecognized option: \(name)")
                    }
                } else {
                    break
                }
            }
            guard !paths.isEmpty else { throw UsageError("describe-file needs a file") }
        } catch {
            Console.error("hiveql describe-file: \(error)\nTry 'hiveql describe-file --help'.")
            return ExitStatus.failure
        }
        var status: Int32 = 0
        for (number, path) in paths.enumerated() {
            do {
                let file = try DataFileDescription(of: HomeFolder.expanding(path))
                if asJSON {
                    Console.print(file.json)
                } else {
                    if number > 0 { Console.print("") }
                    Console.print(lines(of: file))
                }
            } catch {
                Console.error("hiveql describe-file: \(message(error))")
                status = max(status, SystemFiles.isFile(path) ? ExitStatus.failure : ExitStatus.missingFile)
            }
        }
        return status
    }

    /// Without the words of a statement that failed.
    private static func message(_ error: any Error) -> String {
        guard let error = error as? HiveError else { return "\(error)" }
        let start = "FAILED: Execution Error: "
        return error.message.hasPrefix(start) ? String(error.message.dropFirst(start.count)) : error.message
    }

    private static func lines(of file: DataFileDescription) -> [String] {
        var lines = [file.path.withoutControls]
        let width = file.facts.map(\.name.displayWidth).max() ?? 0
        for fact in file.facts {
            lines.append("  \(fact.name.padded(to: width))  \(fact.value.withoutControls)")
        }
        if !file.schemaText.isEmpty {
            lines += ["", "schema"]
            lines += file.schemaText.split(separator: "\n").map { "  \(String($0).withoutControls)" }
        }
        for section in file.sections {
            lines += ["", section.title]
            lines += AlignedText.lines([section.header] + section.rows, areNumbers: section.areNumbers).map { "  " + $0 }
        }
        return lines
    }
}
