import Synchronization

/// Counts the bytes that imported rows, their keys and their matrices hold against a limit, so that too large a request is
/// an error and not the end of the process.
public final class ImportMemory: Sendable {
    public let limit: Int
    private let used = Atomic<Int>(0)

    public init(limit: Int = .max) { self.limit = limit }

    public var bytesUsed: Int { used.load(ordering: .relaxed) }

    /// - Parameters:
    ///   - what: asks for the bytes, for a person.
    ///   - help: what would need fewer.
    /// - Throws: `FeatureError.outOfMemory`; nothing is charged then.
    func reserve(_ bytes: Int, for what: @autoclosure () -> String, help: @autoclosure () -> String) throws {
        let before = used.add(bytes, ordering: .relaxed).oldValue
        guard bytes <= limit, before <= limit - bytes else {
            used.subtract(bytes, ordering: .relaxed)
            throw FeatureError.outOfMemory(what: what(), requested: bytes, used: before, limit: limit, help: help())
        }
    }

    func release(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}

/// What one structure holds; given back when the structure goes.
package final class ImportReservation: @unchecked Sendable {
    // Unchecked: it belongs to one structure, which one thread at a time changes.
    private let memory: ImportMemory
    private let what: String
    private let help: String
    package private(set) var bytes = 0

    package init(_ memory: ImportMemory, for what: String, help: String, bytes: Int = 0) throws {
        self.memory = memory
        self.what = what
        self.help = help
        try update(to: bytes)
    }

    deinit { memory.release(bytes) }

    package func update(to size: Int) throws {
        let change = size - bytes
        if change > 0 { try memory.reserve(change, for: what, help: help) } else { memory.release(-change) }
        bytes = size
    }
}
