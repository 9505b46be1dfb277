import Foundation
import HiveQL
import Synchronization

/// Turns ^C into the cancellation of what runs. A second ^C while the first has not been heeded ends the program.
enum Interrupts {
    /// What a shell reports of a program that ^C ended.
    static let exitStatus: Int32 = 130
    /// Set by a ^C, cleared when somebody asked.
    private static let wasInterrupted = Atomic<Bool>(false)
    private static let isBusy = Atomic<Bool>(false)
    nonisolated(unsafe) private static var pipe: (read: Int32, write: Int32) = (-1, -1)

    /// Starts listening. The handler only writes to a pipe; a thread does the rest, since little may be called from a
    /// signal handler.
    static func watch(_ session: Session) {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { return }
        pipe = (ends[0], ends[1])
        signal(SIGINT) { _ in
            var byte: UInt8 = 0
            _ = write(Interrupts.pipe.write, &byte, 1)
        }
        let thread = Thread {
            var byte: UInt8 = 0
            while read(Interrupts.pipe.read, &byte, 1) == 1 {
                let isSecond = wasInterrupted.exchange(true, ordering: .relaxed)
                if isSecond, isBusy.load(ordering: .relaxed) { _exit(exitStatus) }
                session.cancel()
            }
        }
        thread.start()
    }

    /// Says that a statement runs (`true`) or that the shell waits for input.
    static func setBusy(_ value: Bool) {
        isBusy.store(value, ordering: .relaxed)
        if value { wasInterrupted.store(false, ordering: .relaxed) }
    }

    /// Whether ^C came since the last call.
    static func takeInterrupt() -> Bool { wasInterrupted.exchange(false, ordering: .relaxed) }
}
