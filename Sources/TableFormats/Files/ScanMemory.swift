#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where a scanner asks before its buffers grow with the file's lines.
package protocol ScanMemory: AnyObject {
    /// Says what the grown buffers hold from now on, in bytes.
    /// - Throws: when that is more than there is; the buffers do not grow then.
    func update(to bytes: Int) throws
}

/// What the buffers of one scanner hold beyond their first size.
final class ScanMemoryUse {
    private let memory: (any ScanMemory)?
    private var bytes = 0

    init(_ memory: (any ScanMemory)?) { self.memory = memory }

    /// - Parameter what: what needs the memory, for the error.
    /// - Throws: `TableFormatError` at the place in the file that needs the memory.
    func grow(by more: Int, for what: String = "a line", path: String, offset: Int) throws {
        do { try memory?.update(to: bytes + more) } catch {
            throw TableFormatError(
                "\(what) needs more memory than the query's limit leaves (buffers of \(bytes + more) bytes)", path: path,
                offset: offset)
        }
        bytes += more
    }

    func shrink(by less: Int) {
        bytes -= less
        // Giving back cannot fail.
        try? memory?.update(to: bytes)
    }
}

/// Says no beyond a number of bytes, where nobody else sets a limit.
final class BoundedScanMemory: ScanMemory {
    private struct Exceeded: Error {}
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func update(to bytes: Int) throws {
        if bytes > limit { throw Exceeded() }
    }
}
