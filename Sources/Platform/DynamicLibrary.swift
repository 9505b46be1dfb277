#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A library of the system that is opened when it is first needed, because what a plain query does without would make
/// every start slower.
package struct DynamicLibrary: @unchecked Sendable {
    // Unchecked: the handle is never closed, and `dlsym` may be called by any thread.
    /// Never closed: functions of the library stay valid as long as the process. The pointer is only handed to `dlsym`,
    /// which any thread may call.
    private let handle: UnsafeMutableRawPointer
    package let name: String

    /// Opens the first of `names` that the system finds; nil when there is none.
    package init?(anyOf names: [String]) {
        for name in names {
            guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
            self.handle = handle
            self.name = name
            return
        }
        return nil
    }

    /// The function or variable of that name, as `type`; nil when the library has none.
    /// - Precondition: `type` is a C function or pointer type of the symbol's real signature.
    package func symbol<Symbol>(_ name: String, as type: Symbol.Type) -> Symbol? {
        dlsym(handle, name).map { unsafeBitCast($0, to: type) }
    }
}
