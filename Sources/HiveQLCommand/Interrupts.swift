import HiveQL
import Platform
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Turns ^C into the cancellation of what runs. A second ^C while the first has not been heeded ends the program. Whatever signal
/// ends it ends the programs with it that it runs.
enum Interrupts {
    /// What a shell reports of a program that ^C ended.
    static let exitStatus: Int32 = 130
    /// Set by a ^C, cleared when it was heeded.
    private static let pending = Atomic<Bool>(false)
    /// Whether something runs that a ^C is meant for.
    private static let busy = Atomic<Bool>(true)
    nonisolated(unsafe) private static var wakeUp: (read: Int32, write: Int32) = (-1, -1)
    /// Takes the number of the signal that ends the program.
    nonisolated(unsafe) private static var ending: (read: Int32, write: Int32) = (-1, -1)
    /// Tells who waits for input of a ^C.
    nonisolated(unsafe) private static var idle: (read: Int32, write: Int32) = (-1, -1)

    /// Starts listening. The handler only sets a flag and writes to a pipe; a thread does the rest, since little may be
    /// called from a signal handler. To be called once.
    static func watch(_ executor: any StatementExecutor) {
        guard let wakeUp = makePipe(), let idle = makePipe(), let ending = makePipe() else { return }
        (self.wakeUp, self.idle, self.ending) = (wakeUp, idle, ending)
        _ = isPending
        // Who started the program may have held them back, as threads of Foundation's do.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        watchEnd()
        signal(SIGINT) { _ in
            let isSecond = Interrupts.pending.exchange(true, ordering: .relaxed)
            if isSecond, Interrupts.busy.load(ordering: .relaxed) { return Interrupts.end(by: SIGINT) }
            var byte: UInt8 = 0
            _ = write(Interrupts.wakeUp.write, &byte, 1)
        }
        startThread {
            while true {
                var byte: UInt8 = 0
                guard read(wakeUp.read, &byte, 1) == 1 || errno == EINTR else { return }
                if isPending, !busy.load(ordering: .relaxed) { _ = write(idle.write, &byte, 1) }
                // A ^C may come before the statement can be cancelled: asked again until it was heeded.
                while isPending, busy.load(ordering: .relaxed) {
                    executor.cancel()
                    usleep(20_000)
                }
            }
        }
    }

    /// Lets a signal that ends the program end its programs before.
    private static func watchEnd() {
        for number in [SIGTERM, SIGHUP] {
            var known = sigaction()
            // What was ignored from the start (nohup) stays so.
            guard sigaction(number, nil, &known) == 0, !isIgnored(known) else { continue }
            signal(number) { Interrupts.end(by: $0) }
        }
        let ending = ending
        startThread {
            var byte: UInt8 = 0
            while read(ending.read, &byte, 1) != 1 { guard errno == EINTR else { return } }
            ChildProcess.endAll()
            let number = Int32(byte)
            if number == SIGINT { _exit(exitStatus) }
            signal(number, SIG_DFL)
            kill(getpid(), number)
        }
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        #if canImport(Darwin)
        let handler = unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self)
        #else
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        #endif
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// To be called by a handler: the thread that waits for it does the rest.
    private static func end(by number: Int32) {
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(ending.write, &byte, 1)
    }

    private static func makePipe() -> (read: Int32, write: Int32)? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Becomes readable when ^C comes while nothing runs; ``takeIdle()`` makes it ready for the next.
    static var idleDescriptor: Int32 { idle.read }

    /// Heeds a ^C that `idleDescriptor` told of.
    static func takeIdle() {
        var byte: UInt8 = 0
        _ = read(idle.read, &byte, 1)
        pending.store(false, ordering: .relaxed)
    }

    /// Says that a statement runs (`true`) or that the shell waits for input. What came before is forgotten.
    static func setBusy(_ value: Bool) {
        pending.store(false, ordering: .relaxed)
        busy.store(value, ordering: .relaxed)
    }

    /// Whether ^C came and nobody heeded it yet.
    static var isPending: Bool { pending.load(ordering: .relaxed) }
}

/// Runs `body` on a thread of its own, which nobody waits for.
func startThread(_ body: @escaping @Sendable () -> Void) {
    let context = Unmanaged.passRetained(ThreadBody(run: body)).toOpaque()
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let status = pthread_create(&thread, nil, { context in
        #if canImport(Darwin)
        Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
        #else
        if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
        #endif
        return nil
    }, context)
    guard status == 0 else {
        Unmanaged<ThreadBody>.fromOpaque(context).release()
        return
    }
    #if canImport(Darwin)
    if let thread { pthread_detach(thread) }
    #else
    pthread_detach(thread)
    #endif
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) { self.run = run }
}
