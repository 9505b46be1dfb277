import Synchronization

/// How far a query is; written by workers, read by whoever shows it.
package final class QueryProgress: Sendable {
    private let scanned = Atomic<Int>(0)
    private let expected = Atomic<Int>(0)
    private let rows = Atomic<Int>(0)

    package init() {}

    /// Bytes of files that were read so far.
    package var bytesScanned: Int { scanned.load(ordering: .relaxed) }
    /// Bytes of all files that the scans started so far will read.
    package var bytesExpected: Int { expected.load(ordering: .relaxed) }
    /// Rows that came out of scans.
    package var rowsScanned: Int { rows.load(ordering: .relaxed) }

    func expect(bytes: Int) { expected.add(bytes, ordering: .relaxed) }
    func scanned(bytes: Int) { scanned.add(bytes, ordering: .relaxed) }
    func scanned(rows count: Int) { rows.add(count, ordering: .relaxed) }
}
