#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs work on a thread with a large stack while the caller waits.
///
/// Parsing, binding, optimizing and freeing trees recurse as deep as a statement is nested. The caller's thread may
/// have half a megabyte; views may nest statements in statements.
enum LargeStack {
    /// Address space; memory is used as far as the stack grows.
    private static let byteCount = 256 << 20

    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// - Throws: what `body` throws. Where no thread can be had `body` runs on the caller's.
    static func run<Value>(_ body: () throws -> Value) throws -> Value {
        var result: Result<Value, any Error>?
        withoutActuallyEscaping({ result = Result { try body() } }) { work in
            if !runOnThread(work) { work() }
        }
        guard let result else { throw HiveError(message: "The statement's thread ended early") }
        return try result.get()
    }

    private static func runOnThread(_ work: @escaping () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        guard pthread_attr_setstacksize(&attributes, byteCount) == 0 else { return false }
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let argument = Unmanaged.passRetained(Work(work))
        let status = pthread_create(
            &thread, &attributes,
            { raw in
                #if canImport(Darwin)
                let pointer = raw
                #else
                guard let pointer = raw else { return nil }
                #endif
                Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
                return nil
            }, argument.toOpaque())
        guard status == 0 else {
            argument.release()
            return false
        }
        #if canImport(Darwin)
        guard let thread else { return true }
        #endif
        pthread_join(thread, nil)
        return true
    }
}
