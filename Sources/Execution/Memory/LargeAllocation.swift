#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Memory for arrays that may be large: from some megabytes on it asks the system for large pages, which spares most
/// page faults and misses of the address cache. Freed by `deallocate()` as any other memory.
enum LargeAllocation {
    private static let largePage = 2 << 20

    static func bytes(_ count: Int) -> UnsafeMutableRawPointer {
        guard count >= 2 * largePage else { return .allocate(byteCount: max(count, 16), alignment: 16) }
        let rounded = (count + largePage - 1) / largePage * largePage
        let memory = UnsafeMutableRawPointer.allocate(byteCount: rounded, alignment: largePage)
        advise(memory, rounded)
        return memory
    }

    /// Asks for large pages for memory that others allocated and nobody has touched yet.
    static func advise(_ memory: UnsafeMutableRawPointer, _ count: Int) {
        #if canImport(Glibc)
        guard count >= 2 * largePage else { return }
        let address = UInt(bitPattern: memory)
        let mask = UInt(largePage - 1)
        let first = (address + mask) & ~mask
        let end = (address + UInt(count)) & ~mask
        // A refusal costs nothing but speed.
        if first < end { madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_HUGEPAGE) }
        #endif
    }

    static func elements<T: BitwiseCopyable>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
        bytes(count * MemoryLayout<T>.stride).bindMemory(to: T.self, capacity: max(count, 1))
    }
}
