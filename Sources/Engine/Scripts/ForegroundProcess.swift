import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs a program on this one's terminal, input and outputs, to its end.
enum ForegroundProcess {
    /// - Parameter words: the program, which is looked for in PATH, and its arguments as they are.
    /// - Returns: the exit code, 128 and the signal's number where a signal ended it.
    /// - Throws: `HiveError` when there is no such program.
    static func run(_ words: [String]) throws -> Int32 {
        var arguments = words.map { strdup($0) }
        var variables = environmentVariables().map { strdup($0) }
        defer { for text in arguments + variables { free(text) } }
        guard let program = words.first, arguments.allSatisfy({ $0 != nil }) else { throw HiveError(message: "Empty command") }
        arguments.append(nil)
        variables.append(nil)
        return try interruptsReachOnlyTheChild { attributes in
            var process: pid_t = 0
            let failure = posix_spawnp(&process, program, nil, &attributes, arguments, variables)
            guard failure == 0 else {
                throw HiveError(
                    message: "Failed to execute \(words.joined(separator: " ")): \(String(cString: strerror(failure)))")
            }
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 {
                guard errno == EINTR else { throw HiveError(message: String(cString: strerror(errno))) }
            }
            let signal = status & 0x7F
            return signal == 0 ? status >> 8 & 0xFF : 128 + signal
        }
    }

    #if canImport(Darwin)
    private typealias SpawnAttributes = posix_spawnattr_t?
    #else
    private typealias SpawnAttributes = posix_spawnattr_t
    #endif

    /// ^C and ^\ go to all programs of the terminal: while the child runs they are its own, as `system` has it.
    private static func interruptsReachOnlyTheChild(_ body: (inout SpawnAttributes) throws -> Int32) throws -> Int32 {
        #if canImport(Darwin)
        var attributes: SpawnAttributes = nil
        #else
        var attributes = SpawnAttributes()
        #endif
        guard posix_spawnattr_init(&attributes) == 0 else { throw HiveError(message: String(cString: strerror(ENOMEM))) }
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGQUIT)
        // What this program ignores, its child would ignore too.
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        let oldInterrupt = signal(SIGINT, SIG_IGN)
        let oldQuit = signal(SIGQUIT, SIG_IGN)
        defer {
            signal(SIGINT, oldInterrupt)
            signal(SIGQUIT, oldQuit)
        }
        return try body(&attributes)
    }
}
