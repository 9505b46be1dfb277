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
        #if canImport(Glibc)
        // A refusal costs nothing but speed.
        madvise(memory, rounded, MADV_HUGEPAGE)
        #endif
        return memory
    }

    static func elements<T: BitwiseCopyable>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
        bytes(count * MemoryLayout<T>.stride).bindMemory(to: T.self, capacity: max(count, 1))
    }
}
