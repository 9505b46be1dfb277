#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A thread of the system that runs one closure. Either `join` or `detach` is called, once.
package struct SystemThread: @unchecked Sendable {
    // Unchecked, because what the system calls a thread is a plain handle, a pointer on some systems.
    private let handle: pthread_t

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts `body` on a thread with `stackBytes` bytes of stack: address space, memory only as far as it is used.
    /// nil when the system gives no thread; `body` is not run then.
    package init?(stackBytes: Int, _ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return nil }
        defer { pthread_attr_destroy(&attributes) }
        guard pthread_attr_setstacksize(&attributes, stackBytes) == 0 else { return nil }
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let argument = Unmanaged.passRetained(Body(body))
        let status = pthread_create(
            &thread, &attributes,
            { raw in
                #if canImport(Darwin)
                SystemThread.runBody(raw)
                #else
                if let raw { SystemThread.runBody(raw) }
                #endif
                return nil
            }, argument.toOpaque())
        guard status == 0 else {
            argument.release()
            return nil
        }
        #if canImport(Darwin)
        guard let thread else { return nil }
        #endif
        handle = thread
    }

    /// What the body keeps alive is let go before the thread ends.
    private static func runBody(_ raw: UnsafeMutableRawPointer) {
        Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
    }

    /// Waits for the thread's end.
    package func join() { pthread_join(handle, nil) }

    /// Lets other threads run.
    package static func yield() { sched_yield() }

    /// Nobody will wait for the thread.
    package func detach() { pthread_detach(handle) }
}
