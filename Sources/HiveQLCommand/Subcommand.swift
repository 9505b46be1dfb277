import HiveQL

/// What a subcommand is told by its arguments.
protocol SubcommandArguments {
    init()
    static var help: String { get }
    var wantsHelp: Bool { get }
    /// Takes an argument that no option is before.
    mutating func take(positional text: String) throws
    /// Takes one option; false when there is none of that name.
    mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool
    /// Looks at all of them together.
    /// - Throws: what can be told to be wrong without the data.
    mutating func finish() throws
}

extension SubcommandArguments {
    mutating func take(positional text: String) throws { throw UsageError("Unexpected argument '\(text)'") }

    mutating func finish() throws {}

    /// Takes all arguments, or those up to a wish for help.
    fileprivate mutating func read(_ arguments: [String]) throws {
        var reader = ArgumentReader(arguments)
        while !wantsHelp {
            if let text = reader.positional() {
                try take(positional: text)
                continue
            }
            guard let name = try reader.nextOption() else { return try finish() }
            guard try take(name, &reader) else { throw UsageError("Unrecognized option: \(name)") }
        }
    }
}

enum Subcommand {
    /// Reads the arguments and runs `body`, or prints the help, and turns what is thrown into messages and an exit status.
    static func run<Arguments: SubcommandArguments>(
        _ name: String, _ arguments: [String], _ body: (Arguments) throws -> Void
    ) -> Int32 {
        do {
            var options = Arguments()
            try options.read(arguments)
            if options.wantsHelp { Console.print(Arguments.help) } else { try body(options) }
            return 0
        } catch let error as UsageError {
            Console.error("hiveql \(name): \(error)\nTry 'hiveql \(name) --help'.")
            return ExitStatus.failure
        } catch {
            if error as? LearnerError == .cancelled || (error as? HiveError)?.isCancellation == true {
                Console.error("Cancelled")
                return Interrupts.exitStatus
            }
            Console.error(error is HiveError ? "\(error)" : "hiveql \(name): \(error)")
            return ExitStatus.of(error)
        }
    }
}
