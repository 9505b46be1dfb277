import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Threads that run the workers of pipelines. Kept between queries, since starting one costs more than a small query.
package final class WorkerPool: Sendable {
    /// Threads that the system gave; fewer than asked for, or none, on a machine that has no more.
    package let threadCount: Int
    private let requestedCount: Int
    private let crew: WorkerCrew

    private static let stackBytes = 8 << 20
    private static let idle = Guarded<[WorkerPool]>([])

    /// A pool nobody uses, made when there is none. Give it back with `release()`.
    static func acquire(threads: Int) -> WorkerPool {
        let found = idle.withLock { pools -> WorkerPool? in
            guard let index = pools.firstIndex(where: { $0.requestedCount == threads }) else { return nil }
            return pools.remove(at: index)
        }
        return found ?? WorkerPool(threads: threads)
    }

    func release() { Self.idle.withLock { $0.append(self) } }

    /// - Parameter start: starts a thread with that many bytes of stack; nil when there can be none.
    package init(
        threads: Int,
        start: (Int, @escaping @Sendable () -> Void) -> SystemThread? = { SystemThread(stackBytes: $0, $1) }
    ) {
        requestedCount = threads
        let crew = WorkerCrew()
        self.crew = crew
        var started = 0
        while started < threads {
            let index = started
            guard let thread = start(Self.stackBytes, { crew.serve(index) }) else { break }
            thread.detach()
            started += 1
        }
        threadCount = started
    }

    deinit { crew.dismiss() }

    /// Runs `body(0)…body(count - 1)` and waits for all: each on a thread of its own as far as there are threads, the
    /// rest one after the other on the caller's. No thread keeps `body` when this returns.
    package func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let served = min(count, threadCount)
        if served > 0 { crew.begin(served, of: threadCount, body) }
        for index in served..<max(count, served) { body(index) }
        if served > 0 { crew.waitUntilFinished() }
    }
}

/// What the threads of a pool and whoever gives them work share. One job at a time.
///
/// Every thread takes part in every generation, with the job or without: `running` counts those that have not yet done
/// with the current one, so that no thread can miss a generation or see one twice.
private final class WorkerCrew: @unchecked Sendable {
    // Unchecked, because all that varies is touched with `mutex` held only.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let workArrived: UnsafeMutablePointer<pthread_cond_t>
    private let workFinished: UnsafeMutablePointer<pthread_cond_t>
    private var job: (@Sendable (Int) -> Void)?
    private var generation = 0
    /// Threads that get the job: those with the lowest numbers.
    private var wanted = 0
    private var running = 0
    private var isDismissed = false

    init() {
        mutex = .allocate(capacity: 1)
        workArrived = .allocate(capacity: 1)
        workFinished = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(workArrived, nil)
        pthread_cond_init(workFinished, nil)
    }

    deinit {
        pthread_cond_destroy(workFinished)
        pthread_cond_destroy(workArrived)
        pthread_mutex_destroy(mutex)
        workFinished.deallocate()
        workArrived.deallocate()
        mutex.deallocate()
    }

    func begin(_ count: Int, of threadCount: Int, _ body: @escaping @Sendable (Int) -> Void) {
        pthread_mutex_lock(mutex)
        job = body
        wanted = count
        running = threadCount
        generation &+= 1
        pthread_cond_broadcast(workArrived)
        pthread_mutex_unlock(mutex)
    }

    func waitUntilFinished() {
        pthread_mutex_lock(mutex)
        while running > 0 { pthread_cond_wait(workFinished, mutex) }
        job = nil
        pthread_mutex_unlock(mutex)
    }

    /// The threads end as soon as they have nothing to do.
    func dismiss() {
        pthread_mutex_lock(mutex)
        isDismissed = true
        pthread_cond_broadcast(workArrived)
        pthread_mutex_unlock(mutex)
    }

    /// What thread `index` does all its life.
    func serve(_ index: Int) {
        var seen = 0
        while takePart(index, after: &seen) {
            pthread_mutex_lock(mutex)
            running -= 1
            if running == 0 { pthread_cond_signal(workFinished) }
            pthread_mutex_unlock(mutex)
        }
    }

    /// Waits for the generation after `seen` and does this thread's part of it; false when there will be none.
    ///
    /// A call of its own, so that the thread's reference to the job is gone before the thread reports that it is done:
    /// the job may hold a closure that must not outlive the caller's call.
    @inline(never)
    private func takePart(_ index: Int, after seen: inout Int) -> Bool {
        pthread_mutex_lock(mutex)
        while generation == seen, !isDismissed { pthread_cond_wait(workArrived, mutex) }
        guard generation != seen else {
            pthread_mutex_unlock(mutex)
            return false
        }
        seen = generation
        let body = index < wanted ? job : nil
        pthread_mutex_unlock(mutex)
        body?(index)
        return true
    }
}
