#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A running program with pipes at its standard streams and in a process group of its own. Nothing here waits except
/// `await`: the streams are read and written as far as they go. One thread's at a time, but for `kill`.
package final class ChildProcess: Sendable {
    /// Why a program cannot be started.
    package struct StartError: Error {
        package let code: Int32
        package var reason: String { String(cString: strerror(code)) }
    }

    /// How a program ended.
    package enum Ending: Sendable, Equatable {
        case exited(status: Int32)
        case killed(signal: Int32)
    }

    /// The program takes no more input: it has ended, or closed its standard input.
    package struct BrokenPipe: Error {}

    /// What can be done without waiting.
    package struct Readiness: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        package static let input = Readiness(rawValue: 1)
        package static let output = Readiness(rawValue: 2)
        package static let errors = Readiness(rawValue: 4)
    }

    private struct Streams {
        var input: Int32
        var output: Int32
        var errors: Int32
    }

    private let streams: Guarded<Streams>
    /// nil once it has been waited for: the number may be another process's then.
    private let identifier: Guarded<pid_t?>
    private let ending = Guarded<Ending?>(nil)

    /// Starts `program`.
    /// - Parameters:
    ///   - words: what the program is called as, then its arguments.
    ///   - environment: `NAME=value`; all of it.
    ///   - folder: where it runs; nil: where this process does.
    package init(program: String, words: [String], environment: [String], folder: String? = nil) throws(StartError) {
        let (pipes, started) = try Self.start(program, words, environment, folder)
        for descriptor in pipes.ownEnds { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }
        streams = Guarded(
            Streams(input: pipes.ownEnds[0], output: pipes.ownEnds[1], errors: pipes.ownEnds[2]))
        identifier = Guarded(started)
    }

    /// One program starts at a time: an end of a pipe that another one inherited would keep the pipe open. False: none starts any
    /// more.
    private static let starting = Guarded(true)
    /// Programs that run, for the end of this process.
    private static let running = Guarded<Set<pid_t>>([])

    private static func start(
        _ program: String, _ words: [String], _ environment: [String], _ folder: String?
    ) throws(StartError) -> (Pipes, pid_t) {
        let result = starting.withLock { isAllowed -> Result<(Pipes, pid_t), StartError> in
            guard isAllowed else { return .failure(StartError(code: ECANCELED)) }
            return Result { () throws(StartError) in
                let pipes = try Pipes()
                defer { for descriptor in pipes.childEnds { close(descriptor) } }
                do throws(StartError) {
                    let started = try pipes.start(program, words, environment, folder)
                    running.withLock { _ = $0.insert(started) }
                    return (pipes, started)
                } catch {
                    for descriptor in pipes.ownEnds { close(descriptor) }
                    throw error
                }
            }
        }
        return try result.get()
    }

    deinit {
        kill()
        let open = streams.value
        for descriptor in [open.input, open.output, open.errors] where descriptor >= 0 { close(descriptor) }
        // A killed process ends at once; nobody else would take note of it.
        if let left = identifier.value {
            var status: Int32 = 0
            while waitpid(left, &status, 0) < 0, errno == EINTR {}
            Self.running.withLock { _ = $0.remove(left) }
        }
    }

    // MARK: Streams

    /// Waits until one of the `wanted` things can be done.
    /// - Returns: which; none when the time is over. A stream that has ended can be read.
    package func await(_ wanted: Readiness, milliseconds: Int32) -> Readiness {
        let open = streams.value
        var polled: [pollfd] = []
        var meanings: [Readiness] = []
        func add(_ descriptor: Int32, _ events: Int32, _ meaning: Readiness) {
            guard wanted.contains(meaning), descriptor >= 0 else { return }
            polled.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
            meanings.append(meaning)
        }
        add(open.input, POLLOUT, .input)
        add(open.output, POLLIN, .output)
        add(open.errors, POLLIN, .errors)
        guard !polled.isEmpty, pollAll(&polled, milliseconds) > 0 else { return [] }
        var ready: Readiness = []
        for (entry, meaning) in zip(polled, meanings) where entry.revents != 0 { ready.insert(meaning) }
        return ready
    }

    package var hasOpenErrors: Bool { streams.value.errors >= 0 }

    /// Writes to the program's standard input as much as it takes now.
    /// - Throws: `BrokenPipe`.
    package func write(_ bytes: UnsafeRawPointer, _ count: Int) throws(BrokenPipe) -> Int {
        let descriptor = streams.value.input
        guard descriptor >= 0 else { throw BrokenPipe() }
        let (written, code) = BrokenPipeSignal.without { writeBytes(descriptor, bytes, count) }
        if written >= 0 { return written }
        if code == EAGAIN || code == EINTR { return 0 }
        throw BrokenPipe()
    }

    /// The program sees the end of its standard input.
    package func closeInput() {
        streams.withLock { streams in
            if streams.input >= 0 { close(streams.input) }
            streams.input = -1
        }
    }

    /// Reads what the program's standard output has now; 0 at its end. Waits when there is nothing yet (`await`).
    package func read(into target: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        Self.read(streams.value.output, target, count)
    }

    /// The same of its standard error, which is closed at its end.
    package func readErrors(into target: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        let descriptor = streams.value.errors
        guard descriptor >= 0 else { return 0 }
        let got = Self.read(descriptor, target, count)
        if got == 0 {
            streams.withLock { $0.errors = -1 }
            close(descriptor)
        }
        return got
    }

    private static func read(_ descriptor: Int32, _ target: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        while true {
            let got = readBytes(descriptor, target, count)
            if got >= 0 { return got }
            guard errno == EAGAIN || errno == EINTR else { return 0 }
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = pollOne(&waited)
        }
    }

    // MARK: The end

    /// How the program ended; nil while it runs.
    package func currentEnding() -> Ending? {
        // Of an end that `endAll` brings about nobody is told: this process ends of what ended it, not of that.
        guard Self.starting.value else { return nil }
        if let known = ending.value { return known }
        return identifier.withLock { identifier in
            guard let running = identifier else { return ending.value }
            var status: Int32 = 0
            let found = waitpid(running, &status, WNOHANG)
            guard found == running || (found < 0 && errno == ECHILD) else { return nil }
            identifier = nil
            Self.running.withLock { _ = $0.remove(running) }
            // The low seven bits are the signal that ended it, the next byte the status that it exited with.
            let signal = status & 0x7F
            let result: Ending = signal == 0 ? .exited(status: (status >> 8) & 0xFF) : .killed(signal: signal)
            ending.withLock { $0 = result }
            return result
        }
    }

    /// Ends the program and all that it has started. Any thread may call this.
    package func kill() {
        identifier.withLock { identifier in
            if let running = identifier { Self.kill(running) }
        }
    }

    /// Ends all programs that were started, and lets no other start: for the end of this process. Any thread may call this.
    package static func endAll() {
        starting.withLock { $0 = false }
        for program in running.value { kill(program) }
    }

    private static func kill(_ program: pid_t) {
        // Who left the group is found by its parents, as long as these live.
        let others = ProcessTree.descendants(of: program)
        _ = signalGroup(program, SIGKILL)
        for other in others { _ = signalProcess(other, SIGKILL) }
    }
}

