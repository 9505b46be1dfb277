import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Threads that run the workers of pipelines. Kept between queries, since starting one costs more than a small query.
final class WorkerPool: @unchecked Sendable {
    let threadCount: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let workArrived: UnsafeMutablePointer<pthread_cond_t>
    private let workFinished: UnsafeMutablePointer<pthread_cond_t>
    /// Guarded by `mutex`, as is all that follows.
    private var job: (@Sendable (Int) -> Void)?
    private var generation = 0
    private var wanted = 0
    private var running = 0

    private static let stackBytes = 8 << 20
    private static let idle = Mutex<[WorkerPool]>([])

    /// A pool nobody uses, made when there is none. Give it back with `release()`.
    static func acquire(threads: Int) -> WorkerPool {
        let found = idle.withLock { pools -> WorkerPool? in
            guard let index = pools.firstIndex(where: { $0.threadCount == threads }) else { return nil }
            return pools.remove(at: index)
        }
        return found ?? WorkerPool(threads: threads)
    }

    func release() { Self.idle.withLock { $0.append(self) } }

    /// Pools live as long as the process: their threads wait on them.
    private init(threads: Int) {
        mutex = .allocate(capacity: 1)
        workArrived = .allocate(capacity: 1)
        workFinished = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(workArrived, nil)
        pthread_cond_init(workFinished, nil)
        var started = 0
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let starts = (0..<threads).map { _ in ThreadStart() }
        for (index, start) in starts.enumerated() {
            start.index = index
            #if canImport(Darwin)
            var thread: pthread_t?
            #else
            var thread = pthread_t()
            #endif
            let argument = Unmanaged.passRetained(start)
            let status = pthread_create(
                &thread, &attributes,
                { raw in
                    #if canImport(Darwin)
                    let pointer = raw
                    #else
                    guard let pointer = raw else { return nil }
                    #endif
                    Unmanaged<ThreadStart>.fromOpaque(pointer).takeRetainedValue().run()
                    return nil
                }, argument.toOpaque())
            if status != 0 {
                argument.release()
                break
            }
            started += 1
        }
        pthread_attr_destroy(&attributes)
        threadCount = started
        for start in starts.prefix(started) { start.open(self) }
    }

    /// Runs `body(0)…body(count - 1)` on threads of their own and waits for all. `count` is at most `threadCount`.
    func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        pthread_mutex_lock(mutex)
        job = body
        wanted = min(count, threadCount)
        running = threadCount
        generation &+= 1
        pthread_cond_broadcast(workArrived)
        while running > 0 { pthread_cond_wait(workFinished, mutex) }
        job = nil
        pthread_mutex_unlock(mutex)
    }

    fileprivate func serve(_ index: Int) {
        var seen = 0
        while true {
            pthread_mutex_lock(mutex)
            while generation == seen { pthread_cond_wait(workArrived, mutex) }
            seen = generation
            let body = index < wanted ? job : nil
            pthread_mutex_unlock(mutex)
            body?(index)
            pthread_mutex_lock(mutex)
            running -= 1
            if running == 0 { pthread_cond_signal(workFinished) }
            pthread_mutex_unlock(mutex)
        }
    }
}

/// Hands a new thread its pool, once the pool is whole.
private final class ThreadStart: @unchecked Sendable {
    var index = 0
    private let pool = Mutex<WorkerPool?>(nil)

    func open(_ pool: WorkerPool) { self.pool.withLock { $0 = pool } }

    func run() {
        while true {
            if let pool = pool.withLock({ $0 }) {
                pool.serve(index)
                return
            }
            sched_yield()
        }
    }
}
