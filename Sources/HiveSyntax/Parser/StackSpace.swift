#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much of the running thread's stack a recursive parse may use.
struct StackSpace {
    /// Kept for whoever is called at the deepest place, and for freeing the tree.
    private static let reserve: UInt = 96 * 1024
    /// Taken for threads that do not tell how large their stack is.
    private static let assumed: UInt = 256 * 1024

    #if canImport(Glibc) || canImport(Musl)
        /// `pthread_getattr_np`, which the C library's module leaves out as an extension.
        private static let getAttributes:
            (@convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> CInt)? = {
                guard let symbol = dlsym(nil, "pthread_getattr_np") else { return nil }
                return unsafeBitCast(
                    symbol, to: (@convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> CInt).self)
            }()
    #endif

    /// The address that the stack, which grows downwards, must stay above.
    private let floor: UInt

    init() {
        let here = StackSpace.address()
        guard let lowest = StackSpace.lowestAddress(), lowest < here else {
            floor = here > StackSpace.assumed ? here - StackSpace.assumed : 0
            return
        }
        let room = here - lowest
        floor = lowest + min(StackSpace.reserve, room / 2)
    }

    var isExhausted: Bool { StackSpace.address() < floor }

    @inline(never) private static func address() -> UInt {
        var marker: UInt8 = 0
        return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
    }

    private static func lowestAddress() -> UInt? {
        #if canImport(Darwin)
            let thread = pthread_self()
            let top = UInt(bitPattern: pthread_get_stackaddr_np(thread))
            let size = UInt(pthread_get_stacksize_np(thread))
            return top > size ? top - size : nil
        #elseif canImport(Glibc) || canImport(Musl)
            guard let getAttributes = StackSpace.getAttributes else { return nil }
            var attributes = pthread_attr_t()
            guard getAttributes(pthread_self(), &attributes) == 0 else { return nil }
            defer { pthread_attr_destroy(&attributes) }
            var lowest: UnsafeMutableRawPointer?
            var size = 0
            guard pthread_attr_getstack(&attributes, &lowest, &size) == 0 else { return nil }
            // A main thread without a limit tells of a stack that it may never get.
            let here = address()
            let bottom = UInt(bitPattern: lowest)
            return here > bottom && here - bottom > (64 << 20) ? here - (4 << 20) : bottom
        #else
            return nil
        #endif
    }
}