/// The pipes between this process and one that it starts.
private struct Pipes {
    /// Of standard input, output and error.
    var childEnds: [Int32] = []
    var ownEnds: [Int32] = []

    init() throws(ChildProcess.StartError) {
        for stream in 0..<3 {
            var ends: [Int32] = [-1, -1]
            guard makePipe(&ends) else {
                let code = errno
                for descriptor in childEnds + ownEnds { close(descriptor) }
                throw ChildProcess.StartError(code: code)
            }
            childEnds.append(stream == 0 ? ends[0] : ends[1])
            ownEnds.append(stream == 0 ? ends[1] : ends[0])
        }
        #if canImport(Darwin)
        _ = fcntl(ownEnds[0], F_SETNOSIGPIPE, 1)
        #endif
    }

    /// - Parameter folder: where the program runs.
    func start(
        _ program: String, _ words: [String], _ environment: [String], _ folder: String?
    ) throws(ChildProcess.StartError) -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (stream, descriptor) in childEnds.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(stream))
        }
        if let folder, !addFolder(folder, to: &actions) { throw ChildProcess.StartError(code: ENOSYS) }
        posix_spawnattr_setpgroup(&attributes, 0)
        // What this process ignores or keeps from its threads the program need not.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, program, &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw ChildProcess.StartError(code: code) }
        return identifier
    }
}

#if canImport(Darwin)
private func addFolder(_ folder: String, to actions: inout posix_spawn_file_actions_t?) -> Bool {
    posix_spawn_file_actions_addchdir_np(&actions, folder) == 0
}
#else
/// The system's headers have the function only for programs that ask for all of GNU's.
private func addFolder(_ folder: String, to actions: inout posix_spawn_file_actions_t) -> Bool {
    typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addchdir_np") else { return false }
    return unsafeBitCast(symbol, to: Function.self)(&actions, folder) == 0
}
#endif

/// A pipe whose ends other programs do not inherit and that are none of the standard streams.
private func makePipe(_ ends: inout [Int32]) -> Bool {
    guard pipe(&ends) == 0 else { return false }
    for index in ends.indices {
        let moved = fcntl(ends[index], F_DUPFD_CLOEXEC, 3)
        let code = errno
        close(ends[index])
        ends[index] = moved
        guard moved >= 0 else {
            for other in ends.indices where other > index || ends[other] >= 0 { close(ends[other]) }
            errno = code
            return false
        }
    }
    return true
}

private func signalGroup(_ group: pid_t, _ signal: Int32) -> Int32 { kill(-group, signal) }
private func signalProcess(_ process: pid_t, _ signal: Int32) -> Int32 { kill(process, signal) }
// The class has methods of the same names.
private func pollOne(_ entry: inout pollfd) -> Int32 { poll(&entry, 1, -1) }
private func pollAll(_ entries: inout [pollfd], _ milliseconds: Int32) -> Int32 {
    poll(&entries, nfds_t(entries.count), milliseconds)
}
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(descriptor, bytes, count) }
private func readBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int { read(descriptor, bytes, count) }

/// Keeps the signal that a write to a closed pipe raises, and that would end the process, from doing so.
private enum BrokenPipeSignal {
    /// What `body` returns, and the error number after it.
    static func without(_ body: () -> Int) -> (result: Int, code: Int32) {
        #if canImport(Darwin)
        // The descriptors say it for themselves there.
        let result = body()
        return (result, errno)
        #else
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &signals, &before)
        let result = body()
        let code = errno
        if result < 0, code == EPIPE {
            // It waits for this thread: taken before it can be delivered.
            var soon = timespec()
            while sigtimedwait(&signals, nil, &soon) < 0, errno == EINTR {}
        }
        pthread_sigmask(SIG_SETMASK, &before, nil)
        return (result, code)
        #endif
    }
}
