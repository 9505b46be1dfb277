import Foundation
import Testing

/// The program on a pseudo terminal, as a person uses it.
final class TerminalSession {
    private let controller: Int32
    private let process: pid_t
    private var screen: [UInt8] = []
    /// The program's home and warehouse, which must not go before it.
    private let folder: TemporaryFolder

    #if os(Linux)
    private static let newSession: Int16 = 0x80
    #else
    private static let newSession: Int16 = 0x400
    #endif

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(executable: String, arguments: [String], environment: [String: String], folder: TemporaryFolder) throws {
        self.folder = folder
        var controller: Int32 = -1
        var terminal: Int32 = -1
        var name = [CChar](repeating: 0, count: 256)
        var size = winsize(ws_row: 50, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&controller, &terminal, &name, nil, &size) == 0 else {
            throw Failure(description: "no pseudo terminal: \(String(cString: strerror(errno)))")
        }
        // Kept open until the program has opened it too: its output would be lost else.
        defer { close(terminal) }
        self.controller = controller
        #if os(Linux)
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #else
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        // The first terminal that the leader of a new session opens becomes the one that ^C comes from.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        posix_spawn_file_actions_addclose(&actions, controller)
        posix_spawnattr_init(&attributes)
        // The threads that tests run on hold signals back, which the program must not inherit.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK))
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var words = ([executable] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var started = pid_t()
        let status = posix_spawn(&started, executable, &actions, &attributes, &words, &variables)
        guard status == 0 else { throw Failure(description: "cannot start: \(String(cString: strerror(status)))") }
        process = started
    }

    deinit {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        close(controller)
    }

    func type(_ text: String) {
        Array(text.utf8).withUnsafeBytes { _ = write(controller, $0.baseAddress, $0.count) }
    }

    /// Waits until `text` was shown after what earlier calls found, and gives all up to its end.
    /// - Throws: when it does not come within `seconds`.
    @discardableResult
    func expect(_ text: String, within seconds: Double = 30) throws -> String {
        let wanted = Array(text.utf8)
        let deadline = Date().addingTimeInterval(seconds)
        while true {
            let shown = screen
            if let start = shown.indices.first(where: { shown[$0...].starts(with: wanted) }) {
                screen.removeFirst(start + wanted.count)
                return String(decoding: shown[..<(start + wanted.count)], as: UTF8.self)
            }
            guard Date() < deadline, readMore() else {
                throw Failure(
                    description: "'\(text)' was not shown, but: \(String(decoding: screen, as: UTF8.self))")
            }
        }
    }

    /// Waits until the shell asks for a statement. It has the terminal by then: what is typed at once is not lost.
    func expectPrompt() throws { try expect("hiveql> ") }

    /// The exit status, once the program has ended.
    func end(within seconds: Double = 30) throws -> Int32 {
        let deadline = Date().addingTimeInterval(seconds)
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            guard Date() < deadline else { throw Failure(description: "the program goes on") }
            _ = readMore()
        }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    /// - Returns: false when the terminal was closed.
    private func readMore() -> Bool {
        var waiting = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 100) > 0 else { return true }
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = read(controller, &piece, piece.count)
        guard count > 0 else { return false }
        screen += piece[..<count]
        return true
    }
}
