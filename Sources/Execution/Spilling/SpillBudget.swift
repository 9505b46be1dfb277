import Platform

/// What an operator that can put rows aside may hold of its query's memory.
///
/// An operator takes at most half of what is free when it begins, so that those after it get on too. Workers ask before
/// they hold more; who hears no puts aside what it has and goes on. The last eighth of the limit is for functions that make
/// rows, and for blocks on their way to files and back.
struct SpillBudget: Sendable {
    private let query: QueryExecution
    /// Bytes that a worker may hold.
    let share: Int

    init(_ query: QueryExecution) {
        self.query = query
        share = max(query.memory.bytesLeft - query.memory.limit / 8, 0) / (2 * query.workerCount)
    }

    /// Lets the system have what was put aside: heaps keep the memory of large tables that are gone.
    static func giveBack(_ bytes: Int) {
        if bytes >= 8 << 20 { SystemMemory.trimHeap() }
    }

    /// Charges what one worker holds and is about to hold; false when it has to put something aside first.
    /// - Parameter others: bytes that it holds beside and that are charged already.
    func allows(_ bytes: Int, beside others: Int = 0, _ reservation: MemoryReservation) -> Bool {
        let more = bytes - reservation.bytes
        if more <= 0 { return (try? reservation.update(to: bytes)) != nil }
        return bytes + others <= share && more <= query.memory.bytesLeft - query.memory.limit / 8
            && (try? reservation.update(to: bytes)) != nil
    }
}
